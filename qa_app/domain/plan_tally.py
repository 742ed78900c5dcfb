"""How a plan stands at a date: how many actions, how many due, and their declared ratings, by priority."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from qa_app.domain.plan_records import PlanActionRecord, Rating
from qa_app.domain.plan_rules import ref_order, window_has_ended
from qa_app.domain.timescales import TimescaleKind

PUBLISHED_WINDOW_ENDED = "published window ended"


class Standing(StrEnum):
    """Where an action stands at a date: in the base of the figures (due), not yet, or outside it."""

    DUE = "due"
    NOT_DUE = "not_due"
    OUTSIDE_BASE = "outside_base"


@dataclass(frozen=True)
class PlanLine:
    """One action as it stood at a date: what every count and list of the plan is made from."""

    ref: str
    ref_as_written: str
    priority: str
    priority_title: str | None
    text: str
    lead: str | None
    agencies: str | None
    timescale_as_written: str
    timescale_kind: TimescaleKind
    window_ends_on: date | None
    status_text: str
    rating: Rating | None
    action_id: int | None = None

    def standing(self, as_at: date) -> Standing:
        """Whether the action is due at a date: its published window ends on or before it."""
        if self.window_ends_on is None:
            return Standing.OUTSIDE_BASE
        return Standing.DUE if window_has_ended(self.window_ends_on, as_at) else Standing.NOT_DUE

    def is_completed_early(self, as_at: date) -> bool:
        """Green before it was due: shown apart, in neither n nor N."""
        return self.standing(as_at) is Standing.NOT_DUE and self.rating is Rating.GREEN


@dataclass(frozen=True)
class RatingCounts:
    """How many actions declare each colour; `unrated` declares none. They sum to the actions counted."""

    green: int = 0
    amber: int = 0
    red: int = 0
    white: int = 0
    unrated: int = 0

    @property
    def n_actions(self) -> int:
        """All of them together."""
        return self.green + self.amber + self.red + self.white + self.unrated


@dataclass(frozen=True)
class Tally:
    """The counts of a set of actions at a date: actions = due + not due + ongoing (outside the base).

    `completed_early` is a part of `not_due`. `ongoing` counts everything without a window that ends:
    ongoing, in place, recurring without end, no timescale, not understood.
    """

    actions: int
    due: int
    not_due: int
    completed_early: int
    ongoing: int
    ratings: RatingCounts
    due_ratings: RatingCounts


@dataclass(frozen=True)
class PriorityTally:
    """The counts of one priority."""

    priority: str
    title: str | None
    tally: Tally


@dataclass(frozen=True)
class PlanTally:
    """The counts of a whole plan at a date, with the name of the base they rest on."""

    as_at: date
    base: str
    total: Tally
    priorities: tuple[PriorityTally, ...]


@dataclass(frozen=True)
class PriorityExceptions:
    """One priority in the exception report: of its due actions, how many are red."""

    priority: str
    title: str | None
    due: int
    red: int


@dataclass(frozen=True)
class ExceptionReport:
    """The due actions that are red at a date, and everything that the count leaves out, listed apart."""

    as_at: date
    base: str
    due: int
    red: int
    priorities: tuple[PriorityExceptions, ...]
    red_actions: tuple[PlanLine, ...]
    not_due: tuple[PlanLine, ...]
    completed_early: tuple[PlanLine, ...]
    outside_base: tuple[PlanLine, ...]
    due_unrated: tuple[PlanLine, ...]


def line_of(record: PlanActionRecord) -> PlanLine:
    """The line that a freshly read action gives, with the rating that its document declares."""
    return PlanLine(
        ref=record.ref,
        ref_as_written=record.ref_as_written,
        priority=record.priority,
        priority_title=record.priority_title,
        text=record.text,
        lead=record.lead,
        agencies=record.agencies,
        timescale_as_written=record.timescale.as_written,
        timescale_kind=record.timescale.kind,
        window_ends_on=record.timescale.window_ends_on,
        status_text=record.status_text,
        rating=record.declared_rating,
    )


def count_ratings(lines: Iterable[PlanLine]) -> RatingCounts:
    """How many lines declare each colour."""
    ratings = [line.rating for line in lines]
    return RatingCounts(
        green=ratings.count(Rating.GREEN),
        amber=ratings.count(Rating.AMBER),
        red=ratings.count(Rating.RED),
        white=ratings.count(Rating.WHITE),
        unrated=ratings.count(None),
    )


def in_plan_order(lines: Iterable[PlanLine]) -> list[PlanLine]:
    """Lines by priority, then by reference, as people count."""
    return sorted(lines, key=lambda line: (ref_order(line.priority), ref_order(line.ref), line.ref))


def tally_plan(lines: Sequence[PlanLine], as_at: date) -> PlanTally:
    """Count a plan at a date, in total and by priority."""
    return PlanTally(
        as_at=as_at,
        base=PUBLISHED_WINDOW_ENDED,
        total=_tally(lines, as_at),
        priorities=tuple(
            PriorityTally(priority, _title(members), _tally(members, as_at))
            for priority, members in by_priority(lines)
        ),
    )


def report_exceptions(lines: Sequence[PlanLine], as_at: date) -> ExceptionReport:
    """The exception report at a date. Source: red means that the plan declares the due action red."""
    ordered = in_plan_order(lines)
    due = [line for line in ordered if line.standing(as_at) is Standing.DUE]
    red = [line for line in due if line.rating is Rating.RED]
    early = [line for line in ordered if line.is_completed_early(as_at)]
    return ExceptionReport(
        as_at=as_at,
        base=PUBLISHED_WINDOW_ENDED,
        due=len(due),
        red=len(red),
        priorities=tuple(_exceptions(priority, members, as_at) for priority, members in by_priority(ordered)),
        red_actions=tuple(red),
        not_due=tuple(
            line for line in ordered if line.standing(as_at) is Standing.NOT_DUE and line not in early
        ),
        completed_early=tuple(early),
        outside_base=tuple(line for line in ordered if line.standing(as_at) is Standing.OUTSIDE_BASE),
        due_unrated=tuple(line for line in due if line.rating is None),
    )


def by_priority(lines: Iterable[PlanLine]) -> list[tuple[str, list[PlanLine]]]:
    """Lines grouped by priority, both in the order people count."""
    groups: dict[str, list[PlanLine]] = {}
    for line in in_plan_order(lines):
        groups.setdefault(line.priority, []).append(line)
    return list(groups.items())


def _tally(lines: Sequence[PlanLine], as_at: date) -> Tally:
    standings = [line.standing(as_at) for line in lines]
    return Tally(
        actions=len(lines),
        due=standings.count(Standing.DUE),
        not_due=standings.count(Standing.NOT_DUE),
        completed_early=sum(line.is_completed_early(as_at) for line in lines),
        ongoing=standings.count(Standing.OUTSIDE_BASE),
        ratings=count_ratings(lines),
        due_ratings=count_ratings(line for line in lines if line.standing(as_at) is Standing.DUE),
    )


def _exceptions(priority: str, members: list[PlanLine], as_at: date) -> PriorityExceptions:
    due = [line for line in members if line.standing(as_at) is Standing.DUE]
    n_red = sum(line.rating is Rating.RED for line in due)
    return PriorityExceptions(priority, _title(members), len(due), n_red)


def _title(members: Sequence[PlanLine]) -> str | None:
    return next((line.priority_title for line in members if line.priority_title), None)
