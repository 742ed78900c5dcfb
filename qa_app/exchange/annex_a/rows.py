"""One list, row by row: what is data and what is not, each cell understood, each fault with its place."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from qa_app.domain.caseload import Handling, ImportFault
from qa_app.exchange.annex_a.cells import (
    ADOPTER_OLDEST_YEARS,
    EMPTY,
    OLDEST_YEARS,
    DateRule,
    Reading,
    Value,
    is_blank,
    read_date,
    read_id,
    read_integer,
    read_text,
    shown,
)
from qa_app.exchange.annex_a.codes import CodeReader, code_reader
from qa_app.exchange.annex_a.headings import FoundColumn, fields_by_key, key_of
from qa_app.exchange.annex_a.layout_faults import fault_at, layout_faults
from qa_app.exchange.annex_a.places import Place
from qa_app.exchange.annex_a.postcodes import read_area, read_postcode
from qa_app.exchange.annex_a.spec import Column
from qa_app.exchange.annex_a.tabs import Cell

_TOTALS = ("total", "grandtotal", "subtotal", "count", "counta", "sum", "overalltotal", "totalchildren")
# Pairs of which the second cannot come before the first.
_SPANS = (
    ("eh_start", "eh_end"),
    ("assessment_start", "assessment_authorised"),
    ("cin_start", "cin_closed"),
    ("cp_start", "cp_end"),
    ("cla_start", "cla_end"),
    ("stage1_start", "stage1_end"),
    ("stage2_start", "stage2_end"),
)
_MAY_BE_AHEAD = ("dob",)
# End dates that cannot be true and still say that there was an end.
_STILL_ENDED = (
    "date_in_future",
    "date_not_real",
    "date_month_first",
    "date_year_not_possible",
    "excel_error",
)


@dataclass
class Row:
    """One row of data: its number in the spreadsheet and what its cells were understood to say, by field.

    `filled` names the fields whose cell held something, understood or not; `ended` those whose date cannot be
    true and still says that something ended.
    """

    number: int
    person: str
    values: dict[str, Value] = field(default_factory=dict)
    filled: frozenset[str] = frozenset()
    ended: set[str] = field(default_factory=set)


@dataclass
class ListRows:
    """One list as read. `rows` has one row for a person where the list should; `n_repeats` were left out."""

    place: Place
    rows: list[Row]
    n_read: int
    n_rejected: int
    n_repeats: int
    faults: list[ImportFault]

    @property
    def number(self) -> int:
        """The number of the list."""
        return self.place.spec.number

    def fault(
        self,
        kind: str,
        done: Handling,
        row: int,
        field_name: str | None,
        sent: Value,
        understood: Value = None,
    ) -> ImportFault:
        """A fault of one cell of this list, with its place."""
        return fault_at(self.place, kind, done, row, field_name, shown(sent), understood)


class ListReader:
    """Reads one list. What a cell means is remembered, since lists repeat themselves."""

    def __init__(
        self, place: Place, as_at: datetime.date, own_codes: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        self.place = place
        self._own_codes = own_codes or {}
        self.as_at = as_at
        self.faults: list[ImportFault] = []
        self._columns = place.layout.columns
        self._id = next(found for found in self._columns if found.column.field == place.spec.id_field)
        self._merged = self._merged_cells()
        self._readers = {
            found.column.field: self._reader(found.column) for found in self._columns if found is not self._id
        }
        self._seen: dict[str, dict[tuple[type, Cell], Reading]] = {name: {} for name in self._readers}

    def read(self) -> ListRows:
        """Every row of the list."""
        self._tell_layout()
        spec, rows = self.place.spec, self.place.tab.rows
        kept: list[Row] = []
        n_rejected = n_repeats = 0
        by_person: dict[str, Row] = {}
        ids_are_numbers = self._ids_are_numbers()
        for index in range(self.place.layout.heading_row + 1, len(rows)):
            cells = rows[index]
            if self._is_no_data(index, cells):
                continue
            person = read_id(self._cell(cells, self._id.index), ids_are_numbers=ids_are_numbers)
            if not isinstance(person.value, str):
                # Its other cells are read too, so that everything to be put right is told at once.
                n_rejected += 1
                self._tell(index, self._id, cells, person)
                self._row(index, cells, "")
                continue
            if person.kind:
                self._tell(index, self._id, cells, person)
            row = self._row(index, cells, person.value)
            earlier = by_person.get(row.person)
            if spec.is_one_row_each and earlier is not None:
                n_repeats += 1
                self._tell_repeat(earlier, row)
                continue
            by_person[row.person] = row
            kept.append(row)
        n_read = len(kept) + n_rejected + n_repeats
        return ListRows(self.place, kept, n_read, n_rejected, n_repeats, self.faults)

    def _reader(self, column: Column) -> Callable[[Cell], Reading]:
        is_text = self.place.tab.is_text
        if column.kind == "date":
            years = ADOPTER_OLDEST_YEARS if self.place.spec.grain == "adopter" else OLDEST_YEARS
            rule = DateRule(self.as_at, years, column.field in _MAY_BE_AHEAD)
            return lambda cell: read_date(cell, rule, is_text=is_text)
        if column.kind == "integer":
            return lambda cell: read_integer(cell, is_age=column.field == "age", is_text=is_text)
        if column.kind == "postcode":
            return read_postcode
        if column.codes == "la_out_of_england":
            return read_area
        if column.codes:
            own = self._own_codes.get(column.codes)
            return (CodeReader(column.codes, own) if own else code_reader(column.codes)).read
        return read_text

    def _row(self, index: int, cells: Sequence[Cell], person: str) -> Row:
        values: dict[str, Value] = {}
        filled: set[str] = set()
        ended: set[str] = set()
        for found in self._columns:
            if found is self._id:
                continue
            name = found.column.field
            cell = self._cell(cells, found.index)
            if is_blank(cell):
                reading = self._blank(index, found)
            else:
                filled.add(name)
                known = self._seen[name]
                key = (cell.__class__, cell)
                seen = known.get(key)
                reading = known[key] = self._readers[name](cell) if seen is None else seen
            if reading.kind:
                self._tell(index, found, cells, reading)
            if reading.kind in _STILL_ENDED:
                ended.add(name)
            values[name] = reading.value
        row = Row(index + 1, person, values, frozenset(filled), ended)
        self._work_out_age(row)
        self._check_spans(row)
        return row

    def _blank(self, index: int, found: FoundColumn) -> Reading:
        """What an empty cell means: an error word, a merged cell above, or nothing."""
        error = self.place.tab.marks.errors.get((index, found.index))
        if error is not None:
            return Reading(None, "excel_error", Handling.FLAG)
        above = self._merged.get((index, found.index))
        if above is not None and not is_blank(above):
            return Reading(self._readers[found.column.field](above).value, "merged_cell", Handling.FILL)
        if found.column.may_be_blank or found.column.field == "age":
            return EMPTY
        if found.column.kind == "postcode":
            return Reading(None, "postcode_not_whole", Handling.FLAG)
        return Reading(
            None,
            "worker_unallocated" if found.column.field == "worker" else "needed_cell_blank",
            Handling.FLAG,
        )

    def _work_out_age(self, row: Row) -> None:
        """Put in an age that is missing, from the date of birth; -1 while a birth is expected."""
        found = next((one for one in self._columns if one.column.field == "age"), None)
        if found is None or row.values.get("age") is not None:
            return
        born = row.values.get("dob")
        if isinstance(born, datetime.date):
            before = (self.as_at.month, self.as_at.day) < (born.month, born.day)
            row.values["age"] = -1 if born > self.as_at else self.as_at.year - born.year - before
        if "age" in row.filled:
            return
        age = row.values.get("age")
        kind, done = (
            ("needed_cell_blank", Handling.FLAG) if age is None else ("age_worked_out", Handling.NORMALISE)
        )
        self.faults.append(fault_at(self.place, kind, done, row.number, "age", None, age))

    def _check_spans(self, row: Row) -> None:
        for first, last in _SPANS:
            start, end = row.values.get(first), row.values.get(last)
            if isinstance(start, datetime.date) and isinstance(end, datetime.date) and end < start:
                row.values[last] = None
                row.ended.add(last)
                self.faults.append(
                    fault_at(self.place, "date_end_before_start", Handling.FLAG, row.number, last, shown(end))
                )

    def _is_no_data(self, index: int, cells: Sequence[Cell]) -> bool:
        """Whether a row is no row of the list: empty, a total, a note, or the headings again."""
        filled = [(place, cell) for place, cell in enumerate(cells) if not is_blank(cell)]
        if not filled:
            if any(not self._row_is_empty(later) for later in self.place.tab.rows[index + 1 : index + 4]):
                self._note("row_blank", index)
            return True
        first = self._cell(cells, self._id.index)
        words = key_of(first) if isinstance(first, str) else ""
        if words in _TOTALS or (words.startswith(("total", "grandtotal", "subtotal")) and len(filled) <= 3):
            self._note("row_total", index, shown(first))
            return True
        if len(filled) > 2:
            known = fields_by_key(self.place.spec.number)
            same = sum(isinstance(cell, str) and key_of(cell) in known for _, cell in filled)
            if same > len(filled) / 2:
                self._note("row_headings_again", index)
                return True
            return False
        own = [cell for place, cell in filled if place == self._id.index]
        if own and not isinstance(own[0], str):
            return False
        text = " ".join(shown(cell) for _, cell in filled)
        if own and len(filled) == 1 and " " not in text.strip() and any(letter.isdigit() for letter in text):
            return False
        self._note("row_note", index, text)
        return True

    @staticmethod
    def _row_is_empty(cells: Sequence[Cell]) -> bool:
        return all(is_blank(cell) for cell in cells)

    def _ids_are_numbers(self) -> bool:
        if self.place.tab.is_text:
            return False
        cells = [
            self._cell(row, self._id.index)
            for row in self.place.tab.rows[self.place.layout.heading_row + 1 :]
        ]
        numbers = sum(isinstance(cell, float | int) for cell in cells)
        return numbers > sum(not is_blank(cell) for cell in cells) / 2

    def _merged_cells(self) -> dict[tuple[int, int], Cell]:
        """The value that each cell under a merged cell would hold, below the headings and in one column."""
        found: dict[tuple[int, int], Cell] = {}
        rows = self.place.tab.rows
        for top, left, bottom, right in self.place.tab.merged:
            if top > self.place.layout.heading_row and left == right and bottom < len(rows):
                value = self._cell(rows[top], left)
                found.update({(index, left): value for index in range(top + 1, bottom + 1)})
        return found

    @staticmethod
    def _cell(cells: Sequence[Cell], index: int) -> Cell:
        return cells[index] if index < len(cells) else ""

    def _tell(self, index: int, found: FoundColumn, cells: Sequence[Cell], reading: Reading) -> None:
        error = self.place.tab.marks.errors.get((index, found.index))
        sent = error if error is not None else shown(self._cell(cells, found.index))
        self.faults.append(
            fault_at(
                self.place,
                reading.kind or "",
                reading.done or Handling.FLAG,
                index + 1,
                found.column.field,
                sent or None,
                reading.value,
            )
        )

    def _note(self, kind: str, index: int, sent: str | None = None) -> None:
        self.faults.append(fault_at(self.place, kind, Handling.IGNORE, index + 1, None, sent))

    def _tell_repeat(self, earlier: Row, row: Row) -> None:
        differing = [
            found.column.field
            for found in self._columns
            if found is not self._id
            and earlier.values.get(found.column.field) != row.values.get(found.column.field)
        ]
        if not differing:
            self._note("row_repeated", row.number - 1, f"same as row {earlier.number}")
        for name in differing:
            self.faults.append(
                fault_at(
                    self.place,
                    "row_repeated_differently",
                    Handling.FLAG,
                    row.number,
                    name,
                    shown(row.values.get(name)) or None,
                )
            )

    def _tell_layout(self) -> None:
        """The faults of the headings and of what lies above and beside the list."""
        self.faults.extend(layout_faults(self.place))
