"""Which records' history somebody may read: of every record that they may open, and of no other."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, Select, exists, false, or_, select, true

from qa_app.domain.access import Permission, Viewer
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import AuditFormDraft, AuditFormRow
from qa_app.models.boards import Board, IssuedReport
from qa_app.models.case_actions import CaseAction
from qa_app.models.caseload import CaseFlag, CaseloadImport
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.findings import Finding
from qa_app.models.improvement import Plan, PlanAction
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from qa_app.models.reviews import Review
from qa_app.models.safeguarding_concerns import SafeguardingConcern
from qa_app.models.themes import Theme
from qa_app.queries.scope import (
    cohort_cases_within,
    findings_within,
    readable_reviews,
    teams_within,
)
from qa_app.queries.scope_case_work import case_actions_within, concerns_within
from qa_app.queries.scope_plan import actions_within, reports_within

Records = Select[int]


def may_open(viewer: Viewer, kind: str, subject_id: int) -> bool:
    """Whether there is such a record and the viewer may open it: the same condition as its own page has."""
    if kind not in RECORDS:
        return False
    statement, number = RECORDS[kind](viewer)
    return db.session.scalar(statement.where(number == subject_id).limit(1)) is not None


def _reviews(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    statement = select(Review.id).join(CohortCase, CohortCase.id == Review.cohort_case_id)
    return statement.where(readable_reviews(viewer)), Review.id.expression


def _findings(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    statement = (
        select(Finding.id)
        .join(Review, Review.id == Finding.review_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
    )
    return statement.where(findings_within(viewer, Permission.SEE_FINDINGS)), Finding.id.expression


def _case_actions(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    return select(CaseAction.id).where(case_actions_within(viewer)), CaseAction.id.expression


def _concerns(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    return select(SafeguardingConcern.id).where(concerns_within(viewer)), SafeguardingConcern.id.expression


def _actions(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    return (
        select(PlanAction.id).where(actions_within(viewer, Permission.SEE_PLAN)),
        PlanAction.id.expression,
    )


def _plans(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    whole = true() if viewer.plan_reach(Permission.SEE_PLAN).whole_plan else false()
    return select(Plan.id).where(whole), Plan.id.expression


def _cohorts(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    if viewer.reach(Permission.SEE_COHORTS).whole_service:
        return select(Cohort.id), Cohort.id.expression
    drawn = exists().where(
        CohortCase.cohort_id == Cohort.id, cohort_cases_within(viewer, Permission.SEE_COHORTS)
    )
    return select(Cohort.id).where(drawn), Cohort.id.expression


def _teams(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    return select(Team.id).where(teams_within(viewer, Permission.SEE_ORGANISATION)), Team.id.expression


def _areas(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    reached = exists().where(
        Team.service_area_id == ServiceArea.id, teams_within(viewer, Permission.SEE_ORGANISATION)
    )
    whole = true() if viewer.reach(Permission.SEE_ORGANISATION).whole_service else false()
    return select(ServiceArea.id).where(or_(whole, reached)), ServiceArea.id.expression


def _practitioners(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    reached = exists().where(
        Team.id == Practitioner.team_id, teams_within(viewer, Permission.SEE_ORGANISATION)
    )
    whole = true() if viewer.reach(Permission.SEE_ORGANISATION).whole_service else false()
    return select(Practitioner.id).where(or_(whole, reached)), Practitioner.id.expression


def _accounts(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    own = User.id == viewer.user_id if viewer.user_id is not None else false()
    whole = true() if viewer.may(Permission.MANAGE_USERS) else false()
    return select(User.id).where(or_(whole, own)), User.id.expression


def _imports(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    whole = true() if viewer.reach(Permission.SEE_CASELOAD).whole_service else false()
    return select(CaseloadImport.id).where(whole), CaseloadImport.id.expression


def _forms(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    may = true() if viewer.may(Permission.SEE_FORMS) else false()
    return select(AuditFormRow.id).where(may), AuditFormRow.id.expression


def _themes(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    may = true() if viewer.may(Permission.SEE_THEMES) else false()
    return select(Theme.id).where(may), Theme.id.expression


def _reports(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    within = reports_within(viewer, Permission.SEE_ISSUED_REPORTS)
    return select(IssuedReport.id).where(within), IssuedReport.id.expression


def _boards(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    may = true() if viewer.may(Permission.MANAGE_BOARDS) else false()
    return select(Board.id).where(may), Board.id.expression


def _flags(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    whole = true() if viewer.reach(Permission.SEE_CASELOAD).whole_service else false()
    return select(CaseFlag.id).where(whole), CaseFlag.id.expression


def _drafts(viewer: Viewer) -> tuple[Records, ColumnElement[int]]:
    may = true() if viewer.may(Permission.MANAGE_FORMS) else false()
    return select(AuditFormDraft.id).where(may), AuditFormDraft.id.expression


RECORDS: dict[str, Callable[[Viewer], tuple[Records, ColumnElement[int]]]] = {
    "review": _reviews,
    "finding": _findings,
    "case_action": _case_actions,
    "safeguarding_concern": _concerns,
    "plan_action": _actions,
    "plan": _plans,
    "cohort": _cohorts,
    "team": _teams,
    "service_area": _areas,
    "practitioner": _practitioners,
    "user": _accounts,
    "caseload_import": _imports,
    "audit_form": _forms,
    "theme": _themes,
    "issued_report": _reports,
    "board": _boards,
    "case_flag": _flags,
    "audit_form_draft": _drafts,
}
"""The kinds of record that have a timeline of their own, with the records of the kind that a viewer may open."""
