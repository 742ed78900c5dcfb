"""Every shipped form is published, shown, answered, handed in and read."""

import pytest

from qa_app.bundled import bundled_folder
from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.caseload import PlanType
from qa_app.domain.completion import completion_of
from qa_app.domain.grades import Grade
from qa_app.exchange.theme_files import read_theme_path
from qa_app.queries.audit_forms import list_latest_forms
from qa_app.services.audit_forms import publish_shipped
from qa_app.services.reviews import SentAnswer, SentJudgement, save_parts
from qa_app.services.taxonomy import load_taxonomy
from tests.builders import make_team, make_user, viewer_of
from tests.builders_reviews import make_cohort, make_review

pytestmark = pytest.mark.database

FORMS = sorted(
    path.stem for path in bundled_folder("audit_templates").glob("*.yaml") if path.stem != "themes"
)
OPEN_VALUES = {
    "number": "3",
    "date": "3 11 2026",
    "short_text": "Seen on the file.",
    "long_text": "Seen on the file.",
    "practitioner_conversation": {"held": "yes", "held_on": "3 11 2026", "said": "We know them well."},
    "family_feedback": {"gathered": "no", "why_not": "They did not wish to talk."},
}


def value_for(question, turn):
    """A value that the question takes; another one in every turn, so that each branch is reached."""
    if question.type in OPEN_VALUES:
        return OPEN_VALUES[question.type]
    options = [one.key for one in ANSWER_TYPES[question.type].options(question.choices)]
    return options[turn % len(options)]


def answer_all(viewer, review, form, turn, at):
    sheet = None
    for _ in range(4):
        answers = [
            SentAnswer(key, value_for(one, turn)) for key, one in form.questions.items() if not one.retired
        ]
        places = [section.key for section in form.sections if section.graded]
        places += [OVERALL] if form.is_graded else []
        judgements = [
            SentJudgement(
                place, Grade.GOOD, rationale="What the file shows.", departure_reason="Put right since."
            )
            for place in places
        ]
        sheet = save_parts(viewer, review.id, answers, judgements, at=at).sheet
    return sheet


@pytest.mark.parametrize("key", FORMS)
def test_a_shipped_form_goes_all_the_way(key, session, sign_in, at):
    load_taxonomy(SYSTEM, read_theme_path(bundled_folder("audit_templates") / "themes.yaml").taxonomy, at=at)
    versions = publish_shipped(SYSTEM, at=at)
    published = {one.form.key: one for one in list_latest_forms(viewer_of(make_user("Lead", Role.QA_LEAD)))}[
        key
    ]
    version = next(one for one in versions if one.id == published.version_id)
    kind = published.form.plan_types[0] if published.form.plan_types else PlanType.LOOKED_AFTER
    auditor = make_user("Auditor One")
    cohort = make_cohort(version, plan_type=kind)
    team = make_team()
    reviews = [make_review(auditor, cohort, team, kind) for _ in range(3)]
    viewer, browser = viewer_of(auditor), sign_in(auditor)
    for section in published.form.sections:
        assert browser.get(f"/reviews/{reviews[0].id}/sections/{section.key}").status_code == 200
    has_overall = browser.get(f"/reviews/{reviews[0].id}/sections/{OVERALL}").status_code == 200
    assert has_overall is published.form.is_graded
    for turn, review in enumerate(reviews):
        sheet = answer_all(viewer, review, published.form, turn, at)
        assert completion_of(sheet.form, sheet.content).gaps == ()
        session.commit()
        assert browser.get(f"/reviews/{review.id}/check").status_code == 200
        assert browser.post(f"/reviews/{review.id}/submit").status_code == 302
        assert browser.get(f"/reviews/{review.id}").status_code == 200


def test_publishing_the_shipped_forms_again_makes_no_new_version(session, at):
    load_taxonomy(SYSTEM, read_theme_path(bundled_folder("audit_templates") / "themes.yaml").taxonomy, at=at)
    first = [one.id for one in publish_shipped(SYSTEM, at=at)]
    assert [one.id for one in publish_shipped(SYSTEM, at=at)] == first
