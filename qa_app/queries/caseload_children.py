"""One child over all uploads: what each said, as it was understood and as it was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.caseload import CaseStatus, PlanType
from qa_app.domain.dates import as_written
from qa_app.domain.errors import NotFound
from qa_app.exchange.annex_a.spec import CASE_LISTS, list_specs
from qa_app.extensions import db
from qa_app.models.caseload import CaseloadImport, CaseRecord, Child
from qa_app.models.organisation import Practitioner, Team


@dataclass(frozen=True)
class CaseFact:
    """One thing that an upload says about a child. `as_sent` is missing where the words were understood as sent."""

    heading: str
    value: str | None
    as_sent: str | None


@dataclass(frozen=True)
class ChildLine:
    """How a child stood in one upload."""

    import_id: int
    as_at: date
    plan_type: PlanType | None
    case_status: CaseStatus | None
    age: str
    team: str
    worker: str
    on_lists: tuple[int, ...]


@dataclass(frozen=True)
class ChildPage:
    """One child over all uploads, newest first; `facts` are those of the one that is shown in full."""

    child_id: int
    child_ref: str
    lines: tuple[ChildLine, ...]
    shown: ChildLine
    facts: tuple[CaseFact, ...]


def find_child(viewer: Viewer, ref: str) -> int:
    """The number of the child with a reference.

    Errors: NotAllowed; NotFound also where the permission does not reach over the whole service.
    """
    _require_whole(viewer)
    found = db.session.scalar(select(Child.id).where(Child.ref == ref.strip()))
    if found is None:
        raise NotFound
    return found


def get_child_page(viewer: Viewer, child_id: int, import_id: int | None = None) -> ChildPage:
    """One child over all uploads. `import_id`: the one to show in full, otherwise the newest.

    Errors: NotAllowed; NotFound for a child or an upload that is not there.
    """
    _require_whole(viewer)
    child = db.session.get(Child, child_id)
    if child is None:
        raise NotFound
    rows = db.session.execute(
        select(CaseRecord, CaseloadImport.as_at, Team.name, Practitioner.name)
        .join(CaseloadImport, CaseloadImport.id == CaseRecord.caseload_import_id)
        .outerjoin(Team, Team.id == CaseRecord.team_id)
        .outerjoin(Practitioner, Practitioner.id == CaseRecord.practitioner_id)
        .where(CaseRecord.child_id == child_id)
        .order_by(CaseloadImport.as_at.desc(), CaseloadImport.id.desc())
    ).all()
    found = [
        (record, _line(record, as_at, team, worker))
        for record, as_at, team, worker in rows
        if import_id in (None, record.caseload_import_id)
    ]
    if not found:
        raise NotFound
    record, shown = found[0]
    return ChildPage(
        child.id,
        child.ref,
        tuple(_line(one, as_at, team, worker) for one, as_at, team, worker in rows),
        shown,
        tuple(_facts(record, shown)),
    )


def _line(record: CaseRecord, as_at: date, team: str | None, worker: str | None) -> ChildLine:
    age = "Not born yet" if record.is_unborn else str(record.age) if record.age is not None else ""
    return ChildLine(
        record.caseload_import_id,
        as_at,
        record.plan_type,
        record.case_status,
        age,
        team or "",
        worker or "",
        tuple(record.on_lists),
    )


def _facts(record: CaseRecord, line: ChildLine) -> list[CaseFact]:
    """Every kept column that says something, in the order of the lists."""
    own: Mapping[str, Any] = {
        "age": line.age,
        "gender": record.gender,
        "ethnicity": record.ethnicity,
        "disability": record.disability,
        "case_status": record.case_status.label[3:] if record.case_status else None,
        "team": line.team,
        "worker": line.worker,
    }
    values = {**record.facts, **own}
    facts: dict[str, CaseFact] = {}
    for number in CASE_LISTS:
        for column in list_specs()[number].columns:
            value, sent = values.get(column.field), record.as_sent.get(column.field)
            if column.field not in facts and not column.is_withheld and (value or sent):
                facts[column.field] = CaseFact(column.heading, _in_words(value), sent)
    return list(facts.values())


def _in_words(value: Any) -> str | None:
    """A value as people read it: dates in words."""
    words = str(value or "")
    try:
        return as_written(date.fromisoformat(words)) if len(words) == 10 else words or None
    except ValueError:
        return words


def _require_whole(viewer: Viewer) -> None:
    viewer.require(Permission.SEE_CASELOAD)
    if not viewer.reach(Permission.SEE_CASELOAD).whole_service:
        raise NotFound
