"""Which findings and themes a plan action answers, and why: the line from practice to the plan."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import Conflict, NotAllowed, NotFound
from qa_app.domain.plan_rules import checked_reason
from qa_app.domain.references import action_ref, finding_ref
from qa_app.extensions import db
from qa_app.models.findings import Finding
from qa_app.models.improvement import FindingLink, PlanAction, ThemeLink
from qa_app.models.reviews import Review
from qa_app.models.themes import Theme
from qa_app.queries.scope import findings_within
from qa_app.queries.scope_plan import actions_within
from qa_app.services import history


def link_finding(
    viewer: Viewer, action_id: int, finding_id: int, reason: str, *, at: datetime
) -> FindingLink:
    """Link a finding to the action that answers it. Linking twice is harmless: the first link and reason stay.

    Errors: NotAllowed; NotFound for an action or finding out of reach; Invalid without a reason.
    """
    user_id = _person(viewer)
    _action(viewer, action_id)
    found = db.session.scalar(
        select(Finding.id)
        .join(Review, Review.id == Finding.review_id)
        .where(Finding.id == finding_id, findings_within(viewer, Permission.SEE_FINDINGS))
    )
    if found is None:
        raise NotFound(
            f"There is no finding {finding_ref(finding_id)} that you can see. Check its reference and link again."
        )
    words = checked_reason(reason)
    standing = db.session.scalar(
        select(FindingLink).where(
            FindingLink.action_id == action_id,
            FindingLink.finding_id == finding_id,
            FindingLink.removed_at.is_(None),
        )
    )
    if standing is not None:
        return standing
    link = FindingLink(
        action_id=action_id, finding_id=finding_id, reason=words, linked_at=at, linked_by_id=user_id
    )
    _keep(link)
    said = {"finding": finding_ref(finding_id), "action": action_ref(action_id), "reason": words}
    history.record(viewer, "finding.linked", "plan_action", action_id, at=at, after=said)
    history.record(viewer, "action.linked", "finding", finding_id, at=at, after=said)
    db.session.flush()
    return link


def link_theme(viewer: Viewer, action_id: int, theme_id: int, reason: str, *, at: datetime) -> ThemeLink:
    """Link a theme to the action that answers it. Linking twice is harmless: the first link and reason stay.

    Errors: NotAllowed; NotFound; Invalid without a reason.
    """
    user_id = _person(viewer)
    _action(viewer, action_id)
    viewer.require(Permission.SEE_THEMES)
    if (
        db.session.scalar(select(Theme.id).where(Theme.id == theme_id, Theme.merged_into_id.is_(None)))
        is None
    ):
        raise NotFound("There is no such theme any more. Choose another.")
    words = checked_reason(reason)
    standing = db.session.scalar(
        select(ThemeLink).where(
            ThemeLink.action_id == action_id, ThemeLink.theme_id == theme_id, ThemeLink.removed_at.is_(None)
        )
    )
    if standing is not None:
        return standing
    link = ThemeLink(action_id=action_id, theme_id=theme_id, reason=words, linked_at=at, linked_by_id=user_id)
    _keep(link)
    said = {"theme_id": theme_id, "action": action_ref(action_id), "reason": words}
    history.record(viewer, "theme.linked", "plan_action", action_id, at=at, after=said)
    history.record(viewer, "action.linked", "theme", theme_id, at=at, after=said)
    db.session.flush()
    return link


def unlink_finding(viewer: Viewer, action_id: int, link_id: int, *, at: datetime) -> None:
    """Take a link to a finding away; that it stood, and why, is kept. Unlinking twice is harmless.

    Errors: NotAllowed; NotFound.
    """
    user_id = _person(viewer)
    link = db.session.scalar(
        select(FindingLink).where(FindingLink.id == link_id, FindingLink.action_id == action_id)
    )
    if link is None:
        raise NotFound("There is no such link.")
    if link.removed_at is not None:
        return
    link.removed_at, link.removed_by_id = at, user_id
    said = {"finding": finding_ref(link.finding_id), "action": action_ref(action_id), "reason": link.reason}
    history.record(viewer, "finding.unlinked", "plan_action", action_id, at=at, before=said)
    history.record(viewer, "action.unlinked", "finding", link.finding_id, at=at, before=said)
    db.session.flush()


def unlink_theme(viewer: Viewer, action_id: int, link_id: int, *, at: datetime) -> None:
    """Take a link to a theme away; that it stood, and why, is kept. Unlinking twice is harmless.

    Errors: NotAllowed; NotFound.
    """
    user_id = _person(viewer)
    link = db.session.scalar(
        select(ThemeLink).where(ThemeLink.id == link_id, ThemeLink.action_id == action_id)
    )
    if link is None:
        raise NotFound("There is no such link.")
    if link.removed_at is not None:
        return
    link.removed_at, link.removed_by_id = at, user_id
    said = {"theme_id": link.theme_id, "action": action_ref(action_id), "reason": link.reason}
    history.record(viewer, "theme.unlinked", "plan_action", action_id, at=at, before=said)
    history.record(viewer, "action.unlinked", "theme", link.theme_id, at=at, before=said)
    db.session.flush()


def _keep(link: FindingLink | ThemeLink) -> None:
    """Write a new link. Errors: Conflict when somebody else made the same one in the same moment."""
    try:
        with db.session.begin_nested():
            db.session.add(link)
    except IntegrityError as error:
        raise Conflict("Somebody has just made this link. Load the page again to see it.") from error


def _person(viewer: Viewer) -> int:
    viewer.require(Permission.MANAGE_PLAN)
    if viewer.user_id is None:
        raise NotAllowed("A link is made or taken away by a person: sign in first.")
    return viewer.user_id


def _action(viewer: Viewer, action_id: int) -> None:
    within = actions_within(viewer, Permission.MANAGE_PLAN)
    if db.session.scalar(select(PlanAction.id).where(PlanAction.id == action_id, within)) is None:
        raise NotFound(f"There is no plan action {action_ref(action_id)}.")
