"""Which rows of a tab are rows of its list, and which are empty, a total, a note or the headings again."""

import re
from collections.abc import Sequence

from qa_app.domain.caseload import Handling, ImportFault
from qa_app.exchange.annex_a.cells import is_blank, shown
from qa_app.exchange.annex_a.headings import fields_by_key, key_of
from qa_app.exchange.annex_a.layout_faults import fault_at
from qa_app.exchange.annex_a.places import Place
from qa_app.exchange.annex_a.tabs import Cell

_TOTALS = ("total", "grandtotal", "subtotal", "count", "counta", "sum", "overalltotal", "totalchildren")
# A reference that cannot be a total, a heading or a remark: one word with a digit in it.
_PLAIN_REFERENCE = re.compile(
    r"(?!total|grand|sub|count|sum|overall)[\w/.\-]*\d[\w/.\-]*", re.IGNORECASE | re.ASCII
)
_FEWEST_CELLS = 3


class DataRows:
    """The rows of a tab that are rows of its list, and a note for each row that is passed over.

    `numbers` are their rows in the spreadsheet.
    """

    def __init__(self, place: Place, id_index: int) -> None:
        self.place = place
        self.faults: list[ImportFault] = []
        self._id_index = id_index
        self._rows = place.tab.rows
        self.numbers: list[int] = []
        picked = self._pick()
        width = max(map(len, picked), default=0)
        if any(len(row) != width for row in picked):
            picked = [[*row, *[""] * (width - len(row))] for row in picked]
        self._columns: list[Sequence[Cell]] = list(zip(*picked, strict=True))

    def column(self, index: int) -> Sequence[Cell]:
        """The cells of one column, one for each row."""
        return self._columns[index] if index < len(self._columns) else [""] * len(self.numbers)

    def _pick(self) -> list[Sequence[Cell]]:
        at = self._id_index
        start = self.place.layout.heading_row + 1
        rows = self._rows[start:]
        references = [row[at] if at < len(row) else "" for row in rows]
        # Only a row whose reference is odd, or that is nearly empty, needs a closer look.
        odd = {
            cell for cell in set(references) if isinstance(cell, str) and not _PLAIN_REFERENCE.fullmatch(cell)
        }
        picked: list[Sequence[Cell]] = []
        for index, (row, reference) in enumerate(zip(rows, references, strict=True), start):
            if index < start + 2 and self._is_column_numbers(row):
                self._note("row_headings_again", index)
                continue
            if (reference in odd or len(row) - row.count("") < _FEWEST_CELLS) and self._is_no_data(
                index, row
            ):
                continue
            self.numbers.append(index + 1)
            picked.append(row)
        return picked

    def _is_no_data(self, index: int, cells: Sequence[Cell]) -> bool:
        filled = [(place, cell) for place, cell in enumerate(cells) if not is_blank(cell)]
        if not filled:
            if any(not self._is_empty(later) for later in self._rows[index + 1 : index + 4]):
                self._note("row_blank", index)
            return True
        first = cells[self._id_index] if self._id_index < len(cells) else ""
        words = key_of(first) if isinstance(first, str) else ""
        if words in _TOTALS or (words.startswith(("total", "grandtotal", "subtotal")) and len(filled) <= 3):
            self._note("row_total", index, shown(first))
            return True
        if len(filled) >= _FEWEST_CELLS:
            known = fields_by_key(self.place.spec.number)
            same = sum(isinstance(cell, str) and key_of(cell) in known for _, cell in filled)
            if same > len(filled) / 2:
                self._note("row_headings_again", index)
                return True
            return self._is_total(index, filled)
        own = [cell for place, cell in filled if place == self._id_index]
        if len(filled) == 1 and own and own[0] == len(self.numbers):
            self._note("row_total", index, shown(own[0]))
            return True
        if own and not isinstance(own[0], str):
            return False
        text = " ".join(shown(cell) for _, cell in filled)
        if own and len(filled) == 1 and " " not in text.strip() and any(letter.isdigit() for letter in text):
            return False
        if self._is_total(index, filled):
            return True
        self._note("row_note", index, text)
        return True

    @staticmethod
    def _is_column_numbers(cells: Sequence[Cell]) -> bool:
        """Whether a row under the headings only counts the columns: 1, 2, 3 ..."""
        numbers = [shown(cell).strip("() .") for cell in cells if not is_blank(cell)]
        return len(numbers) >= _FEWEST_CELLS and numbers == [str(n + 1) for n in range(len(numbers))]

    def _is_total(self, index: int, filled: Sequence[tuple[int, Cell]]) -> bool:
        """Whether a row without a reference calls itself a total in another column."""
        if any(place == self._id_index for place, _ in filled):
            return False
        first = filled[0][1]
        if isinstance(first, str) and key_of(first).startswith(("total", "grandtotal", "subtotal")):
            self._note("row_total", index, shown(first))
            return True
        return False

    @staticmethod
    def _is_empty(cells: Sequence[Cell]) -> bool:
        return all(is_blank(cell) for cell in cells)

    def _note(self, kind: str, index: int, sent: str | None = None) -> None:
        self.faults.append(fault_at(self.place, kind, Handling.IGNORE, index + 1, None, sent))
