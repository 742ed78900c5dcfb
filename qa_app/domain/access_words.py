"""Who can do what, in words: each permission, each scope, and the matrix of roles over both."""

from dataclasses import dataclass
from enum import StrEnum

from qa_app.domain.access import DEFAULT_SCOPES, ROLE_PERMISSIONS, Permission, Role, ScopeKind


class Narrowing(StrEnum):
    """What the scope of a role does to one permission."""

    BY_SCOPE = "by_scope"
    WHOLE_ONLY = "whole_only"
    NOT_NARROWED = "not_narrowed"

    @property
    def label(self) -> str:
        """The narrowing as a sentence for the matrix."""
        return {
            Narrowing.BY_SCOPE: "As far as the role reaches",
            Narrowing.WHOLE_ONLY: "Only if the role holds over the whole service",
            Narrowing.NOT_NARROWED: "In full, however far the role reaches",
        }[self]


@dataclass(frozen=True)
class PermissionWords:
    """One permission as people say it: the part of the work, what it lets somebody do, and what the scope does."""

    part: str
    words: str
    narrowing: Narrowing = Narrowing.NOT_NARROWED


P, N = Permission, Narrowing
PERMISSION_WORDS: dict[Permission, PermissionWords] = {
    P.COMPLETE_REVIEWS: PermissionWords("Reviews", "Answer and submit the reviews given to them", N.BY_SCOPE),
    P.SEE_REVIEWS: PermissionWords("Reviews", "Read submitted reviews", N.BY_SCOPE),
    P.RELEASE_REVIEWS: PermissionWords(
        "Reviews", "Release reviews to the people whose practice they judge", N.BY_SCOPE
    ),
    P.SEE_OWN_PRACTICE: PermissionWords(
        "Reviews",
        "Read released reviews of their own practice, and of the people and children they answer for",
        N.BY_SCOPE,
    ),
    P.RETURN_REVIEWS: PermissionWords("Reviews", "Return a submitted review, or open it again", N.WHOLE_ONLY),
    P.SEE_CASE_ACTIONS: PermissionWords(
        "Children",
        "Read actions for children that are theirs to do or that they raised, and say how they go",
        N.BY_SCOPE,
    ),
    P.OVERSEE_CASE_ACTIONS: PermissionWords(
        "Children", "Read all actions for children of their teams", N.BY_SCOPE
    ),
    P.MANAGE_CASE_ACTIONS: PermissionWords(
        "Children", "Name who does an action for a child, verify it, and check whether it helped", N.BY_SCOPE
    ),
    P.SEE_CONCERNS: PermissionWords("Children", "Read immediate concerns about a child", N.BY_SCOPE),
    P.ANSWER_CONCERNS: PermissionWords(
        "Children", "Record what makes a child safe, and close a concern", N.BY_SCOPE
    ),
    P.ACKNOWLEDGE_CONCERNS: PermissionWords("Children", "Acknowledge a concern", N.BY_SCOPE),
    P.RAISE_FINDINGS: PermissionWords("Findings", "Raise findings", N.BY_SCOPE),
    P.SEE_FINDINGS: PermissionWords("Findings", "Read findings", N.BY_SCOPE),
    P.SEE_THEMES: PermissionWords("Findings", "See themes and their figures", N.BY_SCOPE),
    P.SEE_COHORTS: PermissionWords("Cohorts", "See how a cohort is going", N.BY_SCOPE),
    P.MANAGE_COHORTS: PermissionWords("Cohorts", "Draw cohorts and hand out reviews", N.WHOLE_ONLY),
    P.APPROVE_EXEMPTIONS: PermissionWords("Cohorts", "Approve that a case need not be reviewed"),
    P.REFER_CASES: PermissionWords("Cohorts", "Refer a case for an audit before an event", N.BY_SCOPE),
    P.SEE_CASELOAD: PermissionWords("Caseload", "See the caseload that was read", N.WHOLE_ONLY),
    P.IMPORT_CASELOAD: PermissionWords("Caseload", "Read in a caseload"),
    P.SEE_PLAN: PermissionWords("Improvement plan", "Read the improvement plan", N.BY_SCOPE),
    P.MANAGE_PLAN: PermissionWords("Improvement plan", "Import the plan and link findings and themes to it"),
    P.UPDATE_ACTIONS: PermissionWords(
        "Improvement plan",
        "Say how an action stands: those they lead, or any for the improvement team",
        N.BY_SCOPE,
    ),
    P.SEE_EXCEPTION_REPORT: PermissionWords(
        "Improvement plan", "Read the exception report with today's figures"
    ),
    P.SEE_ISSUED_REPORTS: PermissionWords("Boards", "Read reports issued to boards", N.BY_SCOPE),
    P.ISSUE_REPORTS: PermissionWords("Boards", "Prepare and issue reports to boards"),
    P.STATE_SAFEGUARDING: PermissionWords("Boards", "Make the safeguarding statement of a report"),
    P.MANAGE_BOARDS: PermissionWords("Boards", "Set up boards"),
    P.SEE_FORMS: PermissionWords("Audit forms", "Read the audit forms"),
    P.MANAGE_FORMS: PermissionWords("Audit forms", "Publish audit forms and themes"),
    P.APPROVE_FORMS: PermissionWords("Audit forms", "Approve an audit form before it is published"),
    P.SEE_ORGANISATION: PermissionWords(
        "People and places", "See service areas, teams and practitioners", N.BY_SCOPE
    ),
    P.MANAGE_ORGANISATION: PermissionWords(
        "People and places", "Change service areas, teams and practitioners", N.BY_SCOPE
    ),
    P.MANAGE_USERS: PermissionWords("People and places", "Add accounts, give roles and hand over links"),
    P.MANAGE_LEAVERS: PermissionWords("People and places", "Hand over the open work of somebody who leaves"),
    P.SEE_ROLES: PermissionWords("People and places", "See who can do what"),
    P.SEE_HISTORY: PermissionWords("People and places", "Read who changed what"),
    P.SEE_ACCESS_LOG: PermissionWords("People and places", "Read who looked at what"),
}
"""In the order of the matrix."""
del P, N

SCOPE_WORDS: dict[ScopeKind, tuple[str, str]] = {
    ScopeKind.WHOLE_SERVICE: (
        "Whole service",
        "Every team. Reviews, and the findings in them, from when they are submitted.",
    ),
    ScopeKind.SERVICE_AREA: (
        "Service area",
        "The teams of one service area. Reviews, and the findings in them, from when they are submitted.",
    ),
    ScopeKind.TEAM: (
        "Team",
        "One team. Reviews, and the findings in them, from when they are submitted; for its manager, from when "
        "they are released.",
    ),
    ScopeKind.AGENCY: (
        "Agency",
        "The actions of the plan that name this agency. No review and no finding is reached through it.",
    ),
    ScopeKind.OWN_REVIEWS: (
        "Own reviews",
        "The reviews given to this person, before and after they are submitted, and the findings in them.",
    ),
    ScopeKind.OWN_ACTIONS: (
        "Own actions",
        "The actions of the plan that this person leads. No review and no finding is reached through it.",
    ),
    ScopeKind.BOARD: (
        "Board",
        "The reports issued to one board. No review, no finding and no figure of today is reached through it.",
    ),
}
"""Each scope: its name, and what somebody reaches with it."""


SPECIAL_RULES: tuple[tuple[str, str], ...] = (
    (
        "Before it is submitted",
        "Nobody but its reviewer reads a review or its findings, and no figure counts them.",
    ),
    (
        "Tied to the child",
        "The child's worker, whoever supervises that worker, the manager of the child's team, and the child's "
        "reviewing officer or conference chair: now, or in any caseload since twelve months before the one the case "
        "was drawn from. They are not given the review and do not hand it in. Until it is released they see nothing "
        "of it: neither the review nor its findings nor its grade, and no figure of theirs counts it, whatever other "
        "role they have. A QA lead who is tied sees that the case is in the round and how far it is, and leaves the "
        "release to another QA lead or to the day.",
    ),
    (
        "Heads of service and directors",
        "They read from submission, because they must act at once on what is found. A head of service reviews no case "
        "of their own area; one who is also worker, supervisor, manager or chair of the child is tied like anybody.",
    ),
    (
        "Release",
        "A QA lead releases a submitted review, or it releases itself some days after its submission unless it is "
        "held back with a reason. From then on the worker, their supervisor, the team's manager and the reviewing "
        "officer or chair read it under My practice.",
    ),
    (
        "Managers' own review",
        "In such a round managers look at their own cases by design: no tie bars them, and it is counted apart from "
        "independent audits.",
    ),
    (
        "People who leave",
        "An administrator or a QA lead says when somebody's last day is; only an administrator says it of an "
        "administrator. When the day is over, no sign-in of theirs opens anything. A review goes on to nobody who is "
        "tied to the child.",
    ),
    (
        "The plan's actions",
        "An action lead sees and updates the actions that they lead. People of a partner agency see the actions that "
        "name it, and nothing that rests on reviews of children. Everybody else who reads the plan reads all of it: it "
        "is one plan, and names no service area. Only the improvement team says how an action stands that somebody "
        "else leads.",
    ),
    (
        "Boards",
        "A board member reads what was issued to their board, and public reports of other boards; never the figures "
        "of today. A report is issued with a named officer's safeguarding statement, which only that officer can make. "
        "Once issued it never changes: a mistake is put right by another issue that names it.",
    ),
)
"""What holds beside roles and scopes, each with its name."""


@dataclass(frozen=True)
class RoleLine:
    """One role: how far it usually reaches, and what it may do, in words."""

    role: Role
    usual_scope: str
    may: tuple[str, ...]


@dataclass(frozen=True)
class PermissionLine:
    """One line of the matrix the other way round: a permission and the roles that have it."""

    permission: Permission
    words: PermissionWords
    held_by: tuple[Role, ...]


def role_lines() -> list[RoleLine]:
    """Every role with what it may do."""
    return [
        RoleLine(
            role,
            SCOPE_WORDS[DEFAULT_SCOPES.get(role, ScopeKind.WHOLE_SERVICE)][0],
            tuple(
                said.words
                for permission, said in PERMISSION_WORDS.items()
                if permission in ROLE_PERMISSIONS[role]
            ),
        )
        for role in Role
    ]


def permission_lines() -> list[PermissionLine]:
    """Every permission with the roles that have it."""
    return [
        PermissionLine(permission, said, tuple(role for role in Role if permission in ROLE_PERMISSIONS[role]))
        for permission, said in PERMISSION_WORDS.items()
    ]
