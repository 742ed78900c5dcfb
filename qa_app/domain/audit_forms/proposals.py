"""Who may publish a change of a form alone, and when a second person has to agree."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from qa_app.domain.audit_forms.differences import Change, ChangeClass, heaviest


class ProposalState(StrEnum):
    """What became of a version put before a second person."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The state as people say it."""
        return {"waiting": "Waits for a second person"}.get(self.value, self.value.capitalize())


def needs_second_person(changes: Sequence[Change]) -> bool:
    """Whether the changes break comparison over time, so that a second person has to agree."""
    return heaviest(changes) is ChangeClass.BREAKING


def may_decide(user_id: int | None, author_ids: Collection[int], proposed_by_id: int) -> bool:
    """Whether somebody is a second person: neither the one who proposed it nor anybody who changed the draft."""
    return user_id is not None and user_id != proposed_by_id and user_id not in author_ids
