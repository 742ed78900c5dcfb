"""Whatever is posted to a review is answered in words: never a fault of ours, never a half-stored answer."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import make_user
from tests.builders_reviews import make_review

pytestmark = pytest.mark.database

NAMES = st.sampled_from(
    [
        *(
            f"{key}-{part}"
            for key in ("seen_alone", "why_not", "seen_on")
            for part in ("value", "excuse", "reason")
        ),
        *(f"practitioner-{part}" for part in ("held", "held_on", "said", "why_not", "other")),
        *(f"family-{part}" for part in ("gathered", "heard_from", "heard_on", "said")),
        *(
            f"{key}-revision"
            for key in ("seen_alone", "why_not", "seen_on", "practitioner", "family", "judgement")
        ),
        *(f"judgement-{part}" for part in ("grade", "rationale", "departure")),
        "revision",
        "save_id",
        "then",
    ]
)
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["yes", "no", "good", "0", "1", "999999999999", "-1", "excuse-not_applicable", "next", "31 2 2026"]
    ),
)
POSTS = st.dictionaries(NAMES, st.one_of(VALUES, st.lists(VALUES, max_size=3)), max_size=12)
PLACES = st.sampled_from(
    [
        "answers/seen_alone",
        "answers/seen_on",
        "answers/practitioner",
        "answers/nothing",
        "judgements/voice",
        "judgements/overall",
        "judgements/talk",
        "sections/voice",
        "sections/talk",
        "sections/overall",
        "sections/nothing",
        "submit",
    ]
)


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(place=PLACES, data=POSTS, as_script=st.booleans())
def test_no_post_is_a_fault(place, data, as_script, posting):
    browser, review_id = posting
    headers = {"Accept": "application/json"} if as_script else {}
    reply = browser.post(f"/reviews/{review_id}/{place}", data=data, headers=headers)
    assert reply.status_code in (200, 302, 404, 409, 422)


@pytest.fixture
def posting(session, sign_in):
    auditor = make_user("Auditor One")
    review = make_review(auditor)
    return sign_in(auditor), review.id
