"""The second factor: codes from an authenticator app that change every 30 seconds, and recovery codes on paper."""

import hmac
import secrets
from datetime import datetime

import pyotp

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""How many steps a phone's clock may be off, either way."""
N_RECOVERY_CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
"""No letter or digit that could be read as another."""
RECOVERY_LENGTH = 16


def fresh_secret() -> str:
    """A secret for a new authenticator: 160 random bits in base 32."""
    return pyotp.random_base32(32)


def spaced_secret(secret: str) -> str:
    """The secret in groups of four, for whoever types it in."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def authenticator_address(secret: str, *, account: str, issuer: str) -> str:
    """What the picture holds that an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def step_of_code(secret: str, code: str, at: datetime, *, last_step: int | None) -> int | None:
    """The step whose code this is, or nothing when it is wrong, too old, or was used before.

    Source: RFC 6238 5.2: a code is accepted once, and one step of drift is allowed.
    """
    digits = "".join(code.split())
    if len(digits) != 6 or not digits.isascii() or not digits.isdigit():
        return None
    clock = pyotp.TOTP(secret)
    now = int(at.timestamp()) // STEP_SECONDS
    found = None
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        is_same = hmac.compare_digest(clock.generate_otp(step), digits)
        if is_same and (last_step is None or step > last_step):
            found = step
    return found


def fresh_recovery_codes() -> list[str]:
    """Ten recovery codes; each begins with another sign, so that only one stored hash needs to be tried."""
    marks = secrets.SystemRandom().sample(ALPHABET, N_RECOVERY_CODES)
    return [
        mark + "".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LENGTH - 1)) for mark in sorted(marks)
    ]


def spaced_recovery_code(code: str) -> str:
    """A recovery code in groups of four, to be written down."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_recovery_code(text: str) -> str | None:
    """What was typed as a recovery code, without spaces, hyphens and capitals; nothing if it can't be one."""
    code = "".join(sign for sign in text.casefold() if sign not in " -–\t")
    return code if len(code) == RECOVERY_LENGTH and set(code) <= set(ALPHABET) else None
