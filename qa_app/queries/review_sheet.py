"""A review as its reviewer works on it: the form, what has been given, and what is known about the case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from qa_app.domain.answers import ReviewContent
from qa_app.domain.audit_forms.form import AuditForm


@dataclass(frozen=True)
class SheetFinding:
    """A finding raised in this review: its reference, kind and words, and the question it hangs on."""

    finding_id: int
    ref: str
    kind: str
    words: str
    question: str | None


@dataclass(frozen=True)
class ReviewSheet:
    """One review with everything that its pages show. Revisions count the saves of each answer, from 0."""

    review_id: int
    ref: str
    form: AuditForm
    form_number: int
    content: ReviewContent
    answer_revisions: Mapping[str, int]
    judgement_revisions: Mapping[str, int]
    facts: tuple[tuple[str, str], ...]
    cohort_title: str
    reviewer: str
    due_on: date | None
    saved_at: datetime | None
    submitted_at: datetime | None
    may_edit: bool
    findings: tuple[SheetFinding, ...] = field(default=())

    @property
    def is_submitted(self) -> bool:
        """Whether the review has been handed in."""
        return self.submitted_at is not None
