"""The cases that changed between two uploads as a file, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable

from qa_app.domain.caseload_comparison import CaseStanding, ChangedCase
from qa_app.exchange.fault_list import inert

HEADINGS = (
    "Reference",
    "What changed",
    "Plan type before",
    "Plan type now",
    "Team before",
    "Team now",
    "Worker before",
    "Worker now",
)


def changed_cases_csv(cases: Iterable[ChangedCase]) -> bytes:
    """The cases as CSV in UTF-8 with its mark: one line each, with all that changed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for case in cases:
        changes = "; ".join(change.label for change in case.changes)
        pairs = zip(_words(case.before), _words(case.now), strict=True)
        writer.writerow([inert(case.child_ref), changes, *(inert(words) for pair in pairs for words in pair)])
    return text.getvalue().encode("utf-8-sig")


def _words(standing: CaseStanding | None) -> tuple[str, str, str]:
    if standing is None:
        return "", "", ""
    return standing.plan_type.label, standing.team or "", standing.worker or ""
