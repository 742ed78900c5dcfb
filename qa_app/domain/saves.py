"""When two saves of the same thing meet: which one stands, and who has to be asked."""

from enum import StrEnum


class SaveOutcome(StrEnum):
    """What becomes of a save."""

    STORE = "store"
    """Write it: it follows what the sender saw."""
    ALREADY = "already"
    """Nothing to write: the same save came before, or the same value stands already."""
    CONFLICT = "conflict"
    """Somebody else saved another value since: show both."""


def decide_save(
    *,
    stored_revision: int,
    stored_save_id: str | None,
    is_same_value: bool,
    expected_revision: int,
    save_id: str,
) -> SaveOutcome:
    """What becomes of a save that expects a revision.

    A save sent twice, because its reply was lost, is no conflict with itself; nor is an equal value.
    A revision from the future is as stale as one from the past: the sender saw something that is not stored.
    """
    if save_id and stored_save_id == save_id:
        return SaveOutcome.ALREADY
    if is_same_value:
        return SaveOutcome.ALREADY
    if expected_revision != stored_revision:
        return SaveOutcome.CONFLICT
    return SaveOutcome.STORE
