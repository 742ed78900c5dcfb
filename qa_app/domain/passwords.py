"""What makes a password good enough, without asking anybody outside, and how long a link to choose one holds."""

from enum import StrEnum

from qa_app.domain.common_passwords import is_common
from qa_app.domain.errors import Invalid


class LinkPurpose(StrEnum):
    """Why somebody is handed a link to choose a password: their first one, or another."""

    INVITE = "invite"
    RESET = "reset"

    @property
    def hours(self) -> int:
        """How long such a link can be used. Units: hours."""
        return 72 if self is LinkPurpose.INVITE else 2


SHORTEST = 12
LONGEST = 128


def check_password(password: str, *, email: str, name: str) -> None:
    """Refuse a password that is short, common, or made of the person's own name or address.

    Source: NIST SP 800-63B and OWASP ASVS 5.0 6.2: length counts, rules of composition do not.
    Errors: Invalid.
    """
    if len(password) < SHORTEST:
        raise Invalid("password", f"Choose a password of at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise Invalid("password", f"Choose a password of at most {LONGEST} characters.")
    lowered = password.casefold()
    if is_common(password):
        raise Invalid(
            "password", "Choose a password that is harder to guess: this one is among the first tried."
        )
    own = [part for part in (*name.casefold().split(), email.casefold().split("@")[0]) if len(part) > 3]
    rest = lowered
    for part in own:
        rest = rest.replace(part, "")
    if len(rest) < 6:
        raise Invalid("password", "Choose a password that is not your own name or address.")
