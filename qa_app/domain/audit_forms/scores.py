"""How many compliance items of a review are met: counted from the version that the review is pinned to.

A compliance item is a question answered yes or no, yes, partly or no, or met in timescale, that offers a weakness for
some of its answers: the form itself says so which answer falls short. Questions that only find out a fact have no such
offer and are not counted. Grades are professional judgements: they are never turned into numbers and never averaged.
"""

from dataclasses import dataclass
from enum import StrEnum

from qa_app.domain.answers import Answer, AnswerState, ReviewContent
from qa_app.domain.audit_forms.asked import Asked, asked, offered_finding
from qa_app.domain.audit_forms.form import AuditForm, Question
from qa_app.domain.audit_forms.kinds import OVERALL, FindingKind

ITEM_TYPES = ("yes_no", "yes_partly_no", "timescale")
BETWEEN = ("partly", "met_late")
"""Answers that are neither met nor not met."""


class ItemResult(StrEnum):
    """What one compliance item came to."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"


@dataclass(frozen=True)
class Score:
    """Compliance items of a section, or of the whole review: `n_counted` were answered, of them so many were met.

    Items that are not applicable, could not be judged or were not asked are not counted.
    """

    n_counted: int = 0
    n_met: int = 0
    n_partly: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.n_counted + other.n_counted, self.n_met + other.n_met, self.n_partly + other.n_partly
        )


def is_item(question: Question) -> bool:
    """Whether a question is a compliance item."""
    if question.type not in ITEM_TYPES or question.retired:
        return False
    short = [option.key for option in question.options if _falls_short(question, option.key)]
    return 0 < len(short) < len(question.options)


def result_of(question: Question, answer: Answer) -> ItemResult | None:
    """What an answer to a compliance item comes to; nothing when it does not count."""
    if answer.state is not AnswerState.ANSWERED or not isinstance(answer.value, str):
        return None
    if answer.value in BETWEEN:
        return ItemResult.PARTLY
    return ItemResult.NOT_MET if _falls_short(question, answer.value) else ItemResult.MET


def scores_of(form: AuditForm, content: ReviewContent, shown: Asked | None = None) -> dict[str, Score]:
    """The score of each section that has compliance items, and of the whole review under `overall`."""
    shown = shown or asked(form, content)
    scores: dict[str, Score] = {}
    for section in form.sections:
        items = [question for question in section.questions if is_item(question)]
        if not items or section.key not in shown.sections:
            continue
        results = [
            result_of(question, content.answer(question.key))
            for question in items
            if question.key in shown.questions
        ]
        scores[section.key] = Score(
            sum(one is not None for one in results),
            results.count(ItemResult.MET),
            results.count(ItemResult.PARTLY),
        )
    if scores:
        scores[OVERALL] = sum(scores.values(), Score())
    return scores


def _falls_short(question: Question, key: str) -> bool:
    offer = offered_finding(question, Answer(AnswerState.ANSWERED, key))
    return offer is not None and offer.kind is FindingKind.WEAKNESS
