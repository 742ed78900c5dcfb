"""What a response showed or gave away, for the access log. Nobody who writes a page has to remember it.

A page whose address names a record that lies with a child is logged, and so is every file that is handed out, whether
the view says so or not; a view says more with `record_view` where it shows something that its address does not name.
"""

from dataclasses import dataclass

from flask import g, request
from werkzeug.wrappers import Response

from qa_app.services.access_log import (
    DENIED,
    EXPORTED,
    NOT_FOUND,
    SIGN_IN_REFUSED,
    SIGNED_OUT,
    VIEWED,
)

ABOUT_CHILDREN: dict[str, str] = {
    "review_id": "review",
    "finding_id": "finding",
    "case_id": "cohort_case",
    "cohort_case_id": "cohort_case",
    "case_record_id": "case_record",
    "child_id": "child",
    "cohort_id": "cohort",
    "import_id": "caseload_import",
    "flag_id": "case_flag",
    "case_action_id": "case_action",
    "concern_id": "safeguarding_concern",
    "upload_id": "waiting_upload",
    "sheet_id": "sheet",
}
"""Names of numbers in addresses that lead to what is known about children, with the kind of record; nearest first."""
NOT_ABOUT_CHILDREN = frozenset(
    {
        "action_id",
        "area_id",
        "board_id",
        "change_id",
        "draft_id",
        "entry_id",
        "fault_id",
        "lead_id",
        "leave_id",
        "leaving_id",
        "plan_id",
        "point_id",
        "reply_id",
        "grant_id",
        "item_id",
        "leaver_id",
        "link_id",
        "merge_id",
        "notice_id",
        "number",
        "proposal_id",
        "row_id",
        "practitioner_id",
        "report_id",
        "session_id",
        "spelling_id",
        "doubt_id",
        "subject_id",
        "team_id",
        "theme_id",
        "user_id",
        "version_id",
    }
)
"""The other names. One that is in neither list fails a test: somebody must decide."""


@dataclass(frozen=True)
class Seen:
    """One line of the access log to be written."""

    what: str
    subject_kind: str = ""
    subject_id: int | None = None


def note_record(subject_kind: str, subject_id: int | None, what: str = VIEWED) -> None:
    """Note that this response shows a record about a child."""
    g.setdefault("seen_records", []).append(Seen(what, subject_kind, subject_id))


def note_refused_sign_in() -> None:
    """Note that this response refuses a sign-in."""
    g.sign_in_refused = True


def forget() -> None:
    """Nothing was seen yet."""
    for name in ("seen_records", "refused", "sign_in_refused"):
        g.pop(name, None)


def seen_in(response: Response, *, is_signed_in: bool) -> list[Seen]:
    """What the access log keeps of this response."""
    noted: list[Seen] = g.get("seen_records", [])
    kind, subject_id = _record_of_address()
    if response.status_code >= 400:
        if g.get("sign_in_refused", False):
            return [Seen(SIGN_IN_REFUSED)]
        if is_signed_in and g.get("refused", False):
            return [Seen(DENIED, kind, subject_id)]
        if is_signed_in and response.status_code == 404 and kind:
            return [Seen(NOT_FOUND, kind, subject_id)]
        return []
    seen = list(noted)
    if is_signed_in and (request.endpoint or "").rpartition(".")[2] == "sign_out":
        seen.append(Seen(SIGNED_OUT))
    is_page = request.method in ("GET", "HEAD") and response.status_code == 200
    if is_page and kind and not noted:
        seen.append(Seen(VIEWED, kind, subject_id))
    if _is_file(response) and not any(one.what == EXPORTED for one in seen):
        seen.append(Seen(EXPORTED, kind, subject_id))
    return seen


def _record_of_address() -> tuple[str, int | None]:
    named = request.view_args or {}
    for name, kind in ABOUT_CHILDREN.items():
        if isinstance(named.get(name), int):
            return kind, named[name]
    return "", None


def _is_file(response: Response) -> bool:
    return response.headers.get("Content-Disposition", "").startswith("attachment")
