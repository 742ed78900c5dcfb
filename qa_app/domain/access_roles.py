"""The roles of the work, everything that somebody may do, and which role may do what."""

from enum import StrEnum


class Role(StrEnum):
    """The work somebody does here. Stored by value: a role keeps its value for ever."""

    ADMINISTRATOR = "administrator"
    QA_LEAD = "qa_lead"
    AUDITOR = "auditor"
    MODERATOR = "moderator"
    TRIPLE_LOCK_CONSULTANT = "triple_lock_consultant"
    EXTERNAL_REVIEWER = "external_reviewer"
    PRACTITIONER = "practitioner"
    TEAM_MANAGER = "team_manager"
    HEAD_OF_SERVICE = "head_of_service"
    REVIEWING_OFFICER = "reviewing_officer"
    DIRECTOR = "director"
    IMPROVEMENT_TEAM = "improvement_team"
    ACTION_LEAD = "action_lead"
    PARTNER_AGENCY = "partner_agency"
    BOARD_MEMBER = "board_member"

    @property
    def label(self) -> str:
        """The role as people say it."""
        special = {
            Role.QA_LEAD: "QA lead",
            Role.TRIPLE_LOCK_CONSULTANT: "Triple lock consultant",
            Role.REVIEWING_OFFICER: "Reviewing officer or conference chair",
        }
        return special.get(self, self.value.replace("_", " ").capitalize())


class Permission(StrEnum):
    """One thing that somebody may do. Every page names the one it needs."""

    MANAGE_USERS = "manage_users"
    MANAGE_ORGANISATION = "manage_organisation"
    SEE_ORGANISATION = "see_organisation"
    IMPORT_CASELOAD = "import_caseload"
    SEE_CASELOAD = "see_caseload"
    MANAGE_COHORTS = "manage_cohorts"
    SEE_COHORTS = "see_cohorts"
    COMPLETE_REVIEWS = "complete_reviews"
    SEE_REVIEWS = "see_reviews"
    RAISE_FINDINGS = "raise_findings"
    SEE_FINDINGS = "see_findings"
    SEE_THEMES = "see_themes"
    MANAGE_FORMS = "manage_forms"
    SEE_FORMS = "see_forms"
    SEE_PLAN = "see_plan"
    MANAGE_PLAN = "manage_plan"
    SEE_EXCEPTION_REPORT = "see_exception_report"
    SEE_HISTORY = "see_history"
    SEE_ROLES = "see_roles"
    RELEASE_REVIEWS = "release_reviews"
    SEE_OWN_PRACTICE = "see_own_practice"
    MANAGE_LEAVERS = "manage_leavers"
    APPROVE_FORMS = "approve_forms"
    SEE_ACCESS_LOG = "see_access_log"
    UPDATE_ACTIONS = "update_actions"
    SEE_ISSUED_REPORTS = "see_issued_reports"
    ISSUE_REPORTS = "issue_reports"
    STATE_SAFEGUARDING = "state_safeguarding"
    MANAGE_BOARDS = "manage_boards"
    APPROVE_EXEMPTIONS = "approve_exemptions"
    REFER_CASES = "refer_cases"
    SEE_CASE_ACTIONS = "see_case_actions"
    OVERSEE_CASE_ACTIONS = "oversee_case_actions"
    MANAGE_CASE_ACTIONS = "manage_case_actions"
    SEE_CONCERNS = "see_concerns"
    ANSWER_CONCERNS = "answer_concerns"
    ACKNOWLEDGE_CONCERNS = "acknowledge_concerns"
    RETURN_REVIEWS = "return_reviews"


class ScopeKind(StrEnum):
    """How far a role reaches."""

    WHOLE_SERVICE = "whole_service"
    SERVICE_AREA = "service_area"
    TEAM = "team"
    AGENCY = "agency"
    OWN_REVIEWS = "own_reviews"
    OWN_ACTIONS = "own_actions"
    BOARD = "board"


P = Permission
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(
        {
            P.MANAGE_USERS,
            P.MANAGE_ORGANISATION,
            P.SEE_ORGANISATION,
            P.SEE_FORMS,
            P.SEE_HISTORY,
            P.SEE_ACCESS_LOG,
            P.SEE_ROLES,
            P.MANAGE_LEAVERS,
            P.MANAGE_BOARDS,
        }
    ),
    Role.QA_LEAD: frozenset(
        {
            P.MANAGE_ORGANISATION,
            P.SEE_ORGANISATION,
            P.IMPORT_CASELOAD,
            P.SEE_CASELOAD,
            P.MANAGE_COHORTS,
            P.APPROVE_EXEMPTIONS,
            P.REFER_CASES,
            P.SEE_COHORTS,
            P.SEE_REVIEWS,
            P.RAISE_FINDINGS,
            P.SEE_FINDINGS,
            P.SEE_THEMES,
            P.MANAGE_FORMS,
            P.SEE_FORMS,
            P.SEE_PLAN,
            P.SEE_EXCEPTION_REPORT,
            P.RELEASE_REVIEWS,
            P.RETURN_REVIEWS,
            P.MANAGE_LEAVERS,
            P.APPROVE_FORMS,
            P.SEE_HISTORY,
            P.SEE_ROLES,
            P.SEE_ISSUED_REPORTS,
            P.STATE_SAFEGUARDING,
            P.UPDATE_ACTIONS,
            P.SEE_CASE_ACTIONS,
            P.OVERSEE_CASE_ACTIONS,
            P.MANAGE_CASE_ACTIONS,
            P.SEE_CONCERNS,
            P.ANSWER_CONCERNS,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            P.COMPLETE_REVIEWS,
            P.SEE_REVIEWS,
            P.RAISE_FINDINGS,
            P.SEE_FINDINGS,
            P.SEE_FORMS,
            P.SEE_CASE_ACTIONS,
            P.SEE_CONCERNS,
        }
    ),
    Role.MODERATOR: frozenset({P.SEE_REVIEWS, P.SEE_FINDINGS, P.SEE_THEMES, P.SEE_FORMS}),
    Role.TRIPLE_LOCK_CONSULTANT: frozenset(
        {
            P.COMPLETE_REVIEWS,
            P.SEE_REVIEWS,
            P.RAISE_FINDINGS,
            P.SEE_FINDINGS,
            P.SEE_CASE_ACTIONS,
            P.SEE_CONCERNS,
        }
    ),
    Role.EXTERNAL_REVIEWER: frozenset(
        {
            P.COMPLETE_REVIEWS,
            P.SEE_REVIEWS,
            P.RAISE_FINDINGS,
            P.SEE_FINDINGS,
            P.SEE_CASE_ACTIONS,
            P.SEE_CONCERNS,
        }
    ),
    Role.PRACTITIONER: frozenset(
        {
            P.SEE_OWN_PRACTICE,
            P.SEE_CASE_ACTIONS,
        }
    ),
    Role.TEAM_MANAGER: frozenset(
        {
            P.SEE_REVIEWS,
            P.SEE_OWN_PRACTICE,
            P.SEE_FINDINGS,
            P.SEE_THEMES,
            P.SEE_ORGANISATION,
            P.REFER_CASES,
            P.SEE_CASE_ACTIONS,
            P.OVERSEE_CASE_ACTIONS,
            P.MANAGE_CASE_ACTIONS,
            P.SEE_CONCERNS,
            P.ANSWER_CONCERNS,
        }
    ),
    Role.HEAD_OF_SERVICE: frozenset(
        {
            P.SEE_REVIEWS,
            P.SEE_FINDINGS,
            P.SEE_THEMES,
            P.SEE_ORGANISATION,
            P.SEE_PLAN,
            P.SEE_EXCEPTION_REPORT,
            P.SEE_COHORTS,
            P.REFER_CASES,
            P.SEE_ISSUED_REPORTS,
            P.UPDATE_ACTIONS,
            P.SEE_CASE_ACTIONS,
            P.OVERSEE_CASE_ACTIONS,
            P.MANAGE_CASE_ACTIONS,
            P.SEE_CONCERNS,
            P.ANSWER_CONCERNS,
            P.ACKNOWLEDGE_CONCERNS,
        }
    ),
    Role.REVIEWING_OFFICER: frozenset(
        {
            P.SEE_OWN_PRACTICE,
            P.SEE_CASE_ACTIONS,
        }
    ),
    Role.DIRECTOR: frozenset(
        {
            P.SEE_REVIEWS,
            P.SEE_FINDINGS,
            P.SEE_THEMES,
            P.SEE_ORGANISATION,
            P.SEE_PLAN,
            P.SEE_EXCEPTION_REPORT,
            P.SEE_COHORTS,
            P.APPROVE_EXEMPTIONS,
            P.SEE_HISTORY,
            P.SEE_ACCESS_LOG,
            P.SEE_ROLES,
            P.APPROVE_FORMS,
            P.SEE_ISSUED_REPORTS,
            P.ISSUE_REPORTS,
            P.STATE_SAFEGUARDING,
            P.UPDATE_ACTIONS,
            P.SEE_CASE_ACTIONS,
            P.OVERSEE_CASE_ACTIONS,
            P.MANAGE_CASE_ACTIONS,
            P.SEE_CONCERNS,
            P.ANSWER_CONCERNS,
            P.ACKNOWLEDGE_CONCERNS,
        }
    ),
    Role.IMPROVEMENT_TEAM: frozenset(
        {
            P.SEE_REVIEWS,
            P.SEE_FINDINGS,
            P.SEE_THEMES,
            P.SEE_PLAN,
            P.MANAGE_PLAN,
            P.UPDATE_ACTIONS,
            P.SEE_EXCEPTION_REPORT,
            P.SEE_ISSUED_REPORTS,
            P.ISSUE_REPORTS,
            P.MANAGE_BOARDS,
            P.SEE_CASE_ACTIONS,
            P.OVERSEE_CASE_ACTIONS,
        }
    ),
    Role.ACTION_LEAD: frozenset({P.SEE_PLAN, P.UPDATE_ACTIONS}),
    Role.PARTNER_AGENCY: frozenset({P.SEE_PLAN}),
    Role.BOARD_MEMBER: frozenset({P.SEE_ISSUED_REPORTS}),
}
del P
