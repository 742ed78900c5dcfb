"""Every table, imported once, so that the metadata is whole."""

from qa_app.models import (
    accounts,
    audit_form_proposals,
    audit_forms,
    boards,
    caseload,
    cohorts,
    findings,
    history,
    improvement,
    jobs,
    leavers,
    notices,
    organisation,
    reviews,
    sheets,
    themes,
    waiting_uploads,
)
from qa_app.models.base import metadata

__all__ = [
    "accounts",
    "audit_form_proposals",
    "audit_forms",
    "boards",
    "caseload",
    "cohorts",
    "findings",
    "history",
    "improvement",
    "jobs",
    "leavers",
    "metadata",
    "notices",
    "organisation",
    "reviews",
    "sheets",
    "themes",
    "waiting_uploads",
]
