"""Handing in a review: its answers are settled for ever, and a snapshot keeps them as they were."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, insert, literal, select, update

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.answers import Answer, AnswerState, Judgement
from qa_app.domain.audit_forms.asked import Asked, asked
from qa_app.domain.audit_forms.versions import content_hash
from qa_app.domain.case_actions import Timing
from qa_app.domain.cohorts import AnswerOutcome, ReviewState
from qa_app.domain.completion import Gap, completion_of
from qa_app.domain.errors import Conflict
from qa_app.domain.limits import limits_of
from qa_app.domain.review_returns import gaps_of_return
from qa_app.extensions import db
from qa_app.models.base import Instant
from qa_app.models.reviews import AnswerRow, Review, ReviewSnapshot
from qa_app.queries.reviews import ReviewSheet, get_own_sheet
from qa_app.queries.reviews_return import get_open_return
from qa_app.services import history
from qa_app.services.case_actions import hand_to_team
from qa_app.services.reviews_return import close_return
from qa_app.services.reviews_scores import store_scores

USUAL_TIMING = Timing()


@dataclass(frozen=True)
class Submission:
    """What came of handing in: nothing when there are gaps, which are given in the order of the form."""

    sheet: ReviewSheet
    gaps: Sequence[Gap]

    @property
    def is_done(self) -> bool:
        """Whether the review is now submitted."""
        return not self.gaps


def submit_review(
    viewer: Viewer, review_id: int, *, at: datetime, timing: Timing = USUAL_TIMING
) -> Submission:
    """Hand in one's own review if nothing required is missing; otherwise say what is, and change nothing.

    Every question of the form gets its outcome, so that denominators know what was asked. Its actions for the child
    reach the team now, due as `timing` says.
    Errors: NotFound for another's review; Conflict when it is submitted already, when its case was set aside or
    its cohort closed, or when the reviewer has become tied to the child.
    """
    viewer.require(Permission.COMPLETE_REVIEWS)
    sheet = get_own_sheet(viewer, review_id, with_tie=True)
    _require_open(viewer, sheet)
    visible = asked(sheet.form, sheet.content)
    gaps = completion_of(sheet.form, sheet.content, visible).gaps
    gaps += gaps_of_return(get_open_return(viewer, review_id))
    if gaps:
        return Submission(sheet, gaps)
    _settle_answers(viewer, sheet, visible, at)
    store_scores(sheet.review_id, sheet.form, sheet.content, visible)
    content = json.dumps(
        snapshot_of(sheet, visible, at), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    number = db.session.scalar(
        select(func.count()).select_from(ReviewSnapshot).where(ReviewSnapshot.review_id == sheet.review_id)
    )
    snapshot = ReviewSnapshot(
        review_id=sheet.review_id,
        number=(number or 0) + 1,
        content=content,
        content_sha256=sha256,
        taken_at=at,
        taken_by_id=viewer.user_id,
    )
    db.session.add(snapshot)
    db.session.execute(
        update(Review)
        .where(Review.id == sheet.review_id)
        .values(
            state=ReviewState.SUBMITTED,
            started_at=func.coalesce(Review.started_at, literal(at, Instant())),
            form_version_id=sheet.form_version_id,
            submitted_at=at,
            overall_grade=sheet.content.overall.grade,
        )
    )
    grade = sheet.content.overall.grade
    after = {"snapshot_sha256": sha256, "overall_grade": grade.value if grade else ""}
    history.record(viewer, "review_submitted", "review", sheet.review_id, at=at, after=after)
    hand_to_team(viewer, sheet.review_id, timing, at=at)
    close_return(sheet.review_id, at=at)
    return Submission(sheet, ())


def _require_open(viewer: Viewer, sheet: ReviewSheet) -> None:
    if sheet.state is ReviewState.SUBMITTED:
        raise Conflict(f"{sheet.ref} is submitted already. There is nothing more to do.")
    if sheet.is_stopped:
        raise Conflict(
            f"{sheet.ref} can no longer be handed in: its case was set aside, or its cohort is closed. What is "
            "written in it is kept. Ask the QA lead if it should count after all."
        )
    if sheet.barred_by is not None:
        raise Conflict(
            f"{sheet.ref} cannot be handed in by {viewer.name}, who {sheet.barred_by.in_words}. What is written in "
            "it is kept. Ask the QA lead to hand it to somebody without a tie to the child."
        )


def outcome_of(answer: Answer, is_asked: bool) -> AnswerOutcome:
    """What an answer counts as once the review is handed in."""
    if not is_asked:
        return AnswerOutcome.NOT_ASKED
    return {
        AnswerState.ANSWERED: AnswerOutcome.ANSWERED,
        AnswerState.NOT_APPLICABLE: AnswerOutcome.NOT_APPLICABLE,
        AnswerState.CANNOT_JUDGE: AnswerOutcome.CANNOT_JUDGE,
    }.get(answer.state, AnswerOutcome.BLANK)


def _settle_answers(viewer: Viewer, sheet: ReviewSheet, visible: Asked, at: datetime) -> None:
    """Set every question's outcome: one statement for the answers there are, one for the questions without."""
    outcomes = {
        key: outcome_of(sheet.content.answer(key), key in visible.questions) for key in sheet.form.questions
    }
    stored = {key: outcome for key, outcome in outcomes.items() if key in sheet.answers_saved}
    if stored:
        db.session.execute(
            update(AnswerRow)
            .where(AnswerRow.review_id == sheet.review_id, AnswerRow.question_key.in_(sorted(stored)))
            .values(
                outcome=case({key: one.value for key, one in stored.items()}, value=AnswerRow.question_key)
            )
            .execution_options(synchronize_session=False)
        )
    missing = [
        {
            "review_id": sheet.review_id,
            "question_key": key,
            "state": AnswerState.BLANK,
            "value": None,
            "as_typed": None,
            "reason": "",
            "fault": "",
            "revision": 0,
            "save_id": "",
            "saved_at": at,
            "saved_by_id": viewer.user_id,
            "outcome": outcome,
        }
        for key, outcome in outcomes.items()
        if key not in stored
    ]
    if missing:
        db.session.execute(insert(AnswerRow), missing)


def snapshot_of(sheet: ReviewSheet, visible: Asked, at: datetime) -> dict[str, Any]:
    """The review as it is handed in, whole and readable without any other table. What was not asked is left out."""
    limits = limits_of(sheet.form, sheet.content)
    return {
        "review": sheet.ref,
        "form": sheet.form.key,
        "form_version": sheet.form_number,
        "form_sha256": content_hash(sheet.form),
        "cohort": sheet.cohort_title,
        "plan_type": sheet.plan_type.value,
        "reviewer_id": sheet.reviewer_id,
        "submitted_at": at.isoformat(),
        "answers": {
            key: {
                "question": question.text,
                "state": sheet.content.answer(key).state.value,
                "value": sheet.content.answer(key).value,
                "words": question.answer_type.display(sheet.content.answer(key).value, question.choices),
                "reason": sheet.content.answer(key).reason,
            }
            for key, question in sheet.form.questions.items()
            if key in visible.questions
        },
        "judgements": {
            section.key: _judgement_data(sheet.content.judgement(section.key))
            for section in sheet.form.sections
            if section.graded and section.key in visible.sections
        },
        "overall": _judgement_data(sheet.content.overall),
        "limits": [{"ceiling": one.grade.value, "because": one.because} for one in limits.ceilings],
        "departure_reason": sheet.content.departure_reason,
    }


def _judgement_data(judgement: Judgement) -> dict[str, str]:
    return {
        "state": judgement.state.value,
        "grade": judgement.grade.value if judgement.grade else "",
        "rationale": judgement.rationale,
    }
