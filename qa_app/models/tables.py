"""Every table, imported once, so that the metadata is whole."""

from qa_app.models import (
    accounts,
    audit_forms,
    caseload,
    cohorts,
    findings,
    history,
    improvement,
    jobs,
    organisation,
    reviews,
    sheets,
    themes,
    waiting_uploads,
)
from qa_app.models.base import metadata

__all__ = [
    "accounts",
    "audit_forms",
    "caseload",
    "cohorts",
    "findings",
    "history",
    "improvement",
    "jobs",
    "metadata",
    "organisation",
    "reviews",
    "sheets",
    "themes",
    "waiting_uploads",
]
