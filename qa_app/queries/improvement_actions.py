"""One plan action with its dated story, and what it answers, down to the answer in the review."""

from datetime import date

from sqlalchemy import and_, func, select

from qa_app.domain.access import ROLE_PERMISSIONS, Permission, Role, Viewer
from qa_app.domain.answers import AnswerState
from qa_app.domain.audit_forms.form import Question
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.errors import NotFound
from qa_app.domain.plan_records import ActionPart
from qa_app.domain.plan_rules import window_has_ended
from qa_app.domain.plan_tally import Standing
from qa_app.domain.references import action_ref, finding_ref, review_ref
from qa_app.domain.timescales import Timescale
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.findings import Finding, FindingTheme
from qa_app.models.improvement import (
    ActionAgency,
    ActionLead,
    ActionUpdate,
    Agency,
    FindingLink,
    Plan,
    PlanAction,
    PlanImport,
    PlanPriority,
    PlanRecommendation,
    ThemeLink,
)
from qa_app.models.reviews import AnswerRow, Review
from qa_app.models.themes import Theme
from qa_app.queries.improvement_sheets import (
    ActionSheet,
    AgencyRow,
    LeadRow,
    LinkedFinding,
    LinkedTheme,
    StoryEntry,
    ThemeChoice,
)
from qa_app.queries.scope import findings_within
from qa_app.queries.scope_plan import actions_within
from qa_app.queries.themes.counts import below


def get_action_sheet(viewer: Viewer, action_id: int, as_at: date) -> ActionSheet:
    """One action as it stands at a date, with its whole story and everything it answers. Errors: NotFound.

    Linked findings out of the viewer's reach are counted and not shown.
    """
    viewer.require(Permission.SEE_PLAN)
    found = db.session.execute(
        select(PlanAction, PlanPriority, Plan.title, PlanRecommendation.words)
        .join(PlanPriority, PlanPriority.id == PlanAction.priority_id)
        .join(Plan, Plan.id == PlanAction.plan_id)
        .outerjoin(PlanRecommendation, PlanRecommendation.id == PlanAction.recommendation_id)
        .where(PlanAction.id == action_id, actions_within(viewer, Permission.SEE_PLAN))
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no plan action {action_ref(action_id)}.")
    action, priority, plan_title, recommendation = found
    story = _story(action_id)
    in_force = next((entry for entry in story if entry.effective_on <= as_at), None)
    reach = viewer.plan_reach(Permission.SEE_PLAN)
    shows_links = reach.whole_plan or viewer.may(Permission.UPDATE_ACTIONS)
    findings = _findings(viewer, action_id) if shows_links else ()
    may_link = viewer.may(Permission.MANAGE_PLAN) and viewer.user_id is not None
    return ActionSheet(
        action_id=action.id,
        code=action_ref(action.id),
        plan_id=action.plan_id,
        plan_title=plan_title,
        ref=action.ref,
        ref_as_written=action.ref_as_written,
        priority=priority.number,
        priority_title=priority.title or None,
        text=action.words,
        parts=tuple(ActionPart(part["letter"], part["text"]) for part in action.parts),
        recommendation=recommendation,
        strategic_lead=action.strategic_lead,
        operational_lead=action.operational_lead,
        agencies=action.agencies,
        success_measure=action.success_measure,
        evidence=action.evidence,
        timescale=_timescale(action),
        doubts=tuple(action.doubts),
        as_at=as_at,
        standing=_standing(action.window_ends_on, as_at),
        rating=in_force.rating if in_force else None,
        status_text=in_force.status_text if in_force else "",
        story=story,
        findings=findings,
        themes=_themes(viewer, action_id) if shows_links else (),
        n_findings_unseen=_n_findings(action_id) - len(findings) if shows_links else 0,
        may_link=may_link,
        theme_choices=_theme_choices() if may_link else (),
        leads=_leads(action_id),
        agency_rows=_agencies(action_id),
        may_update=_may_update(viewer, action_id),
        shows_links=shows_links,
    )


def _may_update(viewer: Viewer, action_id: int) -> bool:
    if viewer.user_id is None or not viewer.may(Permission.UPDATE_ACTIONS):
        return False
    within = actions_within(viewer, Permission.UPDATE_ACTIONS)
    return db.session.scalar(select(PlanAction.id).where(PlanAction.id == action_id, within)) is not None


def _leads(action_id: int) -> tuple[LeadRow, ...]:
    """Who leads an action; whether each may update it depends on the roles they hold."""
    updating = [role for role in Role if Permission.UPDATE_ACTIONS in ROLE_PERMISSIONS[role]]
    may_update = (
        select(RoleGrant.id)
        .where(
            RoleGrant.user_id == ActionLead.user_id,
            RoleGrant.suspended_at.is_(None),
            RoleGrant.role.in_(updating),
        )
        .correlate(ActionLead)
        .exists()
    )
    rows = db.session.execute(
        select(ActionLead, User.name, may_update)
        .join(User, User.id == ActionLead.user_id)
        .where(ActionLead.action_id == action_id, ActionLead.removed_at.is_(None))
        .order_by(ActionLead.kind.desc(), User.name, ActionLead.id)
    )
    return tuple(
        LeadRow(row.id, row.user_id, name, row.kind, row.written, row.assigned_at, may)
        for row, name, may in rows
    )


def _agencies(action_id: int) -> tuple[AgencyRow, ...]:
    rows = db.session.execute(
        select(ActionAgency.id, Agency.name, ActionAgency.written)
        .join(Agency, Agency.id == ActionAgency.agency_id)
        .where(ActionAgency.action_id == action_id, ActionAgency.removed_at.is_(None))
        .order_by(Agency.name)
    )
    return tuple(AgencyRow(*row) for row in rows)


def _standing(window_ends_on: date | None, as_at: date) -> Standing:
    if window_ends_on is None:
        return Standing.OUTSIDE_BASE
    return Standing.DUE if window_has_ended(window_ends_on, as_at) else Standing.NOT_DUE


def _timescale(action: PlanAction) -> Timescale:
    return Timescale(
        as_written=action.timescale_as_written,
        kind=action.timescale_kind,
        window_starts_on=action.window_starts_on,
        window_ends_on=action.window_ends_on,
        recurs=action.recurs,
        review_on=action.review_on,
    )


def _story(action_id: int) -> tuple[StoryEntry, ...]:
    """Every dated update, the newest first: the first one not later than a date is in force at it."""
    rows = db.session.execute(
        select(ActionUpdate, User.name, PlanImport.file_name)
        .outerjoin(User, User.id == ActionUpdate.recorded_by_id)
        .outerjoin(PlanImport, PlanImport.id == ActionUpdate.plan_import_id)
        .where(ActionUpdate.action_id == action_id)
        .order_by(ActionUpdate.effective_on.desc(), ActionUpdate.recorded_at.desc(), ActionUpdate.id.desc())
    )
    return tuple(
        StoryEntry(
            effective_on=update.effective_on,
            recorded_at=update.recorded_at,
            recorded_by=name,
            rating=update.declared_rating,
            status_text=update.status_text,
            progress=update.progress,
            source=file_name or "Written here",
        )
        for update, name, file_name in rows
    )


def _n_findings(action_id: int) -> int:
    return (
        db.session.scalar(
            select(func.count(FindingLink.id))
            .join(Finding, Finding.id == FindingLink.finding_id)
            .where(
                FindingLink.action_id == action_id,
                FindingLink.removed_at.is_(None),
                Finding.withdrawn_at.is_(None),
            )
        )
        or 0
    )


def _findings(viewer: Viewer, action_id: int) -> tuple[LinkedFinding, ...]:
    rows = db.session.execute(
        select(FindingLink, Finding, AnswerRow, AuditFormVersion, User.name)
        .join(Finding, Finding.id == FindingLink.finding_id)
        .join(Review, Review.id == Finding.review_id)
        .join(User, User.id == FindingLink.linked_by_id)
        .outerjoin(AuditFormVersion, AuditFormVersion.id == Review.form_version_id)
        .outerjoin(
            AnswerRow,
            and_(AnswerRow.review_id == Finding.review_id, AnswerRow.question_key == Finding.question_key),
        )
        .where(
            FindingLink.action_id == action_id,
            FindingLink.removed_at.is_(None),
            findings_within(viewer, Permission.SEE_FINDINGS),
        )
        .order_by(FindingLink.linked_at, FindingLink.id)
    )
    return tuple(_finding(*row) for row in rows)


def _finding(
    link: FindingLink,
    finding: Finding,
    answer: AnswerRow | None,
    version: AuditFormVersion | None,
    linked_by: str,
) -> LinkedFinding:
    question = _question(version, finding.question_key)
    return LinkedFinding(
        link_id=link.id,
        finding_id=finding.id,
        ref=finding_ref(finding.id),
        kind=finding.kind.value,
        severity=finding.severity.value,
        words=finding.words,
        review_id=finding.review_id,
        review_ref=review_ref(finding.review_id),
        section_key=finding.section_key,
        question_key=finding.question_key,
        question_text=question.text if question else None,
        answer_words=_answer_words(question, answer),
        reason=link.reason,
        linked_by=linked_by,
        linked_at=link.linked_at,
    )


def _question(version: AuditFormVersion | None, key: str | None) -> Question | None:
    if version is None or key is None:
        return None
    return published_form(version.content_sha256, lambda: version.content).questions.get(key)


def _answer_words(question: Question | None, answer: AnswerRow | None) -> str | None:
    if question is None or answer is None:
        return None
    if answer.state is AnswerState.ANSWERED:
        return question.answer_type.display(answer.value, question.options)
    return answer.state.label


def _themes(viewer: Viewer, action_id: int) -> tuple[LinkedTheme, ...]:
    reach = below()
    n_findings = (
        select(func.count(FindingTheme.finding_id.distinct()))
        .join(reach, reach.c.theme_id == FindingTheme.theme_id)
        .join(Finding, Finding.id == FindingTheme.finding_id)
        .join(Review, Review.id == Finding.review_id)
        .where(reach.c.counts_for_id == Theme.id, findings_within(viewer, Permission.SEE_FINDINGS))
        .correlate(Theme)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(ThemeLink, Theme, User.name, n_findings)
        .join(Theme, Theme.id == ThemeLink.theme_id)
        .join(User, User.id == ThemeLink.linked_by_id)
        .where(ThemeLink.action_id == action_id, ThemeLink.removed_at.is_(None))
        .order_by(ThemeLink.linked_at, ThemeLink.id)
    )
    return tuple(
        LinkedTheme(
            link_id=link.id,
            theme_id=theme.id,
            theme_key=theme.key,
            title=theme.title,
            definition=theme.definition,
            n_findings=n,
            reason=link.reason,
            linked_by=name,
            linked_at=link.linked_at,
        )
        for link, theme, name, n in rows
    )


def _theme_choices() -> tuple[ThemeChoice, ...]:
    rows = db.session.execute(
        select(Theme.id, Theme.title).where(Theme.merged_into_id.is_(None)).order_by(Theme.title)
    )
    return tuple(ThemeChoice(*row) for row in rows)
