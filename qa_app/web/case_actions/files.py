"""The register of actions for children as a file to download."""

from flask import Response

from qa_app import clock
from qa_app.domain.access import Viewer
from qa_app.domain.case_action_filters import Asked
from qa_app.domain.case_action_lines import CaseActionLine
from qa_app.domain.working_days import day_in_london
from qa_app.exchange.case_action_files import Row, case_action_csv, case_action_workbook
from qa_app.queries.case_actions import list_register

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def register_file(viewer: Viewer, asked: Asked, ending: str) -> Response:
    """What the filters leave, as `csv` or `xlsx`. The name says the day, nothing else."""
    at = clock.now()
    rows = [_row(line) for line in list_register(viewer, asked, at=at)]
    today = day_in_london(at)
    name = f"actions-for-children-{today.isoformat()}.{ending}"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    if ending == "csv":
        return Response(case_action_csv(rows), mimetype="text/csv", headers=headers)
    filters = ", ".join(f"{key} {value}" for key, value in asked.in_address.items()) or "open"
    said = f"Actions for children on {today.day} {today:%B %Y}: {len(rows)} listed. Filters: {filters}."
    return Response(case_action_workbook(rows, said), mimetype=_WORKBOOK, headers=headers)


def _row(line: CaseActionLine) -> Row:
    return (
        line.ref,
        line.words,
        line.priority.label,
        line.stage.label,
        line.due_on,
        line.ageing.label if line.stage.value == "open" else "",
        line.child_ref,
        line.plan_type.label,
        line.team or "No team",
        line.owner or "Nobody named",
        line.review_ref,
        day_in_london(line.raised_at),
        day_in_london(line.done_at) if line.done_at else None,
        line.impact.label if line.impact else "",
        line.said,
        day_in_london(line.said_at) if line.said_at else None,
    )
