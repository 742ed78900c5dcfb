"""Answers to a form that reach every branch of every condition: each made true and false at least once."""

import random
from dataclasses import dataclass

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.answers import Answer, AnswerState, Judgement, ReviewContent
from qa_app.domain.audit_forms.asked import asked, is_true, offered_finding
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.conditions import Condition
from qa_app.domain.grades import Grade

MOST_TRIES = 4000
TALK = {
    "practitioner_conversation": (
        {"held": "yes", "held_on": "3 11 2026", "said": "We know them well."},
        {"held": "no", "why_code": "away", "why_not": "On leave."},
    ),
    "family_feedback": (
        {"gathered": "yes", "heard_from": ["child", "parent"], "said": "They came when they said."},
        {"gathered": "no", "why_code": "declined", "why_not": "They did not wish to talk."},
    ),
}


@dataclass(frozen=True)
class Typed:
    """What a reviewer types for one question, or why it is left out."""

    raw: object = None
    excuse: AnswerState | None = None
    reason: str = ""


@dataclass(frozen=True)
class Sheet:
    """A whole review as typed, with what it comes to."""

    typed: dict[str, Typed]
    grades: dict[str, Grade]
    content: ReviewContent
    reaches: frozenset[tuple[str, bool]]


def branches(form):
    """Every condition of a form, and every comparison inside it, by a name of its own, each to be true and false."""
    found = {}
    for place, condition, question in _conditions(form):
        for path, one in condition.walk():
            found[f"{place}{path}"] = (one, question)
    return found


def _conditions(form):
    for section in form.sections:
        if section.show_when:
            yield f"section {section.key}", section.show_when, None
    for question in form.questions.values():
        if question.show_when:
            yield f"question {question.key}", question.show_when, None
        if question.finding:
            yield f"finding {question.key}", question.finding.when, question
    for n, limit in enumerate(form.limits):
        yield f"limit {n}", limit.when, None


def sheets_for(form, seed=1):
    """As few whole reviews as a greedy choice finds that reach every branch; and what could not be reached."""
    chance = random.Random(f"{form.key} {seed}")
    wanted = branches(form)
    missing = {(name, truth) for name in wanted for truth in (True, False)}
    values = {question.key: _values(form, question) for question in form.questions.values()}
    kept = []
    for _ in range(MOST_TRIES):
        if not missing and kept:
            break
        sheet = _sheet(form, values, wanted, chance)
        if sheet.reaches & missing or not kept:
            kept.append(sheet)
            missing -= sheet.reaches
    return _fewest(kept, missing), missing


def _fewest(kept, missing):
    still = set().union(*(sheet.reaches for sheet in kept))
    chosen = []
    while still:
        best = max(kept, key=lambda sheet: len(sheet.reaches & still))
        chosen.append(best)
        still -= best.reaches
    return chosen or kept[:1]


def _sheet(form, values, wanted, chance):
    typed = {key: chance.choice(offered) for key, offered in values.items()}
    answers = {key: _answer(form.questions[key], one) for key, one in typed.items()}
    places = [section.key for section in form.sections if section.graded] + (
        [OVERALL] if form.is_graded else []
    )
    grades = {place: chance.choice(list(Grade)) for place in places}
    judged = {place: Judgement(AnswerState.ANSWERED, grade, "As read.") for place, grade in grades.items()}
    overall = judged.pop(OVERALL, Judgement())
    content = ReviewContent(answers, judged, overall, "Put right since.")
    shown = asked(form, content).questions
    reaches = set()
    for name, (condition, question) in wanted.items():
        if question is None:
            reaches.add((name, is_true(form, content, condition)))
        elif question.key in shown:
            reaches.add((name, _offers(question, condition, answers[question.key])))
    return Sheet(typed, grades, content, frozenset(reaches))


def _offers(question, condition, answer):
    offer = question.finding.model_copy(update={"when": condition})
    return offered_finding(question.model_copy(update={"finding": offer}), answer) is not None


def _answer(question, typed):
    if typed.excuse is not None:
        return Answer(typed.excuse, reason=typed.reason)
    value = ANSWER_TYPES[question.type].parse(typed.raw, question.options)
    return Answer(AnswerState.ANSWERED, value)


def _values(form, question):
    """Everything worth typing for a question: each choice, values about what conditions compare with, excuses."""
    operands = [
        operand
        for condition, itself in branches(form).values()
        if isinstance(condition, Condition) and (condition.question == question.key or itself is question)
        for operand in condition.operands
    ]
    kind = question.type
    if kind in TALK:
        raw = list(TALK[kind])
    elif kind in ("number", "scale_0_10"):
        near = {int(one) + step for one in operands for step in (-1, 0, 1)} | {0, 3}
        raw = [str(one) for one in sorted(near) if 0 <= one <= 10 or kind == "number"]
    elif kind == "date":
        raw = [str(one) for one in operands] + ["2026-11-03", "2020-01-01", "2030-01-01"]
    elif kind == "choices":
        keys = [one.key for one in question.options if not one.disabled]
        raw = [[key] for key in keys] + [keys]
    elif question.options:
        raw = [one.key for one in question.options if not one.disabled]
    else:
        raw = ["Seen on the file."]
    found = [Typed(one) for one in raw]
    if question.not_applicable.allowed:
        found.append(Typed(excuse=AnswerState.NOT_APPLICABLE, reason="Not yet born."))
    if question.cannot_judge.allowed:
        found.append(Typed(excuse=AnswerState.CANNOT_JUDGE, reason="Nothing on the file."))
    return found
