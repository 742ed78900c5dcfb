"""The saves of a review as people read them: which question, which grade, from what to what."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.answers import AnswerState
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.grades import Grade
from qa_app.domain.history_words import ChangeLine, Told

GRADE_OF = "grade of "
SOON_AFTER = timedelta(minutes=30)
LONGEST = 600


def save_lines(
    before: Mapping[str, Any], after: Mapping[str, Any], form: AuditForm | None
) -> tuple[ChangeLine, ...]:
    """What one save changed. Without the form, questions and sections are called by their keys."""
    lines: list[ChangeLine] = []
    for key, now in after.items():
        was = before.get(key) or {}
        if not isinstance(now, dict) or not isinstance(was, dict):
            continue
        if key.startswith(GRADE_OF):
            lines += _judgement_lines(key.removeprefix(GRADE_OF), was, now, form)
        else:
            lines.append(ChangeLine(_question(key, form), _answer(key, was, form), _answer(key, now, form)))
    return tuple(line for line in lines if line.before != line.after)


def told_together(entries: Sequence[Told], did: str) -> tuple[Told, ...]:
    """Entries, newest first, in which saves that followed soon upon one another are told as one.

    A review saves itself while somebody types: a hundred entries that nobody would read one by one.
    """
    told: list[Told] = []
    for each in entries:
        newer = told[-1] if told else None
        is_one = (
            newer is not None
            and newer.did == each.did == did
            and newer.who == each.who
            and newer.words == each.words
            and newer.at - each.until <= SOON_AFTER
        )
        if is_one and newer is not None:
            told[-1] = replace(
                newer,
                at=each.at,
                n=newer.n + each.n,
                changes=_from_first_to_last(each.changes, newer.changes),
            )
        else:
            told.append(each)
    return tuple(told)


def _from_first_to_last(older: Sequence[ChangeLine], newer: Sequence[ChangeLine]) -> tuple[ChangeLine, ...]:
    lines = {line.label: line for line in older}
    for line in newer:
        known = lines.get(line.label)
        lines[line.label] = replace(line, before=known.before) if known else line
    return tuple(line for line in lines.values() if line.before != line.after)


def _judgement_lines(
    section: str, was: Mapping[str, Any], now: Mapping[str, Any], form: AuditForm | None
) -> list[ChangeLine]:
    title = _section(section, form)
    return [
        ChangeLine(f"Grade of {title}", _grade(was), _grade(now)),
        ChangeLine(
            f"Reasons for the grade of {title}", _short(was.get("rationale")), _short(now.get("rationale"))
        ),
        ChangeLine("Why above the limit", _short(was.get("departure")), _short(now.get("departure"))),
    ]


def _section(key: str, form: AuditForm | None) -> str:
    if key == OVERALL:
        return "the whole file"
    found = form.section_by_key.get(key) if form else None
    return found.title if found else key


def _question(key: str, form: AuditForm | None) -> str:
    found = form.questions.get(key) if form else None
    return found.text if found else key


def _grade(held: Mapping[str, Any]) -> str:
    state, grade = held.get("state", ""), held.get("grade", "")
    if grade in set(Grade):
        return Grade(grade).label
    return "" if state in ("", AnswerState.BLANK) else AnswerState(state).label


def _answer(key: str, held: Mapping[str, Any], form: AuditForm | None) -> str:
    state, value = held.get("state", AnswerState.BLANK), held.get("value")
    if state == AnswerState.BLANK:
        return ""
    question = form.questions.get(key) if form else None
    if state == AnswerState.ANSWERED and question is not None and question.type in ANSWER_TYPES:
        return _short(ANSWER_TYPES[question.type].display(value, question.options))
    if state == AnswerState.ANSWERED:
        return _short(value)
    words = AnswerState(state).label if state in set(AnswerState) else str(state)
    reason = held.get("reason") or (value if state == AnswerState.UNREADABLE else "")
    return _short(f"{words}: {reason}" if reason else words)


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3].rstrip()}..."
