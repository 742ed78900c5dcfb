"""Who can do what in words: the words cover every rule, and say the same as the rules."""

import pytest

from qa_app.domain.access import (
    DEFAULT_SCOPES,
    ROLE_PERMISSIONS,
    Grant,
    Permission,
    Role,
    ScopeKind,
    Viewer,
    check_grants,
)
from qa_app.domain.access_matrix import Reached, matrix_lines, reached_by
from qa_app.domain.access_words import PERMISSION_WORDS, SCOPE_WORDS, permission_lines, role_lines


def test_every_permission_and_every_scope_has_words_of_its_own() -> None:
    assert set(PERMISSION_WORDS) == set(Permission)
    assert set(SCOPE_WORDS) == set(ScopeKind)
    assert len({said.words for said in PERMISSION_WORDS.values()}) == len(Permission)


@pytest.mark.parametrize("role", list(Role))
def test_the_matrix_says_what_the_rules_do(role: Role) -> None:
    viewer = Viewer(1, "Somebody", (Grant(role, ScopeKind.WHOLE_SERVICE),))
    for line in permission_lines():
        assert (role in line.held_by) == viewer.may(line.permission)
    words = next(line.may for line in role_lines() if line.role is role)
    assert len(words) == len(ROLE_PERMISSIONS[role])


@pytest.mark.parametrize("role", list(Role))
def test_the_matrix_marks_exactly_what_a_role_may_do(role: Role) -> None:
    place = list(Role).index(role)
    marked = {line.words for line in matrix_lines() if line.reached[place]}
    allowed = {PERMISSION_WORDS[permission].words for permission in ROLE_PERMISSIONS[role]}
    assert marked == allowed


@pytest.mark.parametrize(
    ("role", "permission", "reached"),
    [
        (Role.AUDITOR, Permission.SEE_REVIEWS, Reached.OWN),
        (Role.TEAM_MANAGER, Permission.SEE_REVIEWS, Reached.TEAM),
        (Role.HEAD_OF_SERVICE, Permission.SEE_FINDINGS, Reached.AREA),
        (Role.HEAD_OF_SERVICE, Permission.SEE_PLAN, Reached.ALL),
        (Role.HEAD_OF_SERVICE, Permission.UPDATE_ACTIONS, Reached.OWN),
        (Role.HEAD_OF_SERVICE, Permission.SEE_ISSUED_REPORTS, Reached.PUBLIC),
        (Role.ACTION_LEAD, Permission.SEE_PLAN, Reached.OWN),
        (Role.PARTNER_AGENCY, Permission.SEE_PLAN, Reached.AGENCY),
        (Role.BOARD_MEMBER, Permission.SEE_ISSUED_REPORTS, Reached.BOARD),
        (Role.BOARD_MEMBER, Permission.SEE_EXCEPTION_REPORT, Reached.NOTHING),
        (Role.IMPROVEMENT_TEAM, Permission.UPDATE_ACTIONS, Reached.ALL),
        (Role.QA_LEAD, Permission.MANAGE_COHORTS, Reached.ALL),
    ],
)
def test_how_far_a_role_reaches(role: Role, permission: Permission, reached: Reached) -> None:
    assert reached_by(role, permission) is reached


@pytest.mark.parametrize("role", list(Role))
def test_a_role_of_one_scope_is_given_over_no_other(role: Role) -> None:
    for scope in ScopeKind:
        faults = check_grants([Grant(role, scope, 1, 1, "Health", 1)])
        special = {ScopeKind.OWN_ACTIONS, ScopeKind.AGENCY, ScopeKind.BOARD}
        usual = DEFAULT_SCOPES.get(role, ScopeKind.WHOLE_SERVICE)
        fits = scope is usual if usual in special else scope not in special
        assert bool(faults) != fits, (role, scope)
