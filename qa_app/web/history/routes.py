"""Pages of the history: the story of one record, the search over all changes, and who looked at what."""

from collections.abc import Iterable, Sequence

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from qa_app.domain.access import Permission
from qa_app.domain.errors import NotFound
from qa_app.domain.history_words import KINDS
from qa_app.domain.keyset import read_place
from qa_app.exchange.history_files import history_csv
from qa_app.queries.history.search import find_entries, list_actions, list_people
from qa_app.queries.history.seen import WHAT_WORDS, find_views
from qa_app.queries.history.subjects import RECORDS
from qa_app.queries.history.timeline import get_timeline
from qa_app.web.history.asked import read_question
from qa_app.web.shared.access import current_viewer, record_view, requires, signed_in
from qa_app.web.shared.record_pages import page_of

blueprint = Blueprint("history", __name__)
MOST_IN_A_FILE = 10_000


@blueprint.get("/history")
@requires(Permission.SEE_HISTORY)
def index() -> ResponseReturnValue:
    """Every change, searched by who, what, which record and when."""
    viewer = current_viewer()
    question = read_question(request.args)
    return render_template(
        "history/index.html",
        heading="History",
        page=find_entries(viewer, question.asked, before=question.before),
        question=question,
        people=list_people(viewer),
        actions=list_actions(viewer),
        kinds=[(kind, words.noun) for kind, words in KINDS.items()],
        with_timeline=frozenset(RECORDS),
    )


@blueprint.get("/history.csv")
@requires(Permission.SEE_HISTORY)
def index_file() -> ResponseReturnValue:
    """The changes that were searched for, as a file."""
    found = find_entries(current_viewer(), read_question(request.args).asked, most=MOST_IN_A_FILE)
    rows = [
        (
            one.at.isoformat(),
            one.who,
            one.did,
            one.record,
            "; ".join(
                f"{line.label}: {line.before or 'nothing'} -> {line.after or 'nothing'}"
                for line in one.changes
            ),
        )
        for one in found.entries
    ]
    return file_of("history.csv", ("When (UTC)", "Who", "What", "Record", "From what to what"), rows)


@blueprint.get("/access-log.csv")
@requires(Permission.SEE_ACCESS_LOG)
def seen_file() -> ResponseReturnValue:
    """The lines of the access log that were searched for, as a file."""
    found = find_views(current_viewer(), read_question(request.args).asked, most=MOST_IN_A_FILE)
    rows = [(one.at.isoformat(), one.who, one.words, one.record, one.page) for one in found.entries]
    return file_of("access-log.csv", ("When (UTC)", "Who", "What", "Record", "Page"), rows)


def file_of(name: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """A list as a file to take away; that it was taken is kept in the access log."""
    return Response(
        history_csv(headings, rows),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


@blueprint.get("/history/<kind>/<int:subject_id>")
@signed_in
def record(kind: str, subject_id: int) -> ResponseReturnValue:
    """The story of one record, for whoever may open it."""
    if kind not in KINDS:
        raise NotFound
    timeline = get_timeline(
        current_viewer(), kind, subject_id, before=read_place(request.args.get("before", ""))
    )
    if KINDS[kind].about_children:
        record_view(kind, subject_id)
    href = page_of(kind, subject_id)
    return render_template(
        "history/record.html",
        heading=f"History of {timeline.record[:1].lower() + timeline.record[1:]}",
        page=timeline,
        back={"text": f"Back to {timeline.record}", "href": href} if href else None,
    )


@blueprint.get("/access-log")
@requires(Permission.SEE_ACCESS_LOG)
def seen() -> ResponseReturnValue:
    """Who looked at what, took an export, signed in or was refused."""
    viewer = current_viewer()
    question = read_question(request.args)
    return render_template(
        "history/seen.html",
        heading="Access log",
        page=find_views(viewer, question.asked, before=question.before),
        question=question,
        people=list_people(viewer),
        whats=[(what, f"{words[:1].upper()}{words[1:]}") for what, words in WHAT_WORDS.items()],
        kinds=[(kind, words.noun) for kind, words in KINDS.items()],
    )
