"""What the log says of a request, and what it never says: nobody's words, names or addresses."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qa_app.domain.access import Role
from qa_app.logs import HANDLER, fault_in_code, set_up_logs
from qa_app.models.accounts import User
from qa_app.models.caseload import Child
from qa_app.models.cohorts import CohortCase
from qa_app.web.shared.access import public
from tests.builders import make_team, make_user
from tests.builders_reviews import make_review

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]
PLANTED = "Zanzibar umbrella"
CHILD = "KX-77120-Q"


@pytest.fixture
def lines(app: Flask) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the program writes to its log meanwhile, line by line."""
    (ours,) = (each for each in logging.getLogger().handlers if each.name == HANDLER)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(ours.formatter)
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


Lines = Callable[[], list[dict[str, Any]]]


def test_a_request_is_one_line(session: Session, sign_in: SignIn, lines: Lines) -> None:
    user = make_user("Somebody", Role.DIRECTOR)
    user_id = user.id
    reply = sign_in(user).get("/reviews/999999?token=secret")
    (line,) = lines()
    assert line["event"] == "request"
    assert (line["endpoint"], line["method"], line["status"]) == ("reviews.show", "GET", 404)
    assert (line["user_id"], line["records"]) == (user_id, {"review_id": 999999})
    assert line["request"] == reply.headers["X-Request-Id"]
    assert line["ms"] > 0
    assert line["at"].endswith("Z")
    assert "secret" not in json.dumps(line)


def test_each_request_has_its_own_number(client: FlaskClient, lines: Lines) -> None:
    numbers = {client.get("/sign-in").headers["X-Request-Id"] for _ in range(5)}
    assert len(numbers) == 5
    assert {line["request"] for line in lines()} == numbers


def test_health_is_not_worth_a_line(client: FlaskClient, lines: Lines) -> None:
    assert client.get("/health").status_code == 200
    assert lines() == []


def test_a_fault_is_told_by_its_way_and_never_by_its_words(
    app: Flask, client: FlaskClient, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        try:
            raise ValueError(PLANTED)
        except ValueError as fault:
            raise KeyError(f"{PLANTED} of {CHILD}") from fault

    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setitem(app.config, "TESTING", False)
    monkeypatch.setitem(app.view_functions, "health.alive", public(broken))
    reply = client.get("/health")
    assert reply.status_code == 500
    fault = next(line for line in lines() if line["event"] == "fault")
    assert (fault["fault"], fault["because_of"]) == ("KeyError", ["ValueError"])
    assert fault["way"][-1].endswith(" broken")
    assert fault["request"] in reply.text, "people can tell which line belongs to what they saw"
    assert PLANTED not in json.dumps(lines()) + reply.text
    assert CHILD not in json.dumps(lines()) + reply.text


def test_a_refused_statement_does_not_quote_what_it_was_filled_with(session: Session) -> None:
    session.add(Child(ref=CHILD, created_at=make_user().created_at))
    session.flush()
    session.add(Child(ref=CHILD, created_at=make_user().created_at))
    with pytest.raises(IntegrityError) as refused:
        session.flush()
    assert CHILD not in str(refused.value).replace(str(refused.value.orig), "")
    assert CHILD not in json.dumps(fault_in_code(refused.value))


def test_nothing_personal_reaches_the_log_the_addresses_or_the_headers(
    app: Flask, session: Session, client: FlaskClient, sign_in: SignIn, lines: Lines
) -> None:
    auditor = make_user("Auditor Unusualname", password="a clear line of sight")
    email, name = auditor.email, auditor.name
    review = make_review(auditor, team=make_team())
    number = review.id
    case = session.get(CohortCase, review.cohort_case_id)
    assert case is not None
    case.child.ref = CHILD
    session.commit()
    client.post("/sign-in", data={"email": email, "password": "a wrong line of sight"})
    client.post("/sign-in", data={"email": f"{PLANTED}@example.org", "password": PLANTED})
    browser = sign_in(auditor)
    replies = [
        browser.post(
            f"/reviews/{number}/answers/why_not",
            data={"why_not-value": PLANTED, "revision": "0", "save_id": "a"},
            headers={"Accept": "application/json"},
        ),
        browser.post(f"/reviews/{number}/answers/nothing", data={"nothing-value": PLANTED, "revision": "0"}),
        browser.get("/reviews"),
        browser.get(f"/reviews/{number}"),
        browser.get(f"/reviews/{number}/sections/voice"),
        browser.get(f"/reviews/{number}/check"),
        browser.get(f"/findings/new?review_id={number}&question=why_not"),
        browser.get(f"/history/review/{number}"),
        browser.get(f"/nothing/{PLANTED}"),
        browser.post(f"/reviews/{number}/submit"),
    ]
    assert replies[0].status_code == 200
    said = json.dumps(lines())
    headers = json.dumps([[list(pair) for pair in reply.headers] for reply in replies])
    for planted in (email, name, CHILD, PLANTED, PLANTED.split()[0]):
        assert planted not in said
        assert planted not in headers.replace(f"/nothing/{PLANTED}", "")
    assert len(lines()) >= len(replies)


def test_lines_of_libraries_keep_their_own_words_alone(lines: Lines) -> None:
    logging.getLogger("waitress").warning("Exception while serving %s", f"/reviews?name={PLANTED}")
    (line,) = lines()
    assert line["from"] == "waitress"
    assert line["event"] == "Exception while serving %s"


def test_setting_up_twice_writes_once() -> None:
    set_up_logs()
    set_up_logs()
    assert sum(each.name == HANDLER for each in logging.getLogger().handlers) == 1
