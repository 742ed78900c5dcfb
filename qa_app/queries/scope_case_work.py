"""What a viewer may see of the work for one child: actions after a review, and immediate concerns."""

from sqlalchemy import ColumnElement, and_, false, or_

from qa_app.domain.access import Permission, Viewer
from qa_app.models.case_actions import CaseAction
from qa_app.models.safeguarding_concerns import SafeguardingConcern
from qa_app.queries.scope import teams_reached


def case_actions_within(
    viewer: Viewer, permission: Permission = Permission.SEE_CASE_ACTIONS
) -> ColumnElement[bool]:
    """Actions of the teams reached that their team was told of, one's own to do, and those one raised.

    The statement selects from CaseAction. With `MANAGE_CASE_ACTIONS`, only those of the teams reached.
    """
    if not viewer.may(permission):
        return false()
    told = CaseAction.told_at.is_not(None)
    over = Permission.OVERSEE_CASE_ACTIONS if permission is Permission.SEE_CASE_ACTIONS else permission
    reached = and_(told, teams_reached(viewer.reach(over), CaseAction.team_id))
    if viewer.user_id is None or permission is not Permission.SEE_CASE_ACTIONS:
        return reached
    mine = and_(told, CaseAction.owner_id == viewer.user_id)
    return or_(reached, mine, CaseAction.raised_by_id == viewer.user_id)


def concerns_within(viewer: Viewer, permission: Permission = Permission.SEE_CONCERNS) -> ColumnElement[bool]:
    """Concerns of the teams reached, and those one raised. The statement selects from SafeguardingConcern."""
    if not viewer.may(permission):
        return false()
    reached = teams_reached(viewer.reach(permission), SafeguardingConcern.team_id)
    if viewer.user_id is None or permission is not Permission.SEE_CONCERNS:
        return reached
    return or_(reached, SafeguardingConcern.raised_by_id == viewer.user_id)
