"""Faults with their place, and those of a tab's shape: what lies above, beside and hidden in a list."""

from collections.abc import Iterator, Sequence

from qa_app.domain.caseload import Handling, ImportFault
from qa_app.exchange.annex_a.cells import Value, is_blank, shown
from qa_app.exchange.annex_a.headings import key_of
from qa_app.exchange.annex_a.marks import column_letters
from qa_app.exchange.annex_a.places import Place

# Faults whose words are a heading: they tell nothing about a child even where the column is not kept.
_LAYOUT_KINDS = ("heading_variant", "heading_misspelt", "column_hidden", "column_missing")
# Remarks above, between and below the rows: whoever wrote them may have named a child.
_FREE_WORDS = ("row_note", "row_stamp", "row_above_headings")


def layout_faults(place: Place) -> Iterator[ImportFault]:
    """What is odd about the shape of a tab: rows above the headings, other headings, hidden parts."""
    tab, layout = place.tab, place.layout
    if tab.marks.has_comments:
        yield ImportFault("comments", Handling.IGNORE, tab.name, place.spec.number)
    title = key_of(f"List {place.spec.number}: {place.spec.name}")
    for index, row in enumerate(tab.rows[: layout.heading_row]):
        words = [cell for cell in row if not is_blank(cell)]
        if not words:
            yield fault_at(place, "row_blank_on_top", Handling.IGNORE, index + 1)
        elif key_of(words[0]) != title or len(words) > 1:
            kind = "row_above_headings" if len(words) > 1 else "row_stamp"
            yield fault_at(place, kind, Handling.IGNORE, index + 1, None, shown(words[0]))
    row_number = layout.heading_row + 1
    for found in layout.columns:
        if found.sent.rstrip() not in (found.column.heading, *found.column.also):
            kind = "heading_variant" if found.is_exact else "heading_misspelt"
            yield fault_at(
                place,
                kind,
                Handling.NORMALISE,
                row_number,
                found.column.field,
                found.sent,
                found.column.heading,
            )
        if found.index in tab.marks.hidden_columns:
            yield fault_at(place, "column_hidden", Handling.KEEP_AND_FLAG, row_number, found.column.field)
    for odd in layout.odd:
        done = Handling.DROP if odd.is_personal else Handling.IGNORE
        if odd.same_as is not None:
            done = Handling.FLAG if _differs(place, odd.index, odd.same_as.index) else Handling.IGNORE
        yield ImportFault(
            "column_personal" if odd.is_personal else odd.kind,
            done,
            tab.name,
            place.spec.number,
            row_number,
            column_letters(odd.index),
            odd.same_as.column.field if odd.same_as else None,
            odd.sent[:200] or None,
        )
    for column in layout.missing:
        yield fault_at(place, "column_missing", Handling.FLAG, row_number, column.field, None)
    hidden = sorted(index for index in tab.marks.hidden_rows if layout.heading_row < index < len(tab.rows))
    for index in hidden:
        if not all(is_blank(cell) for cell in tab.rows[index]):
            yield fault_at(place, "row_hidden", Handling.KEEP_AND_FLAG, index + 1)


def _differs(place: Place, one: int, other: int) -> bool:
    rows = place.tab.rows[place.layout.heading_row + 1 :]
    return any(row[one] != row[other] for row in rows if len(row) > max(one, other))


def fault_over(
    place: Place,
    kind: str,
    done: Handling,
    rows: Sequence[int],
    name: str | None = None,
    sent: str | None = None,
    understood: Value = None,
) -> ImportFault:
    """A fault that one column shows in the very same way in several rows."""
    return fault_at(place, kind, done, rows[0], name, sent, understood, tuple(rows[1:]))


def fault_at(
    place: Place,
    kind: str,
    done: Handling,
    row: int,
    name: str | None = None,
    sent: str | None = None,
    understood: Value = None,
    more_rows: tuple[int, ...] = (),
) -> ImportFault:
    """A fault in a row of a list, with the column of its field if it has one."""
    index = place.layout.index_of(name) if name else None
    known = next((column for column in place.spec.columns if column.field == name), None)
    return ImportFault(
        kind,
        done,
        place.tab.name,
        place.spec.number,
        row,
        None if index is None else column_letters(index),
        name,
        sent,
        None if understood is None else shown(understood),
        is_personal=(known is not None and known.is_withheld and kind not in _LAYOUT_KINDS)
        or kind in _FREE_WORDS,
        more_rows=more_rows,
    )
