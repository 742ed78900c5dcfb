"""Releasing submitted reviews to those who worked with the child: one or many, now, later or by itself."""

from collections.abc import Iterable

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.config import Settings
from qa_app.domain.access import Permission
from qa_app.domain.errors import Invalid
from qa_app.domain.references import review_ref
from qa_app.domain.releases import ReleaseState
from qa_app.queries.reviews_release import get_release_page
from qa_app.services.reviews_release import hold_back_release, let_release_go, release_reviews
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.record_numbers import LARGEST
from qa_app.web.shared.template_filters import counted
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("releases", __name__, url_prefix="/releases")


@blueprint.get("")
@requires(Permission.RELEASE_REVIEWS)
def index() -> ResponseReturnValue:
    """Submitted reviews that wait for their release, are held back, or were released."""
    return _index()


def _index(error: str = "") -> str:
    settings: Settings = current_app.config["SETTINGS"]
    page = get_release_page(
        current_viewer(),
        _state(request.args.get("state", "")),
        number_or_none(request.args.get("cohort")),
        number_or_none(request.args.get("page")) or 1,
        days=settings.release_days,
    )
    errors = [{"text": error, "href": "#reviews"}] if error else []
    return render_template("releases/index.html", page=page, days=settings.release_days, errors=errors)


@blueprint.post("")
@requires(Permission.RELEASE_REVIEWS)
@commits
def release() -> ResponseReturnValue:
    """Release the reviews chosen."""
    review_ids = {number for number in map(number_or_none, request.form.getlist("review")) if number}
    try:
        n = release_reviews(current_viewer(), review_ids, at=clock.now())
    except Invalid as refusal:
        return _index(refusal.message), 422
    flash(
        f"{counted(n, 'review')} {'is' if n == 1 else 'are'} released. Those who worked with the children can "
        "read them now.",
        "success",
    )
    return redirect(_where_from(review_ids))


@blueprint.post("/<int:review_id>/hold")
@requires(Permission.RELEASE_REVIEWS)
@commits
def hold(review_id: int) -> ResponseReturnValue:
    """Hold one review back, with the reason."""
    hold_back_release(current_viewer(), review_id, request.form.get("reason", ""), at=clock.now())
    record_view("review", review_id)
    flash(f"{review_ref(review_id)} is held back until somebody lets it go.", "success")
    return redirect(_where_from([review_id]))


@blueprint.post("/<int:review_id>/let-go")
@requires(Permission.RELEASE_REVIEWS)
@commits
def let_go(review_id: int) -> ResponseReturnValue:
    """Hold one review back no longer."""
    let_release_go(current_viewer(), review_id, at=clock.now())
    flash(f"{review_ref(review_id)} is held back no longer.", "success")
    return redirect(_where_from([review_id]))


def number_or_none(typed: str | None) -> int | None:
    """A record's number as it was sent; nothing for what is none."""
    if typed is None or not typed.isascii() or not typed.isdecimal() or len(typed) > len(str(LARGEST)):
        return None
    return int(typed) if 0 < int(typed) <= LARGEST else None


def _state(typed: str) -> ReleaseState:
    return ReleaseState(typed) if typed in set(ReleaseState) else ReleaseState.WAITING


def _where_from(review_ids: Iterable[int]) -> str:
    """Back to the review, if that is where the button was; else to the list as it was filtered."""
    numbers = list(review_ids)
    if request.form.get("from") == "review" and len(numbers) == 1:
        return url_for("reviews.show", review_id=numbers[0])
    cohort = number_or_none(request.form.get("cohort"))
    return url_for("releases.index", state=_state(request.form.get("state", "")).value, cohort=cohort)
