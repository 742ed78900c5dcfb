"""Whatever is sent to any page, it answers with a page or a sentence, and never falls over.

Every address is asked as somebody who may, with what its own forms would send, bent in every way: fields left out,
repeated, of the wrong kind, far too long, with characters that no database takes; files, JSON, and bodies that are
not what they say. Run deeper: `QA_DEEP=200 python -m pytest tests/web/test_no_500.py`.
"""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule

from qa_app.domain.access import Role
from qa_app.extensions import db
from qa_app.models.accounts import User, UserSession
from tests.web.test_access_matrix import MATRIX, PUBLIC, method_of
from tests.web.test_scope_matrix import address, fixed_of, kinds_of
from tests.whole_council import Council, Key, build_council

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]

EXAMPLES = int(os.environ.get("QA_DEEP", "4"))
"""How many bodies each address is sent. More is deeper; these few are the same at every run."""

FIRST_ASKED = (
    Role.QA_LEAD,
    Role.IMPROVEMENT_TEAM,
    Role.ADMINISTRATOR,
    Role.AUDITOR,
    Role.DIRECTOR,
    Role.PRACTITIONER,
    Role.BOARD_MEMBER,
)
"""As whom each page is asked: the first of these that may open it."""

NASTY = st.sampled_from(
    [
        "",
        " ",
        "0",
        "-1",
        "1",
        "9" * 40,
        "1e309",
        "NaN",
        "٣",
        "²",
        "\x00",
        "a\x00b",
        "é" * 4000,
        "x" * 70_000,
        "💥" * 200,
        "\u202e\u0000\ufffe",
        "'; DROP TABLE review; --",
        "<script>alert(1)</script>",
        "{{ 7*7 }}",
        "../../etc/passwd",
        "=cmd|' /C calc'!A0",
        "2026-02-30",
        "0000-00-00",
        "9999-12-31",
        "31/12/99999",
        "null",
        "[]",
        "{}",
        "true",
        "\r\nSet-Cookie: a=b",
    ]
) | st.text(max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FILES = st.tuples(
    st.sampled_from(
        ["a.csv", "a.xlsx", "a.xls", "a.yaml", "../a.csv", "a", "é" * 100 + ".xlsx", "a.csv.exe", ".csv"]
    ),
    st.binary(max_size=400)
    | st.sampled_from(
        [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"a,b\n1,2\n", b"\xff\xfe", b"<?xml?>", b"- a: [", b""]
    ),
)


@dataclass
class Address:
    """One address that takes something: what its own forms would send, by name."""

    rule: Rule
    role: Role
    path: str
    fields: dict[str, set[str]] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page: method, action, and the fields with the values that they offer."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.found: list[tuple[str, str, dict[str, set[str]]]] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, and every field inside it."""
        given_attrs = dict(attrs)
        if tag == "form":
            action = (given_attrs.get("action") or self.path).split("?")[0].split("#")[0]
            self.found.append((given_attrs.get("method") or "get", action, {}))
        if not self.found:
            return
        fields = self.found[-1][2]
        name = given_attrs.get("name") or ""
        if tag in ("input", "textarea", "select", "button") and name:
            fields.setdefault(name, set()).add((given_attrs.get("value") or "")[:200])
            self._select = name
        if tag == "option" and self._select:
            fields.setdefault(self._select, set()).add((given_attrs.get("value") or "")[:200])


def asked_as(endpoint: str) -> Role:
    """The role as which a page is asked."""
    allowed = MATRIX.get(endpoint, frozenset(Role))
    return next((role for role in FIRST_ASKED if role in allowed), next(iter(allowed)))


def address_of(app: Flask, council: Council, rule: Rule) -> Address:
    """A page with records within reach of whoever asks."""
    role = asked_as(rule.endpoint)
    values: dict[str, Key] = dict(fixed_of(rule))
    for name, kind in kinds_of(rule).items():
        own = council.own_of(kind, role)
        values[name] = own if own is not None else council.other_of(kind, role)
    return Address(rule, role, address(app, rule, values))


@dataclass
class Site:
    """The whole site as it is asked: who is signed in, and every address with its fields."""

    browsers: dict[Role, FlaskClient]
    addresses: list[Address]

    def send(self, one: Address, **body: Any) -> str:
        """What is wrong with an answer; nothing when it is sound. Whatever was done is undone."""
        with undone():
            try:
                answer = self.browsers[one.role].open(one.path, method=method_of(one.rule), **body)
            except Exception as error:
                return f"{type(error).__name__}: {error}"[:300]
            if answer.status_code >= 500 and one.rule.endpoint != "health.ready":
                return f"status {answer.status_code}"
            if answer.status_code >= 400 and len(answer.get_data(as_text=True).strip()) < 10:
                return f"status {answer.status_code} without a sentence"
            return ""


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is undone."""
    db.session.commit()
    connection = db.session.connection()
    db.session.rollback()
    with connection.begin_nested() as point:
        yield
        db.session.rollback()
        point.rollback()
    db.session.expire_all()


@pytest.fixture
def site(app: Flask, session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The small council's site, every form of it read."""
    council = build_council()
    ids = {role: user.id for role, user in council.users.items()}
    monkeypatch.setattr(app, "test_client_class", FlaskClient)  # how a page looks is no matter here
    browsers = {role: sign_in(session.get_one(User, ids[role])) for role in Role}
    own_session = {
        role: session.scalars(select(UserSession.id).where(UserSession.user_id == ids[role])).one()
        for role in Role
    }
    council.own["session"] = own_session
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in {"static", "sign_in.sign_out"}
        and (rule.endpoint not in PUBLIC or not rule.arguments)
        and all(kinds_of(rule).values())
    ]
    made = Site(browsers, [address_of(app, council, rule) for rule in rules])
    read_forms(made)
    return made


def read_forms(site: Site) -> None:
    """Fill in which fields each address is sent, from the forms on the pages themselves."""
    by_path = {(method_of(one.rule), one.path): one for one in site.addresses}
    for page in site.addresses:
        if method_of(page.rule) != "GET":
            continue
        answer = site.browsers[page.role].get(page.path)
        if answer.mimetype != "text/html":
            continue
        forms = Forms(page.path)
        forms.feed(answer.get_data(as_text=True))
        for method, action, fields in forms.found:
            target = by_path.get((method.upper(), action))
            for name, offered in fields.items():
                if target is not None:
                    target.fields.setdefault(name, set()).update(offered)


def bodies(one: Address, method: str) -> st.SearchStrategy[dict[str, Any]]:
    """What may be sent to an address: its own fields, bent; or something else altogether."""
    names = sorted(one.fields) or ["reason", "name", "page"]
    offered = {name: sorted(one.fields.get(name, ())) for name in names}
    value = st.sampled_from(names).flatmap(
        lambda name: st.tuples(
            st.just(name), NASTY | (st.sampled_from(offered[name]) if offered[name] else NASTY)
        )
    )
    bent = st.lists(value | st.tuples(st.sampled_from(["x", "csrf_token", "page"]), NASTY), max_size=10)
    if method == "GET":
        return bent.map(lambda pairs: {"query_string": MultiDict(pairs)})
    filled = st.fixed_dictionaries(
        {name: (st.sampled_from(offered[name]) if offered[name] else NASTY) | NASTY for name in names}
    )
    with_file = st.tuples(st.sampled_from(names), FILES, filled).map(
        lambda sent: {
            "data": {**sent[2], sent[0]: (io.BytesIO(sent[1][1]), sent[1][0])},
            "content_type": "multipart/form-data",
        }
    )
    raw = st.tuples(
        st.binary(max_size=60),
        st.sampled_from(["application/json", "multipart/form-data", "text/plain", "x/\x7f", ""]),
    ).map(lambda sent: {"data": sent[0], "content_type": sent[1]})
    return st.one_of(
        filled.map(lambda data: {"data": data}),
        bent.map(lambda pairs: {"data": MultiDict(pairs)}),
        with_file,
        JSON.map(lambda data: {"json": data}),
        raw,
    )


def faults_of(site: Site, one: Address, method: str) -> list[str]:
    """What an address falls over, of so many bodies sent to it."""
    faults: list[str] = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(bodies(one, method))
    def send(body: dict[str, Any]) -> None:
        if fault := site.send(one, **body):
            faults.append(f"{one.rule.endpoint} {one.path}: {fault} <- {str(body)[:300]}")

    send()
    return faults


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_that_is_sent_makes_a_page_fall_over(site: Site, method: str) -> None:
    asked = [one for one in site.addresses if method_of(one.rule) == method]
    assert len(asked) > 50
    wrong = [fault for one in asked for fault in faults_of(site, one, method)[:2]]
    assert not wrong, "\n".join(wrong)


ODD_KEYS = (
    "0",
    "999999999999999999999999",
    "-1",
    "1.5",
    "%00",
    "%F0%9F%92%A5" * 30,
    "a" * 400,
    "..",
    "%2e%2e%2f",
)


def test_no_odd_number_or_name_in_an_address_makes_a_page_fall_over(site: Site) -> None:
    wrong = []
    for one in site.addresses:
        if not one.rule.arguments:
            continue
        parts = one.path.split("/")
        for place in [n for n, part in enumerate(parts) if part and f"/{part}" not in one.rule.rule]:
            for odd in ODD_KEYS:
                path = "/".join([*parts[:place], odd, *parts[place + 1 :]])
                fault = site.send(Address(one.rule, one.role, path))
                if fault:
                    wrong.append(f"{one.rule.endpoint} {path[:80]}: {fault}")
    assert not wrong, "\n".join(wrong)


def test_a_form_without_its_token_is_refused_with_a_sentence(app: Flask, site: Site) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        wrong = []
        for one in site.addresses:
            if method_of(one.rule) == "POST":
                answer = site.browsers[one.role].post(one.path, data={"csrf_token": "x\x00"})
                said = answer.get_data(as_text=True)
                if answer.status_code != 400 or ("<main" not in said and "error" not in said):
                    wrong.append((one.rule.endpoint, answer.status_code))
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert not wrong
