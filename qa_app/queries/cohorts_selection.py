"""How the cases of a cohort were drawn: the record, and whether drawing again gives the same."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import NotFound
from qa_app.domain.sampling import SelectionRecord
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseloadImport
from qa_app.models.cohorts import Cohort, Selection


@dataclass(frozen=True)
class SelectionCase:
    """One drawn case as the selection record proves it."""

    number: int
    child_ref: str
    stratum: str
    position: int
    lot: str
    reason: str


@dataclass(frozen=True)
class SelectionPage:
    """The selection record of one cohort. `reproduces` was found just now by drawing again from the record."""

    cohort_id: int
    title: str
    month: date
    as_at: date
    imported_at: datetime
    file_sha256: str
    drawn_at: datetime
    drawn_by: str
    record: SelectionRecord
    record_sha256: str
    method: str
    words: tuple[str, ...]
    """The rules one by one; nothing for cohorts drawn before they were kept in words."""
    cases: tuple[SelectionCase, ...]
    reproduces: bool


def get_selection_page(viewer: Viewer, cohort_id: int) -> SelectionPage:
    """How the cases of a cohort were drawn, and whether drawing again from the record gives the same.

    Errors: NotFound; the record names children of the whole service, so that is what it takes to read it.
    """
    viewer.require(Permission.SEE_COHORTS)
    if not viewer.reach(Permission.SEE_COHORTS).whole_service:
        raise NotFound()
    row = db.session.execute(
        select(Cohort, Selection, CaseloadImport, User.name)
        .join(Selection, Selection.cohort_id == Cohort.id)
        .join(CaseloadImport, CaseloadImport.id == Cohort.caseload_import_id)
        .outerjoin(User, User.id == Selection.drawn_by_id)
        .where(Cohort.id == cohort_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    cohort, selection, upload, drawn_by = row
    record = SelectionRecord.from_json(selection.record)
    labels = {stratum.key: stratum.label for stratum in record.strata}
    return SelectionPage(
        cohort_id=cohort.id,
        title=cohort.title,
        month=cohort.month,
        as_at=upload.as_at,
        imported_at=upload.imported_at,
        file_sha256=upload.file_sha256,
        drawn_at=selection.drawn_at,
        drawn_by=drawn_by or "The system",
        record=record,
        record_sha256=selection.record_sha256,
        method=record.method_in_words,
        words=tuple(selection.rules.get("words", ())),
        cases=tuple(
            SelectionCase(number, each.child_ref, labels[each.stratum], each.position, each.lot, each.reason)
            for number, each in enumerate(record.drawn, start=1)
        ),
        reproduces=record.reproduces() and record.fingerprint == selection.record_sha256,
    )


def get_record_text(viewer: Viewer, cohort_id: int) -> str:
    """The selection record as it is stored, for drawing again elsewhere. Errors: NotFound."""
    viewer.require(Permission.SEE_COHORTS)
    text = db.session.scalar(select(Selection.record).where(Selection.cohort_id == cohort_id))
    if text is None or not viewer.reach(Permission.SEE_COHORTS).whole_service:
        raise NotFound()
    return text
