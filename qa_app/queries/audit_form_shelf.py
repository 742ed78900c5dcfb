"""The shelf of audit forms: every form with its versions, where they are in use, and whose draft is open."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.kinds import DraftEnd
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import (
    AuditFormDraft,
    AuditFormRow,
    AuditFormVersion,
    AuditFormVersionQuestion,
)
from qa_app.models.cohorts import Cohort, CohortForm
from qa_app.models.reviews import Review


@dataclass(frozen=True)
class DraftLine:
    """A draft in a list: whose change was the last, and when."""

    draft_id: int
    form_key: str
    title: str
    updated_at: datetime
    updated_by: str
    last_change: str


@dataclass(frozen=True)
class FormLine:
    """A form in the list of forms. `cohorts`: the titles of those that use its newest version."""

    form_key: str
    title: str
    form: AuditForm
    number: int
    published_at: datetime
    cohorts: tuple[str, ...]
    n_older_cohorts: int
    """How many cohorts use an earlier version."""
    draft: DraftLine | None


@dataclass(frozen=True)
class FormShelf:
    """Every form, and the drafts of forms that are not published yet."""

    forms: tuple[FormLine, ...]
    new_drafts: tuple[DraftLine, ...]
    may_manage: bool


@dataclass(frozen=True)
class VersionLine:
    """One version of a form. `n_reviews`: those begun or handed in on it."""

    version_id: int
    number: int
    published_at: datetime
    published_by: str
    n_questions: int
    n_reviews: int
    cohorts: tuple[str, ...]


@dataclass(frozen=True)
class FormPage:
    """One form: its versions, the newest first, and its drafts."""

    form_key: str
    form: AuditForm
    versions: tuple[VersionLine, ...]
    draft: DraftLine | None
    discarded: tuple[DraftLine, ...]
    may_manage: bool


@dataclass(frozen=True)
class ReadVersion:
    """One version of a form, to be read."""

    version_id: int
    number: int
    newest_number: int
    published_at: datetime
    form: AuditForm


@dataclass(frozen=True)
class MeasureInUse:
    """A measure of published forms: the answer type that it keeps, and the forms that use it."""

    key: str
    answer_type: str
    forms: tuple[str, ...]


def list_forms(viewer: Viewer) -> FormShelf:
    """Every form by title. Cohorts are named to whoever may see cohorts."""
    viewer.require(Permission.SEE_FORMS)
    newest = select(func.max(AuditFormVersion.id)).group_by(AuditFormVersion.form_id)
    rows = db.session.execute(
        select(AuditFormRow.key, AuditFormRow.id, AuditFormVersion)
        .join(AuditFormVersion, AuditFormVersion.form_id == AuditFormRow.id)
        .where(AuditFormVersion.id.in_(newest))
        .order_by(AuditFormRow.title, AuditFormRow.key)
    ).all()
    cohorts = _cohorts_by_version(viewer)
    form_of = dict(db.session.execute(select(AuditFormVersion.id, AuditFormVersion.form_id)).all())
    drafts = _drafts(viewer, is_open=True)
    by_key = {draft.form_key: draft for draft in drafts}
    lines = []
    for key, form_id, version in rows:
        form = published_form(version.content_sha256, lambda version=version: version.content)  # type: ignore[misc]
        older = {
            title
            for version_id, titles in cohorts.items()
            if form_of.get(version_id) == form_id and version_id != version.id
            for title in titles
        }
        used = tuple(cohorts.get(version.id, ()))
        lines.append(
            FormLine(
                key, form.title, form, version.number, version.published_at, used, len(older), by_key.get(key)
            )
        )
    published = {line.form_key for line in lines}
    return FormShelf(
        tuple(lines),
        tuple(draft for draft in drafts if draft.form_key not in published),
        viewer.may(Permission.MANAGE_FORMS),
    )


def get_form_page(viewer: Viewer, form_key: str) -> FormPage:
    """One form with its versions. Errors: NotAllowed; NotFound."""
    viewer.require(Permission.SEE_FORMS)
    rows = db.session.execute(
        select(AuditFormVersion, User.name)
        .join(AuditFormRow, AuditFormRow.id == AuditFormVersion.form_id)
        .outerjoin(User, User.id == AuditFormVersion.published_by_id)
        .where(AuditFormRow.key == form_key)
        .order_by(AuditFormVersion.number.desc())
    ).all()
    if not rows:
        raise NotFound
    ids = [version.id for version, _ in rows]
    n_reviews = dict(
        db.session.execute(
            select(Review.form_version_id, func.count())
            .where(Review.form_version_id.in_(ids))
            .group_by(Review.form_version_id)
        ).all()
    )
    cohorts = _cohorts_by_version(viewer)
    versions = []
    forms = []
    for version, name in rows:
        form = published_form(version.content_sha256, lambda version=version: version.content)  # type: ignore[misc]
        forms.append(form)
        versions.append(
            VersionLine(
                version.id,
                version.number,
                version.published_at,
                name or "The system",
                n_asked(form),
                n_reviews.get(version.id, 0),
                tuple(cohorts.get(version.id, ())),
            )
        )
    may_manage = viewer.may(Permission.MANAGE_FORMS)
    drafts = _drafts(viewer, is_open=True, form_key=form_key)
    discarded = _drafts(viewer, is_open=False, form_key=form_key)
    return FormPage(form_key, forms[0], tuple(versions), drafts[0] if drafts else None, discarded, may_manage)


def get_version(viewer: Viewer, form_key: str, number: int) -> ReadVersion:
    """One version of a form. Errors: NotAllowed; NotFound."""
    viewer.require(Permission.SEE_FORMS)
    newest = (
        select(func.max(AuditFormVersion.number))
        .join(AuditFormRow, AuditFormRow.id == AuditFormVersion.form_id)
        .where(AuditFormRow.key == form_key)
        .scalar_subquery()
    )
    row = db.session.execute(
        select(AuditFormVersion, newest)
        .join(AuditFormRow, AuditFormRow.id == AuditFormVersion.form_id)
        .where(AuditFormRow.key == form_key, AuditFormVersion.number == number)
    ).first()
    if row is None:
        raise NotFound
    version, newest_number = row
    form = published_form(version.content_sha256, lambda: version.content)
    return ReadVersion(version.id, version.number, newest_number, version.published_at, form)


def measures_in_use(viewer: Viewer) -> dict[str, MeasureInUse]:
    """The measures that published forms use, by key in order. A measure keeps its first answer type for ever."""
    viewer.require(Permission.SEE_FORMS)
    rows = db.session.execute(
        select(
            AuditFormVersionQuestion.measure,
            AuditFormVersionQuestion.answer_type,
            AuditFormRow.title,
            func.min(AuditFormVersionQuestion.id).label("first"),
        )
        .join(AuditFormVersion, AuditFormVersion.id == AuditFormVersionQuestion.version_id)
        .join(AuditFormRow, AuditFormRow.id == AuditFormVersion.form_id)
        .where(AuditFormVersionQuestion.measure.is_not(None))
        .group_by(AuditFormVersionQuestion.measure, AuditFormVersionQuestion.answer_type, AuditFormRow.title)
        .order_by(func.min(AuditFormVersionQuestion.id))
    )
    types: dict[str, str] = {}
    forms: dict[str, list[str]] = defaultdict(list)
    for measure, answer_type, title, _ in rows:
        if measure is None:
            continue
        types.setdefault(measure, answer_type)
        if title not in forms[measure]:
            forms[measure].append(title)
    return {key: MeasureInUse(key, types[key], tuple(forms[key])) for key in sorted(types)}


def n_asked(form: AuditForm) -> int:
    """How many questions a form asks, hidden ones left out."""
    return sum(
        not question.retired and not form.section_of[key].retired for key, question in form.questions.items()
    )


def _cohorts_by_version(viewer: Viewer) -> dict[int, list[str]]:
    if not viewer.may(Permission.SEE_COHORTS):
        return {}
    rows = db.session.execute(
        select(CohortForm.form_version_id, Cohort.title, Cohort.month)
        .join(Cohort, Cohort.id == CohortForm.cohort_id)
        .distinct()
        .order_by(Cohort.month.desc(), Cohort.title)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for version_id, title, _ in rows:
        found[version_id].append(title)
    return found


def _drafts(viewer: Viewer, *, is_open: bool, form_key: str = "") -> tuple[DraftLine, ...]:
    if not viewer.may(Permission.MANAGE_FORMS):
        return ()
    asked = (
        select(AuditFormDraft, User.name)
        .outerjoin(User, User.id == AuditFormDraft.updated_by_id)
        .order_by(AuditFormDraft.updated_at.desc(), AuditFormDraft.id)
    )
    if is_open:
        asked = asked.where(AuditFormDraft.closed_at.is_(None))
    else:
        asked = asked.where(AuditFormDraft.closed_as == DraftEnd.DISCARDED).limit(10)
    if form_key:
        asked = asked.where(AuditFormDraft.form_key == form_key)
    return tuple(
        DraftLine(
            draft.id,
            draft.form_key,
            draft.title,
            draft.updated_at,
            name or "The system",
            draft.last_change,
        )
        for draft, name in db.session.execute(asked)
    )
