"""What was read from one set of lists, as a page tells it: before it is stored and ever after alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qa_app.domain.caseload import CaseloadCounts, Handling, ImportFault, ListReading, PlanType
from qa_app.domain.caseload_asks import Ask, asks_of
from qa_app.domain.caseload_faults import FaultGroup, FaultTopic, group_by_topic, group_faults, place_of

PLACES_SHOWN = 5


@dataclass(frozen=True)
class ListLine:
    """One list of an upload."""

    number: int
    name: str
    tab: str
    rows_read: int
    usable: int
    rejected: int
    ignored: int


@dataclass(frozen=True)
class PlanTypeLine:
    """How many cases may be drawn under one plan type."""

    plan_type: PlanType
    n: int


@dataclass(frozen=True)
class KindLine:
    """All faults of one kind, handled one way, with their first places."""

    kind: str
    done: Handling
    words: str
    n_faults: int
    places: tuple[str, ...]
    has_more_places: bool


@dataclass(frozen=True)
class TopicLine:
    """Faults that belong together, on one line that opens into its kinds."""

    words: str
    done: Handling
    needs_a_person: bool
    lists: tuple[int, ...]
    n_faults: int
    kinds: tuple[KindLine, ...]


@dataclass(frozen=True)
class WhatWasRead:
    """Counts, lists, plan types and faults of one upload. `n_cases` may be drawn; `n_faults` are places."""

    counts: CaseloadCounts
    lists: tuple[ListLine, ...]
    case_statuses: tuple[tuple[str, int], ...]
    eligibilities: tuple[tuple[str, int], ...]
    plan_types: tuple[PlanTypeLine, ...]
    n_cases: int
    topics: tuple[TopicLine, ...]
    asks: tuple[Ask, ...]
    n_faults: int

    @property
    def n_to_look_at(self) -> int:
        """In how many places somebody should look."""
        return sum(topic.n_faults for topic in self.topics if topic.needs_a_person)


def what_was_read(
    counts: CaseloadCounts,
    lists: Mapping[int, ListReading],
    names: Mapping[int, str],
    by_plan: Mapping[PlanType, int],
    faults: Iterable[ImportFault],
) -> WhatWasRead:
    """One upload as a page tells it. `names`: what each list is called."""
    groups = group_faults(faults)
    return WhatWasRead(
        counts,
        tuple(
            ListLine(number, names[number], one.tab, one.rows_read, one.usable, one.rejected, one.ignored)
            for number, one in sorted(lists.items())
        ),
        tuple(sorted(counts.list6_by_case_status.items())),
        tuple(sorted(counts.list9_by_eligibility.items())),
        tuple(PlanTypeLine(plan, by_plan.get(plan, 0)) for plan in PlanType),
        sum(by_plan.values()),
        tuple(_topic_line(topic) for topic in group_by_topic(groups)),
        asks_of(groups),
        sum(group.n_faults for group in groups),
    )


def _topic_line(topic: FaultTopic) -> TopicLine:
    return TopicLine(
        topic.words,
        topic.done,
        topic.needs_a_person,
        topic.lists,
        topic.n_faults,
        tuple(_kind_line(group) for group in topic.groups),
    )


def _kind_line(group: FaultGroup) -> KindLine:
    return KindLine(
        group.kind,
        group.done,
        group.words,
        group.n_faults,
        tuple(place_of(fault) for fault in group.faults[:PLACES_SHOWN]),
        len(group.faults) > PLACES_SHOWN,
    )
