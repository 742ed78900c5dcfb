"""Who may know what, in plain Python: written from the words of the matrix, a second time beside the queries."""

from qa_app.domain.access import ROLE_PERMISSIONS, Permission, Role, ScopeKind
from qa_app.domain.child_ties import LOOK_BACK_DAYS
from tests.queries.scope_council import N_REVIEWS, N_TEAMS, Chances, ReviewFacts

P = Permission
CHILDREN = ("review", "grade", "finding", "child", "case_action", "concern")
BEHIND_CASE_WORK = ("review-id", "case-id", "child", "child-id")
"""What an action for a child, or a concern, names: the child, and the number of its review."""


class Rule:
    """Who may know what, in plain Python: written from the words of the matrix, not from the queries."""

    def __init__(self, given: Chances) -> None:
        self.given = given
        self.grants = given.grants

    def holds(self, *permissions: Permission, roles: tuple[Role, ...] = ()) -> bool:
        """Whether any grant carries one of the permissions."""
        return any(
            role in roles or any(one in ROLE_PERMISSIONS[role] for one in permissions)
            for role, *_ in self.grants
        )

    def over_all(self, *permissions: Permission) -> bool:
        """Whether one of the permissions holds over the whole service."""
        return any(
            scope is ScopeKind.WHOLE_SERVICE and any(one in ROLE_PERMISSIONS[role] for one in permissions)
            for role, scope, *_ in self.grants
        )

    def over_team(self, place: int | None, *permissions: Permission) -> bool:
        """Whether one of the permissions holds over a team."""
        if self.over_all(*permissions):
            return True
        if place is None:
            return False
        for role, scope, two, three in self.grants:
            if not any(one in ROLE_PERMISSIONS[role] for one in permissions):
                continue
            if scope is ScopeKind.TEAM and three == place:
                return True
            if scope is ScopeKind.SERVICE_AREA and self.given.area_of_team[place] == two:
                return True
        return False

    def manages(self, place: int | None) -> bool:
        """Whether the viewer manages a team, by name or by role."""
        if place is None:
            return False
        if self.given.manager_of_team[place]:
            return True
        return any(
            role is Role.TEAM_MANAGER
            and (
                scope is ScopeKind.WHOLE_SERVICE
                or (scope is ScopeKind.TEAM and three == place)
                or (scope is ScopeKind.SERVICE_AREA and self.given.area_of_team[place] == two)
            )
            for role, scope, two, three in self.grants
        )

    def is_person(self, place: int | None) -> bool:
        """Whether the viewer is this practitioner."""
        return place is not None and place == self.given.viewer_is

    def supervises(self, place: int | None) -> bool:
        """Whether the viewer supervises this practitioner."""
        if place is None:
            return False
        over = self.given.supervisor_of[place]
        return over != place and self.is_person(over)

    def is_officer(self, facts: ReviewFacts) -> bool:
        """Whether the viewer is the child's reviewing officer or chair, or was in the look-back."""
        return self.is_person(facts.officer) and facts.officer_ended < LOOK_BACK_DAYS

    def is_tied(self, facts: ReviewFacts) -> bool:
        """Whether the viewer is too near to the child."""
        workers = (facts.worker, facts.earlier_worker)
        return (
            any(self.is_person(one) or self.supervises(one) for one in workers)
            or any(self.manages(one) for one in (facts.team, facts.earlier_team))
            or self.is_officer(facts)
        )

    def reads(self, facts: ReviewFacts) -> bool:
        """Whether the viewer may read what a review says, or know its grade."""
        if facts.is_own and self.holds(
            Permission.COMPLETE_REVIEWS, Permission.SEE_REVIEWS, Permission.SEE_FINDINGS
        ):
            return True
        if facts.state not in ("submitted", "released"):
            return False
        is_released = facts.state == "released"
        if is_released and self.holds(Permission.SEE_OWN_PRACTICE):
            near = self.is_person(facts.worker) or self.supervises(facts.worker) or self.is_officer(facts)
            if near or self.manages(facts.team):
                return True
        may = self.over_team(
            facts.team,
            Permission.SEE_REVIEWS,
            Permission.SEE_FINDINGS,
            Permission.SEE_THEMES,
            Permission.RAISE_FINDINGS,
            Permission.RELEASE_REVIEWS,
        )
        return may and (is_released or not self.is_tied(facts))

    def knows_of(self, facts: ReviewFacts) -> bool:
        """Whether the viewer may know that the case was drawn, with whom it is and how far it is."""
        return (
            self.reads(facts)
            or facts.is_own
            or self.over_team(facts.team, Permission.SEE_COHORTS)
            or self.holds(Permission.MANAGE_COHORTS, Permission.MANAGE_LEAVERS)
        )

    def may_know(self, kind: str, place: int) -> bool:
        """Whether the viewer may know of this record (`kind` with `-id`), or read what it says.

        Who reads the history of the whole service knows what there is, and nothing that tells of a child.
        """
        if self.over_all(P.SEE_HISTORY) and kind not in CHILDREN:
            return True
        if kind in ("case_action", "case_action-id"):
            return self.case_action(place) or (kind == "case_action-id" and self.holds(P.MANAGE_LEAVERS))
        if kind in ("concern", "concern-id"):
            return self.concern(place)
        near = self.case_action(place) or self.concern(place) if kind in BEHIND_CASE_WORK else False
        if kind in ("review-id", "case-id"):
            return near or self.knows_of(self.given.reviews[place])
        if kind in ("review", "grade", "finding", "finding-id"):
            return self.reads(self.given.reviews[place])
        if kind in ("child", "child-id"):
            return (
                self.over_all(P.SEE_CASELOAD, P.IMPORT_CASELOAD)
                or self.holds(P.MANAGE_LEAVERS)
                or near
                or self.knows_of(self.given.reviews[place])
            )
        if kind in ("action", "action-id"):
            return self._action(place)
        if kind in ("report", "report-id"):
            return self._report(place)
        if kind in ("team", "team-id"):
            return self._team(place)
        if kind in ("practitioner", "practitioner-id"):
            return self._practitioner(place)
        raise LookupError(kind)

    def case_action(self, place: int) -> bool:
        """Whether the viewer may read an action for a child: theirs to do, raised by them, or of a team of theirs."""
        facts = self.given.reviews[place]
        if facts.state == "not_started" or not self.holds(P.SEE_CASE_ACTIONS):
            return False
        is_told = place != N_REVIEWS - 1
        return facts.is_own or (
            is_told and (place % 2 == 0 or self.over_team(facts.team, P.OVERSEE_CASE_ACTIONS))
        )

    def concern(self, place: int) -> bool:
        """Whether the viewer may read a concern: raised by them, or of a team of theirs."""
        facts = self.given.reviews[place]
        if facts.state == "not_started" or not self.holds(P.SEE_CONCERNS):
            return False
        return facts.is_own or self.over_team(facts.team, P.SEE_CONCERNS)

    def _team(self, place: int) -> bool:
        everything = (P.MANAGE_USERS, P.MANAGE_LEAVERS, P.MANAGE_COHORTS, P.IMPORT_CASELOAD, P.SEE_CASELOAD)
        own = {facts.team for facts in self.given.reviews if self.knows_of(facts)} | {
            facts.team
            for one, facts in enumerate(self.given.reviews)
            if self.case_action(one) or self.concern(one)
        }
        granted = any(scope is ScopeKind.TEAM and three == place for _, scope, _, three in self.grants)
        return (
            self.holds(*everything)
            or granted
            or place in own
            or self.given.manager_of_team[place]
            or self.over_team(place, P.SEE_ORGANISATION, P.SEE_THEMES, P.SEE_COHORTS, P.SEE_REVIEWS)
        )

    def _practitioner(self, place: int) -> bool:
        organisation = (P.SEE_ORGANISATION, P.MANAGE_ORGANISATION)
        supervised = [one for one, over in enumerate(self.given.supervisor_of) if over == place]
        return (
            self.holds(P.MANAGE_LEAVERS, P.MANAGE_USERS, P.IMPORT_CASELOAD, P.SEE_CASELOAD)
            or self.over_all(P.SEE_ORGANISATION, P.MANAGE_ORGANISATION)
            or any(self.over_team(each % N_TEAMS, *organisation) for each in (place, *supervised))
            or any(facts.worker == place and self.reads(facts) for facts in self.given.reviews)
            or self.is_person(place)
            or self.supervises(place)
        )

    def _action(self, place: int) -> bool:
        """The whole plan for those who read all of it; a lead's own actions; those that name the agency."""
        for role, scope, two, _ in self.grants:
            if not ROLE_PERMISSIONS[role] & {
                P.SEE_PLAN,
                P.SEE_EXCEPTION_REPORT,
                P.UPDATE_ACTIONS,
                P.MANAGE_PLAN,
            }:
                continue
            if role is Role.ACTION_LEAD or scope is ScopeKind.OWN_ACTIONS:
                if self.given.leads[place]:
                    return True
            elif role is Role.PARTNER_AGENCY or scope is ScopeKind.AGENCY:
                if scope is ScopeKind.AGENCY and self.given.agency_of_action[place] == two:
                    return True
            else:
                return True
        return False

    def _report(self, place: int) -> bool:
        carrying = [grant for grant in self.grants if P.SEE_ISSUED_REPORTS in ROLE_PERMISSIONS[grant[0]]]
        if self.holds(P.ISSUE_REPORTS):
            return True
        for role, scope, two, _ in carrying:
            if scope is ScopeKind.WHOLE_SERVICE and role is not Role.BOARD_MEMBER:
                return True
            if scope is ScopeKind.BOARD and two == place % 2:
                return True
        return bool(carrying) and place == 2
