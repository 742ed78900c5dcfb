"""How people sign in: the ways, how often they may try, and for how long a proof of who they are holds."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

STEP_MINUTES = 10
"""How long somebody may take between the first step of signing in and the second."""
RECENT_MINUTES = 10
"""How long after proving who one is sensitive things may be done without proving it again."""


class SignInWay(StrEnum):
    """How somebody proved who they are. Stored by value."""

    PASSWORD = "password"  # noqa: S105 - the name of a way, no secret
    CODE = "code"
    RECOVERY_CODE = "recovery_code"
    COUNCIL_ACCOUNT = "council_account"

    @property
    def words(self) -> str:
        """The way as people say it."""
        return {
            SignInWay.PASSWORD: "Password",
            SignInWay.CODE: "Password and code",
            SignInWay.RECOVERY_CODE: "Password and recovery code",
            SignInWay.COUNCIL_ACCOUNT: "Council account",
        }[self]


class ThrottleKind(StrEnum):
    """What is being tried: a password, a code, or anything at all from one network address. Stored by value."""

    PASSWORD = "password"  # noqa: S105 - the name of a kind, no secret
    CODE = "code"
    ADDRESS = "address"


@dataclass(frozen=True)
class SignInRules:
    """How often somebody may try. Units: attempts; minutes."""

    attempts: int
    lock_minutes: int
    address_attempts: int = 100


@dataclass(frozen=True)
class Tally:
    """What is kept of the attempts behind one key."""

    n_attempts: int
    window_started_at: datetime
    blocked_until: datetime | None = None
    n_blocks: int = 0


LONGEST_BLOCK = 4
"""A block never grows beyond this many times the first one."""
ACCOUNT_WINDOW = timedelta(hours=24)


def is_blocked(tally: Tally, at: datetime) -> bool:
    """Whether nothing may be tried now."""
    return tally.blocked_until is not None and tally.blocked_until > at


def count_attempt(tally: Tally, kind: ThrottleKind, rules: SignInRules, at: datetime) -> Tally:
    """The tally with one more attempt: counted before its outcome is known, so that attempts at once all count.

    The attempt that reaches the limit blocks the next. Blocks of one account double up to four times the first
    and are forgotten a day after the first attempt; those of a network address all last equally long.
    """
    lock = timedelta(minutes=rules.lock_minutes)
    window = lock if kind is ThrottleKind.ADDRESS else ACCOUNT_WINDOW
    limit = rules.address_attempts if kind is ThrottleKind.ADDRESS else rules.attempts
    if at - tally.window_started_at >= window:
        tally = Tally(0, at)
    n_attempts = tally.n_attempts + 1
    if n_attempts < limit:
        return replace(tally, n_attempts=n_attempts, blocked_until=None)
    times = 1 if kind is ThrottleKind.ADDRESS else min(2**tally.n_blocks, LONGEST_BLOCK)
    return Tally(0, tally.window_started_at, at + lock * times, tally.n_blocks + 1)


def is_recent(verified_at: datetime, at: datetime) -> bool:
    """Whether somebody proved who they are lately enough to do something sensitive."""
    return at - verified_at < timedelta(minutes=RECENT_MINUTES)
