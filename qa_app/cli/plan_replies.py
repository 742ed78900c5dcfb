"""What the plan commands answer as JSON: other programs rely on these keys."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from qa_app.domain.plan_records import PlanActionRecord, PlanDocument
from qa_app.domain.plan_tally import ExceptionReport, PlanLine, PlanTally, Tally

Reply = dict[str, object]


def import_reply(document: PlanDocument, stored: Mapping[str, object]) -> Reply:
    """What was understood of a plan, row by row, with every doubt; `stored` tells what became of it."""
    return {
        "as_at": document.as_at.isoformat(),
        "title": document.title,
        "risks": 0,
        "actions": [_action(record) for record in document.actions],
        "columns": {name: list(headings) for name, headings in document.columns.items()},
        "columns_not_used": list(document.columns_not_used),
        "rows_read": document.n_rows_read,
        "rows_skipped": document.n_rows_skipped,
        "doubts": list(document.doubts),
        **stored,
    }


def summary_reply(tally: PlanTally) -> Reply:
    """How a plan stands at a date, in total and by priority."""
    return {
        "as_at": tally.as_at.isoformat(),
        "base": tally.base,
        "total": _tally(tally.total),
        "priorities": [
            {"priority": one.priority, "title": one.title, **_tally(one.tally)} for one in tally.priorities
        ],
    }


def exceptions_reply(report: ExceptionReport) -> Reply:
    """The due actions that are red at a date; what the count leaves out is listed apart."""
    return {
        "as_at": report.as_at.isoformat(),
        "base": report.base,
        "due": report.due,
        "red": report.red,
        "priorities": [
            {"priority": one.priority, "title": one.title, "due": one.due, "red": one.red}
            for one in report.priorities
        ],
        "actions": [_line(line) for line in report.red_actions],
        "not_due": [_line(line) for line in report.not_due],
        "completed_early": [_line(line) for line in report.completed_early],
        "outside_base": [_line(line) for line in report.outside_base],
        "due_unrated": [_line(line) for line in report.due_unrated],
    }


def _action(record: PlanActionRecord) -> Reply:
    timescale = record.timescale
    return {
        "ref": record.ref,
        "ref_as_written": record.ref_as_written,
        "priority": record.priority,
        "priority_title": record.priority_title,
        "text": record.text,
        "parts": [{"letter": part.letter, "text": part.text} for part in record.parts],
        "recommendation": record.recommendation,
        "strategic_lead": record.strategic_lead,
        "operational_lead": record.operational_lead,
        "agencies": record.agencies,
        "timescale_as_written": timescale.as_written,
        "timescale_kind": timescale.kind.value,
        "window_starts_on": _day(timescale.window_starts_on),
        "window_ends_on": _day(timescale.window_ends_on),
        "recurs": timescale.recurs,
        "review_on": _day(timescale.review_on),
        "success_measure": record.success_measure,
        "status_text": record.status_text,
        "declared_rating": record.declared_rating.value if record.declared_rating else None,
        "progress": record.progress,
        "evidence": record.evidence,
        "sheet": record.sheet,
        "row": record.row,
        "doubts": list(record.doubts),
    }


def _tally(tally: Tally) -> Reply:
    return asdict(tally)


def _line(line: PlanLine) -> Reply:
    return {
        "ref": line.ref,
        "priority": line.priority,
        "timescale_as_written": line.timescale_as_written,
        "window_ends_on": _day(line.window_ends_on),
        "lead": line.lead,
        "agencies": line.agencies,
        "text": line.text,
        "status_text": line.status_text,
        "rating": line.rating.value if line.rating else None,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
