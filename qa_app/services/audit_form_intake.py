"""A form from a file becomes a draft: a new one, or one step of the draft that is open, which can be undone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormDraft, AuditFormRow
from qa_app.services.audit_form_drafts import replace_content, start_draft, start_new_form


@dataclass(frozen=True)
class TakenIn:
    """The draft that a file became. `was_open`: it replaced what an open draft held, as a step of it."""

    draft_id: int
    was_open: bool


def take_in_form(viewer: Viewer, form: AuditForm, file_name: str, *, at: datetime) -> TakenIn:
    """Make a draft of a form that was read from a file; nothing is published by it.

    Errors: NotAllowed; Invalid and Conflict from the draft.
    """
    viewer.require(Permission.MANAGE_FORMS)
    what = f"Brought in from {file_name}"[:300]
    content = form.to_data()
    open_draft = db.session.scalar(
        select(AuditFormDraft.id).where(
            AuditFormDraft.form_key == form.key, AuditFormDraft.closed_at.is_(None)
        )
    )
    if open_draft is not None:
        replace_content(viewer, open_draft, content, what=what, at=at)
        return TakenIn(open_draft, True)
    if db.session.scalar(select(AuditFormRow.id).where(AuditFormRow.key == form.key)) is None:
        title = form.title[:200]
        draft = start_new_form(viewer, title, content=content, key=form.key, what=what, at=at)
        return TakenIn(draft.id, False)
    draft = start_draft(viewer, form.key, at=at)
    replace_content(viewer, draft.id, content, what=what, at=at)
    return TakenIn(draft.id, False)
