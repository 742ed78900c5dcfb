"""The rates of conversations and of family feedback, against a table worked by hand."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from qa_app.domain.access import Role
from qa_app.domain.cohorts import CohortKind
from qa_app.queries.conversations import Share, get_conversation_rates
from qa_app.services.reviews import SentAnswer
from qa_app.services.reviews_submission import submit_review
from tests.builders import AT, make_service_area, make_team, make_user, viewer_of
from tests.builders_reviews import fill, make_cohort, make_form, make_review
from tests.query_counter import count_selects

pytestmark = pytest.mark.database

HELD = {"held": "yes", "held_on": "3 11 2026", "said": "We know them."}
GATHERED = {"gathered": "yes", "heard_from": ["child"], "said": "She listens."}


def test_both_rates_by_hand(session: Session) -> None:
    version, auditor = make_form(), make_user("Auditor", Role.AUDITOR)
    october, november = (make_cohort(version, date(2026, month, 1)) for month in (10, 11))
    picked = make_cohort(version, date(2026, 11, 1))
    picked.kind, picked.counts_in_rates = CohortKind.DEEP_DIVE, False
    here, there = make_team("Here", area := make_service_area()), make_team("There", make_service_area("Far"))

    def handed_in(
        cohort: object, team: object, talk: dict[str, object], family: dict[str, object] | None
    ) -> None:
        review = make_review(auditor, cohort, team)  # type: ignore[arg-type]
        more = [SentAnswer("practitioner", talk)]  # type: ignore[arg-type]
        more += [SentAnswer("family", family)] if family else []  # type: ignore[arg-type]
        fill(viewer_of(auditor), review, AT)
        from qa_app.services.reviews import save_parts

        save_parts(viewer_of(auditor), review.id, more, [], at=AT)
        assert submit_review(viewer_of(auditor), review.id, at=AT).is_done

    handed_in(october, here, HELD, GATHERED)
    handed_in(october, here, {"held": "no", "why_code": "left"}, {"gathered": "no", "why_code": "no_reply"})
    handed_in(november, here, HELD, None)
    handed_in(november, there, {"held": "no", "why_code": "left"}, GATHERED)
    handed_in(picked, here, {"held": "no", "why_code": "away"}, None)  # picked on purpose: in no rate
    make_review(auditor, november, here)  # not handed in
    session.flush()

    lead = viewer_of(make_user("Lead", Role.QA_LEAD))
    with count_selects() as sent:
        talk, family = get_conversation_rates(lead)
    assert len(sent) == 1
    assert talk.whole == Share("All", 2, 4)
    assert talk.by_month == (Share("October 2026", 1, 2), Share("November 2026", 1, 2))
    assert talk.by_team == (Share("Here", 2, 3), Share("There", 0, 1))
    assert talk.by_plan_type == (Share("Child protection plan", 2, 4),)
    assert talk.reasons == (Share("They have left the council or the team", 2, 2),)
    assert family.whole == Share("All", 2, 4)
    assert family.reasons == (
        Share("They could not be reached, or did not reply", 1, 2),
        Share("No reason chosen", 1, 2),
    )
    (talk, _) = get_conversation_rates(lead, first=date(2026, 11, 1))
    assert talk.whole == Share("All", 1, 2)
    head = make_user("Head", Role.HEAD_OF_SERVICE, service_area=area)
    assert get_conversation_rates(viewer_of(head))[0].whole == Share("All", 2, 3)
