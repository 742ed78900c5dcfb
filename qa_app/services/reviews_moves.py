"""Moving one's own started review to a newer version of its form, knowing what is lost."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.answers import AnswerState
from qa_app.domain.audit_forms.moves import Loss, losses, new_questions
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.errors import Conflict, NotFound
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.cohorts import CohortCase, CohortForm
from qa_app.models.reviews import AnswerRow, Review
from qa_app.queries.reviews import ReviewSheet, get_own_sheet, get_review_sheet
from qa_app.services import history


@dataclass(frozen=True)
class Move:
    """What moving a review would mean. `mark` stands for exactly these losses: whoever agrees, agrees to them."""

    sheet: ReviewSheet
    version_id: int
    number: int
    losses: tuple[Loss, ...]
    new_questions: tuple[str, ...]

    @property
    def mark(self) -> str:
        """A digest of the version and of everything that is lost."""
        text = "\n".join(
            [str(self.version_id), *(f"{one.key}\t{one.stands}\t{one.why}" for one in self.losses)]
        )
        return hashlib.sha256(text.encode()).hexdigest()[:20]


def look_at_move(viewer: Viewer, review_id: int, *, for_writing: bool = False) -> Move:
    """What moving one's own review to the version that its cohort pins now would mean.

    Errors: NotFound for another's review; Conflict when it is submitted, not started, or on that version.
    """
    viewer.require(Permission.COMPLETE_REVIEWS)
    sheet = (get_own_sheet if for_writing else get_review_sheet)(viewer, review_id)
    if sheet.reviewer_id != viewer.user_id:
        raise NotFound
    if sheet.state is ReviewState.SUBMITTED:
        raise Conflict(f"{sheet.ref} is submitted: it stays on version {sheet.form_number} for ever.")
    if sheet.state is ReviewState.NOT_STARTED:
        raise Conflict(f"{sheet.ref} is not started: it follows its cohort by itself.")
    newer = db.session.scalar(
        select(AuditFormVersion)
        .join(CohortForm, CohortForm.form_version_id == AuditFormVersion.id)
        .join(
            CohortCase,
            (CohortCase.cohort_id == CohortForm.cohort_id) & (CohortCase.plan_type == CohortForm.plan_type),
        )
        .join(Review, Review.cohort_case_id == CohortCase.id)
        .where(Review.id == review_id)
    )
    if newer is None or sheet.cohort_number <= sheet.form_number:
        raise Conflict(f"{sheet.ref} is on the version that its cohort uses. There is nothing to move to.")
    later = published_form(newer.content_sha256, lambda: newer.content)
    return Move(
        sheet,
        newer.id,
        newer.number,
        losses(sheet.form, later, sheet.content),
        new_questions(sheet.form, later, sheet.content),
    )


def move_review(viewer: Viewer, review_id: int, agreed: str, *, at: datetime) -> Move:
    """Move one's own started review to its cohort's version, having agreed to what is lost (`agreed`: its mark).

    Errors: as `look_at_move`; Conflict when what would be lost is not what was agreed to.
    """
    move = look_at_move(viewer, review_id, for_writing=True)
    if agreed != move.mark:
        raise Conflict("Something changed since you looked. Read again what would be lost, and then decide.")
    cleared = [loss.key for loss in move.losses if loss.is_cleared]
    if cleared:
        db.session.execute(
            update(AnswerRow)
            .where(AnswerRow.review_id == review_id, AnswerRow.question_key.in_(cleared))
            .values(
                state=AnswerState.BLANK, value=None, reason="", revision=AnswerRow.revision + 1, saved_at=at
            )
            .execution_options(synchronize_session=False)
        )
    db.session.execute(
        update(Review)
        .where(Review.id == review_id)
        .values(form_version_id=move.version_id, saved_at=at)
        .execution_options(synchronize_session=False)
    )
    before = {"version": move.sheet.form_number, **{loss.key: loss.stands for loss in move.losses}}
    after = {"version": move.number, "lost": len(move.losses)}
    history.record(viewer, "review_moved_to_version", "review", review_id, at=at, before=before, after=after)
    return move
