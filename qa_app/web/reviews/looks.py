"""How a reviewer looks at their review: which questions are shown, what came back, and whether keys act."""

from dataclasses import dataclass

from flask import session, url_for

from qa_app.domain.audit_forms.form import Question
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.question_filters import Only, matches
from qa_app.domain.review_returns import OpenReturn, ReturnPoint
from qa_app.queries.reviews import ReviewSheet
from qa_app.web.shared.answer_parts import Returned

KEYS_OFF = "review_keys_off"


@dataclass(frozen=True)
class FilterLink:
    """One filter with how many questions of the whole review it leaves."""

    label: str
    href: str
    n: int
    is_current: bool


@dataclass(frozen=True)
class Look:
    """What somebody asked to see of a review, and what came back to them."""

    only: Only | None = None
    returned: OpenReturn | None = None

    def shows(self, sheet: ReviewSheet, question: Question) -> bool:
        """Whether a question is shown."""
        return _matches(self.only, sheet, question, self.returned)

    def of_question(self, key: str) -> Returned | None:
        """Why a question came back, if it did."""
        return returned_part(self.returned.of_question(key) if self.returned else None)

    def of_section(self, key: str) -> Returned | None:
        """Why the grade of a section came back, if it did."""
        return returned_part(self.returned.of_section(key) if self.returned else None)

    def address(self, review_id: int, section: str, only: Only | None = None) -> str:
        """A section under a filter."""
        return url_for(
            "reviews.show_section", review_id=review_id, section=section, only=only.value if only else None
        )


def returned_part(point: ReturnPoint | None) -> Returned | None:
    """A returned point as the page shows it."""
    if point is None:
        return None
    href = url_for("review_returns.point", point_id=point.point_id)
    return Returned(point.reason, point.is_settled, point.reply, href)


def filter_links(
    sheet: ReviewSheet, asked: frozenset[str], look: Look, section: str
) -> tuple[FilterLink, ...]:
    """The filters with their counts; *returned* only while something came back."""
    shown = [Only.UNANSWERED, Only.BELOW_GOOD, Only.COMMENTED, *([Only.RETURNED] if look.returned else [])]
    questions = [one for key, one in sheet.form.questions.items() if key in asked]
    links = [FilterLink("All", look.address(sheet.review_id, section), len(questions), look.only is None)]
    for only in shown:
        n = sum(_matches(only, sheet, one, look.returned) for one in questions)
        if only is Only.RETURNED and look.returned:
            n = len(look.returned.points)
        links.append(
            FilterLink(only.label, look.address(sheet.review_id, section, only), n, look.only is only)
        )
    return tuple(links)


def n_shown(sheet: ReviewSheet, section: str, asked: frozenset[str], look: Look) -> int:
    """How many questions of a section the filter leaves."""
    if section == OVERALL:
        return int(look.only is Only.RETURNED and look.of_section(OVERALL) is not None)
    questions = sheet.form.section_by_key[section].questions
    n = sum(look.shows(sheet, one) for one in questions if one.key in asked)
    return n + int(look.only is Only.RETURNED and look.of_section(section) is not None)


def first_returned(returned: OpenReturn) -> ReturnPoint | None:
    """Where a returned review opens: the first point still to be dealt with."""
    return returned.unsettled[0] if returned.unsettled else None


def keys_are_on() -> bool:
    """Whether single keys act on the review page, for whoever asks, until they sign out."""
    return not session.get(KEYS_OFF, False)


def _matches(only: Only | None, sheet: ReviewSheet, question: Question, returned: OpenReturn | None) -> bool:
    is_returned = returned is not None and returned.of_question(question.key) is not None
    return matches(only, question, sheet.content.answer(question.key), is_returned=is_returned)
