"""What every response holds and every request must: tokens, headers, cookies, hosts, addresses."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import Client

from qa_app.config import Settings
from qa_app.domain.access import Role
from qa_app.factory import create_app, with_static_files
from qa_app.models.accounts import User
from qa_app.web.shared.signing_in import safe_target
from tests.builders import make_user

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def tokens_wanted(app: Flask) -> Iterator[None]:
    """Forms need their token, as they do in life."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


def address(app: Flask, rule: Rule) -> str:
    values = {
        name: 1 if type(rule._converters[name]).__name__ == "RecordNumberConverter" else "x"
        for name in rule.arguments
    }
    return app.url_map.bind("localhost").build(rule.endpoint, values, method="POST")


def writing_rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}]


def test_every_form_needs_its_token(app: Flask, tokens_wanted: None, sign_in: SignIn) -> None:
    browser = sign_in(make_user("Admin", Role.ADMINISTRATOR))
    rules = writing_rules(app)
    assert len(rules) > 40
    for rule in rules:
        assert rule.methods == {"POST", "OPTIONS"}, rule
        for sent in ({}, {"csrf_token": "made up"}):
            reply = browser.post(address(app, rule), data=sent)
            assert reply.status_code == 400, rule.endpoint


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_token_of_another_sign_in_is_refused(app: Flask, tokens_wanted: None, sign_in: SignIn) -> None:
    one, other = sign_in(make_user("One", Role.DIRECTOR)), sign_in(make_user("Other", Role.DIRECTOR))
    token = token_of(one.get("/").text)
    other.get("/")
    assert other.post("/sign-out", data={"csrf_token": token}).status_code == 400
    assert one.post("/sign-out", data={"csrf_token": token}).status_code == 303


def test_over_https_a_form_from_elsewhere_is_refused(
    app: Flask, tokens_wanted: None, sign_in: SignIn
) -> None:
    browser = sign_in(make_user("One", Role.DIRECTOR))
    token = token_of(browser.get("/", base_url="https://localhost").text)

    def send(referrer: str | None) -> int:
        headers = {"Referer": referrer} if referrer else {}
        return browser.post(
            "/sign-out", base_url="https://localhost", data={"csrf_token": token}, headers=headers
        ).status_code

    assert send("https://evil.example/") == 400
    assert send(None) == 400
    assert send("https://localhost/") == 303


REPLIES = {
    "a page": ("GET", "/sign-in"),
    "a page of somebody signed in": ("GET", "/"),
    "nothing there": ("GET", "/nothing-here"),
    "refused": ("GET", "/accounts"),
    "a wrong method": ("POST", "/health"),
    "a redirect": ("GET", "/your-sign-ins/"),
    "health": ("GET", "/health"),
}


@pytest.mark.parametrize("which", REPLIES)
def test_every_reply_tells_the_browser_what_it_may_do(sign_in: SignIn, which: str) -> None:
    method, path = REPLIES[which]
    headers = sign_in(make_user("One", Role.MODERATOR)).open(path, method=method).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in headers
    assert "Server" not in headers


def test_signing_out_clears_what_the_browser_keeps(sign_in: SignIn, session: Session) -> None:
    reply = sign_in(make_user("One", Role.DIRECTOR)).post("/sign-out")
    assert reply.headers["Clear-Site-Data"] == '"storage"'


@pytest.fixture(scope="module")
def behind_https(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The app as a council runs it, known under one name."""
    folder: Path = tmp_path_factory.mktemp("https")
    return create_app(
        Settings(
            database_url=f"sqlite:///{folder / 'https.sqlite3'}",
            secret_key="test",
            instance_folder=folder,
            allowed_hosts="qa.council.example, www.council.example",
        )
    )


def test_over_https_cookies_are_locked_down_and_the_browser_stays_there(behind_https: Flask) -> None:
    reply = behind_https.test_client().get("/sign-in", base_url="https://qa.council.example")
    assert reply.status_code == 200
    cookies = reply.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
            assert part in cookie
        assert "Domain=" not in cookie
    assert reply.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_static_files_too_ask_the_browser_to_stay_with_https(behind_https: Flask) -> None:
    reply = Client(with_static_files(behind_https)).get(
        "/static/css/site.css", base_url="https://qa.council.example"
    )
    assert reply.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    reply.close()


def test_on_this_machine_alone_cookies_travel_without_https(client: FlaskClient) -> None:
    reply = client.get("/sign-in")
    assert "Strict-Transport-Security" not in reply.headers


@pytest.mark.parametrize(
    "host",
    ["evil.example", "qa.council.example.evil.example", "qa.council.example@evil.example", "", "localhost"],
)
def test_under_a_name_that_is_not_its_own_the_site_does_not_answer(behind_https: Flask, host: str) -> None:
    reply = behind_https.test_client().get("/sign-in", headers={"Host": host}, base_url="https://x")
    assert reply.status_code == 400
    assert "not known under the name" in reply.text
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"secure_cookies": False}, ["localhost", "127.0.0.1", "127.0.0.1"]),
        ({"secure_cookies": True}, None),
        ({"secure_cookies": True, "allowed_hosts": "a.example,"}, ["a.example"]),
        ({"secure_cookies": False, "allowed_hosts": "a.example"}, ["a.example"]),
        ({"secure_cookies": False, "host": "::1"}, None),
    ],
)
def test_which_names_are_answered(settings: dict[str, object], names: list[str] | None) -> None:
    assert Settings(**settings).hosts_answered() == names  # type: ignore[arg-type]


ELSEWHERE = [
    "https://evil.example",
    "http:evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "/%09/evil.example",
    "https:/evil.example",
    "https:\\\\evil.example",
    "/..//evil.example",
    "/.//evil.example",
    "/x\r\nSet-Cookie: a=b",
    "//localhost@evil.example",
    "\x00//evil.example",
    "／／evil.example",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_led_elsewhere_after_signing_in(app: Flask, target: str) -> None:
    with app.test_request_context("/sign-in"):
        led = safe_target(target)
    assert led.startswith("/")
    # What a browser makes of it: back to front slashes, tabs and line breaks taken out. Dots stay within the path.
    seen = re.sub(r"[\t\r\n\x00]", "", led.replace("\\", "/"))
    assert not seen.startswith("//")
    assert "\n" not in led
    assert "\r" not in led


def test_one_is_led_to_where_one_wanted_to_go(app: Flask) -> None:
    with app.test_request_context("/sign-in"):
        assert safe_target("/reviews/12?question=voice") == "/reviews/12?question=voice"


NAMES_THAT_ARE_NO_NUMBER = {
    "kind": "a kind of record or of fault",
    "done": "what was done about a fault",
    "section": "a section of a form",
    "question": "a question of a form",
    "token": "a link that works once",
    "filename": "our own static files",
}


def test_addresses_hold_numbers_and_names_of_ours(app: Flask) -> None:
    known = set(NAMES_THAT_ARE_NO_NUMBER) | FORM_NAMES
    wrong = [
        (rule.rule, name)
        for rule in app.url_map.iter_rules()
        for name in rule.arguments
        if type(rule._converters[name]).__name__ != "RecordNumberConverter" and name not in known
    ]
    assert not wrong


FORM_NAMES = {
    "plan_type",
    "file_format",
    "ending",
    "measure",
    "key",
    "form_key",
    "number",
    "list_name",
    "change",
    "part",
    "step",
}
"""Parts of forms, lists and steps, none of which names a person."""


def test_too_large_a_request_is_refused_in_words(app: Flask, sign_in: SignIn) -> None:
    kept = app.config["MAX_CONTENT_LENGTH"]
    app.config["MAX_CONTENT_LENGTH"] = 1000
    try:
        reply = sign_in(make_user("Lead", Role.QA_LEAD)).post("/caseload/imports/new", data={"x": "y" * 2000})
    finally:
        app.config["MAX_CONTENT_LENGTH"] = kept
    assert reply.status_code == 413
    assert "too big" in reply.text.lower() or "too large" in reply.text.lower()


def test_our_own_files_are_what_they_say_and_for_our_own_pages(app: Flask) -> None:
    reply = Client(with_static_files(app)).get("/static/css/site.css")
    assert reply.status_code == 200
    assert reply.mimetype == "text/css"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in reply.headers
    reply.close()


@pytest.mark.parametrize("path", ["/sign-in", "/health", "/nothing-here"])
def test_every_reply_says_what_it_is(client: FlaskClient, path: str) -> None:
    reply = client.get(path)
    assert reply.content_type in ("text/html; charset=utf-8", "application/json")


def test_password_fields_hide_and_let_managers_fill(client: FlaskClient, sign_in: SignIn) -> None:
    first = client.get("/sign-in").text
    own = (
        sign_in(make_user("One", Role.DIRECTOR, password="a clear line of sight")).get("/your-password").text
    )
    for page, least in ((first, 1), (own, 2)):
        fields = [field for field in re.findall(r"<input[^>]*>", page) if "password" in field]
        hidden = [field for field in fields if 'type="password"' in field]
        assert len(hidden) >= least
        for field in hidden:
            assert 'autocomplete="off"' not in field
            assert re.search(r'autocomplete="(current|new)-password"', field)
            assert "maxlength" not in field
            assert "onpaste" not in field
    assert "hint" not in first.lower().replace("govuk-hint", "")
    assert "secret question" not in first.lower()


def test_an_empty_installation_has_no_account(session: Session) -> None:
    assert session.query(User).count() == 0
