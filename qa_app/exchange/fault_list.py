"""The faults of an upload as a file for the performance team, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable

from qa_app.domain.caseload import ImportFault
from qa_app.domain.caseload_faults import FAULT_WORDS

HEADINGS = ("List", "Tab", "Row", "Column", "Field", "What", "As sent", "Understood as", "What we did")
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def fault_csv(faults: Iterable[ImportFault]) -> bytes:
    """The faults as CSV in UTF-8 with its mark, which Excel opens as it is. Personal values are withheld."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for fault in faults:
        kept = fault.as_withheld()
        writer.writerow(
            [
                "" if kept.list_number is None else kept.list_number,
                inert(kept.tab),
                "" if kept.row is None else kept.row,
                kept.column or "",
                inert((kept.field or "").replace("_", " ")),
                FAULT_WORDS.get(kept.kind, kept.kind.replace("_", " ")),
                inert(kept.sent or ""),
                inert(kept.understood or ""),
                kept.done.label,
            ]
        )
    return text.getvalue().encode("utf-8-sig")


def inert(words: str) -> str:
    """Words that no spreadsheet takes for a formula: an apostrophe is put before those that it might."""
    return f"'{words}" if words.lstrip(" \u00a0").startswith(_FORMULA_STARTS) else words
