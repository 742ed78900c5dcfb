"""What each kind of fault in the lists means, in words, and the faults gathered so that they can be read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa_app.domain.caseload import Handling, ImportFault

# By kind: what it is. What was done about it is told beside it.
FAULT_WORDS = {
    "age_as_text": "An age that came as words instead of a number",
    "age_in_words": "An age in words, such as Unborn",
    "age_not_a_number": "An age that is not a number",
    "age_not_possible": "An age that cannot be",
    "age_with_decimals": "An age with decimals, cut to whole years",
    "age_worked_out": "An age that was missing, worked out from the date of birth",
    "closed_but_open_elsewhere": "Closed on List 6, and open on List 7 or List 8",
    "closed_without_date": "Closed on List 6 without a closure date",
    "code_unknown": "A value that is not in the list of codes",
    "code_variant": "A code written another way",
    "column_hidden": "A hidden column",
    "column_missing": "A column of the list that is not there",
    "column_personal": "A column that would name or place a child",
    "column_without_heading": "A column without a heading",
    "comments": "Comments on cells: none was read",
    "count_as_text": "A number that came as words",
    "count_not_a_number": "A number that is not one number",
    "count_not_possible": "A number that cannot be",
    "count_not_whole": "A number that is not whole",
    "date_as_number": "A date that came as a serial number",
    "date_as_number_in_text": "A date that came as a serial number in words",
    "date_as_text": "A date that came as words",
    "date_end_before_start": "An end date before its start date",
    "date_in_future": "A date after the as-at date",
    "date_in_words": "Words where a date should be",
    "date_month_first": "A date that can only be month first",
    "date_not_real": "A date that no calendar has",
    "date_not_understood": "A value that is no date",
    "date_of_birth_differs": "A date of birth that differs from the child's other rows",
    "date_placeholder": "The placeholder date 1 January 1900",
    "date_too_long_ago": "A date too long ago to be true",
    "date_with_time": "A date with a time of day",
    "date_year_not_possible": "A date in a year that cannot be",
    "duplicate_heading": "Two columns with one heading: the first is used",
    "excel_error": "A cell that holds an Excel error",
    "extra_column": "A column that the list does not have",
    "heading_misspelt": "A heading that is nearly the expected one",
    "heading_variant": "A heading written another way",
    "headings_not_found": "A tab without the headings of its list",
    "id_zeros_lost": "A reference without the zeros in front that other lists give it",
    "id_format": "A reference with spaces or signs around it",
    "id_in_scientific_notation": "A reference that lost its digits (1.61E+07)",
    "id_is_a_date": "A date where the reference should be",
    "id_missing": "A row without a reference",
    "id_not_readable": "A reference that cannot be read",
    "id_not_whole": "A reference that is not a whole number",
    "list_without_id": "A list without a column of references",
    "looked_after_not_on_list_6": "Looked after on List 8, and not on List 6",
    "macros": "A workbook with macros: none was run",
    "merged_cell": "A cell merged with the one above",
    "needed_cell_blank": "An empty cell where the list needs a value",
    "postcode_not_whole": "A postcode that is missing or not whole",
    "protection_plan_not_on_list_6": "An open plan on List 7, and not on List 6",
    "row_above_headings": "A row of group headings above the headings",
    "row_blank": "A blank row inside or below the list",
    "row_blank_on_top": "A blank row above the headings",
    "row_headings_again": "The headings again inside the list",
    "row_hidden": "A hidden row",
    "row_note": "A note or subtotal that is not a row of the list",
    "row_repeated": "The same row more than once: counted once",
    "row_repeated_differently": "A person on two rows that differ: the first is used",
    "row_stamp": "A title or stamp above the headings",
    "row_total": "A total",
    "status_not_supported": "A case status that Lists 7 and 8 do not bear out",
    "tab_empty": "An empty tab",
    "tab_extra": "A tab that is no list",
    "tab_hidden": "A hidden tab that looks like a list",
    "team_may_be_another": "A team that may be another one misspelt",
    "team_variant": "A team in another spelling",
    "text_kept_as_sent": "Words with unusual signs, kept as plain text",
    "text_too_long": "Words too long to be a name",
    "text_with_odd_spaces": "Words with stray spaces",
    "worker_may_be_another": "A worker who may be the same as another",
    "worker_unallocated": "No worker",
    "worker_variant": "A worker in another spelling",
}

# What a line of the page is about: kinds that belong together.
TOPICS = {
    "References that cannot be used": (
        "id_missing",
        "id_in_scientific_notation",
        "id_is_a_date",
        "id_not_readable",
        "id_not_whole",
        "list_without_id",
    ),
    "References in another form": ("id_format", "id_zeros_lost"),
    "Dates that cannot be true": (
        "date_end_before_start",
        "date_in_future",
        "date_month_first",
        "date_not_real",
        "date_placeholder",
        "date_too_long_ago",
        "date_year_not_possible",
    ),
    "Words where a date should be": ("date_in_words", "date_not_understood"),
    "Dates in another form": (
        "date_as_number",
        "date_as_number_in_text",
        "date_as_text",
        "date_with_time",
    ),
    "Ages and numbers that cannot be": (
        "age_not_a_number",
        "age_not_possible",
        "count_not_a_number",
        "count_not_possible",
        "count_not_whole",
    ),
    "Ages and numbers in another form": (
        "age_as_text",
        "age_in_words",
        "age_with_decimals",
        "age_worked_out",
        "count_as_text",
    ),
    "Values that are not in the list of codes": ("code_unknown",),
    "Codes written another way": ("code_variant",),
    "Cells that are empty or hold an error": ("excel_error", "needed_cell_blank", "postcode_not_whole"),
    "Cases without a worker": ("worker_unallocated",),
    "Lists that contradict each other": (
        "closed_but_open_elsewhere",
        "closed_without_date",
        "date_of_birth_differs",
        "looked_after_not_on_list_6",
        "protection_plan_not_on_list_6",
        "status_not_supported",
    ),
    "People on two rows": ("row_repeated", "row_repeated_differently"),
    "Names that may be another": ("team_may_be_another", "worker_may_be_another"),
    "Names in another spelling": ("team_variant", "text_with_odd_spaces", "worker_variant"),
    "Unusual words": ("text_kept_as_sent", "text_too_long"),
    "Merged cells": ("merged_cell",),
    "Hidden tabs, rows and columns": ("column_hidden", "row_hidden", "tab_hidden"),
    "Columns that would name a child": ("column_personal",),
    "Columns that are missing or twice": ("column_missing", "duplicate_heading"),
    "Headings written another way": ("heading_misspelt", "heading_variant"),
    "Columns that the lists do not have": ("column_without_heading", "extra_column"),
    "Titles, totals, notes and blank rows": (
        "row_above_headings",
        "row_blank",
        "row_blank_on_top",
        "row_headings_again",
        "row_note",
        "row_stamp",
        "row_total",
    ),
    "Tabs that are no list": ("headings_not_found", "tab_empty", "tab_extra"),
    "Comments, pictures and macros": ("comments", "macros"),
}
_TOPIC_OF = {kind: topic for topic, kinds in TOPICS.items() for kind in kinds}

# What needs a person first, what was put right last.
_URGENCY = (
    Handling.REJECT_ROW,
    Handling.FLAG,
    Handling.IGNORE_AND_FLAG,
    Handling.KEEP_AND_FLAG,
    Handling.FILL,
    Handling.DROP,
    Handling.KEEP_AS_TEXT,
    Handling.NORMALISE,
    Handling.IGNORE,
)


@dataclass(frozen=True)
class FaultGroup:
    """All faults of one kind that were handled one way. `lists` are the numbers of the lists they lie in."""

    kind: str
    done: Handling
    faults: tuple[ImportFault, ...]

    @property
    def words(self) -> str:
        """What the kind is."""
        return FAULT_WORDS.get(self.kind, self.kind.replace("_", " ").capitalize())

    @property
    def n_faults(self) -> int:
        """How many there are."""
        return sum(fault.n_times for fault in self.faults)

    @property
    def lists(self) -> tuple[int, ...]:
        """The numbers of the lists they lie in."""
        return tuple(sorted({fault.list_number for fault in self.faults if fault.list_number is not None}))

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody should look at them: anything but what was understood or passed over for good."""
        return self.done not in (Handling.NORMALISE, Handling.IGNORE, Handling.KEEP_AS_TEXT, Handling.DROP)


def group_faults(faults: Iterable[ImportFault]) -> tuple[FaultGroup, ...]:
    """Faults by kind and handling: what keeps rows out first, what was understood last."""
    groups: dict[tuple[str, Handling], list[ImportFault]] = {}
    for fault in faults:
        groups.setdefault((fault.kind, fault.done), []).append(fault)
    gathered = [FaultGroup(kind, done, tuple(members)) for (kind, done), members in groups.items()]
    return tuple(sorted(gathered, key=lambda one: (_URGENCY.index(one.done), -one.n_faults, one.kind)))


@dataclass(frozen=True)
class FaultTopic:
    """Faults that belong together and were handled one way: one line that opens into its kinds."""

    words: str
    done: Handling
    groups: tuple[FaultGroup, ...]

    @property
    def n_faults(self) -> int:
        """How many there are."""
        return sum(group.n_faults for group in self.groups)

    @property
    def lists(self) -> tuple[int, ...]:
        """The numbers of the lists they lie in."""
        return tuple(sorted({number for group in self.groups for number in group.lists}))

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody should look at them."""
        return any(group.needs_a_person for group in self.groups)


def group_by_topic(groups: Iterable[FaultGroup]) -> tuple[FaultTopic, ...]:
    """Groups of faults on a few lines: what keeps rows out first, what was understood last."""
    found: dict[tuple[str, Handling], list[FaultGroup]] = {}
    for group in groups:
        topic = _TOPIC_OF.get(group.kind, "Other")
        # Within a topic, handlings that need no person are one line.
        same = [key for key in found if key[0] == topic and _is_quiet(key[1]) and _is_quiet(group.done)]
        found.setdefault(same[0] if same else (topic, group.done), []).append(group)
    topics = [FaultTopic(topic, done, tuple(some)) for (topic, done), some in found.items()]
    return tuple(sorted(topics, key=lambda one: (_URGENCY.index(one.done), -one.n_faults, one.words)))


def _is_quiet(done: Handling) -> bool:
    return done in (Handling.NORMALISE, Handling.IGNORE, Handling.KEEP_AS_TEXT, Handling.DROP)


def rows_in_words(rows: Sequence[int], most: int = 12) -> str:
    """Row numbers as people write them: 3 to 120, 130, 135; the first ones when there are many."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    words = [str(first) if first == last else f"{first} to {last}" for first, last in spans[:most]]
    return ", ".join(words) + (" and more" if len(spans) > most else "")


def place_of(fault: ImportFault) -> str:
    """Where a fault lies: tab, row and column as the spreadsheet shows them."""
    place = f"tab {fault.tab}"
    if fault.row is not None:
        place += f", row{'s' if fault.more_rows else ''} {rows_in_words(fault.rows, 4)}"
    if fault.column is not None:
        place += f", column {fault.column}"
    return place
