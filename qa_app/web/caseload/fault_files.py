"""The faults of an upload as a file to hand on."""

from collections.abc import Iterable
from datetime import date

from flask import Response

from qa_app.domain.caseload import ImportFault
from qa_app.domain.errors import NotFound
from qa_app.exchange.fault_list import fault_csv, fault_workbook

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def fault_file(faults: Iterable[ImportFault], as_at: date, ending: str) -> Response:
    """The faults as CSV or as a workbook.

    Errors: NotFound for another ending.
    """
    if ending == "csv":
        content, kind = fault_csv(faults), "text/csv"
    elif ending == "xlsx":
        content, kind = fault_workbook(faults, as_at), _WORKBOOK
    else:
        raise NotFound
    return file_response(content, kind, f"caseload-faults-{as_at.isoformat()}.{ending}")


def file_response(content: bytes, kind: str, name: str) -> Response:
    """A file that the browser saves under a name of ours."""
    return Response(content, mimetype=kind, headers={"Content-Disposition": f"attachment; filename={name}"})
