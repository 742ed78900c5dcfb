"""What the pages of reports for boards show: a report laid out from its data alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qa_app.domain.board_reports import exception_report_of
from qa_app.domain.plan_tally import ExceptionReport, PriorityExceptions
from qa_app.web.shared.plan_words import Group, grouped, priority_words
from qa_app.web.shared.template_filters import moment


@dataclass(frozen=True)
class ReportView:
    """A report as it is read: its header, figures and statement, from its data alone."""

    header: Mapping[str, str]
    report: ExceptionReport
    red_groups: list[Group]
    counting: str
    rating_key: list[tuple[str, str]]
    statement: Mapping[str, str]
    statement_words: str
    issue: Mapping[str, Any]
    issued_words: str

    def priority_words(self, row: PriorityExceptions) -> str:
        """A priority as a heading."""
        return priority_words(row.priority, row.title)


def report_view(data: Mapping[str, Any]) -> ReportView:
    """A report laid out from the data it was issued with."""
    report = exception_report_of(data["figures"])
    statement, issue = data["statement"], data["issue"]
    return ReportView(
        header=data["header"],
        report=report,
        red_groups=grouped(report.red_actions),
        counting=data["figures"]["counting"],
        rating_key=[(rating, words) for rating, words in data["figures"]["rating_key"].items()],
        statement=statement,
        statement_words=f"{statement['by']}, {statement['post']}, {_moment(statement['at'])}",
        issue=issue,
        issued_words=f"{_moment(issue['at'])} by {issue['by']}",
    )


def figures_view(figures: Mapping[str, Any]) -> ReportView:
    """The figures of a report in preparation, laid out as they will be issued."""
    nothing = {"words": "", "by": "", "post": "", "at": ""}
    report = exception_report_of(figures)
    return ReportView(
        header={},
        report=report,
        red_groups=grouped(report.red_actions),
        counting=figures["counting"],
        rating_key=[],
        statement=nothing,
        statement_words="",
        issue={},
        issued_words="",
    )


def _moment(text: str) -> str:
    return moment(datetime.fromisoformat(text))
