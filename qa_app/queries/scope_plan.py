"""Which actions of an improvement plan, and which issued reports, a viewer may see: conditions for every query."""

from sqlalchemy import ColumnElement, false, func, or_, select, true

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.boards import Marking
from qa_app.models.boards import IssuedReport, ReportDraft
from qa_app.models.improvement import ActionAgency, ActionLead, Agency, PlanAction


def actions_within(viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    """The whole plan, the actions that somebody leads, or those that name their agency. Joins PlanAction."""
    reach = viewer.plan_reach(permission)
    if reach.whole_plan:
        return true()
    conditions: list[ColumnElement[bool]] = []
    if reach.own and viewer.user_id is not None:
        conditions.append(
            select(ActionLead.id)
            .where(
                ActionLead.action_id == PlanAction.id,
                ActionLead.user_id == viewer.user_id,
                ActionLead.removed_at.is_(None),
            )
            .correlate(PlanAction)
            .exists()
        )
    if reach.agencies:
        conditions.append(
            select(ActionAgency.id)
            .join(Agency, Agency.id == ActionAgency.agency_id)
            .where(
                ActionAgency.action_id == PlanAction.id,
                ActionAgency.removed_at.is_(None),
                or_(
                    Agency.name.in_(sorted(reach.agencies)),
                    func.lower(Agency.name).in_(sorted(name.lower() for name in reach.agencies)),
                ),
            )
            .correlate(PlanAction)
            .exists()
        )
    return or_(*conditions) if conditions else false()


def reports_within(viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    """The reports issued to somebody's boards, and the public ones. Joins IssuedReport."""
    reach = viewer.board_reach(permission)
    if reach.whole:
        return true()
    if not reach.is_any:
        return false()
    return or_(
        IssuedReport.marking == Marking.PUBLIC,
        IssuedReport.board_id.in_(sorted(reach.board_ids)) if reach.board_ids else false(),
    )


def drafts_within(viewer: Viewer) -> ColumnElement[bool]:
    """The reports in preparation: all for those who issue, their own for whoever is asked for a statement."""
    if viewer.may(Permission.ISSUE_REPORTS):
        return true()
    if viewer.may(Permission.STATE_SAFEGUARDING) and viewer.user_id is not None:
        return ReportDraft.officer_id == viewer.user_id
    return false()
