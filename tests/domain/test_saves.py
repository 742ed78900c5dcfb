"""A lost reply is no conflict with oneself; two people's different answers are."""

from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.saves import SaveOutcome, decide_save


def decide(revision, save_id, same, expected, sent):
    return decide_save(
        stored_revision=revision,
        stored_save_id=save_id,
        is_same_value=same,
        expected_revision=expected,
        save_id=sent,
    )


def test_the_next_save_is_stored():
    assert decide(3, "a", False, 3, "b") is SaveOutcome.STORE
    assert decide(0, None, False, 0, "a") is SaveOutcome.STORE


def test_the_same_save_again_changes_nothing():
    assert decide(4, "a", False, 3, "a") is SaveOutcome.ALREADY


def test_a_stale_revision_with_another_value_is_a_conflict():
    assert decide(4, "a", False, 3, "b") is SaveOutcome.CONFLICT
    assert decide(4, "a", False, 5, "b") is SaveOutcome.CONFLICT


def test_a_blank_mark_is_nobodys():
    assert decide(4, "", False, 3, "") is SaveOutcome.CONFLICT


@given(st.integers(0, 9), st.integers(0, 9), st.sampled_from(["a", "b", ""]), st.sampled_from(["a", "b", ""]))
def test_an_equal_value_never_conflicts(revision, expected, stored, sent):
    assert decide(revision, stored, True, expected, sent) is SaveOutcome.ALREADY
