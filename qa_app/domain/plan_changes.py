"""What a newer copy of a plan changes, action by action, before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa_app.domain.plan_records import PlanActionRecord, PlanDocument, Rating


@dataclass(frozen=True)
class KnownAction:
    """An action as the plan holds it: its words, and its status as at the date of the newer copy."""

    action_id: int
    ref: str
    text: str
    timescale_as_written: str
    status_text: str
    rating: Rating | None
    progress: str | None = None


@dataclass(frozen=True)
class ActionChange:
    """An action that stands in both: as known, and as the newer copy has it."""

    known: KnownAction
    record: PlanActionRecord

    @property
    def is_status_changed(self) -> bool:
        """Whether the newer copy says something new about how the action stands: a dated update."""
        return (self.known.status_text, self.known.rating, self.known.progress or "") != (
            self.record.status_text,
            self.record.declared_rating,
            self.record.progress or "",
        )

    @property
    def is_reworded(self) -> bool:
        """Whether the action's words differ, spaces apart."""
        return self.known.text.split() != self.record.text.split()

    @property
    def is_retimed(self) -> bool:
        """Whether the timescale differs. The one first published stays: what is due is counted against it."""
        return self.known.timescale_as_written != self.record.timescale.as_written


@dataclass(frozen=True)
class PlanChanges:
    """A newer copy beside the plan as held: new actions, actions in both, and those the copy leaves out."""

    new: tuple[PlanActionRecord, ...]
    in_both: tuple[ActionChange, ...]
    left_out: tuple[KnownAction, ...]

    @property
    def updated(self) -> tuple[ActionChange, ...]:
        """Actions that get a dated update."""
        return tuple(change for change in self.in_both if change.is_status_changed)

    @property
    def reworded(self) -> tuple[ActionChange, ...]:
        """Actions whose words differ in the newer copy."""
        return tuple(change for change in self.in_both if change.is_reworded)

    @property
    def retimed(self) -> tuple[ActionChange, ...]:
        """Actions whose timescale differs in the newer copy."""
        return tuple(change for change in self.in_both if change.is_retimed)


def compare_plan(known: Sequence[KnownAction], document: PlanDocument) -> PlanChanges:
    """Compare a plan as held with a newer copy, by the actions' references."""
    by_ref = {action.ref: action for action in known}
    in_document = {record.ref for record in document.actions}
    return PlanChanges(
        new=tuple(record for record in document.actions if record.ref not in by_ref),
        in_both=tuple(
            ActionChange(by_ref[record.ref], record) for record in document.actions if record.ref in by_ref
        ),
        left_out=tuple(action for action in known if action.ref not in in_document),
    )
