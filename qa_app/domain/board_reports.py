"""What an issued report holds: an exception report as plain data that stands for itself, and read back again."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from qa_app.domain.plan_records import Rating
from qa_app.domain.plan_tally import ExceptionReport, PlanLine, PriorityExceptions
from qa_app.domain.timescales import TimescaleKind

COUNTING = (
    "This report counts rows of the plan: each action is one row, whatever parts it has. An action is due when its "
    "published window ends on or before the date of the report; a month ends on its last day. Red is what the plan "
    "declares. Figures in papers that were counted by hand may differ."
)
RATING_WORDS = {
    Rating.GREEN: "the plan declares the action green",
    Rating.AMBER: "the plan declares the action amber",
    Rating.RED: "the plan declares the action red",
    Rating.WHITE: "the plan declares the action white: not planned to have started",
}
LISTS = ("red_actions", "not_due", "completed_early", "outside_base", "due_unrated")


def exception_figures(report: ExceptionReport) -> dict[str, Any]:
    """Every figure and every action of an exception report, as JSON."""
    return {
        "as_at": report.as_at.isoformat(),
        "base": report.base,
        "counting": COUNTING,
        "rating_key": {rating.value: words for rating, words in RATING_WORDS.items()},
        "due": report.due,
        "red": report.red,
        "priorities": [
            {"priority": row.priority, "title": row.title, "due": row.due, "red": row.red}
            for row in report.priorities
        ],
        **{name: [_line(line) for line in getattr(report, name)] for name in LISTS},
    }


def exception_report_of(figures: Mapping[str, Any]) -> ExceptionReport:
    """The exception report that figures were made from: what a page or a document lays out."""
    lists: dict[str, tuple[PlanLine, ...]] = {name: _lines(figures[name]) for name in LISTS}
    return ExceptionReport(
        as_at=date.fromisoformat(figures["as_at"]),
        base=figures["base"],
        due=figures["due"],
        red=figures["red"],
        priorities=tuple(
            PriorityExceptions(row["priority"], row["title"], row["due"], row["red"])
            for row in figures["priorities"]
        ),
        **lists,
    )


def whole_report(
    *,
    header: Mapping[str, str],
    figures: Mapping[str, Any],
    statement: Mapping[str, str],
    issue: Mapping[str, Any],
) -> dict[str, Any]:
    """All that an issued report says, in one piece: its hash is over this."""
    return {
        "layout": 1,
        "header": dict(header),
        "figures": dict(figures),
        "statement": dict(statement),
        "issue": dict(issue),
    }


def moment_words(at: datetime) -> str:
    """A moment as it is frozen: in UTC, to the second, with its zone."""
    return at.isoformat(timespec="seconds")


def _line(line: PlanLine) -> dict[str, Any]:
    return {
        "ref": line.ref,
        "ref_as_written": line.ref_as_written,
        "priority": line.priority,
        "priority_title": line.priority_title,
        "text": line.text,
        "lead": line.lead,
        "agencies": line.agencies,
        "timescale_as_written": line.timescale_as_written,
        "timescale_kind": line.timescale_kind.value,
        "window_ends_on": line.window_ends_on.isoformat() if line.window_ends_on else None,
        "status_text": line.status_text,
        "rating": line.rating.value if line.rating else None,
        "action_id": line.action_id,
    }


def _lines(rows: Sequence[Mapping[str, Any]]) -> tuple[PlanLine, ...]:
    return tuple(
        PlanLine(
            **{
                **row,
                "timescale_kind": TimescaleKind(row["timescale_kind"]),
                "window_ends_on": date.fromisoformat(row["window_ends_on"])
                if row["window_ends_on"]
                else None,
                "rating": Rating(row["rating"]) if row["rating"] else None,
            }
        )
        for row in rows
    )
