"""What changed between the version in force and what would follow it, and what must not change at all.

Source: the rules of audit forms. A question's key, type and measure are frozen at first publication; questions are
retired and choices disabled, never deleted; whoever wants another meaning gives the question a new key.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.answer_types import label_of
from qa_app.domain.audit_forms.checks import FormFault, Path, questions_with_paths
from qa_app.domain.audit_forms.form import AuditForm, Excuse, Question, Section
from qa_app.domain.audit_forms.kinds import Need
from qa_app.domain.conditions import Condition
from qa_app.domain.conditions_in_words import condition_words
from qa_app.domain.grades import Grade


class ChangeClass(StrEnum):
    """How much a change matters for comparison over time, the heaviest last."""

    WORDING = "wording"
    ADDITION = "addition"
    BREAKING = "breaking"

    @property
    def label(self) -> str:
        """The class as people read it."""
        return {"wording": "Wording", "addition": "Addition", "breaking": "Breaks comparison"}[self.value]

    @property
    def meaning(self) -> str:
        """What the class means for those who compare over the years."""
        return {
            "wording": "Reads differently; answers mean what they meant.",
            "addition": "Something more is asked or offered; earlier answers keep their meaning.",
            "breaking": "Answers before and after cannot simply be compared. A second person has to agree.",
        }[self.value]


@dataclass(frozen=True)
class Change:
    """One difference: where (section or question, or neither for the form itself), what, and both sides in words."""

    kind: ChangeClass
    what: str
    before: str = ""
    after: str = ""
    section: str | None = None
    question: str | None = None
    place: str = ""
    """The section or question as people know it."""


LIMITS = "Limits of the overall grade"


def differences(earlier: AuditForm, later: AuditForm) -> tuple[Change, ...]:
    """Every difference between two versions, in the order of the later form."""
    changes = [*_form_changes(earlier, later)]
    for section in later.sections:
        was = earlier.section_by_key.get(section.key)
        changes += _new_section(section) if was is None else _section_changes(earlier, later, was, section)
        for question in section.questions:
            changes += _question_changes(earlier, later, question, section)
    changes += _order_changes(earlier, later)
    changes += _limit_changes(earlier, later)
    if not changes and earlier != later:
        changes.append(Change(ChangeClass.WORDING, "Order of themes or of other small parts"))
    return tuple(changes)


def heaviest(changes: Sequence[Change]) -> ChangeClass | None:
    """The class of the whole: breaking as soon as one change is. Nothing when nothing changed."""
    order = list(ChangeClass)
    return max((one.kind for one in changes), key=order.index, default=None)


def frozen_faults(published: Sequence[AuditForm], form: AuditForm) -> tuple[FormFault, ...]:
    """What was published and may not change any more, by every earlier version of the same form, oldest first."""
    faults: dict[tuple[Path, str], None] = {}
    places = {question.key: path for path, question in questions_with_paths(form)}
    for earlier in published:
        if earlier.subject != form.subject:
            what = (
                f"the form was published with subject '{earlier.subject}'; reviews of another kind of subject need "
                "a form of their own"
            )
            faults[("subject",), what] = None
        for section in earlier.sections:
            if section.key not in form.section_by_key:
                what = f"section '{section.key}' was published and is gone; keep it and retire it"
                faults[("sections",), what] = None
        for key, was in earlier.questions.items():
            now = form.questions.get(key)
            if now is None:
                what = (
                    f"question '{key}' was published and is gone; keep it and retire it, so that its answers can "
                    "still be read"
                )
                faults[("sections",), what] = None
                continue
            for path, what in _frozen_in(was, now, places[key]):
                faults[path, what] = None
    return tuple(FormFault(path, what) for path, what in faults)


def _frozen_in(was: Question, now: Question, path: Path) -> Iterator[tuple[Path, str]]:
    if was.type != now.type:
        what = (
            f"question '{now.key}' was published as {was.type}; a question keeps its type, so give the changed one "
            "a new key and retire this one"
        )
        yield (*path, "type"), what
    if was.measure is not None and now.measure is not None and was.measure != now.measure:
        what = (
            f"question '{now.key}' was published with measure '{was.measure}'; its answers count there for ever, so "
            "give the changed question a new key and retire this one"
        )
        yield (*path, "measure"), what
    kept = {choice.key for choice in now.choices}
    for choice in was.choices:
        if was.type == now.type and choice.key not in kept:
            what = f"choice '{choice.key}' of question '{now.key}' was published and is gone; keep it and disable it"
            yield (*path, "choices"), what


def _form_changes(earlier: AuditForm, later: AuditForm) -> Iterator[Change]:
    if earlier.title != later.title:
        yield Change(ChangeClass.WORDING, "Title of the form", earlier.title, later.title)
    for name, was, now in (
        ("Kinds of cohort", earlier.cohort_kinds, later.cohort_kinds),
        ("Plan types", earlier.plan_types, later.plan_types),
    ):
        before, after = [[one.label for one in side] for side in (was, now)]
        if set(before) - set(after):
            yield Change(ChangeClass.BREAKING, f"{name}: fewer", ", ".join(before), ", ".join(after))
        elif set(after) - set(before):
            yield Change(ChangeClass.ADDITION, f"{name}: more", ", ".join(before), ", ".join(after))
    for name, months, months_now in (
        ("Months that the reviewer reads", earlier.look_back_months, later.look_back_months),
        ("Months that the grade is about", earlier.judge_months, later.judge_months),
    ):
        if months != months_now:
            yield Change(ChangeClass.BREAKING, name, str(months), str(months_now))
    if earlier.overall.graded != later.overall.graded:
        kind = ChangeClass.ADDITION if later.overall.graded else ChangeClass.BREAKING
        yield Change(kind, "Overall grade", _given(earlier.overall.graded), _given(later.overall.graded))
    if earlier.overall.rationale != later.overall.rationale:
        yield Change(
            ChangeClass.WORDING,
            "Rationale of the overall grade",
            earlier.overall.rationale.value,
            later.overall.rationale.value,
        )


def _new_section(section: Section) -> list[Change]:
    graded = "with a grade of its own" if section.graded else "without a grade of its own"
    return [Change(ChangeClass.ADDITION, "New section", "", graded, section.key, place=section.title)]


def _section_changes(earlier: AuditForm, later: AuditForm, was: Section, now: Section) -> Iterator[Change]:
    def change(kind: ChangeClass, what: str, before: str, after: str) -> Change:
        return Change(kind, what, before, after, now.key, place=now.title)

    if was.title != now.title:
        yield change(ChangeClass.WORDING, "Title", was.title, now.title)
    if was.guidance != now.guidance:
        yield change(ChangeClass.WORDING, "Guidance", was.guidance, now.guidance)
    for grade in Grade:
        if was.descriptors.of(grade) != now.descriptors.of(grade):
            what = f"Descriptor of {grade.label.lower()}"
            yield change(ChangeClass.WORDING, what, was.descriptors.of(grade), now.descriptors.of(grade))
    if was.graded != now.graded:
        kind = ChangeClass.ADDITION if now.graded else ChangeClass.BREAKING
        yield change(kind, "Grade of the section", _given(was.graded), _given(now.graded))
    if was.retired != now.retired:
        kind = ChangeClass.BREAKING if now.retired else ChangeClass.ADDITION
        what = "Section retired" if now.retired else "Section asked again"
        yield change(kind, what, _asked(was.retired), _asked(now.retired))
    if was.show_when != now.show_when:
        before, after = _when(earlier, was.show_when), _when(later, now.show_when)
        yield change(ChangeClass.BREAKING, "When the section is asked", before, after)


def _question_changes(earlier: AuditForm, later: AuditForm, now: Question, section: Section) -> list[Change]:
    was = earlier.questions.get(now.key)
    place = now.text
    if was is None:
        what = "New question, retired from the start" if now.retired else "New question"
        after = f"{now.text} ({now.answer_type.title})"
        return [Change(ChangeClass.ADDITION, what, "", after, section.key, now.key, place)]
    found = [
        *_meaning_changes(earlier, later, was, now),
        *_wording_changes(was, now),
        *_choice_changes(was, now),
    ]
    home = earlier.section_of[now.key].key
    if home != section.key:
        title = earlier.section_by_key[home].title
        found.append((ChangeClass.BREAKING, "Moved to another section", title, section.title))
    return [
        Change(kind, what, before, after, section.key, now.key, place) for kind, what, before, after in found
    ]


Found = tuple[ChangeClass, str, str, str]


def _meaning_changes(earlier: AuditForm, later: AuditForm, was: Question, now: Question) -> Iterator[Found]:
    if was.type != now.type:
        yield ChangeClass.BREAKING, "Type of answer", was.answer_type.title, now.answer_type.title
    if was.measure != now.measure:
        kind = ChangeClass.ADDITION if was.measure is None else ChangeClass.BREAKING
        yield kind, "Measure", was.measure or "none", now.measure or "none"
    if was.retired != now.retired:
        kind = ChangeClass.BREAKING if now.retired else ChangeClass.ADDITION
        yield kind, "Retired" if now.retired else "Asked again", _asked(was.retired), _asked(now.retired)
    if was.show_when != now.show_when:
        yield (
            ChangeClass.BREAKING,
            "When it is asked",
            _when(earlier, was.show_when),
            _when(later, now.show_when),
        )
    if was.required != now.required:
        kind = ChangeClass.ADDITION if now.required else ChangeClass.BREAKING
        needs = {True: "Required", False: "Optional"}
        yield kind, "Must it be answered?", needs[was.required], needs[now.required]
    for name, before, after in (
        ("Not applicable", was.not_applicable, now.not_applicable),
        ("Cannot judge", was.cannot_judge, now.cannot_judge),
    ):
        if before != after:
            kind = ChangeClass.WORDING if before.allowed == after.allowed else ChangeClass.BREAKING
            yield kind, f"'{name}'", _excuse(before), _excuse(after)
    gone = [theme for theme in was.themes if theme not in now.themes]
    new = [theme for theme in now.themes if theme not in was.themes]
    if gone or new:
        kind = ChangeClass.BREAKING if gone else ChangeClass.ADDITION
        yield kind, "Themes", _listed(was.themes), _listed(now.themes)
    if was.finding != now.finding:
        kind = ChangeClass.ADDITION if was.finding is None else ChangeClass.BREAKING
        yield kind, "Offers a finding", _offer(was), _offer(now)


def _wording_changes(was: Question, now: Question) -> Iterator[Found]:
    if was.text != now.text:
        yield ChangeClass.WORDING, "Words of the question", was.text, now.text
    if was.guidance != now.guidance:
        yield ChangeClass.WORDING, "Guidance", was.guidance, now.guidance


def _choice_changes(was: Question, now: Question) -> Iterator[Found]:
    before = {choice.key: choice for choice in was.choices}
    after = {choice.key: choice for choice in now.choices}
    for key, choice in after.items():
        if key not in before:
            yield ChangeClass.ADDITION, "New choice", "", choice.label
            continue
        if before[key].label != choice.label:
            yield ChangeClass.WORDING, "Words of a choice", before[key].label, choice.label
        if before[key].disabled != choice.disabled:
            if choice.disabled:
                yield ChangeClass.BREAKING, "Choice disabled", choice.label, "No longer offered"
            else:
                yield ChangeClass.ADDITION, "Choice offered again", "", choice.label
    for key in before:
        if key not in after:
            yield ChangeClass.BREAKING, "Choice taken away", before[key].label, ""
    kept = [key for key in before if key in after]
    if kept != [key for key in after if key in before]:
        labels = [", ".join(side[key].label for key in side if key in kept) for side in (before, after)]
        yield ChangeClass.WORDING, "Order of the choices", labels[0], labels[1]


def _order_changes(earlier: AuditForm, later: AuditForm) -> Iterator[Change]:
    """What stands in another order; parts that came or went change no order."""
    before = [one.key for one in earlier.sections if one.key in later.section_by_key]
    after = [one.key for one in later.sections if one.key in earlier.section_by_key]
    if before != after:
        titles = ["; ".join(later.section_by_key[key].title for key in side) for side in (before, after)]
        yield Change(ChangeClass.WORDING, "Order of the sections", titles[0], titles[1])
    for section in later.sections:
        was = earlier.section_by_key.get(section.key)
        if was is None:
            continue
        here = {one.key for one in was.questions} & {one.key for one in section.questions}
        asked = [[one.key for one in side.questions if one.key in here] for side in (was, section)]
        if asked[0] != asked[1]:
            texts = ["; ".join(later.questions[key].text for key in side) for side in asked]
            yield Change(
                ChangeClass.WORDING,
                "Order of the questions",
                texts[0],
                texts[1],
                section=section.key,
                place=section.title,
            )


def _limit_changes(earlier: AuditForm, later: AuditForm) -> Iterator[Change]:
    """Limits have no key: the same ceiling under the same condition is the same limit."""
    before = {(limit.ceiling, limit.when): limit for limit in earlier.limits}
    after = {(limit.ceiling, limit.when): limit for limit in later.limits}
    for mark, limit in after.items():
        words = f"{limit.ceiling.label} at most when {_when(later, limit.when)}"
        if mark not in before:
            yield Change(ChangeClass.BREAKING, "New limit of the overall grade", "", words, place=LIMITS)
        elif before[mark].because != limit.because:
            was = before[mark].because
            yield Change(ChangeClass.WORDING, "Why a limit applies", was, limit.because, place=LIMITS)
    for mark, limit in before.items():
        if mark not in after:
            words = f"{limit.ceiling.label} at most when {_when(earlier, limit.when)}"
            yield Change(
                ChangeClass.BREAKING, "Limit of the overall grade taken away", words, "", place=LIMITS
            )


def _given(graded: bool) -> str:
    return "Graded" if graded else "Not graded"


def _excuse(excuse: Excuse) -> str:
    if not excuse.allowed:
        return "Not offered"
    return "Offered, with a reason" if excuse.reason is Need.REQUIRED else "Offered"


def _listed(themes: tuple[str, ...]) -> str:
    return ", ".join(theme.replace("_", " ") for theme in themes) or "none"


def _offer(question: Question) -> str:
    if question.finding is None:
        return "none"
    return f"{question.finding.kind.label} when {_own_condition(question.finding.when)}"


def _asked(retired: bool) -> str:
    return "Kept, and no longer asked" if retired else "Asked"


def _when(form: AuditForm, condition: Condition | None) -> str:
    """A condition in the words of the form's own questions and answers."""

    def name(one: Condition) -> str:
        if one.section is not None:
            section = form.section_by_key.get(one.section)
            return f"the grade of '{section.title if section else one.section}'"
        question = form.questions.get(one.question or "")
        return f"'{question.text if question else one.question}'"

    def value(one: Condition, operand: object) -> str:
        question = form.questions.get(one.question or "")
        options = question.options if question else ANSWER_TYPES["grade"].options()
        return label_of(operand, options).lower()

    return condition_words(condition, name=name, value=value)


def _own_condition(condition: Condition) -> str:
    return condition_words(condition, itself="the answer")
