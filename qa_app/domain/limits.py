"""Ceilings on the overall grade: which apply to a review, why, and whether the reviewer went above."""

from dataclasses import dataclass

from qa_app.domain.answers import AnswerState, ReviewContent
from qa_app.domain.audit_forms.asked import is_true
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.grades import Grade, is_better, lowest


@dataclass(frozen=True)
class Ceiling:
    """One limit that applies: the highest grade it leaves room for, and why."""

    grade: Grade
    because: str


@dataclass(frozen=True)
class Limits:
    """The limits that apply to a review, and whether its overall grade stands above the lowest of them."""

    ceilings: tuple[Ceiling, ...] = ()
    departs: bool = False

    @property
    def lowest(self) -> Grade | None:
        """The highest grade that all limits leave room for, or nothing when none applies."""
        return lowest(ceiling.grade for ceiling in self.ceilings)


def limits_of(form: AuditForm, content: ReviewContent) -> Limits:
    """The limits that apply now. The reviewer may depart from them, with a reason."""
    ceilings = tuple(
        Ceiling(limit.ceiling, limit.because) for limit in form.limits if is_true(form, content, limit.when)
    )
    given = content.overall.grade if content.overall.state is AnswerState.ANSWERED else None
    ceiling = lowest(one.grade for one in ceilings)
    return Limits(ceilings, given is not None and ceiling is not None and is_better(given, ceiling))
