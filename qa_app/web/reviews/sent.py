"""What a browser sent for an answer or a judgement, as the services take it."""

from werkzeug.datastructures import MultiDict

from qa_app.domain.answers import AnswerState
from qa_app.domain.errors import Invalid
from qa_app.domain.grades import Grade
from qa_app.services.reviews import SentAnswer, SentJudgement
from qa_app.web.shared.answer_fields import EXCUSE, read_typed, storable

LONGEST_MARK = 64


def sent_answer(question: str, form: "MultiDict[str, str]", stamp: str) -> SentAnswer:
    """One answer. `stamp` begins the name of the revision: the question's, or nothing when it is alone."""
    typed = read_typed(question, form)
    return SentAnswer(
        question,
        typed.raw,
        typed.excuse,
        typed.reason,
        sent_revision(form, f"{stamp}revision"),
        sent_mark(form),
    )


def sent_judgement(section: str, form: "MultiDict[str, str]", stamp: str = "judgement-") -> SentJudgement:
    """One grade with its rationale, and for the whole file the reason for going above a limit."""
    chosen = form.get("judgement-grade", "")
    cannot_judge = chosen == EXCUSE + AnswerState.CANNOT_JUDGE.value
    if chosen and not cannot_judge and chosen not in {grade.value for grade in Grade}:
        raise Invalid("judgement-grade", "Choose one of the four grades, or cannot judge.")
    departure = form.get("judgement-departure")
    return SentJudgement(
        section,
        Grade(chosen) if chosen and not cannot_judge else None,
        cannot_judge,
        storable(form.get("judgement-rationale", "")),
        None if departure is None else storable(departure),
        sent_revision(form, f"{stamp}revision"),
        sent_mark(form),
    )


def sent_revision(form: "MultiDict[str, str]", name: str) -> int:
    """The revision that the page showed."""
    text = form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(name, "This page is out of step. Load it again; your saved answers are safe.")
    return int(text)


def sent_mark(form: "MultiDict[str, str]") -> str:
    """The save's own mark; empty without scripts."""
    return storable(form.get("save_id", ""))[:LONGEST_MARK]
