"""One question or judgement as an auditor sees it, filled in: what a review's pages and a form's preview share."""

from dataclasses import dataclass
from typing import Any

from wtforms import Form, RadioField, SelectChoice, TextAreaField
from wtforms.fields.core import Field

from qa_app.domain.answers import Answer, AnswerState, Judgement
from qa_app.domain.audit_forms.asked import offered_finding
from qa_app.domain.audit_forms.form import AuditForm, Descriptors, Question, Section
from qa_app.domain.audit_forms.kinds import OVERALL, FindingKind, Need
from qa_app.domain.grades import Grade
from qa_app.web.shared.answer_fields import EXCUSE, PICKED_TYPES, answer_form

LONG_LABEL = 28
SHORT_TYPES = frozenset({"number", "date"})


@dataclass(frozen=True)
class Conflict:
    """Two answers to the same question: the one saved meanwhile, and the one sent now."""

    theirs: str
    yours: str


@dataclass(frozen=True)
class FindingLine:
    """A finding shown under its question."""

    ref: str
    href: str
    kind: str
    words: str


@dataclass(frozen=True)
class Returned:
    """Why a question or a grade came back, and how far its reviewer has dealt with it."""

    reason: str
    is_settled: bool
    reply: str
    stands_href: str


@dataclass(frozen=True)
class QuestionPart:
    """One question with its fields, filled in."""

    key: str
    text: str
    guidance: str
    revision: int
    save_href: str
    is_hidden: bool
    is_required: bool
    is_inline: bool
    is_short: bool
    can_clear: bool
    rows: int
    value: Field | None
    parts: tuple[tuple[Field, str], ...]
    excuse: Field | None
    is_excused: bool
    reason: Field | None
    reason_label: str
    fault: str
    finding_href: str
    case_action_href: str
    concern_href: str
    offer: bool
    offer_href: str
    offer_words: str
    findings: tuple[FindingLine, ...]
    conflict: Conflict | None
    returned: Returned | None = None


@dataclass(frozen=True)
class JudgementPart:
    """A grade with its rationale, for a section or the whole file."""

    key: str
    legend: str
    revision: int
    save_href: str
    grade: Field
    rationale: Field
    rationale_label: str
    descriptors: dict[str, str]
    departure: Field | None = None
    departs: bool = False
    fault: str = ""
    conflict: Conflict | None = None
    returned: Returned | None = None


@dataclass(frozen=True)
class AnswerLinks:
    """Where a question's answer is saved, and where findings, actions for the child and concerns are raised from it."""

    save: str = ""
    finding: str = ""
    offer: str = ""
    case_action: str = ""
    concern: str = ""


def question_part(
    question: Question,
    answer: Answer,
    *,
    revision: int = 0,
    links: AnswerLinks | None = None,
    is_hidden: bool = False,
    findings: tuple[FindingLine, ...] = (),
    conflict: Conflict | None = None,
    returned: Returned | None = None,
) -> QuestionPart:
    """One question with its fields as the answer stands. Without links it is shown, and saves nothing."""
    to = links or AnswerLinks()
    form = answer_form(question, answer)
    parts = tuple((form[part.key], part.shown_when) for part in question.answer_type.parts)
    offer = offered_finding(question, answer)
    kind = question.finding.kind if question.finding else FindingKind.WEAKNESS
    labels = [option.label for option in question.options]
    return QuestionPart(
        key=question.key,
        text=question.text,
        guidance=question.guidance,
        revision=revision,
        save_href=to.save,
        is_hidden=is_hidden,
        is_required=question.required,
        is_inline=question.type in PICKED_TYPES and all(len(label) <= LONG_LABEL for label in labels),
        is_short=question.type in SHORT_TYPES,
        can_clear=question.type in PICKED_TYPES,
        rows=4,
        value=None if parts else form["value"],
        parts=parts,
        excuse=_field(form, "excuse"),
        is_excused=answer.state in (AnswerState.NOT_APPLICABLE, AnswerState.CANNOT_JUDGE),
        reason=_field(form, "reason"),
        reason_label=_reason_label(question),
        fault=answer.fault,
        finding_href=to.finding,
        case_action_href=to.case_action,
        concern_href=to.concern,
        offer=offer is not None,
        offer_href=to.offer,
        offer_words=f"Raise this as a {kind.value}",
        findings=findings,
        conflict=conflict,
        returned=returned,
    )


def _field(form: Form, name: str) -> Field | None:
    return form._fields.get(name)


def _reason_label(question: Question) -> str:
    excuses = {"not applicable": question.not_applicable, "cannot judge": question.cannot_judge}
    needing = [
        words for words, excuse in excuses.items() if excuse.allowed and excuse.reason is Need.REQUIRED
    ]
    if not needing:
        return "Reason (optional)"
    return "Reason" if len(needing) == 2 else f"Reason (needed for {needing[0]})"


def judgement_form(judgement: Judgement, departure_reason: str = "", name: str = "judgement") -> Form:
    """The fields of a judgement, filled in. Cannot judge stands beside the grades."""
    choices = [SelectChoice(grade.value, grade.label) for grade in Grade]
    choices.append(SelectChoice(EXCUSE + AnswerState.CANNOT_JUDGE.value, "Cannot judge"))
    fields: dict[str, Any] = {
        "grade": RadioField("Grade", choices=choices),
        "rationale": TextAreaField("Rationale"),
        "departure": TextAreaField("Why does the grade stand above the limit?"),
    }
    chosen = judgement.grade.value if judgement.grade else ""
    if judgement.state is AnswerState.CANNOT_JUDGE:
        chosen = EXCUSE + AnswerState.CANNOT_JUDGE.value
    given = {"grade": chosen, "rationale": judgement.rationale, "departure": departure_reason}
    return type("JudgementForm", (Form,), fields)(data=given, prefix=f"{name}-")


def judgement_part(
    form: AuditForm,
    section: Section | None,
    given: Judgement,
    *,
    revision: int = 0,
    save_href: str = "",
    departure_reason: str = "",
    departs: bool = False,
    conflict: Conflict | None = None,
    name: str = "judgement",
) -> JudgementPart | None:
    """The grade of a section, or without one of the whole file; nothing where the form asks for none.

    `name`: what its fields' names begin with, where several judgements stand on one page.
    """
    if section is not None and not section.graded:
        return None
    fields = judgement_form(given, departure_reason, name=name)
    descriptors = section.descriptors if section else Descriptors()
    needed = section is not None or form.overall.rationale is Need.REQUIRED
    return JudgementPart(
        key=section.key if section else OVERALL,
        legend=f"Grade for {section.title[:1].lower()}{section.title[1:]}" if section else "Overall grade",
        revision=revision,
        save_href=save_href,
        grade=fields["grade"],
        rationale=fields["rationale"],
        rationale_label="Rationale" if needed else "Rationale (optional)",
        descriptors={grade.value: descriptors.of(grade) for grade in Grade if descriptors.of(grade)},
        departure=None if section else fields["departure"],
        departs=departs,
        conflict=conflict,
    )
