"""The caseload: whose cases the council holds, as its child-level lists tell it, and what is in doubt."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache

from qa_app.domain.house_words import NameDoubt

WITHHELD = "withheld"


class PlanType(StrEnum):
    """What a child's case is, for drawing an audit sample: one for each child, the first that holds."""

    LOOKED_AFTER = "looked_after"
    CHILD_PROTECTION = "child_protection"
    CHILD_IN_NEED = "child_in_need"
    OPEN_ASSESSMENT = "open_assessment"
    CARE_LEAVER = "care_leaver"

    @property
    def label(self) -> str:
        """The words people use."""
        return _PLAN_LABELS[self]

    @property
    def rank(self) -> int:
        """1 for the plan type that comes before all others."""
        return list(PlanType).index(self) + 1


_PLAN_LABELS = {
    PlanType.LOOKED_AFTER: "Looked after child",
    PlanType.CHILD_PROTECTION: "Child protection plan",
    PlanType.CHILD_IN_NEED: "Child in need plan",
    PlanType.OPEN_ASSESSMENT: "Open assessment",
    PlanType.CARE_LEAVER: "Care leaver",
}


class CaseStatus(StrEnum):
    """The case status of List 6. *Closed* overrides the others.

    Source: Ofsted, child-level data guidance for Annex A, August 2019, List 6.
    """

    LOOKED_AFTER = "looked_after"
    CHILD_PROTECTION = "child_protection"
    CHILD_IN_NEED = "child_in_need"
    OPEN_ASSESSMENT = "open_assessment"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The status as the lists write it, with its letter."""
        return _STATUS_LABELS[self]

    @classmethod
    def from_label(cls, label: str) -> "CaseStatus | None":
        """The status that the lists write so, or none."""
        return _STATUS_BY_LABEL.get(label)


_STATUS_LABELS = {
    CaseStatus.LOOKED_AFTER: "a) Looked after child",
    CaseStatus.CHILD_PROTECTION: "b) Child Protection plan",
    CaseStatus.CHILD_IN_NEED: "c) Child in need plan",
    CaseStatus.OPEN_ASSESSMENT: "d) Open assessment",
    CaseStatus.CLOSED: "e) Closed episode",
}
_STATUS_BY_LABEL = {label: status for status, label in _STATUS_LABELS.items()}

_PLAN_OF_STATUS = {
    CaseStatus.LOOKED_AFTER: PlanType.LOOKED_AFTER,
    CaseStatus.CHILD_PROTECTION: PlanType.CHILD_PROTECTION,
    CaseStatus.CHILD_IN_NEED: PlanType.CHILD_IN_NEED,
    CaseStatus.OPEN_ASSESSMENT: PlanType.OPEN_ASSESSMENT,
}


@cache
def plan_type_of(
    case_status: CaseStatus | None,
    *,
    on_child_protection_plan: bool,
    is_looked_after: bool,
    is_care_leaver: bool,
) -> PlanType | None:
    """The one plan type under which a child may be drawn, or none when nothing is open.

    `on_child_protection_plan` and `is_looked_after` speak of rows of Lists 7 and 8 that have not ended. A
    closed episode on List 6 overrides both: what is closed is never drawn, unless as a care leaver.
    """
    if case_status is CaseStatus.CLOSED:
        return PlanType.CARE_LEAVER if is_care_leaver else None
    held = {_PLAN_OF_STATUS[case_status]} if case_status is not None else set()
    if is_looked_after:
        held.add(PlanType.LOOKED_AFTER)
    if on_child_protection_plan:
        held.add(PlanType.CHILD_PROTECTION)
    if is_care_leaver:
        held.add(PlanType.CARE_LEAVER)
    return min(held, key=lambda plan: plan.rank, default=None)


class Handling(StrEnum):
    """What was done about a fault in a list."""

    NORMALISE = "normalise"
    FLAG = "flag"
    REJECT_ROW = "reject_row"
    IGNORE = "ignore"
    KEEP_AS_TEXT = "keep_as_text"
    KEEP_AND_FLAG = "keep_and_flag"
    DROP = "drop"
    FILL = "flag_or_fill"
    IGNORE_AND_FLAG = "ignore_and_flag"

    @property
    def label(self) -> str:
        """What was done, in words."""
        return _HANDLING_LABELS[self]


_HANDLING_LABELS = {
    Handling.NORMALISE: "Understood",
    Handling.FLAG: "Left empty or as it is, worth a look",
    Handling.REJECT_ROW: "Row not used",
    Handling.IGNORE: "Not data, passed over",
    Handling.KEEP_AS_TEXT: "Kept as plain text",
    Handling.KEEP_AND_FLAG: "Used, and worth a look",
    Handling.DROP: "Not read and not kept",
    Handling.FILL: "Filled from the merged cell above",
    Handling.IGNORE_AND_FLAG: "Not read, and worth a look",
}


@dataclass(frozen=True)
class ImportFault:
    """One thing in the lists that is not as it should be: where, what was sent, what was made of it.

    `list_number`, `row` and `column` are missing where the fault belongs to a whole tab or list. Rows count
    from 1 as in the spreadsheet; columns are its letters. `is_personal`: the value's column is not kept.
    `more_rows`: the other rows in which this column says the very same.
    """

    kind: str
    done: Handling
    tab: str
    list_number: int | None = None
    row: int | None = None
    column: str | None = None
    field: str | None = None
    sent: str | None = None
    understood: str | None = None
    is_personal: bool = False
    more_rows: tuple[int, ...] = ()

    @property
    def n_times(self) -> int:
        """In how many places it is found."""
        return 1 + len(self.more_rows)

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows in which it is found; none where it belongs to a tab or list."""
        return () if self.row is None else (self.row, *self.more_rows)

    def places(self) -> "Iterator[ImportFault]":
        """The fault once for each of its places."""
        if not self.more_rows:
            yield self
            return
        for row in self.rows:
            yield replace(self, row=row, more_rows=())

    def as_withheld(self) -> "ImportFault":
        """The fault as it may be stored: without the words of a column that is not kept."""
        if not self.is_personal:
            return self
        return ImportFault(
            self.kind,
            self.done,
            self.tab,
            self.list_number,
            self.row,
            self.column,
            self.field,
            None if self.sent is None else WITHHELD,
            None if self.understood is None else WITHHELD,
            is_personal=True,
            more_rows=self.more_rows,
        )

    def as_reply(self) -> dict[str, object]:
        """The fault as `qa caseload import --json` prints it."""
        return {
            "list": self.list_number,
            "tab": self.tab,
            "row": self.row,
            "column": self.column,
            "field": self.field,
            "type": self.kind,
            "sent": self.sent,
            "understood": self.understood,
            "done": self.done.value,
        }


@dataclass(frozen=True)
class CaseloadCase:
    """One child or care leaver of Lists 6 to 9, under a reference, with what may be kept about the case.

    `facts` holds the other kept columns by field name: dates as YYYY-MM-DD, codes in the lists' own words
    without their letter. Never a name, a date of birth, a postcode, a placement's URN or a health date.
    `as_sent` holds, by field, the words of the lists where they are not what was understood.
    """

    child_ref: str
    plan_type: PlanType | None
    case_status: CaseStatus | None
    lists: tuple[int, ...]
    age: int | None = None
    is_unborn: bool = False
    gender: str | None = None
    ethnicity: str | None = None
    disability: str | None = None
    need: str | None = None
    team: str | None = None
    worker: str | None = None
    started_on: date | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    as_sent: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ListReading:
    """What was made of one list. `rows_read` is the sum of the other three.

    `rejected` rows have no usable reference; `ignored` rows repeat one that was already read.
    """

    tab: str
    rows_read: int
    usable: int
    rejected: int
    ignored: int

    def as_reply(self) -> dict[str, object]:
        """The reading as `qa caseload import --json` prints it."""
        return {
            "tab": self.tab,
            "rows_read": self.rows_read,
            "usable": self.usable,
            "rejected": self.rejected,
            "ignored": self.ignored,
        }


@dataclass(frozen=True)
class CaseloadCounts:
    """What the lists hold, counted: people by reference, never rows, where it says children or people."""

    rows_by_list: Mapping[int, int]
    list6_by_case_status: Mapping[str, int]
    list7_open: int
    list7_ended: int
    list8_open: int
    list8_ceased: int
    list9_by_eligibility: Mapping[str, int]
    current_children_list6: int
    current_children_including_care_leavers: int
    distinct_people_all_child_lists: int
    teams: int
    workers: int
    unborn_on_list6: int

    def as_reply(self) -> dict[str, object]:
        """The counts as `qa caseload import --json` prints them."""
        reply: dict[str, object] = dict(vars(self))
        reply["rows_by_list"] = {str(number): n for number, n in sorted(self.rows_by_list.items())}
        reply["list6_by_case_status"] = dict(sorted(self.list6_by_case_status.items()))
        reply["list9_by_eligibility"] = dict(sorted(self.list9_by_eligibility.items()))
        return reply


@dataclass(frozen=True)
class CaseloadExtract:
    """Everything read from one set of lists. `doubts`: names that may be another one written differently."""

    as_at: date
    lists: Mapping[int, ListReading]
    counts: CaseloadCounts
    cases: tuple[CaseloadCase, ...]
    faults: tuple[ImportFault, ...]
    teams: tuple[str, ...] = ()
    workers: tuple[tuple[str, str | None], ...] = ()
    doubts: tuple[NameDoubt, ...] = ()

    @property
    def n_faults(self) -> int:
        """In how many places something was not as it should be."""
        return sum(fault.n_times for fault in self.faults)

    def faults_by_place(self) -> Iterator[ImportFault]:
        """Every fault once for each of its places, in the order of lists and rows."""
        # Sorted as numbers: hundreds of thousands of places are no hundreds of thousands of records at once.
        places = sorted(
            (fault.list_number or 0, row, index)
            for index, fault in enumerate(self.faults)
            for row in fault.rows or (0,)
        )
        for _, row, index in places:
            fault = self.faults[index]
            yield replace(fault, row=row, more_rows=()) if fault.more_rows else fault

    def as_reply(self) -> dict[str, object]:
        """The extract as `qa caseload import --json` prints it, but for the faults: lists and counts, no children."""
        return {
            "as_at": self.as_at.isoformat(),
            "lists": {str(number): reading.as_reply() for number, reading in sorted(self.lists.items())},
            "counts": self.counts.as_reply(),
        }


def folded(faults: Iterable[ImportFault]) -> tuple[ImportFault, ...]:
    """The faults with those that say the very same of one column on one line; in the order of lists and rows."""
    rows: dict[tuple[object, ...], list[int]] = {}
    firsts: dict[tuple[object, ...], ImportFault] = {}
    for fault in faults:
        key = (
            fault.kind,
            fault.done,
            fault.list_number,
            fault.tab,
            fault.column,
            fault.field,
            fault.sent,
            fault.understood,
        )
        firsts.setdefault(key, fault)
        rows.setdefault(key, []).extend(fault.rows)
    merged = [
        fault if len(rows[key]) < 2 else _over(fault, sorted(rows[key])) for key, fault in firsts.items()
    ]
    return tuple(sorted(merged, key=lambda fault: (fault.list_number or 0, fault.row or 0)))


def _over(fault: ImportFault, rows: list[int]) -> ImportFault:
    return replace(fault, row=rows[0], more_rows=tuple(rows[1:]))


def cases_by_plan_type(cases: Iterable[CaseloadCase]) -> dict[PlanType, int]:
    """How many cases may be drawn under each plan type: every type is there, with 0 if none."""
    counted = dict.fromkeys(PlanType, 0)
    for case in cases:
        if case.plan_type is not None:
            counted[case.plan_type] += 1
    return counted
