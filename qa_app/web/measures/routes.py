"""Measures over time: the list, and one measure by month with the versions of its question side by side."""

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from qa_app.domain.access import Permission
from qa_app.queries.conversations import get_conversation_rates
from qa_app.queries.measure_trends import MeasureSlice, get_measure_trend, list_measures
from qa_app.web.measures.pages import measure_list_view, trend_view
from qa_app.web.shared.access import current_viewer, requires

blueprint = Blueprint("measures", __name__, url_prefix="/measures")


@blueprint.get("/")
@requires(Permission.SEE_THEMES)
def index() -> ResponseReturnValue:
    """Every measure that the forms ask."""
    asked = " ".join(request.args.get("words", "").split())[:100]
    return render_template(
        "measures/index.html", page=measure_list_view(list_measures(current_viewer()), asked)
    )


@blueprint.get("/conversations")
@requires(Permission.SEE_THEMES)
def conversations() -> ResponseReturnValue:
    """How often reviewers talked with the practitioner and heard from the family."""
    first, last = _month(request.args.get("from")), _month(request.args.get("to"))
    return render_template(
        "measures/conversations.html",
        rates=get_conversation_rates(current_viewer(), first, last),
        first=first,
        last=last,
    )


@blueprint.get("/<measure>")
@requires(Permission.SEE_THEMES)
def show(measure: str) -> ResponseReturnValue:
    """One measure by month and by version."""
    form_key = request.args.get("form", "").strip()[:80]
    chosen = MeasureSlice(_month(request.args.get("from")), _month(request.args.get("to")), form_key)
    trend = get_measure_trend(current_viewer(), measure, chosen)
    return render_template("measures/show.html", page=trend_view(trend, chosen))


def _month(asked: str | None) -> date | None:
    """The first day of a month in an address; nothing for what is none."""
    try:
        return date.fromisoformat(f"{(asked or '').strip()[:7]}-01")
    except ValueError:
        return None
