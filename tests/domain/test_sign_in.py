"""How often somebody may try."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.sign_in import SignInRules, Tally, ThrottleKind, count_attempt, is_blocked

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
RULES = SignInRules(attempts=5, lock_minutes=15, address_attempts=20)


def test_blocks_of_an_account_double_up_to_four_times_and_are_forgotten_after_a_day() -> None:
    tally, at, lengths = Tally(0, AT), AT, []
    for _ in range(5):
        for _ in range(RULES.attempts):
            assert not is_blocked(tally, at)
            tally = count_attempt(tally, ThrottleKind.PASSWORD, RULES, at)
        assert is_blocked(tally, at)
        assert tally.blocked_until is not None
        lengths.append((tally.blocked_until - at) // timedelta(minutes=1))
        at = tally.blocked_until
    assert lengths == [15, 30, 60, 60, 60]
    tally = count_attempt(tally, ThrottleKind.PASSWORD, RULES, AT + timedelta(days=1))
    assert (tally.n_attempts, tally.n_blocks) == (1, 0)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(ThrottleKind), st.lists(st.integers(0, 60 * 40), max_size=300))
def test_whatever_the_rhythm_no_more_pass_than_allowed(kind: ThrottleKind, gaps: list[int]) -> None:
    tally, at, passed = Tally(0, AT), AT, []
    for gap in gaps:
        at += timedelta(seconds=gap)
        if not is_blocked(tally, at):
            tally = count_attempt(tally, kind, RULES, at)
            passed.append(at)
    limit = RULES.address_attempts if kind is ThrottleKind.ADDRESS else RULES.attempts
    window = timedelta(minutes=RULES.lock_minutes)
    for index, first in enumerate(passed):
        in_a_row = [one for one in passed[index:] if one - first < window]
        assert len(in_a_row) < 2 * limit
