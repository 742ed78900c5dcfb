"""What a viewer may see, as conditions that every query adds. Everything not reached is left out."""

from datetime import date

from sqlalchemy import ColumnElement, Subquery, and_, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from qa_app.domain.access import Permission, Reach, Viewer
from qa_app.domain.cohorts import ReviewState
from qa_app.models.cohorts import CohortCase
from qa_app.models.findings import Finding
from qa_app.models.improvement import ActionUpdate
from qa_app.models.organisation import Team
from qa_app.models.reviews import Review


def _teams_reached(
    reach: Reach, column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
) -> ColumnElement[bool]:
    if reach.whole_service:
        return true()
    if reach.team_ids:
        return column.in_(sorted(reach.team_ids))
    return false()


def reviews_within(viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    """Own reviews, and the submitted ones of cases in teams reached. The statement joins Review and CohortCase.

    Nobody but its reviewer reads a review before it is submitted.
    """
    reach = viewer.reach(permission)
    submitted = Review.state == ReviewState.SUBMITTED
    condition = and_(submitted, _teams_reached(reach, CohortCase.team_id))
    if reach.own and viewer.user_id is not None:
        condition = or_(condition, Review.reviewer_id == viewer.user_id)
    return condition


def findings_within(viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    """Standing findings of teams reached, and those of own reviews. The statement joins Finding and Review.

    A finding of a review not yet submitted is seen by its reviewer alone.
    """
    reach = viewer.reach(permission)
    submitted = Review.state == ReviewState.SUBMITTED
    condition = and_(submitted, _teams_reached(reach, Finding.team_id))
    if reach.own and viewer.user_id is not None:
        condition = or_(condition, Review.reviewer_id == viewer.user_id)
    return and_(Finding.withdrawn_at.is_(None), condition)


def teams_within(viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    """The teams reached. The statement selects from Team."""
    return _teams_reached(viewer.reach(permission), Team.id)


def cohort_cases_within(viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    """Drawn cases of the teams reached. The statement joins CohortCase."""
    return _teams_reached(viewer.reach(permission), CohortCase.team_id)


def updates_in_force(as_at: date | None = None) -> Subquery:
    """For each plan action, the update in force at a date, or the newest one of all.

    Columns: action_id, effective_on, status_text, declared_rating, progress.
    """
    newest_first = func.row_number().over(
        partition_by=ActionUpdate.action_id,
        order_by=(ActionUpdate.effective_on.desc(), ActionUpdate.recorded_at.desc(), ActionUpdate.id.desc()),
    )
    ranked = select(
        ActionUpdate.action_id,
        ActionUpdate.effective_on,
        ActionUpdate.status_text,
        ActionUpdate.declared_rating,
        ActionUpdate.progress,
        newest_first.label("place"),
    )
    if as_at is not None:
        ranked = ranked.where(ActionUpdate.effective_on <= as_at)
    inner = ranked.subquery("ranked_updates")
    return (
        select(
            inner.c.action_id,
            inner.c.effective_on,
            inner.c.status_text,
            inner.c.declared_rating,
            inner.c.progress,
        )
        .where(inner.c.place == 1)
        .subquery("updates_in_force")
    )
