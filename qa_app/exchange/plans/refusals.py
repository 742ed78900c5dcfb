"""Why a file cannot be taken as a plan, in words: what, in which tab and row, and what to do."""

from collections.abc import Sequence

from qa_app.domain.errors import Invalid
from qa_app.domain.plan_records import PlanMapping
from qa_app.exchange.plans.headings import HEADINGS, NEEDED, Columns
from qa_app.exchange.plans.tables import Sheet
from qa_app.exchange.uploads import UploadedFile

ROWS_SEARCHED = 60


def no_headings(file: UploadedFile, sheets: Sequence[Sheet]) -> Invalid:
    """No tab has a row of headings."""
    tabs = [f"“{sheet.name}”" for sheet in sheets if sheet.name is not None and not sheet.is_hidden]
    where = f" in {'tab' if len(tabs) == 1 else 'tabs'} {', '.join(tabs)}" if tabs else ""
    return Invalid(
        "file",
        f"{file.name} has no row of headings that we know{where} (the first {ROWS_SEARCHED} rows were "
        "searched). Put the headings in one row, for example Timescale, ID, Key Action, Lead, Status (RAG), "
        "and send it again.",
    )


def missing_columns(file: UploadedFile, sheet: Sheet, columns: Columns, mapping: PlanMapping) -> Invalid:
    """There are headings, and a needed one is not among them."""
    missing = columns.missing(mapping)
    wanted = "; ".join(
        f"{NEEDED[name]} (a heading such as {', '.join(_as_heading(one) for one in HEADINGS[name][:4])})"
        for name in missing
    )
    seen = ", ".join(f"“{heading}”" for heading in columns.headings if heading)
    return Invalid(
        "file",
        f"{file.name}, {sheet.place(columns.heading_row + 1)}: no column was found for {wanted}. "
        f"The headings there are {seen}. Rename or add the heading, or name it in "
        "a mapping, and send it again.",
    )


def no_actions(file: UploadedFile, sheet: Sheet, columns: Columns) -> Invalid:
    """There is a table with the right headings and nothing in it."""
    return Invalid(
        "file",
        f"{file.name}, {sheet.place(columns.heading_row + 1)} has the headings of a plan, and no action "
        "below them. Check that the right file or tab was saved, and send it again.",
    )


def _as_heading(words: str) -> str:
    shown = " ".join(word.upper() if word in ("id", "rag", "brag") else word for word in words.split())
    return shown[0].upper() + shown[1:]
