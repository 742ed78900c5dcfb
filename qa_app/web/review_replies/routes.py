"""Replies to a released review by those whose practice it judges, and the answers to what they challenge."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from qa_app import clock
from qa_app.config import Settings
from qa_app.domain.access import Permission
from qa_app.domain.errors import Invalid, NotFound
from qa_app.domain.references import review_ref
from qa_app.domain.review_replies import LONGEST_WORDS, ChallengeOutcome, ReplyKind
from qa_app.queries.reviews import ReviewSheet, get_review_sheet
from qa_app.queries.reviews_replies import get_challenge, list_waiting_challenges
from qa_app.services.reviews_replies import ReplyDraft, answer_challenge, reply_to_review
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("review_replies", __name__)


class ReplyForm(BaseForm):
    """A comment, or the challenge of a fact."""

    kind = RadioField(
        "What is it?",
        choices=[SelectChoice(each.value, each.label) for each in ReplyKind],
        validators=[InputRequired("Choose what it is.")],
    )
    question = SelectField("About which question?")
    words = TextAreaField(
        "What do you want to say?",
        validators=[InputRequired("Write what you want to say."), Length(max=LONGEST_WORDS)],
    )


class AnswerForm(BaseForm):
    """The answer to a challenge."""

    outcome = RadioField(
        "What did you find?",
        choices=[SelectChoice(each.value, each.label) for each in ChallengeOutcome],
        validators=[InputRequired("Choose what you found.")],
    )
    words = TextAreaField(
        "Your answer",
        validators=[InputRequired("Say what was found when you looked at it."), Length(max=LONGEST_WORDS)],
    )


@blueprint.get("/reviews/<int:review_id>/reply")
@requires(Permission.SEE_OWN_PRACTICE)
def new(review_id: int) -> ResponseReturnValue:
    """The form for a reply."""
    sheet = _judged(review_id)
    form = ReplyForm(formdata=None)
    _with_questions(form, sheet)
    form.question.data = request.args.get("question", "")
    return _reply_page(sheet, form)


@blueprint.post("/reviews/<int:review_id>/reply")
@requires(Permission.SEE_OWN_PRACTICE)
@commits
def send(review_id: int) -> ResponseReturnValue:
    """Keep the reply."""
    sheet = _judged(review_id)
    form = ReplyForm()
    _with_questions(form, sheet)
    if form.validate():
        draft = ReplyDraft(ReplyKind(form.kind.data), form.words.data or "", form.question.data or None)
        settings: Settings = current_app.config["SETTINGS"]
        try:
            reply_to_review(
                current_viewer(), review_id, draft, challenge_days=settings.challenge_days, at=clock.now()
            )
        except Invalid as refusal:
            form.words.errors = [refusal.message]
        else:
            flash("Your reply stands with the review.", "success")
            return redirect(url_for("reviews.show", review_id=review_id, _anchor="replies"), 303)
    return _reply_page(sheet, form), 422


@blueprint.get("/replies")
@requires(Permission.COMPLETE_REVIEWS, Permission.RETURN_REVIEWS)
def waiting() -> ResponseReturnValue:
    """Challenges that wait for the viewer's answer."""
    lines = list_waiting_challenges(current_viewer())
    return render_template("review_replies/waiting.html", lines=lines, today=clock.today())


@blueprint.get("/replies/<int:reply_id>")
@requires(Permission.COMPLETE_REVIEWS, Permission.RETURN_REVIEWS)
def challenge(reply_id: int) -> ResponseReturnValue:
    """One challenge, to be answered."""
    return _answer_page(reply_id, AnswerForm(formdata=None))


@blueprint.post("/replies/<int:reply_id>")
@requires(Permission.COMPLETE_REVIEWS, Permission.RETURN_REVIEWS)
@commits
def answer(reply_id: int) -> ResponseReturnValue:
    """Answer it."""
    form = AnswerForm()
    if form.validate():
        try:
            reply = answer_challenge(
                current_viewer(),
                reply_id,
                ChallengeOutcome(form.outcome.data),
                form.words.data or "",
                at=clock.now(),
            )
        except Invalid as refusal:
            form.words.errors = [refusal.message]
        else:
            flash("The challenge is answered, and whoever wrote it is told.", "success")
            return redirect(url_for("reviews.show", review_id=reply.review_id, _anchor="replies"), 303)
    return _answer_page(reply_id, form), 422


def _judged(review_id: int) -> ReviewSheet:
    sheet = get_review_sheet(current_viewer(), review_id)
    if not sheet.is_own_practice:
        raise NotFound
    record_view("review", review_id)
    return sheet


def _with_questions(form: ReplyForm, sheet: ReviewSheet) -> None:
    asked = [one for one in sheet.form.questions.values() if one.key in sheet.answers_saved]
    form.question.choices = [
        SelectChoice("", "The whole review"),
        *(SelectChoice(one.key, one.text) for one in asked),
    ]


def _reply_page(sheet: ReviewSheet, form: ReplyForm) -> str:
    settings: Settings = current_app.config["SETTINGS"]
    hints = {
        ReplyKind.COMMENT.value: "Stands with the review for everybody who reads it.",
        ReplyKind.CHALLENGE.value: (
            f"Answered by the reviewer or the QA lead within {settings.challenge_days} working days."
        ),
    }
    return render_template("review_replies/new.html", sheet=sheet, form=form, hints=hints)


def _answer_page(reply_id: int, form: AnswerForm) -> str:
    line = get_challenge(current_viewer(), reply_id)
    record_view("review", line.review_id)
    return render_template(
        "review_replies/answer.html",
        line=line,
        form=form,
        ref=review_ref(line.review_id),
        today=clock.today(),
    )
