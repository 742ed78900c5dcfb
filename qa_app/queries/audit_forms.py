"""Published audit forms: which there are, in which versions, and what they ask."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.caseload import PlanType
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormRow, AuditFormVersion


@dataclass(frozen=True)
class PublishedForm:
    """A version of a form, with the form itself."""

    version_id: int
    number: int
    published_at: datetime
    form: AuditForm

    @property
    def label(self) -> str:
        """The form's title and version, for lists to choose from."""
        return f"{self.form.title}, version {self.number}"


def list_latest_forms(viewer: Viewer) -> tuple[PublishedForm, ...]:
    """The newest version of every form, by title."""
    viewer.require(Permission.SEE_FORMS)
    newest = select(func.max(AuditFormVersion.id)).group_by(AuditFormVersion.form_id)
    rows = db.session.scalars(
        select(AuditFormVersion)
        .join(AuditFormRow, AuditFormRow.id == AuditFormVersion.form_id)
        .where(AuditFormVersion.id.in_(newest))
        .order_by(AuditFormRow.title)
    )
    return tuple(_published(row) for row in rows)


def latest_forms_by_plan_type(viewer: Viewer) -> dict[PlanType, tuple[PublishedForm, ...]]:
    """For each plan type, the newest versions of the forms that serve it."""
    forms = list_latest_forms(viewer)
    return {kind: tuple(one for one in forms if kind in one.form.plan_types) for kind in PlanType}


def _published(row: AuditFormVersion) -> PublishedForm:
    form = published_form(row.content_sha256, lambda: row.content)
    return PublishedForm(row.id, row.number, row.published_at, form)
