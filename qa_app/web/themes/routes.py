"""Themes: the list, one theme, and the reviews and findings behind each figure."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from qa_app.domain.access import Permission
from qa_app.domain.errors import NotFound
from qa_app.queries.answering_actions import list_answering_actions
from qa_app.queries.themes.pages import (
    Having,
    get_theme_list,
    get_theme_page,
    list_theme_findings,
    list_theme_reviews,
    slice_options,
)
from qa_app.web.shared.access import current_viewer, requires
from qa_app.web.shared.action_lines import action_line
from qa_app.web.themes.pages import theme_findings_view, theme_list_view, theme_reviews_view, theme_view
from qa_app.web.themes.slices import read_slice, slice_choices, slice_words

blueprint = Blueprint("themes", __name__, url_prefix="/themes")


@blueprint.get("/")
@requires(Permission.SEE_THEMES)
def index() -> ResponseReturnValue:
    """Every theme, and how often it comes up."""
    viewer = current_viewer()
    asked, chosen = read_slice(request.args)
    found = get_theme_list(viewer, chosen)
    page = theme_list_view(found, asked, shows_actions=viewer.may(Permission.SEE_PLAN))
    return render_template("themes/index.html", page=page)


@blueprint.get("/<int:theme_id>")
@requires(Permission.SEE_THEMES)
def show(theme_id: int) -> ResponseReturnValue:
    """One theme: how often, where, since when, the findings behind it, and the plan actions that answer it."""
    viewer = current_viewer()
    asked, chosen = read_slice(request.args)
    found = get_theme_page(viewer, theme_id, chosen)
    titles = {one.theme_id: one.title for one in (found.theme, *found.children)}
    actions = [action_line(one, titles) for one in list_answering_actions(viewer, theme_ids=list(titles))]
    page = theme_view(found, asked, actions, shows_actions=viewer.may(Permission.SEE_PLAN))
    return render_template("themes/show.html", page=page)


@blueprint.get("/<int:theme_id>/reviews")
@requires(Permission.SEE_THEMES)
def reviews(theme_id: int) -> ResponseReturnValue:
    """The reviews behind one figure of a theme."""
    viewer = current_viewer()
    asked, chosen = read_slice(request.args)
    wanted = request.args.get("having", Having.ALL.value)
    if wanted not in set(Having):
        raise NotFound
    having = Having(wanted)
    number = request.args.get("page", 1, type=int)
    found = list_theme_reviews(viewer, theme_id, chosen, having, number)
    words = slice_words(asked, slice_choices(slice_options(viewer)))
    return render_template("themes/reviews.html", page=theme_reviews_view(found, asked, having, words))


@blueprint.get("/<int:theme_id>/findings")
@requires(Permission.SEE_THEMES)
def findings(theme_id: int) -> ResponseReturnValue:
    """Every finding behind a theme's figures."""
    viewer = current_viewer()
    asked, chosen = read_slice(request.args)
    found = list_theme_findings(viewer, theme_id, chosen)
    words = slice_words(asked, slice_choices(slice_options(viewer)))
    return render_template("themes/findings.html", page=theme_findings_view(found, asked, words))
