"""What makes a form unsound beyond its shape: every fault at once, each with its place in the form's data."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.answer_types import Operator
from qa_app.domain.audit_forms.cycles import circles
from qa_app.domain.audit_forms.form import AuditForm, Question, Section
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.conditions import DEEPEST, Condition

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class FormFault:
    """One thing that is wrong with a form: where in its data, and what in words."""

    path: Path
    what: str


def check_form(form: AuditForm, theme_keys: Collection[str] | None = None) -> tuple[FormFault, ...]:
    """Every fault of a form. Themes are checked when the taxonomy's keys are given."""
    faults = [
        *_repeated_keys(form),
        *_question_faults(form),
        *_section_faults(form),
        *_condition_faults(form),
        *_limit_faults(form),
        *(FormFault(path, what) for path, what in circles(form)),
    ]
    if theme_keys is not None:
        faults += _theme_faults(form, theme_keys)
    return tuple(faults)


def check_measures(forms: Iterable[AuditForm]) -> tuple[tuple[str, FormFault], ...]:
    """Measures that change their answer type between forms: each fault with the form's key.

    Trends join on the measure, so it keeps one answer type for ever.
    """
    first: dict[str, tuple[str, str]] = {}
    faults = []
    for form in forms:
        for path, question in questions_with_paths(form):
            if question.measure is None:
                continue
            type_name, where = first.setdefault(question.measure, (question.type, form.key))
            if type_name != question.type:
                what = (
                    f"measure '{question.measure}' is {question.type} here, {type_name} in form '{where}'; "
                    "a measure keeps one answer type, so give this question a measure of its own"
                )
                faults.append((form.key, FormFault((*path, "measure"), what)))
    return tuple(faults)


def questions_with_paths(form: AuditForm) -> Iterator[tuple[Path, Question]]:
    """Every question with its place in the form's data."""
    for s, section in enumerate(form.sections):
        for q, question in enumerate(section.questions):
            yield ("sections", s, "questions", q), question


def _repeated_keys(form: AuditForm) -> Iterator[FormFault]:
    yield from _repeats([(("sections", n), one.key) for n, one in enumerate(form.sections)], "section")
    yield from _repeats([(path, one.key) for path, one in questions_with_paths(form)], "question")
    measures = [
        (path, one.measure)
        for path, one in questions_with_paths(form)
        if one.measure and not one.retired and not form.sections[int(path[1])].retired
    ]
    yield from _repeats(measures, "measure")
    for path, question in questions_with_paths(form):
        pairs = [((*path, "choices", n), choice.key) for n, choice in enumerate(question.choices)]
        yield from _repeats(pairs, "choice")


def _repeats(pairs: list[tuple[Path, str]], noun: str) -> Iterator[FormFault]:
    seen: Counter[str] = Counter()
    for path, key in pairs:
        seen[key] += 1
        if seen[key] == 2:
            yield FormFault((*path, noun), f"{noun} '{key}' is used twice; give each {noun} its own key")


def _question_faults(form: AuditForm) -> Iterator[FormFault]:
    for path, question in questions_with_paths(form):
        kind = ANSWER_TYPES[question.type]
        offered = [choice for choice in question.choices if not choice.disabled]
        if kind.needs_choices and len(offered) < 2:
            yield FormFault(
                path, f"question '{question.key}' is {question.type} and needs at least two choices"
            )
        if question.choices and not kind.needs_choices:
            what = (
                f"question '{question.key}' is {question.type}, which has its own answers; leave choices out"
            )
            yield FormFault((*path, "choices"), what)


def _section_faults(form: AuditForm) -> Iterator[FormFault]:
    for n, section in enumerate(form.sections):
        if section.key == OVERALL:
            what = f"'{OVERALL}' is the key of the overall judgement; give this section another"
            yield FormFault(("sections", n), what)
        if not section.retired and all(question.retired for question in section.questions):
            what = f"every question of section '{section.key}' is retired; leave at least one to answer"
            yield FormFault(("sections", n), what)
        if not section.graded and section.descriptors.model_dump(exclude_defaults=True):
            what = f"section '{section.key}' is not graded; leave its descriptors out, or write graded: true"
            yield FormFault(("sections", n, "descriptors"), what)
    if all(section.retired for section in form.sections):
        yield FormFault(("sections",), "every section is retired; leave at least one to answer")
    if form.judge_months > form.look_back_months:
        what = "the grade cannot be about more months than the reviewer reads; make look_back_months larger"
        yield FormFault(("judge_months",), what)


def _theme_faults(form: AuditForm, theme_keys: Collection[str]) -> Iterator[FormFault]:
    for path, question in questions_with_paths(form):
        for n, theme in enumerate(question.themes):
            if theme not in theme_keys:
                what = f"theme '{theme}' of question '{question.key}' is not in the theme list"
                yield FormFault((*path, "themes", n), what)


def _limit_faults(form: AuditForm) -> Iterator[FormFault]:
    if form.limits and not form.overall.graded:
        yield FormFault(
            ("limits",), "limits need an overall grade; write overall: {graded: true} or leave them out"
        )


def _condition_faults(form: AuditForm) -> Iterator[FormFault]:
    for s, section in enumerate(form.sections):
        if section.show_when:
            yield from _check(form, section.show_when, ("sections", s, "show_when"))
    for path, question in questions_with_paths(form):
        if question.show_when:
            yield from _check(form, question.show_when, (*path, "show_when"))
        if question.finding:
            yield from _check(form, question.finding.when, (*path, "finding", "when"), itself=question)
    for n, limit in enumerate(form.limits):
        yield from _check(form, limit.when, ("limits", n, "when"))


def _check(
    form: AuditForm, whole: Condition, start: Path, itself: Question | None = None
) -> Iterator[FormFault]:
    if whole.depth() > DEEPEST:
        yield FormFault(start, f"the condition is nested more than {DEEPEST} deep; split it")
    for path, condition in whole.walk(start):
        if condition.operator is None:
            continue
        if itself is not None:
            if condition.question or condition.section:
                what = "a finding offer looks at its own answer; leave question and section out"
                yield FormFault(path, what)
            else:
                yield from _check_question(condition, itself, path)
        elif condition.section is not None:
            yield from _check_section(condition, form.section_by_key.get(condition.section), path)
        elif condition.question is None:
            yield FormFault(path, "the condition does not say which question or section it looks at")
        elif condition.question not in form.questions:
            what = f"the condition looks at question '{condition.question}', which is not on this form"
            yield FormFault((*path, "question"), what)
        else:
            question = form.questions[condition.question]
            if question.retired or form.section_of[question.key].retired:
                what = f"question '{question.key}' is retired and never asked; take the condition away"
                yield FormFault(path, what)
            yield from _check_question(condition, question, path)


def _check_section(condition: Condition, section: Section | None, path: Path) -> Iterator[FormFault]:
    if section is None:
        what = f"the condition looks at section '{condition.section}', which is not on this form"
        yield FormFault((*path, "section"), what)
        return
    if section.retired:
        what = f"section '{section.key}' is retired and never asked; take the condition away"
        yield FormFault((*path, "section"), what)
    if not section.graded:
        what = f"the condition looks at the grade of section '{section.key}', which is not graded"
        yield FormFault((*path, "section"), what)
    for operand in condition.operands:
        fault = ANSWER_TYPES["grade"].operand_fault(operand)
        if fault:
            yield FormFault(path, f"{fault} (grade of section '{section.key}')")


def _check_question(condition: Condition, question: Question, path: Path) -> Iterator[FormFault]:
    kind, operator = question.answer_type, condition.operator
    if operator is None:
        return
    if operator not in kind.operators:
        allowed = ", ".join(one.value for one in Operator if one in kind.operators)
        what = (
            f"question '{question.key}' is {question.type} and cannot be compared with {operator.value}; "
            f"it allows: {allowed}"
        )
        yield FormFault(path, what)
        return
    for operand in condition.operands:
        fault = kind.operand_fault(operand, question.choices)
        if fault:
            yield FormFault(path, f"{fault} (question '{question.key}')")
