"""The plan actions that answer a finding or a theme: the way down the line of sight."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Subquery, and_, func, literal, select, union_all

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.plan_records import Rating
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.findings import Finding
from qa_app.models.improvement import ActionUpdate, FindingLink, PlanAction, ThemeLink
from qa_app.models.reviews import Review
from qa_app.queries.scope import findings_within
from qa_app.queries.scope_plan import actions_within


@dataclass(frozen=True)
class AnsweringAction:
    """A plan action, and why somebody linked it. `through`: `finding` or `theme`, by which it is linked.

    `rating` is the rating declared last; None if none was.
    """

    action_id: int
    plan_ref: str
    words: str
    rating: Rating | None
    through: str
    through_id: int
    reason: str
    linked_by: str
    linked_at: datetime


def list_answering_actions(
    viewer: Viewer, *, finding_ids: Collection[int] = (), theme_ids: Collection[int] = ()
) -> tuple[AnsweringAction, ...]:
    """The plan actions linked to these findings or themes, in the order of the plan; one statement.

    Only actions within the viewer's reach; nothing for somebody who may not see the plan.
    """
    if not viewer.may(Permission.SEE_PLAN):
        return ()
    links = _links(viewer, finding_ids, theme_ids)
    latest = _latest(links)
    rows = db.session.execute(
        select(
            PlanAction.id,
            PlanAction.ref,
            PlanAction.words,
            latest.c.declared_rating,
            links.c.through,
            links.c.through_id,
            links.c.reason,
            User.name,
            links.c.linked_at,
        )
        .join(links, links.c.action_id == PlanAction.id)
        .join(User, User.id == links.c.linked_by_id)
        .outerjoin(latest, and_(latest.c.action_id == PlanAction.id, latest.c.place == 1))
        .where(actions_within(viewer, Permission.SEE_PLAN))
        .order_by(PlanAction.plan_id, PlanAction.position, links.c.linked_at)
    )
    return tuple(AnsweringAction(*row) for row in rows)


def _links(viewer: Viewer, finding_ids: Collection[int], theme_ids: Collection[int]) -> Subquery:
    """The links that stand. Columns: action_id, through, through_id, reason, linked_by_id, linked_at."""
    return union_all(
        select(
            FindingLink.action_id,
            literal("finding").label("through"),
            FindingLink.finding_id.label("through_id"),
            FindingLink.reason,
            FindingLink.linked_by_id,
            FindingLink.linked_at,
        )
        .join(Finding, Finding.id == FindingLink.finding_id)
        .join(Review, Review.id == Finding.review_id)
        .where(
            FindingLink.removed_at.is_(None),
            FindingLink.finding_id.in_(sorted(finding_ids)),
            findings_within(viewer, Permission.SEE_FINDINGS),
        ),
        select(
            ThemeLink.action_id,
            literal("theme"),
            ThemeLink.theme_id,
            ThemeLink.reason,
            ThemeLink.linked_by_id,
            ThemeLink.linked_at,
        ).where(ThemeLink.removed_at.is_(None), ThemeLink.theme_id.in_(sorted(theme_ids))),
    ).subquery("links")


def _latest(links: Subquery) -> Subquery:
    """The updates of the linked actions: the newest has place 1. Columns: action_id, declared_rating, place."""
    return (
        select(
            ActionUpdate.action_id,
            ActionUpdate.declared_rating,
            func.row_number()
            .over(
                partition_by=ActionUpdate.action_id,
                order_by=(ActionUpdate.effective_on.desc(), ActionUpdate.id.desc()),
            )
            .label("place"),
        )
        .where(ActionUpdate.action_id.in_(select(links.c.action_id)))
        .subquery("latest")
    )
