"""Who can do what in words: the words cover every rule, and say the same as the rules."""

import pytest

from qa_app.domain.access import ROLE_PERMISSIONS, Grant, Permission, Role, ScopeKind, Viewer
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
