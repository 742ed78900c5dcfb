"""Publishing audit forms: each different content becomes one version, which never changes."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, insert, select

from qa_app.bundled import bundled_folder
from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.checks import check_form, check_measures
from qa_app.domain.audit_forms.differences import ChangeClass, differences, frozen_faults
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.versions import canonical_json, content_hash, published_form
from qa_app.domain.errors import Invalid
from qa_app.exchange.audit_form_files import FormFile, read_form_folder
from qa_app.extensions import db
from qa_app.models.audit_forms import (
    AuditFormRow,
    AuditFormVersion,
    AuditFormVersionQuestion,
    AuditFormVersionQuestionTheme,
)
from qa_app.models.themes import Theme
from qa_app.services import history


def publish_form(
    viewer: Viewer, form: AuditForm, *, at: datetime, accepts_breaking: bool = False
) -> AuditFormVersion:
    """Publish a form as its next version, or give back the version that has the same content already.

    `accepts_breaking`: a second person has agreed that comparison with the version in force breaks.
    Errors: NotAllowed; Invalid with every fault in words, when the form is unsound, names a theme that is not in the
    theme list, changes what is frozen, or breaks comparison and nobody agreed to that.
    """
    viewer.require(Permission.APPROVE_FORMS if accepts_breaking else Permission.MANAGE_FORMS)
    sha256 = content_hash(form)
    row = db.session.scalar(select(AuditFormRow).where(AuditFormRow.key == form.key).with_for_update())
    if row is not None:
        same = db.session.scalar(
            select(AuditFormVersion).where(
                AuditFormVersion.form_id == row.id, AuditFormVersion.content_sha256 == sha256
            )
        )
        if same is not None:
            return same
    theme_ids = _theme_ids(form)
    _refuse_faults(form, theme_ids, accepts_breaking)
    if row is None:
        row = AuditFormRow(key=form.key, title=form.title, created_at=at)
        db.session.add(row)
        db.session.flush()
    row.title = form.title
    latest = db.session.scalar(
        select(func.max(AuditFormVersion.number)).where(AuditFormVersion.form_id == row.id)
    )
    version = AuditFormVersion(
        form_id=row.id,
        number=(latest or 0) + 1,
        content=canonical_json(form),
        content_sha256=sha256,
        published_at=at,
        published_by_id=viewer.user_id,
    )
    db.session.add(version)
    db.session.flush()
    _take_out_questions(version.id, form, theme_ids)
    after = {"form": form.key, "number": version.number, "content_sha256": sha256}
    history.record(viewer, "form_published", "audit_form", row.id, at=at, after=after)
    return version


def publish_shipped(viewer: Viewer, *, at: datetime, folder: Path | None = None) -> list[AuditFormVersion]:
    """Publish the forms that come with the program; those already published stay as they are.

    Themes must be loaded first. Errors: Invalid with file and line when a form file is unsound.
    """
    keys = frozenset(db.session.scalars(select(Theme.key)))
    found = read_form_folder(folder or bundled_folder("audit_templates"), keys)
    _refuse_files(found)
    return [publish_form(viewer, one.form, at=at) for one in found if one.form is not None]


def _refuse_files(found: Sequence[FormFile]) -> None:
    lines = [f"{one.file}:{fault.line}: {fault.what}" for one in found for fault in one.faults]
    if lines:
        raise Invalid("form", "These forms cannot be published. " + " · ".join(lines))


def _refuse_faults(form: AuditForm, theme_ids: dict[str, int], accepts_breaking: bool) -> None:
    published = [
        published_form(sha256, lambda content=content: content)  # type: ignore[misc]
        for sha256, content in db.session.execute(
            select(AuditFormVersion.content_sha256, AuditFormVersion.content).order_by(AuditFormVersion.id)
        )
    ]
    faults = [fault.what for fault in check_form(form, theme_ids)]
    faults += [fault.what for key, fault in check_measures([*published, form]) if key == form.key]
    earlier = [one for one in published if one.key == form.key]
    faults += [fault.what for fault in frozen_faults(earlier, form)]
    if faults:
        raise Invalid("form", "This form cannot be published: " + "; ".join(dict.fromkeys(faults)) + ".")
    if earlier and not accepts_breaking:
        breaking = [one for one in differences(earlier[-1], form) if one.kind is ChangeClass.BREAKING]
        if breaking:
            listed = "; ".join(f"{one.what} ({one.place or 'form'})" for one in breaking)
            raise Invalid(
                "form",
                f"This version of '{form.key}' breaks comparison, so a second person has to agree: {listed}.",
            )


def _theme_ids(form: AuditForm) -> dict[str, int]:
    keys = {theme for question in form.questions.values() for theme in question.themes}
    rows = db.session.execute(select(Theme.key, Theme.id).where(Theme.key.in_(sorted(keys))))
    return dict(rows.all())


def _take_out_questions(version_id: int, form: AuditForm, theme_ids: dict[str, int]) -> None:
    """Write a version's questions and their themes as rows, so that figures can join on them."""
    rows = [
        {
            "version_id": version_id,
            "section_key": form.section_of[key].key,
            "question_key": key,
            "position": position,
            "answer_type": question.type,
            "measure": question.measure,
        }
        for position, (key, question) in enumerate(form.questions.items(), 1)
    ]
    db.session.execute(insert(AuditFormVersionQuestion), rows)
    ids = dict(
        db.session.execute(
            select(AuditFormVersionQuestion.question_key, AuditFormVersionQuestion.id).where(
                AuditFormVersionQuestion.version_id == version_id
            )
        ).all()
    )
    tagged = [
        {"version_question_id": ids[key], "theme_id": theme_ids[theme]}
        for key, question in form.questions.items()
        for theme in dict.fromkeys(question.themes)
    ]
    if tagged:
        db.session.execute(insert(AuditFormVersionQuestionTheme), tagged)
