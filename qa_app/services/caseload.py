"""Storing what was read from the child-level lists: children under references, cases, faults."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.caseload import CaseloadCase, CaseloadExtract, ImportFault, folded
from qa_app.domain.errors import Conflict
from qa_app.extensions import db
from qa_app.models.caseload import CaseloadImport, CaseRecord, Child, ImportFaultRow
from qa_app.services import history
from qa_app.services.house_words import note_doubts
from qa_app.services.organisation import name_practitioners, name_teams

# Few enough bound values for one statement on both databases; beyond it, all children are fetched.
AT_ONCE = 500
ROWS_AT_ONCE = 5_000
LONGEST_TAB = 120
LONGEST_SENT = 500


def store_extract(
    viewer: Viewer,
    extract: CaseloadExtract,
    sha256: str,
    *,
    accepted_falls: Sequence[int] = (),
    at: datetime,
) -> CaseloadImport:
    """Keep one reading of the lists: the import, its children, teams, practitioners, cases and faults.

    `accepted_falls`: the lists that are much shorter than before, which somebody said is right.

    Errors: NotAllowed; Conflict when the same files were uploaded before for the same day. Nothing is kept then.
    """
    viewer.require(Permission.IMPORT_CASELOAD)
    refuse_repeated(viewer, extract.as_at, sha256)
    newest = db.session.scalar(select(func.max(CaseloadImport.as_at)))
    stored = CaseloadImport(
        as_at=extract.as_at,
        file_sha256=sha256,
        imported_at=at,
        imported_by_id=viewer.user_id,
        lists=[{"number": number, **one.as_reply()} for number, one in sorted(extract.lists.items())],
        counts=extract.counts.as_reply(),
        n_faults=extract.n_faults,
    )
    db.session.add(stored)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict(
            "These files are being stored by somebody else at this moment. Open the caseload page to see them."
        ) from error
    teams = name_teams(extract.teams, at=at)
    is_newest = newest is None or extract.as_at >= newest
    workers = name_practitioners(extract.workers, teams, moves=is_newest, at=at)
    children = _children([case.child_ref for case in extract.cases], at)
    _insert(CaseRecord, (_case_row(case, stored.id, children, teams, workers) for case in extract.cases))
    note_doubts(extract.doubts, stored.id)
    # Withheld values are all alike: what differed only in them comes on one line.
    faults = folded(fault.as_withheld() for fault in extract.faults)
    _insert(ImportFaultRow, (_fault_row(fault, stored.id) for fault in faults))
    history.record(
        viewer,
        "caseload.imported",
        "caseload_import",
        stored.id,
        at=at,
        after={
            "as_at": extract.as_at.isoformat(),
            "file_sha256": sha256,
            "n_cases": len(extract.cases),
            "n_faults": extract.n_faults,
            **({"accepted_falls": list(accepted_falls)} if accepted_falls else {}),
        },
    )
    return stored


def refuse_repeated(viewer: Viewer, as_at: date, sha256: str) -> None:
    """Go on only if these files were not uploaded before for this day.

    Errors: Conflict, which says when they were.
    """
    viewer.require(Permission.IMPORT_CASELOAD)
    before = db.session.scalar(
        select(CaseloadImport).where(CaseloadImport.file_sha256 == sha256, CaseloadImport.as_at == as_at)
    )
    if before is not None:
        day = f"{as_at.day} {as_at:%B %Y}"
        when = f"{before.imported_at.day} {before.imported_at:%B %Y}"
        raise Conflict(
            f"These files were uploaded on {when} already, as at {day}, and nothing was stored again. "
            "Open that import from the caseload page, or send files of another day."
        )


def _children(refs: Sequence[str], at: datetime) -> dict[str, int]:
    """Child ids by reference; children seen for the first time are added."""
    known = _known_children(refs)
    new = [{"ref": ref, "created_at": at} for ref in refs if ref not in known]
    if not new:
        return known
    _insert(Child, new)
    return known | _known_children([str(row["ref"]) for row in new])


def _known_children(refs: Sequence[str]) -> dict[str, int]:
    wanted = set(refs)
    found = select(Child.ref, Child.id)
    if len(refs) <= AT_ONCE:
        found = found.where(Child.ref.in_(refs))
    return {ref: child_id for ref, child_id in db.session.execute(found) if ref in wanted}


def _insert(table: type[Any], rows: Iterable[dict[str, Any]]) -> None:
    for some in _batches(rows):
        db.session.execute(insert(table.__table__), some)


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, ROWS_AT_ONCE)):
        yield batch


def _case_row(
    case: CaseloadCase,
    import_id: int,
    children: dict[str, int],
    teams: dict[str, int],
    workers: dict[str, int],
) -> dict[str, Any]:
    return {
        "caseload_import_id": import_id,
        "child_id": children[case.child_ref],
        "plan_type": case.plan_type,
        "case_status": case.case_status,
        "age": case.age,
        "is_unborn": case.is_unborn,
        "gender": case.gender,
        "ethnicity": case.ethnicity,
        "disability": case.disability,
        "need": case.need,
        "team_id": teams.get(case.team) if case.team else None,
        "practitioner_id": workers.get(case.worker) if case.worker else None,
        "started_on": case.started_on,
        "on_lists": list(case.lists),
        "facts": dict(case.facts),
        "as_sent": dict(case.as_sent),
    }


def _fault_row(fault: ImportFault, import_id: int) -> dict[str, Any]:
    return {
        "caseload_import_id": import_id,
        "list_number": fault.list_number,
        "tab": _storable(fault.tab, LONGEST_TAB),
        "row": fault.row,
        "column_letter": fault.column,
        "field": fault.field,
        "kind": fault.kind,
        "n_times": fault.n_times,
        "more_rows": list(fault.more_rows),
        "sent": None if fault.sent is None else _storable(fault.sent, LONGEST_SENT),
        "understood": None if fault.understood is None else _storable(fault.understood, LONGEST_SENT),
        "done": fault.done,
    }


def _storable(words: str, longest: int) -> str:
    """Words as every database takes them: without the zero character, no longer than the column."""
    return words.replace("\x00", "")[:longest]
