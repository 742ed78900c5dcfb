"""The columns of a form's export: one for every key that any version ever used, so that no answer lacks its place."""

from collections.abc import Iterable
from dataclasses import dataclass

from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.cohorts import AnswerOutcome


@dataclass(frozen=True)
class Column:
    """One column: its key, which stays for ever, and its heading in the newest words."""

    key: str
    heading: str


FACTS = (
    Column("review", "Review"),
    Column("form", "Form"),
    Column("form_version", "Form version"),
    Column("cohort", "Cohort"),
    Column("month", "Month of the cohort"),
    Column("counts_in_rates", "Counts in rates"),
    Column("case", "Case"),
    Column("plan_type", "Plan type"),
    Column("team", "Team"),
    Column("reviewer", "Reviewer"),
    Column("submitted_on", "Submitted on"),
    Column("items_met", "Compliance items met"),
    Column("items_partly", "Compliance items partly met"),
    Column("items_counted", "Compliance items counted"),
)


def columns_of(versions: Iterable[AuditForm]) -> tuple[Column, ...]:
    """The columns of a form over its versions, oldest first: in the order of the newest version, then what went."""
    newest_first = list(versions)[::-1]
    found: dict[str, Column] = {column.key: column for column in FACTS}
    for form in newest_first:
        for section in form.sections:
            for question in section.questions:
                for suffix, label in _suffixes(question.answer_type.parts):
                    key = f"{question.key}.{suffix}" if suffix else question.key
                    words = f"{question.text} {label}".strip()
                    found.setdefault(key, Column(key, words))
                standing = f"{question.key}.standing"
                found.setdefault(standing, Column(standing, f"{question.text} (standing)"))
            if section.graded:
                _add_grade(found, section.key, section.title)
        if form.overall.graded:
            _add_grade(found, OVERALL, "Overall")
            found.setdefault("departure_reason", Column("departure_reason", "Why above the limit"))
    return tuple(found.values())


def outcome_words(outcome: AnswerOutcome | None, reason: str) -> str:
    """What became of a question in a submitted review, with the reason for leaving it out."""
    if outcome is None:
        return ""
    words = outcome.value.replace("_", " ")
    return f"{words}: {reason}" if reason and outcome is not AnswerOutcome.ANSWERED else words


def _suffixes(parts: Iterable[object]) -> list[tuple[str, str]]:
    named = [(str(getattr(part, "key", "")), f"({getattr(part, 'label', '')})") for part in parts]
    return named or [("", "")]


def _add_grade(found: dict[str, Column], key: str, title: str) -> None:
    found.setdefault(f"grade.{key}", Column(f"grade.{key}", f"{title}: grade"))
    found.setdefault(f"rationale.{key}", Column(f"rationale.{key}", f"{title}: rationale"))
