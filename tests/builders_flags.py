"""Makes flags and sheets for tests: small workbooks and CSV files in memory."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from sqlalchemy import select

from qa_app.domain.access import SYSTEM
from qa_app.exchange.uploads import UploadedFile
from qa_app.extensions import db
from qa_app.models.caseload import CaseFlag, Child
from qa_app.models.organisation import Practitioner
from qa_app.services.case_flags import raise_flag

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
AS_AT = date(2026, 10, 30)


def csv_sheet(text: str, name: str = "sheet.csv") -> UploadedFile:
    """A sheet as CSV."""
    return UploadedFile(name, text.encode("utf-8-sig"))


def xlsx_sheet(tabs: dict[str, Sequence[Sequence[object]]], name: str = "sheet.xlsx") -> UploadedFile:
    """A sheet as a workbook: rows by tab."""
    import xlsxwriter

    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True, "strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for tab, rows in tabs.items():
            sheet = book.add_worksheet(tab)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(number, place, datetime.combine(cell, time()), day)
                    elif isinstance(cell, str):
                        if cell:
                            sheet.write_string(number, place, cell)
                    elif cell is not None:
                        sheet.write(number, place, cell)
    return UploadedFile(name, kept.getvalue())


def child_named(ref: str) -> Child:
    """The child with a reference."""
    return db.session.scalars(select(Child).where(Child.ref == ref)).one()


def make_practitioner(name: str, team_id: int | None = None) -> Practitioner:
    """A practitioner."""
    person = Practitioner(name=name, team_id=team_id, created_at=AT)
    db.session.add(person)
    db.session.flush()
    return person


def make_flag(ref: str, kind: str = "complaint_open", starts_on: date = AS_AT, **more: object) -> CaseFlag:
    """A flag raised by hand."""
    return raise_flag(SYSTEM, child_named(ref).id, kind, starts_on, "Told by the team", at=AT, **more)  # type: ignore[arg-type]
