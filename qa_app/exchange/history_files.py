"""What was found in the history, or in the access log, as a file that is safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

from qa_app.exchange.fault_list import inert


def history_csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The rows as CSV in UTF-8 with its mark, which Excel opens as it is."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")
