"""Settings that can't work together are refused before anything starts."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from qa_app.config import Settings
from qa_app.domain.access import Role
from qa_app.domain.council_account import read_role_map, read_roles
from qa_app.domain.errors import Invalid
from qa_app.factory import create_app

ISSUER = {"sso_issuer": "https://sign-in.example/", "sso_client_id": "a", "sso_client_secret": "b"}


def test_an_issuer_is_named_or_made_from_the_directory() -> None:
    assert Settings().resolved_issuer() == ""
    named = Settings(**ISSUER)  # type: ignore[arg-type]
    assert (named.resolved_issuer(), named.resolved_subject_claim()) == ("https://sign-in.example", "sub")
    entra = Settings(sso_tenant="0000-11", sso_client_id="a", sso_client_secret="b")
    assert entra.resolved_issuer() == "https://login.microsoftonline.com/0000-11/v2.0"
    assert entra.resolved_subject_claim() == "oid"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sso_issuer": "http://sign-in.example"}, "must be an https address"),
        ({"sso_client_secret": ""}, "are needed"),
        ({"sso_issuer": "", "local_sign_in": "break_glass"}, "needs single sign-on"),
        ({"local_sign_in": "nobody"}, "break_glass"),
    ],
)
def test_single_sign_on_that_cannot_work_is_refused(change: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Settings(**{**ISSUER, **change})  # type: ignore[arg-type]


def test_roles_in_settings() -> None:
    assert read_roles("all") == frozenset(Role)
    assert read_roles("none") == read_roles("") == frozenset()
    assert read_roles(" auditor, qa_lead ,") == {Role.AUDITOR, Role.QA_LEAD}
    assert read_role_map("QA.Lead=qa_lead, With = sign=director") == {
        "QA.Lead": Role.QA_LEAD,
        "With = sign": Role.DIRECTOR,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"second_factor_roles": "administrator,emperor"},
        {"sso_roles": "QA.Lead=emperor"},
        {"sso_roles": "QA.Lead"},
        {"sso_roles": "=qa_lead"},
    ],
)
def test_roles_that_there_are_not_are_refused_with_their_setting(
    wrong: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(Invalid, match=f"QA_{next(iter(wrong)).upper()}"):
        create_app(Settings(instance_folder=tmp_path, **wrong))  # type: ignore[arg-type]
