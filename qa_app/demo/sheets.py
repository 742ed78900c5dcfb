"""How an invented review is filled in: answers of the right type to everything its form asks."""

from dataclasses import dataclass
from datetime import date, timedelta

from qa_app.demo.lots import lot, one_of, weighed
from qa_app.domain.answer_types import ParseFailure
from qa_app.domain.answers import Answer, AnswerState, Judgement, RawValue, ReviewContent
from qa_app.domain.audit_forms.asked import asked, offered_finding
from qa_app.domain.audit_forms.form import AuditForm, Question
from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.grades import Grade, lowest
from qa_app.domain.limits import limits_of

PASSES = 4
"""Answers bring up further questions; four rounds reach the deepest of any shipped form."""

SENTENCES = (
    "The file shows this clearly in the last three months; earlier records say less.",
    "There is good work here that the plan does not yet use.",
    "The record says what was done, and little of what it meant for the child.",
    "The worker knows the child well and could say more than the file does.",
    "Supervision asked the right question, and the answer was not followed up.",
    "The child's own words are quoted and have changed what was done.",
)


SHORTFALLS = (
    "It was done at the start and has not been kept up since.",
    "The record says what was done, and little of what it meant for the child.",
    "Supervision asked the right question, and the answer was not followed up.",
    "It happened late, and nobody recorded why.",
    "It depends on one worker, and stopped when that worker was away.",
)
GOOD_WORK = (
    "The child's own words are quoted and have changed what was done.",
    "The worker knows the child well, and the file shows it.",
    "The manager's challenge is recorded, and so is what came of it.",
    "Partners were brought in early and knew their part.",
)


@dataclass(frozen=True)
class Sheet:
    """A filled-in review: what was typed, and what the form makes of it."""

    typed: dict[str, RawValue]
    content: ReviewContent


@dataclass(frozen=True)
class Raised:
    """A finding the invented reviewer raises at a question."""

    question: str
    kind: FindingKind
    words: str
    themes: tuple[str, ...]


def filled_in(form: AuditForm, ref: str, quality: float, on: date) -> Sheet:
    """A whole review of one case. `quality` runs from 0, poor, to 1, strong."""
    typed: dict[str, RawValue] = {}
    content = ReviewContent()
    for _ in range(PASSES):
        shown = asked(form, content)
        new = [key for key in form.questions if key in shown.questions and key not in typed]
        if not new:
            break
        typed |= {key: typed_answer(form.questions[key], ref, quality, on) for key in new}
        content = content_of(form, ref, typed, quality)
    return Sheet(
        {key: value for key, value in typed.items() if key in asked(form, content).questions}, content
    )


def content_of(form: AuditForm, ref: str, typed: dict[str, RawValue], quality: float) -> ReviewContent:
    """What the typed answers amount to, with a grade for each graded section and the whole."""
    answers = {key: answer_of(form.questions[key], raw) for key, raw in typed.items()}
    judgements = {
        section.key: Judgement(
            AnswerState.ANSWERED, grade_of(quality, ref, section.key), sentence(ref, section.key)
        )
        for section in form.sections
        if section.graded
    }
    wanted = grade_of(quality, ref, "overall")
    bare = ReviewContent(answers, judgements)
    ceiling = limits_of(form, bare).lowest
    grade = lowest([wanted, ceiling]) if ceiling else wanted
    overall = Judgement(AnswerState.ANSWERED, grade, sentence(ref, "overall"))
    return ReviewContent(answers, judgements, overall)


def answer_of(question: Question, raw: RawValue) -> Answer:
    """The answer that the question's type reads out of what was typed."""
    value = question.answer_type.parse(raw, question.choices)
    if isinstance(value, ParseFailure):
        raise ValueError(f"{question.key}: {value.words}")
    return Answer(AnswerState.ANSWERED, value)


def grade_of(quality: float, *words: object) -> Grade:
    """A grade near the quality of the work, scattered as professional judgement is."""
    height = 0.75 * quality + 0.25 * lot(*words)
    if height > 0.82:
        return Grade.OUTSTANDING
    if height > 0.5:
        return Grade.GOOD
    return Grade.REQUIRES_IMPROVEMENT if height > 0.16 else Grade.INADEQUATE


def sentence(*words: object) -> str:
    """A sentence of rationale."""
    return one_of(SENTENCES, *words, "words")


def typed_answer(question: Question, ref: str, quality: float, on: date) -> RawValue:
    """What the invented reviewer types at a question, by its type."""
    height = 0.6 * quality + 0.4 * lot(ref, question.key)
    if question.key == "child_safe_now":
        return "no" if lot(ref, "safe") < 0.01 else "yes"
    if question.key == "threshold":
        return weighed((("right", 90.0), ("step_up", 5.0), ("step_down", 5.0)), ref, "threshold")
    by_type: dict[str, RawValue] = {
        "yes_no": "yes" if height > 0.3 else "no",
        "yes_partly_no": "yes" if height > 0.45 else "partly" if height > 0.24 else "no",
        "timescale": "met" if height > 0.35 else "met_late" if height > 0.2 else "not_met",
        "scale_0_10": str(round(3 + 7 * height)),
        "number": str(int(height * 6)),
        "date": (on - timedelta(days=10)).isoformat(),
        "grade": grade_of(quality, ref, question.key).value,
        "practitioner_conversation": conversation(ref, on),
        "family_feedback": feedback(ref, on),
    }
    if question.type in by_type:
        return by_type[question.type]
    open_choices = [choice.key for choice in question.choices if not choice.disabled]
    if question.type == "choice":
        return one_of(open_choices, ref, question.key)
    if question.type == "choices":
        return [one_of(open_choices, ref, question.key)]
    return sentence(ref, question.key)


def conversation(ref: str, on: date) -> RawValue:
    """A talk with the practitioner, held more often than not."""
    if lot(ref, "conversation") < 0.2:
        why = weighed((("left", 4.0), ("away", 4.0), ("no_time", 2.0)), ref, "why no talk")
        return {"held": "no", "why_code": why}
    held_on = (on - timedelta(days=3)).isoformat()
    return {
        "held": "yes",
        "held_on": held_on,
        "said": sentence(ref, "said"),
        "reflection": sentence(ref, "reflection"),
    }


def feedback(ref: str, on: date) -> RawValue:
    """What a family said, heard in fewer than half of the reviews."""
    if lot(ref, "feedback") < 0.55:
        why = weighed((("no_reply", 5.0), ("declined", 3.0), ("not_asked", 2.0)), ref, "why no feedback")
        return {"gathered": "no", "why_code": why}
    return {
        "gathered": "yes",
        "heard_from": [one_of(["child", "parent", "carer"], ref, "voice")],
        "heard_on": (on - timedelta(days=2)).isoformat(),
        "said": sentence(ref, "heard"),
    }


def findings_of(form: AuditForm, sheet: Sheet, ref: str) -> list[Raised]:
    """The findings an invented reviewer raises: some of those offered, and now and then a strength."""
    raised = []
    for key in sheet.typed:
        question = form.questions[key]
        if not question.themes:
            continue
        offer = offered_finding(question, sheet.content.answer(key))
        if offer is not None and lot(ref, key, "raise") < 0.25:
            words = f"{question.text.rstrip('?')}: not well enough. {one_of(SHORTFALLS, ref, key)}"
            raised.append(Raised(key, offer.kind, words, question.themes))
        elif offer is None and sheet.typed[key] == "yes" and lot(ref, key, "praise") < 0.06:
            words = f"{question.text.rstrip('?')}: yes, and well done. {sentence(ref, key, 'finding')}"
            raised.append(Raised(key, FindingKind.STRENGTH, words, question.themes))
    return raised
