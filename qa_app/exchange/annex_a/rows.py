"""One list, column by column: each different value is understood once, each fault has its places."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress

from qa_app.domain.caseload import Handling, ImportFault
from qa_app.exchange.annex_a.cells import (
    ADOPTER_OLDEST_YEARS,
    EMPTY,
    MOST_EXACT,
    OLDEST_YEARS,
    DateRule,
    Reading,
    Value,
    age_on,
    is_blank,
    read_date,
    read_id,
    read_integer,
    read_text,
    shown,
)
from qa_app.exchange.annex_a.codes import CodeReader, code_reader
from qa_app.exchange.annex_a.headings import FoundColumn
from qa_app.exchange.annex_a.layout_faults import fault_at, fault_over, layout_faults
from qa_app.exchange.annex_a.no_data import DataRows
from qa_app.exchange.annex_a.places import Place
from qa_app.exchange.annex_a.postcodes import read_area, read_postcode
from qa_app.exchange.annex_a.repeats import used_rows
from qa_app.exchange.annex_a.spec import CASE_LISTS, Column
from qa_app.exchange.annex_a.tabs import Cell

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
# Fields of which it matters later whether the cell held anything at all, understood or not.
_FILL_MATTERS = ("age", "cin_closed")
# End dates that cannot be true and still say that there was an end.
_STILL_ENDED = (
    "date_in_future",
    "date_not_real",
    "date_month_first",
    "date_year_not_possible",
    "excel_error",
)


@dataclass
class ListRows:
    """One list as read: columns of equal length, one place for each row that is used.

    `numbers` are the rows of the spreadsheet, `persons` the references, `values` what the cells were understood
    to say, by field. By row number: `filled` where a cell held something, `ended` where a date that cannot be
    true still says that something ended, `sent` the words that are not what was understood.
    """

    place: Place
    numbers: list[int]
    persons: list[str]
    values: dict[str, list[Value]]
    n_read: int
    n_rejected: int
    n_repeats: int
    faults: list[ImportFault]
    filled: dict[str, set[int]] = field(default_factory=dict)
    ended: dict[str, set[int]] = field(default_factory=dict)
    sent: dict[str, dict[int, str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def number(self) -> int:
        """The number of the list."""
        return self.place.spec.number

    def column(self, name: str) -> Sequence[Value]:
        """What one field says in each row; nothing anywhere when the list came without it."""
        found = self.values.get(name)
        return [None] * len(self.numbers) if found is None else found

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

    def rows_with(self, name: str, value: Value) -> list[int]:
        """The rows in which one field says this."""
        return [number for number, one in zip(self.numbers, self.column(name), strict=True) if one == value]

    def replace_values(self, name: str, instead: Mapping[Value, Value]) -> dict[Value, list[int]]:
        """Put other values for some of one field; gives the rows of each, whose words as sent are kept."""
        places: dict[Value, list[int]] = {value: [] for value in instead}
        column = self.values.get(name)
        if column is None or not instead:
            return {}
        sent = self.sent.setdefault(name, {})
        for index, value in enumerate(column):
            if value in instead:
                column[index] = instead[value]
                places[value].append(self.numbers[index])
                if self.number in CASE_LISTS:
                    sent.setdefault(self.numbers[index], shown(value))
        return {value: rows for value, rows in places.items() if rows}


def _is_plain_reference(cell: float) -> bool:
    return 0 < cell <= MOST_EXACT and cell.is_integer()


class ListReader:
    """Reads one list."""

    def __init__(
        self, place: Place, as_at: datetime.date, own_codes: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        self.place = place
        self.as_at = as_at
        self.faults: list[ImportFault] = []
        self._own_codes = own_codes or {}
        self._id = next(found for found in place.layout.columns if found.column.field == place.spec.id_field)
        self._merged = self._merged_cells()
        self._sent: dict[str, dict[int, str]] = {}
        self._filled: dict[str, set[int]] = {}
        self._ended: dict[str, set[int]] = {}

    def read(self) -> ListRows:
        """Every row of the list."""
        self.faults.extend(layout_faults(self.place))
        data = DataRows(self.place, self._id.index)
        self.faults.extend(data.faults)
        numbers = data.numbers
        persons = self._read_ids(data)
        values: dict[str, list[Value]] = {}
        for found in self.place.layout.columns:
            if found is not self._id:
                values[found.column.field] = self._read_column(
                    found, data.column(found.index), numbers, persons
                )
        self._work_out_ages(values, numbers)
        self._check_spans(values, numbers)
        is_used, repeats = used_rows(self.place, persons, numbers, values)
        self.faults.extend(repeats)
        n_rejected = persons.count("")
        n_used = sum(is_used)
        if n_used < len(numbers):
            values = {name: list(compress(column, is_used)) for name, column in values.items()}
        return ListRows(
            self.place,
            list(compress(numbers, is_used)),
            list(compress(persons, is_used)),
            values,
            len(numbers),
            n_rejected,
            len(numbers) - n_rejected - n_used,
            self.faults,
            self._filled,
            self._ended,
            self._sent,
        )

    def _read_ids(self, data: DataRows) -> list[str]:
        """The reference of each row; empty where there is none that can be used."""
        cells = data.column(self._id.index)
        kinds = Counter(map(type, cells))
        plain = [int(cell) for cell in cells if isinstance(cell, float) and _is_plain_reference(cell)]
        if len(plain) == len(cells):
            return list(map(str, plain))
        if bool in kinds:
            cells = ["" if isinstance(cell, bool) else cell for cell in cells]
        are_numbers = not self.place.tab.is_text and kinds[float] + kinds[int] > len(cells) / 2
        readings = {cell: read_id(cell, ids_are_numbers=are_numbers) for cell in set(cells)}
        odd = [(cell, reading) for cell, reading in readings.items() if reading.kind]
        self._tell(self._id, odd, cells, data.numbers)
        known = {
            cell: reading.value if isinstance(reading.value, str) else ""
            for cell, reading in readings.items()
        }
        return [known[cell] for cell in cells]

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

    def _read_column(
        self, found: FoundColumn, cells: Sequence[Cell], numbers: Sequence[int], persons: Sequence[str]
    ) -> list[Value]:
        """What the cells of one column mean; each different cell is read once."""
        if bool in set(map(type, cells)):
            cells = [str(cell).upper() if isinstance(cell, bool) else cell for cell in cells]
        read = self._reader(found.column)
        meanings: dict[Cell, Value] = {}
        odd: list[tuple[Cell, Reading]] = []
        has_blanks = False
        for cell in set(cells):
            if is_blank(cell):
                meanings[cell], has_blanks = None, True
                continue
            reading = read(cell)
            meanings[cell] = reading.value
            if reading.kind:
                odd.append((cell, reading))
        values = list(map(meanings.__getitem__, cells))
        if odd:
            self._tell(found, odd, cells, numbers)
        if has_blanks:
            self._read_blanks(found, cells, numbers, values)
        if found.column.field in _FILL_MATTERS:
            self._filled[found.column.field] = {
                number for number, cell in zip(numbers, cells, strict=True) if not is_blank(cell)
            }
        return values

    def _tell(
        self,
        found: FoundColumn,
        odd: Iterable[tuple[Cell, Reading]],
        cells: Sequence[Cell],
        numbers: Sequence[int],
    ) -> None:
        """Note what was odd about some cells of a column, with all the rows where they stand."""
        readings = dict(odd)
        if not readings:
            return
        rows: dict[Cell, list[int]] = {cell: [] for cell in readings}
        for number, cell in zip(numbers, cells, strict=True):
            if cell in rows:
                rows[cell].append(number)
        name = found.column.field
        keeps_sent = self.place.spec.number in CASE_LISTS and not found.column.is_withheld
        for cell, reading in readings.items():
            if reading.kind in _STILL_ENDED:
                self._ended.setdefault(name, set()).update(rows[cell])
            words = shown(cell)
            if keeps_sent and found is not self._id and words:
                self._sent.setdefault(name, {}).update(dict.fromkeys(rows[cell], words))
            self.faults.append(
                fault_over(
                    self.place,
                    reading.kind or "",
                    reading.done or Handling.FLAG,
                    rows[cell],
                    name,
                    words or None,
                    reading.value,
                )
            )

    def _read_blanks(
        self, found: FoundColumn, cells: Sequence[Cell], numbers: Sequence[int], values: list[Value]
    ) -> None:
        """What empty cells mean: an error word, a merged cell above, or nothing."""
        errors, at = self.place.tab.marks.errors, found.index
        usual = self._usual_blank(found.column)
        has_marks = any(column == at for _, column in errors) or any(
            column == at for _, column in self._merged
        )
        if usual is EMPTY and not has_marks:
            return
        rows: dict[tuple[Reading, str | None], list[int]] = {}
        read = self._reader(found.column)
        for index, (number, cell) in enumerate(zip(numbers, cells, strict=True)):
            if not is_blank(cell):
                continue
            reading, sent = usual, None
            if has_marks:
                place = (number - 1, at)
                above = self._merged.get(place, "")
                if place in errors:
                    reading, sent = Reading(None, "excel_error", Handling.FLAG), errors[place]
                    self._ended.setdefault(found.column.field, set()).add(number)
                elif not is_blank(above):
                    reading = Reading(read(above).value, "merged_cell", Handling.FILL)
                    values[index] = reading.value
            if reading.kind:
                rows.setdefault((reading, sent), []).append(number)
        for (reading, sent), where in rows.items():
            self.faults.append(
                fault_over(
                    self.place,
                    reading.kind or "",
                    reading.done or Handling.FLAG,
                    where,
                    found.column.field,
                    sent,
                    reading.value,
                )
            )

    @staticmethod
    def _usual_blank(column: Column) -> Reading:
        if column.may_be_blank or column.field == "age":
            return EMPTY
        kinds = {"postcode": "postcode_not_whole"}
        kind = (
            "worker_unallocated" if column.field == "worker" else kinds.get(column.kind, "needed_cell_blank")
        )
        return Reading(None, kind, Handling.FLAG)

    def _work_out_ages(self, values: dict[str, list[Value]], numbers: Sequence[int]) -> None:
        """Put in ages that are missing, from the date of birth; -1 while a birth is expected."""
        births = values.get("dob")
        column = next((one for one in self.place.spec.columns if one.field == "age"), None)
        if column is None or ("age" not in values and births is None):
            return
        is_there = "age" in values
        ages = values.setdefault("age", [None] * len(numbers))
        rows: dict[Value, list[int]] = {}
        filled = self._filled.get("age", set())
        for index, age in enumerate(ages):
            if age is not None:
                continue
            born = births[index] if births is not None else None
            if isinstance(born, datetime.date):
                ages[index] = age_on(self.as_at, born)
            if is_there and numbers[index] not in filled:
                rows.setdefault(ages[index], []).append(numbers[index])
        for found, where in rows.items():
            kind, done = (
                ("needed_cell_blank", Handling.FLAG)
                if found is None
                else ("age_worked_out", Handling.NORMALISE)
            )
            self.faults.append(fault_over(self.place, kind, done, where, "age", None, found))

    def _check_spans(self, values: dict[str, list[Value]], numbers: Sequence[int]) -> None:
        for first, last in _SPANS:
            starts, ends = values.get(first), values.get(last)
            if starts is None or ends is None:
                continue
            for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
                if isinstance(end, datetime.date) and isinstance(start, datetime.date) and end < start:
                    ends[index] = None
                    number, words = numbers[index], shown(end)
                    self._ended.setdefault(last, set()).add(number)
                    if self.place.spec.number in CASE_LISTS:
                        self._sent.setdefault(last, {}).setdefault(number, words)
                    self.faults.append(
                        fault_at(self.place, "date_end_before_start", Handling.FLAG, number, last, words)
                    )

    def _merged_cells(self) -> dict[tuple[int, int], Cell]:
        """The value that each cell under a merged cell would hold, below the headings and in one column."""
        found: dict[tuple[int, int], Cell] = {}
        rows = self.place.tab.rows
        for top, left, bottom, right in self.place.tab.merged:
            if top > self.place.layout.heading_row and left == right and bottom < len(rows):
                value = rows[top][left] if left < len(rows[top]) else ""
                found.update({(index, left): value for index in range(top + 1, bottom + 1)})
        return found
