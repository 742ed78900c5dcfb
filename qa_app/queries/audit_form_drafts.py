"""Drafts of audit forms as their authors see them: the content, who changed it last, what can be undone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.drafts import FormData, Published, read
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.kinds import DraftEnd
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import (
    AuditFormDraft,
    AuditFormDraftAuthor,
    AuditFormDraftStep,
    AuditFormRow,
    AuditFormVersion,
)


@dataclass(frozen=True)
class Base:
    """The version that a draft began from."""

    version_id: int
    number: int
    form: AuditForm


@dataclass(frozen=True)
class Draft:
    """One draft. `undo_words`, `redo_words`: the step that undo or redo would take; empty when there is none."""

    draft_id: int
    form_key: str
    title: str
    content: FormData
    revision: int
    base: Base | None
    newest_number: int | None
    """The newest published version of the form now: newer than the base when somebody published meanwhile."""
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    updated_by_id: int | None
    last_change: str
    undo_words: str
    redo_words: str
    author_ids: frozenset[int]
    """Everybody who changed it since it began."""
    closed_as: DraftEnd | None

    @property
    def is_open(self) -> bool:
        """Whether it can be changed."""
        return self.closed_as is None


def get_draft(viewer: Viewer, draft_id: int) -> Draft:
    """One draft, open or closed. Errors: NotFound for who may neither write nor approve forms."""
    if not (viewer.may(Permission.MANAGE_FORMS) or viewer.may(Permission.APPROVE_FORMS)):
        raise NotFound
    creator, changer = aliased(User), aliased(User)
    row = db.session.execute(
        select(AuditFormDraft, creator.name, changer.name)
        .outerjoin(creator, creator.id == AuditFormDraft.created_by_id)
        .outerjoin(changer, changer.id == AuditFormDraft.updated_by_id)
        .where(AuditFormDraft.id == draft_id)
    ).first()
    if row is None:
        raise NotFound
    draft, created_by, updated_by = row
    steps = dict(
        db.session.execute(
            select(AuditFormDraftStep.number, AuditFormDraftStep.what).where(
                AuditFormDraftStep.draft_id == draft_id,
                AuditFormDraftStep.number.between(draft.at_step - 1, draft.at_step + 1),
            )
        ).all()
    )
    authors = db.session.scalars(
        select(AuditFormDraftAuthor.user_id).where(AuditFormDraftAuthor.draft_id == draft_id)
    )
    versions = _versions(draft.form_key)
    return Draft(
        draft_id=draft.id,
        form_key=draft.form_key,
        title=draft.title,
        content=read(draft.content),
        revision=draft.revision,
        base=next((one for one in versions if one.version_id == draft.base_version_id), None),
        newest_number=versions[-1].number if versions else None,
        created_at=draft.created_at,
        created_by=created_by or "The system",
        updated_at=draft.updated_at,
        updated_by=updated_by or "The system",
        updated_by_id=draft.updated_by_id,
        last_change=draft.last_change,
        undo_words=steps.get(draft.at_step, "") if draft.at_step - 1 in steps else "",
        redo_words=steps.get(draft.at_step + 1, ""),
        author_ids=frozenset(authors),
        closed_as=draft.closed_as,
    )


def published_parts(viewer: Viewer, form_key: str) -> Published:
    """What the published versions of a form hold fast."""
    viewer.require(Permission.SEE_FORMS)
    return Published.of(one.form for one in _versions(form_key))


def _versions(form_key: str) -> tuple[Base, ...]:
    rows = db.session.scalars(
        select(AuditFormVersion)
        .join(AuditFormRow, AuditFormRow.id == AuditFormVersion.form_id)
        .where(AuditFormRow.key == form_key)
        .order_by(AuditFormVersion.number)
    )
    return tuple(
        Base(row.id, row.number, published_form(row.content_sha256, lambda row=row: row.content))  # type: ignore[misc]
        for row in rows
    )
