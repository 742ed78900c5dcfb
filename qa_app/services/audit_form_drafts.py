"""Drafts of audit forms: started, changed step by step, undone and redone, discarded; nobody's change is lost."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.drafts import (
    LARGEST_DRAFT,
    Edit,
    FormData,
    Part,
    Published,
    digest_of,
    form_key_from,
    read,
    shaped,
    title_of,
    written,
)
from qa_app.domain.audit_forms.kinds import DraftEnd
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import (
    AuditFormDraft,
    AuditFormDraftAuthor,
    AuditFormDraftStep,
    AuditFormRow,
    AuditFormVersion,
)
from qa_app.services import history

MOST_STEPS = 200
"""How many steps a draft can be taken back."""
RESERVED_KEYS = frozenset(
    {"drafts", "drafts-put-away", "new", "measures", "proposals", "workbooks", "publishing"}
)
"""Words that stand in the place of a form's key in addresses."""


@dataclass(frozen=True)
class Seen:
    """What somebody had in front of them: the draft's revision, and the digest of the part they changed."""

    revision: int
    digest: str = ""


class ChangedMeanwhile(Conflict):
    """Somebody else changed the same part of a draft after it was opened. Nothing was stored."""

    def __init__(self, message: str, revision: int, digest: str) -> None:
        super().__init__(message)
        self.revision = revision
        self.digest = digest


def start_draft(viewer: Viewer, form_key: str, *, at: datetime) -> AuditFormDraft:
    """Begin to change a published form, from its newest version.

    Errors: NotAllowed; NotFound; Conflict when a draft of it is open already, and whose.
    """
    viewer.require(Permission.MANAGE_FORMS)
    newest = db.session.scalar(
        select(AuditFormVersion)
        .join(AuditFormRow, AuditFormRow.id == AuditFormVersion.form_id)
        .where(AuditFormRow.key == form_key)
        .order_by(AuditFormVersion.number.desc())
        .limit(1)
    )
    if newest is None:
        raise NotFound
    _refuse_second_draft(form_key)
    form = published_form(newest.content_sha256, lambda: newest.content)
    what = f"Begun from version {newest.number}"
    return _begin(viewer, shaped(form.to_data()), newest.id, what, at)


def start_new_form(
    viewer: Viewer,
    title: str,
    *,
    at: datetime,
    content: FormData | None = None,
    key: str = "",
    what: str = "Begun as a new form",
) -> AuditFormDraft:
    """Begin a form that does not exist yet: empty, or with the content of another one.

    Its key is made from the title unless one is given. Errors: NotAllowed; Invalid for a title or key that can't
    be; Conflict when the key is a form's or an open draft's already.
    """
    viewer.require(Permission.MANAGE_FORMS)
    title = " ".join(title.split())
    if not title:
        raise Invalid("title", "Give the form a title.")
    if len(title) > 200:
        raise Invalid("title", f"The title is {len(title)} characters long; the limit is 200.")
    taken = _taken_form_keys()
    if key and key in taken:
        raise Conflict(f"There is a form with the key '{key}' already. Choose another key.")
    data = dict(content or {"cohort_kinds": [], "subject": "child", "sections": []})
    data = {"form": key or form_key_from(title, taken), "title": title, **_without(data, "form", "title")}
    return _begin(viewer, shaped(data), None, what, at)


def change_draft(
    viewer: Viewer,
    draft_id: int,
    edit: Edit,
    *,
    what: str,
    at: datetime,
    seen: Seen | None = None,
    part: Part = ("form",),
) -> AuditFormDraft:
    """Make one change to a draft: a step that can be undone. `what` says it in a few words.

    A change of what somebody else changed meanwhile is refused; other parts of the form don't matter, and a change
    that is there already changes nothing. Without `seen` nothing is compared.
    Errors: NotAllowed; NotFound; Conflict when the draft is closed; ChangedMeanwhile; Invalid from the edit.
    """
    draft = _open_draft(viewer, draft_id)
    before = read(draft.content)
    _refuse_stale(draft, before, seen, part, edit)
    after = edit(before, published_parts(draft.form_key))
    if after != before:
        _take_step(viewer, draft, after, what, at)
    return draft


def replace_content(
    viewer: Viewer, draft_id: int, content: object, *, what: str, at: datetime, seen: Seen | None = None
) -> AuditFormDraft:
    """Put a whole form in the place of a draft's content, as one step that can be undone. The key stays.

    Errors: as `change_draft`; Invalid when the content is no form at all.
    """
    given = shaped(content)

    def put_in_place(before: FormData, _: Published) -> FormData:
        return {"form": before["form"], **_without(given, "form")}

    draft = _open_draft(viewer, draft_id)
    if seen is not None and draft.revision != seen.revision:
        raise _changed_meanwhile(draft, read(draft.content), ("form",))
    return change_draft(viewer, draft_id, put_in_place, what=what, at=at)


def undo(viewer: Viewer, draft_id: int, *, seen: Seen, at: datetime) -> AuditFormDraft:
    """Take the last step back, whoever made it. Errors: as `change_draft`; Conflict when there is none."""
    return _walk(viewer, draft_id, -1, seen, at)


def redo(viewer: Viewer, draft_id: int, *, seen: Seen, at: datetime) -> AuditFormDraft:
    """Make the step again that was last taken back. Errors: as `change_draft`; Conflict when there is none."""
    return _walk(viewer, draft_id, 1, seen, at)


def discard_draft(viewer: Viewer, draft_id: int, *, at: datetime) -> AuditFormDraft:
    """Put a draft away. It is kept, and can be taken up again. Errors: NotAllowed; NotFound; Conflict."""
    return _close(viewer, _open_draft(viewer, draft_id), DraftEnd.DISCARDED, at)


def end_published_draft(viewer: Viewer, draft_id: int, *, at: datetime) -> AuditFormDraft:
    """Close a draft whose content has become a version: called by whoever publishes it, in the same transaction."""
    draft = db.session.get(AuditFormDraft, draft_id)
    if draft is None:
        raise NotFound
    return _close(viewer, draft, DraftEnd.PUBLISHED, at)


def reopen_draft(viewer: Viewer, draft_id: int, *, at: datetime) -> AuditFormDraft:
    """Take a discarded draft up again. Errors: NotAllowed; NotFound; Conflict when another draft is open."""
    viewer.require(Permission.MANAGE_FORMS)
    draft = _draft_row(draft_id)
    if draft.closed_as is not DraftEnd.DISCARDED:
        raise Conflict("Only a discarded draft can be taken up again.")
    _refuse_second_draft(draft.form_key)
    draft.closed_at = draft.closed_as = None
    _mark(viewer, draft, "Taken up again", at)
    history.record(viewer, "draft_taken_up", "audit_form_draft", draft.id, at=at)
    return draft


def published_parts(form_key: str) -> Published:
    """What the published versions of a form hold fast."""
    rows = db.session.execute(
        select(AuditFormVersion.content_sha256, AuditFormVersion.content)
        .join(AuditFormRow, AuditFormRow.id == AuditFormVersion.form_id)
        .where(AuditFormRow.key == form_key)
        .order_by(AuditFormVersion.number)
    )
    return Published.of(
        published_form(sha256, lambda content=content: content)  # type: ignore[misc]
        for sha256, content in rows
    )


def _begin(viewer: Viewer, data: FormData, base_id: int | None, what: str, at: datetime) -> AuditFormDraft:
    draft = AuditFormDraft(
        form_key=data["form"],
        base_version_id=base_id,
        title=title_of(data),
        content=written(data),
        revision=1,
        at_step=0,
        created_at=at,
        created_by_id=viewer.user_id,
        updated_at=at,
        updated_by_id=viewer.user_id,
        last_change=what,
    )
    db.session.add(draft)
    db.session.flush()
    _add_step(viewer, draft, what, at)
    if base_id is None:
        _note_author(viewer, draft, at)
    after = {"form": draft.form_key, "base_version_id": base_id}
    history.record(viewer, "draft_started", "audit_form_draft", draft.id, at=at, after=after)
    return draft


def _take_step(viewer: Viewer, draft: AuditFormDraft, data: FormData, what: str, at: datetime) -> None:
    text = written(data)
    if len(text) > LARGEST_DRAFT:
        what = f"The form would be larger than {LARGEST_DRAFT // 1000:,} kB of text. Shorten what you wrote."
        raise Invalid("content", what)
    of_draft = AuditFormDraftStep.draft_id == draft.id
    db.session.execute(delete(AuditFormDraftStep).where(of_draft, AuditFormDraftStep.number > draft.at_step))
    draft.content = text
    draft.title = title_of(data)
    draft.form_key = data["form"]
    draft.at_step += 1
    _mark(viewer, draft, what, at)
    _add_step(viewer, draft, what, at)
    oldest = draft.at_step - MOST_STEPS
    db.session.execute(delete(AuditFormDraftStep).where(of_draft, AuditFormDraftStep.number < oldest))
    _note_author(viewer, draft, at)
    after = {"revision": draft.revision, "what": draft.last_change}
    history.record(viewer, "draft_changed", "audit_form_draft", draft.id, at=at, after=after)


def _add_step(viewer: Viewer, draft: AuditFormDraft, what: str, at: datetime) -> None:
    db.session.add(
        AuditFormDraftStep(
            draft_id=draft.id,
            number=draft.at_step,
            content=draft.content,
            what=what[:300],
            made_at=at,
            made_by_id=viewer.user_id,
        )
    )
    db.session.flush()


def _walk(viewer: Viewer, draft_id: int, by: int, seen: Seen, at: datetime) -> AuditFormDraft:
    draft = _open_draft(viewer, draft_id)
    if draft.revision != seen.revision:
        raise _changed_meanwhile(draft, read(draft.content), ("form",))
    steps = {
        step.number: step
        for step in db.session.scalars(
            select(AuditFormDraftStep).where(
                AuditFormDraftStep.draft_id == draft.id,
                AuditFormDraftStep.number.in_((draft.at_step, draft.at_step + by)),
            )
        )
    }
    target = steps.get(draft.at_step + by)
    if target is None:
        raise Conflict("There is nothing to undo." if by < 0 else "There is nothing to make again.")
    walked = steps[draft.at_step] if by < 0 else target
    what = f"{'Undone' if by < 0 else 'Made again'}: {walked.what}"
    draft.content = target.content
    data = read(target.content)
    draft.title, draft.form_key = title_of(data), data["form"]
    draft.at_step = target.number
    _mark(viewer, draft, what, at)
    _note_author(viewer, draft, at)
    after = {"revision": draft.revision, "what": draft.last_change}
    history.record(viewer, "draft_changed", "audit_form_draft", draft.id, at=at, after=after)
    return draft


def _mark(viewer: Viewer, draft: AuditFormDraft, what: str, at: datetime) -> None:
    draft.revision += 1
    draft.updated_at = at
    draft.updated_by_id = viewer.user_id
    draft.last_change = what[:300]


def _note_author(viewer: Viewer, draft: AuditFormDraft, at: datetime) -> None:
    if viewer.user_id is None:
        return
    if db.session.get(AuditFormDraftAuthor, (draft.id, viewer.user_id)) is None:
        db.session.add(AuditFormDraftAuthor(draft_id=draft.id, user_id=viewer.user_id, first_at=at))
        db.session.flush()


def _close(viewer: Viewer, draft: AuditFormDraft, end: DraftEnd, at: datetime) -> AuditFormDraft:
    draft.closed_at, draft.closed_as = at, end
    history.record(viewer, f"draft_{end.value}", "audit_form_draft", draft.id, at=at)
    return draft


def _draft_row(draft_id: int) -> AuditFormDraft:
    draft = db.session.scalar(
        select(AuditFormDraft)
        .where(AuditFormDraft.id == draft_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if draft is None:
        raise NotFound
    return draft


def _open_draft(viewer: Viewer, draft_id: int) -> AuditFormDraft:
    viewer.require(Permission.MANAGE_FORMS)
    draft = _draft_row(draft_id)
    if draft.closed_as is not None:
        how = "published" if draft.closed_as is DraftEnd.PUBLISHED else "discarded"
        raise Conflict(f"This draft has been {how}; it can't be changed any more.")
    return draft


def _refuse_second_draft(form_key: str) -> None:
    found = db.session.execute(
        select(AuditFormDraft.updated_at, User.name)
        .outerjoin(User, User.id == AuditFormDraft.updated_by_id)
        .where(AuditFormDraft.form_key == form_key, AuditFormDraft.closed_at.is_(None))
    ).first()
    if found is not None:
        who = found.name or "the system"
        raise Conflict(f"A draft of this form is open already, last changed by {who}. Go on with that one.")


def _refuse_stale(draft: AuditFormDraft, before: FormData, seen: Seen | None, part: Part, edit: Edit) -> None:
    if seen is None or draft.revision == seen.revision:
        return
    if seen.digest and digest_of(before, part) == seen.digest:
        return
    try:
        if edit(before, published_parts(draft.form_key)) == before:
            return  # the same change sent twice, or made by both: nothing is lost by taking it
    except (Invalid, NotFound):
        pass
    raise _changed_meanwhile(draft, before, part)


def _changed_meanwhile(draft: AuditFormDraft, before: FormData, part: Part) -> ChangedMeanwhile:
    name = db.session.scalar(select(User.name).where(User.id == draft.updated_by_id)) or "The system"
    message = (
        f"{name} changed this after you opened it ({draft.last_change[:1].lower()}{draft.last_change[1:]})."
    )
    return ChangedMeanwhile(message, draft.revision, digest_of(before, part))


def _taken_form_keys() -> set[str]:
    published = db.session.scalars(select(AuditFormRow.key))
    drafted = db.session.scalars(select(AuditFormDraft.form_key).where(AuditFormDraft.closed_at.is_(None)))
    return {*published, *drafted, *RESERVED_KEYS}


def _without(data: FormData, *names: str) -> FormData:
    return {name: value for name, value in data.items() if name not in names}
