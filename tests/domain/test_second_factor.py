"""Codes that change every 30 seconds, and recovery codes."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.second_factor import (
    N_RECOVERY_CODES,
    STEP_SECONDS,
    fresh_recovery_codes,
    fresh_secret,
    read_recovery_code,
    spaced_recovery_code,
    step_of_code,
)

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The shared secret of the test vectors in RFC 6238, appendix B ("12345678901234567890" in base 32)."""


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ],
)
def test_the_codes_of_the_standard_are_right(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert step_of_code(SECRET, code, at, last_step=None) == seconds // STEP_SECONDS


@settings(max_examples=60, deadline=None)
@given(st.integers(-5, 5), st.integers(0, 29))
def test_one_step_of_drift_is_allowed_and_no_more(steps: int, seconds: int) -> None:
    at = datetime(2026, 11, 24, 10, 0, seconds, tzinfo=UTC)
    code = pyotp.TOTP(SECRET).at(at + timedelta(seconds=STEP_SECONDS * steps))
    assert (step_of_code(SECRET, code, at, last_step=None) is not None) == (abs(steps) <= 1)


def test_a_code_is_taken_once_and_none_before_it() -> None:
    at = datetime(2026, 11, 24, 10, 0, 15, tzinfo=UTC)
    clock = pyotp.TOTP(SECRET)
    step = step_of_code(SECRET, clock.at(at), at, last_step=None)
    assert step is not None
    assert step_of_code(SECRET, clock.at(at), at, last_step=step) is None
    earlier = clock.at(at - timedelta(seconds=STEP_SECONDS))
    assert step_of_code(SECRET, earlier, at, last_step=step) is None
    later = clock.at(at + timedelta(seconds=STEP_SECONDS))
    assert step_of_code(SECRET, later, at, last_step=step) == step + 1


def test_spaces_in_a_code_do_not_matter() -> None:
    at = datetime.fromtimestamp(59, UTC)
    assert step_of_code(SECRET, " 287 082 ", at, last_step=None) == 1


@pytest.mark.parametrize("code", ["", "28708", "2870822", "abcdef", "٢٨٧٠٨٢", "28708२", "287082\x00"])
def test_what_is_no_code_is_not_taken(code: str) -> None:
    assert step_of_code(SECRET, code, datetime.fromtimestamp(59, UTC), last_step=None) is None


def test_secrets_and_recovery_codes_are_long_enough_and_never_the_same() -> None:
    assert len(fresh_secret()) == 32
    codes = fresh_recovery_codes()
    assert len(set(codes)) == len({code[0] for code in codes}) == N_RECOVERY_CODES
    assert not set(codes) & set(fresh_recovery_codes())


@settings(max_examples=30)
@given(st.sampled_from(fresh_recovery_codes()), st.booleans(), st.sampled_from(["-", " ", "", " - "]))
def test_a_recovery_code_is_read_however_it_is_typed(code: str, loud: bool, between: str) -> None:
    typed = between.join(code[start : start + 4] for start in range(0, 16, 4))
    assert read_recovery_code(typed.upper() if loud else typed) == code
    assert read_recovery_code(spaced_recovery_code(code)) == code


@pytest.mark.parametrize("typed", ["", "abcd", "o" * 16, "x" * 17, "\x00" * 16])
def test_what_is_no_recovery_code_is_not_read(typed: str) -> None:
    assert read_recovery_code(typed) is None
