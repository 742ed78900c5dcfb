"""Completing a review: saving answers and judgements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.answer_catalogue import read_answer
from qa_app.domain.answers import LONGEST_TYPED, Answer, AnswerState, Judgement, RawValue, ReviewContent
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.domain.grades import Grade
from qa_app.domain.saves import SaveOutcome, decide_save
from qa_app.extensions import db
from qa_app.models.reviews import AnswerRow, Review, SectionJudgement
from qa_app.queries.reviews import NEVER_SAVED, ReviewSheet, Saved, get_own_sheet
from qa_app.services import history

EXCUSES = (AnswerState.NOT_APPLICABLE, AnswerState.CANNOT_JUDGE)


@dataclass(frozen=True)
class SentAnswer:
    """What was sent for one question. Without an expected revision the answer is written over what stands."""

    question: str
    raw: RawValue = None
    excuse: AnswerState | None = None
    reason: str = ""
    expected_revision: int | None = None
    save_id: str = ""


@dataclass(frozen=True)
class SentJudgement:
    """What was sent for a section's grade, or for the whole file under `overall`."""

    section: str
    grade: Grade | None = None
    cannot_judge: bool = False
    rationale: str = ""
    departure_reason: str | None = None
    expected_revision: int | None = None
    save_id: str = ""


@dataclass(frozen=True)
class Clash:
    """Two values for the same thing: the one that was saved meanwhile, and the one sent now, not stored."""

    theirs: Answer | Judgement
    yours: Answer | Judgement
    revision: int


@dataclass(frozen=True)
class SaveResult:
    """The review after a save, and what could not be saved because it was changed elsewhere."""

    sheet: ReviewSheet
    clashes: Mapping[str, Clash] = field(default_factory=dict)


def save_answer(
    viewer: Viewer,
    review_id: int,
    question_key: str,
    value: RawValue,
    expected_revision: int | None,
    save_id: str,
    *,
    at: datetime,
) -> SaveResult:
    """Save one answer as typed. Errors: as `save_parts`."""
    sent = SentAnswer(question_key, value, expected_revision=expected_revision, save_id=save_id)
    return save_parts(viewer, review_id, [sent], [], at=at)


def save_parts(
    viewer: Viewer,
    review_id: int,
    answers: Sequence[SentAnswer],
    judgements: Sequence[SentJudgement],
    *,
    at: datetime,
) -> SaveResult:
    """Save answers and judgements of one's own review, as far as nobody changed them meanwhile.

    Nothing is validated here: a value that cannot be read is kept as typed and marked. The first save fixes the
    form's version and starts the review.
    Errors: NotFound for another's review or an unknown question; Conflict once the review is submitted; Invalid
    for more text than anyone types.
    """
    viewer.require(Permission.COMPLETE_REVIEWS)
    sheet = get_own_sheet(viewer, review_id)
    if sheet.state is ReviewState.SUBMITTED:
        raise Conflict(
            f"{sheet.ref} is submitted, so its answers stay as they are. What you just typed was not saved."
        )
    work = _Saving(viewer, sheet, at)
    for answer in answers:
        work.take_answer(answer)
    for judgement in judgements:
        work.take_judgement(judgement)
    return work.finish()


class _Saving:
    """One save as it is worked out: what is to be written, and the review as it will stand."""

    def __init__(self, viewer: Viewer, sheet: ReviewSheet, at: datetime) -> None:
        self.viewer = viewer
        self.sheet = sheet
        self.at = at
        self.answers = dict(sheet.content.answers)
        self.judgements = {**sheet.content.judgements, OVERALL: sheet.content.overall}
        self.departure_reason = sheet.content.departure_reason
        self.answers_saved = dict(sheet.answers_saved)
        self.judgements_saved = dict(sheet.judgements_saved)
        self.clashes: dict[str, Clash] = {}
        self.before: dict[str, Any] = {}
        self.after: dict[str, Any] = {}

    def take_answer(self, sent: SentAnswer) -> None:
        question = self.sheet.form.questions.get(sent.question)
        if question is None or question.retired:
            raise NotFound("This form does not ask that question. Open the review again.")
        _refuse_endless(sent.reason)
        if sent.excuse in EXCUSES and sent.excuse is not None:
            given = Answer(sent.excuse, reason=sent.reason.strip())
        else:
            given = read_answer(question.type, sent.raw, question.options)
        stands = self.sheet.content.answer(sent.question)
        saved = self.answers_saved.get(sent.question, NEVER_SAVED)
        outcome = _decide(saved, given == stands, sent.expected_revision, sent.save_id)
        if outcome is SaveOutcome.CONFLICT:
            self.clashes[sent.question] = Clash(stands, given, saved.revision)
        if outcome is not SaveOutcome.STORE:
            return
        values = {
            "state": given.state,
            "value": given.value,
            "reason": given.reason,
            "as_typed": given.as_typed,
            "fault": given.fault,
        }
        self._write(AnswerRow, "question_key", sent.question, values, saved, sent.save_id)
        self.answers[sent.question] = given
        self.answers_saved[sent.question] = Saved(saved.revision + 1, sent.save_id)
        self.before[sent.question] = _answer_words(stands)
        self.after[sent.question] = _answer_words(given)

    def take_judgement(self, sent: SentJudgement) -> None:
        section = self.sheet.form.section_by_key.get(sent.section)
        graded = self.sheet.form.overall.graded if sent.section == OVERALL else section and section.graded
        if not graded:
            raise NotFound("This form has no grade there. Open the review again.")
        _refuse_endless(sent.rationale)
        _refuse_endless(sent.departure_reason or "")
        given = _judgement(sent)
        stands = self.judgements.get(sent.section, Judgement())
        departure = self.departure_reason
        if sent.section == OVERALL and sent.departure_reason is not None:
            departure = sent.departure_reason.strip()
        saved = self.judgements_saved.get(sent.section, NEVER_SAVED)
        is_same = given == stands and departure == self.departure_reason
        outcome = _decide(saved, is_same, sent.expected_revision, sent.save_id)
        if outcome is SaveOutcome.CONFLICT:
            self.clashes[sent.section] = Clash(stands, given, saved.revision)
        if outcome is not SaveOutcome.STORE:
            return
        values = {"state": given.state, "grade": given.grade, "rationale": given.rationale}
        self._write(SectionJudgement, "section_key", sent.section, values, saved, sent.save_id)
        self.judgements[sent.section] = given
        self.judgements_saved[sent.section] = Saved(saved.revision + 1, sent.save_id)
        name = f"grade of {sent.section}"
        self.before[name] = {**_judgement_words(stands), "departure": self.departure_reason}
        self.after[name] = {**_judgement_words(given), "departure": departure}
        self.departure_reason = departure

    def _write(
        self,
        table: type[AnswerRow] | type[SectionJudgement],
        key_column: str,
        key: str,
        values: dict[str, Any],
        saved: Saved,
        save_id: str,
    ) -> None:
        """One row. Whoever else wrote it since it was read wins, and this save is tried again by its sender."""
        stamp = {
            "revision": saved.revision + 1,
            "save_id": save_id,
            "saved_at": self.at,
            "saved_by_id": self.viewer.user_id,
        }
        review_id = self.sheet.review_id
        if saved.revision == 0:
            row = {"review_id": review_id, key_column: key, **values, **stamp}
            try:
                db.session.execute(insert(table).values(row))
            except IntegrityError as error:
                raise _too_close() from error
            return
        changed = db.session.execute(
            update(table)
            .where(
                table.review_id == review_id,
                getattr(table, key_column) == key,
                table.revision == saved.revision,
            )
            .values({**values, **stamp})
            .execution_options(synchronize_session=False)
        )
        if changed.rowcount != 1:  # type: ignore[attr-defined]
            raise _too_close()

    def finish(self) -> SaveResult:
        """Start the review if this is its first save, keep the history, and give back the review as it stands."""
        sheet = self.sheet
        if not self.after:
            return SaveResult(sheet, self.clashes)
        values: dict[str, Any] = {"saved_at": self.at, "departure_reason": self.departure_reason}
        if sheet.state is ReviewState.NOT_STARTED:
            values |= {
                "state": ReviewState.IN_PROGRESS,
                "started_at": self.at,
                "form_version_id": sheet.form_version_id,
            }
        db.session.execute(update(Review).where(Review.id == sheet.review_id).values(values))
        history.record(
            self.viewer,
            "answers_saved",
            "review",
            sheet.review_id,
            at=self.at,
            before=self.before,
            after=self.after,
        )
        overall = self.judgements.pop(OVERALL)
        after = replace(
            sheet,
            content=ReviewContent(self.answers, self.judgements, overall, self.departure_reason),
            answers_saved=self.answers_saved,
            judgements_saved=self.judgements_saved,
            state=ReviewState.IN_PROGRESS,
            saved_at=self.at,
        )
        return SaveResult(after, self.clashes)


def _decide(saved: Saved, is_same: bool, expected: int | None, save_id: str) -> SaveOutcome:
    return decide_save(
        stored_revision=saved.revision,
        stored_save_id=saved.save_id,
        is_same_value=is_same,
        expected_revision=saved.revision if expected is None else expected,
        save_id=save_id,
    )


def _judgement(sent: SentJudgement) -> Judgement:
    rationale = sent.rationale.replace("\r\n", "\n").strip()
    if sent.cannot_judge:
        return Judgement(AnswerState.CANNOT_JUDGE, None, rationale)
    state = AnswerState.ANSWERED if sent.grade else AnswerState.BLANK
    return Judgement(state, sent.grade, rationale)


def _refuse_endless(text: str) -> None:
    if len(text) > LONGEST_TYPED:
        raise Invalid("reason", f"This is too long to keep. Shorten it to {LONGEST_TYPED:,} characters.")


def _too_close() -> Conflict:
    return Conflict("Another save of this answer came at the same moment. Save again.")


def _answer_words(answer: Answer) -> dict[str, Any]:
    value = answer.as_typed if answer.state is AnswerState.UNREADABLE else answer.value
    return {"state": answer.state.value, "value": value, "reason": answer.reason}


def _judgement_words(judgement: Judgement) -> dict[str, Any]:
    grade = judgement.grade.value if judgement.grade else ""
    return {"state": judgement.state.value, "grade": grade, "rationale": judgement.rationale}
