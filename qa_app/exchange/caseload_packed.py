"""What was read of a caseload, packed small while it waits to be seen: only what may be kept."""

import json
import zlib
from datetime import date
from typing import Any

from qa_app.domain.caseload import (
    CaseloadCase,
    CaseloadCounts,
    CaseloadExtract,
    CaseStatus,
    Handling,
    ImportFault,
    ListReading,
    PlanType,
)
from qa_app.domain.errors import Conflict
from qa_app.domain.house_words import NameDoubt, NameKind

# Raised whenever the shape below changes: what an older version of the program packed is not guessed at.
SHAPE = 1


def pack_extract(extract: CaseloadExtract) -> bytes:
    """An extract as few bytes. The values of columns that are not kept are withheld before."""
    counts = vars(extract.counts)
    content = {
        "shape": SHAPE,
        "as_at": extract.as_at.isoformat(),
        "lists": {
            number: [one.tab, one.rows_read, one.usable, one.rejected, one.ignored]
            for number, one in extract.lists.items()
        },
        "counts": {name: dict(value) if isinstance(value, dict) else value for name, value in counts.items()},
        "cases": [_case_row(case) for case in extract.cases],
        "faults": [_fault_row(fault.as_withheld()) for fault in extract.faults],
        "teams": extract.teams,
        "workers": extract.workers,
        "doubts": [[one.kind, one.name, one.other, one.n_rows] for one in extract.doubts],
    }
    return zlib.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), level=1)


def unpack_extract(packed: bytes) -> CaseloadExtract:
    """The extract that was packed.

    Errors: Conflict when an older version of the program packed it.
    """
    content: dict[str, Any] = json.loads(zlib.decompress(packed))
    if content.get("shape") != SHAPE:
        raise Conflict("This upload was read by an older version of the program. Send the files again.")
    counts = content["counts"]
    counts["rows_by_list"] = {int(number): n for number, n in counts["rows_by_list"].items()}
    return CaseloadExtract(
        as_at=date.fromisoformat(content["as_at"]),
        lists={int(number): ListReading(*one) for number, one in content["lists"].items()},
        counts=CaseloadCounts(**counts),
        cases=tuple(_case(row) for row in content["cases"]),
        faults=tuple(_fault(row) for row in content["faults"]),
        teams=tuple(content["teams"]),
        workers=tuple((name, team) for name, team in content["workers"]),
        doubts=tuple(NameDoubt(NameKind(kind), name, other, n) for kind, name, other, n in content["doubts"]),
    )


def _case_row(case: CaseloadCase) -> list[Any]:
    return [
        case.child_ref,
        case.plan_type,
        case.case_status,
        case.lists,
        case.age,
        case.is_unborn,
        case.gender,
        case.ethnicity,
        case.disability,
        case.need,
        case.team,
        case.worker,
        case.started_on and case.started_on.isoformat(),
        case.facts,
        case.as_sent,
    ]


def _case(row: list[Any]) -> CaseloadCase:
    ref, plan, status, lists, age, is_unborn, gender, ethnicity, disability, need, team, worker = row[:12]
    started, facts, as_sent = row[12:]
    return CaseloadCase(
        child_ref=ref,
        plan_type=plan and PlanType(plan),
        case_status=status and CaseStatus(status),
        lists=tuple(lists),
        age=age,
        is_unborn=is_unborn,
        gender=gender,
        ethnicity=ethnicity,
        disability=disability,
        need=need,
        team=team,
        worker=worker,
        started_on=started and date.fromisoformat(started),
        facts=facts,
        as_sent=as_sent,
    )


def _fault_row(fault: ImportFault) -> list[Any]:
    return [
        fault.kind,
        fault.done,
        fault.tab,
        fault.list_number,
        fault.row,
        fault.column,
        fault.field,
        fault.sent,
        fault.understood,
        fault.is_personal,
        fault.more_rows,
    ]


def _fault(row: list[Any]) -> ImportFault:
    kind, done, tab, number, first, column, field, sent, understood, is_personal, more_rows = row
    return ImportFault(
        kind,
        Handling(done),
        tab,
        number,
        first,
        column,
        field,
        sent,
        understood,
        is_personal=is_personal,
        more_rows=tuple(more_rows),
    )
