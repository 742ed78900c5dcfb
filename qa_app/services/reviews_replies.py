"""What those whose practice was judged say to a released review, and the answers to what they challenge."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from qa_app.adapters.bank_holidays import england_holidays
from qa_app.domain.access import Permission, Role, Viewer
from qa_app.domain.case_actions import check_words
from qa_app.domain.dates import as_written
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.notices import NoticeKind
from qa_app.domain.references import review_ref
from qa_app.domain.review_replies import LONGEST_WORDS, ChallengeOutcome, ReplyKind
from qa_app.domain.working_days import add_working_days, day_in_london
from qa_app.extensions import db
from qa_app.models.organisation import Practitioner
from qa_app.models.review_replies import ReviewReply, SupervisionTalk
from qa_app.queries.reviews_replies import find_judged, may_answer
from qa_app.services import history
from qa_app.services.notices import tell
from qa_app.services.reviewed_cases import holders_of, section_of


@dataclass(frozen=True)
class ReplyDraft:
    """A reply as it is written. `question_key`: the answer it is about; none for the whole review."""

    kind: ReplyKind
    words: str
    question_key: str | None = None


def reply_to_review(
    viewer: Viewer, review_id: int, draft: ReplyDraft, *, challenge_days: int, at: datetime
) -> ReviewReply:
    """Reply to a released review of one's own practice; a challenge is answered within some working days.

    Units: `challenge_days` working days. Errors: NotAllowed; NotFound for a review that is not one's own practice or
    a question it does not ask; Invalid without words.
    """
    viewer.require(Permission.SEE_OWN_PRACTICE)
    review = find_judged(viewer, review_id)
    if viewer.user_id is None or review is None:
        raise NotFound()
    if draft.question_key and review.form_version_id is not None:
        section_of(review.form_version_id, draft.question_key)
    words = check_words("words", draft.words, "Write what you want to say.", LONGEST_WORDS)
    is_challenge = draft.kind is ReplyKind.CHALLENGE
    due_on = add_working_days(day_in_london(at), challenge_days, england_holidays()) if is_challenge else None
    reply = ReviewReply(
        review_id=review_id,
        question_key=draft.question_key or None,
        kind=draft.kind,
        words=words,
        written_at=at,
        written_by_id=viewer.user_id,
        due_on=due_on,
    )
    db.session.add(reply)
    db.session.flush()
    history.record(
        viewer, "review_replied", "review", review_id, at=at, after={"kind": draft.kind.value, "words": words}
    )
    if is_challenge and due_on is not None:
        what = f"A fact in {review_ref(review_id)} is challenged: answer by {as_written(due_on)}."
        for user_id in dict.fromkeys((review.reviewer_id, *holders_of(Role.QA_LEAD))):
            _tell(viewer, user_id, what, reply, at)
    return reply


def answer_challenge(
    viewer: Viewer, reply_id: int, outcome: ChallengeOutcome, words: str, *, at: datetime
) -> ReviewReply:
    """Answer a challenge: the review's reviewer or a QA lead, never whoever wrote it.

    Errors: NotFound out of reach; NotAllowed for one's own; Invalid without words; Conflict when it is answered.
    """
    reply = db.session.scalar(select(ReviewReply).where(ReviewReply.id == reply_id).with_for_update())
    if reply is None or reply.kind is not ReplyKind.CHALLENGE or not may_answer(viewer, reply.review_id):
        raise NotFound()
    if reply.written_by_id == viewer.user_id:
        raise NotAllowed("You wrote this challenge: somebody else answers it.")
    if reply.answered_at is not None:
        raise Conflict("This challenge is answered already. Open the review to read the answer.")
    reply.answer = check_words("words", words, "Say what was found when you looked at it.", LONGEST_WORDS)
    reply.outcome, reply.answered_at, reply.answered_by_id = outcome, at, viewer.user_id
    history.record(
        viewer, "challenge_answered", "review", reply.review_id, at=at,
        after={"outcome": outcome.value, "words": reply.answer},
    )  # fmt: skip
    _tell(
        viewer,
        reply.written_by_id,
        f"Your challenge to {review_ref(reply.review_id)} is answered.",
        reply,
        at,
    )
    db.session.flush()
    return reply


def note_supervision(
    viewer: Viewer, review_id: int, practitioner_id: int, held_on: date, words: str, *, at: datetime
) -> SupervisionTalk:
    """Note that a released review was talked over with its practitioner: by whoever supervises or manages them.

    Errors: NotAllowed for oneself; NotFound for a review that is not of this practitioner or out of reach;
    Invalid for a day to come or before the release; Conflict when it is noted already.
    """
    viewer.require(Permission.SEE_OWN_PRACTICE)
    review = find_judged(viewer, review_id, practitioner_id)
    person = db.session.get(Practitioner, practitioner_id)
    if review is None or person is None:
        raise NotFound()
    if person.user_id is not None and person.user_id == viewer.user_id:
        raise NotAllowed("Supervision is noted by whoever supervises, not by the practitioner.")
    if held_on > day_in_london(at):
        raise Invalid("held_on", "The day lies in the future. Enter the day on which you talked it over.")
    if review.released_at is not None and held_on < day_in_london(review.released_at):
        raise Invalid(
            "held_on",
            f"The review was released on {as_written(day_in_london(review.released_at))}, after that day.",
        )
    known = db.session.scalar(
        select(SupervisionTalk).where(
            SupervisionTalk.review_id == review_id, SupervisionTalk.practitioner_id == practitioner_id
        )
    )
    if known is not None:
        raise Conflict(f"{review_ref(review_id)} is noted already: {as_written(known.held_on)}.")
    talk = SupervisionTalk(
        review_id=review_id,
        practitioner_id=practitioner_id,
        held_on=held_on,
        words=check_words("words", words, "", LONGEST_WORDS) if words.strip() else "",
        noted_at=at,
        noted_by_id=viewer.user_id,
    )
    db.session.add(talk)
    history.record(
        viewer, "supervision_noted", "review", review_id, at=at,
        after={"held_on": held_on.isoformat(), "words": talk.words},
    )  # fmt: skip
    db.session.flush()
    return talk


def take_back_supervision(viewer: Viewer, review_id: int, practitioner_id: int, *, at: datetime) -> None:
    """Take back a tick that was made by mistake. Errors: NotAllowed; NotFound out of reach or when there is none."""
    viewer.require(Permission.SEE_OWN_PRACTICE)
    talk = db.session.scalar(
        select(SupervisionTalk).where(
            SupervisionTalk.review_id == review_id, SupervisionTalk.practitioner_id == practitioner_id
        )
    )
    if talk is None or find_judged(viewer, review_id, practitioner_id) is None:
        raise NotFound()
    if talk.noted_by_id != viewer.user_id:
        raise NotAllowed("Whoever ticked it takes it back.")
    before = {"held_on": talk.held_on.isoformat(), "words": talk.words}
    db.session.delete(talk)
    history.record(viewer, "supervision_untick", "review", review_id, at=at, before=before)
    db.session.flush()


def _tell(viewer: Viewer, user_id: int, what: str, reply: ReviewReply, at: datetime) -> None:
    if user_id != viewer.user_id:
        tell(
            viewer, user_id, NoticeKind.REVIEW, what, f"/reviews/{reply.review_id}",
            about=("review", reply.review_id), at=at,
        )  # fmt: skip
