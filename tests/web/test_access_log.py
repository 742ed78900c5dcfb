"""Every view of a record about a child, every file taken, every sign-in and refusal stands in the access log."""

from collections.abc import Callable

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from qa_app.domain.access import Role
from qa_app.models.accounts import User
from qa_app.models.history import AccessEntry
from qa_app.models.reviews import Review
from qa_app.web.shared.access import signed_in
from qa_app.web.shared.seen_records import ABOUT_CHILDREN, NOT_ABOUT_CHILDREN
from tests.builders import make_team, make_user, viewer_of
from tests.builders_reviews import make_review, submit

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]


def entries(session: Session) -> list[tuple[int | None, str, str, int | None]]:
    session.rollback()
    return [
        (row.user_id, row.what, row.subject_kind, row.subject_id)
        for row in session.scalars(select(AccessEntry).order_by(AccessEntry.id))
    ]


def test_somebody_has_decided_for_every_number_in_an_address(app: Flask) -> None:
    names = {
        name
        for rule in app.url_map.iter_rules()
        for name, converter in rule._converters.items()
        if type(converter).__name__ == "RecordNumberConverter"
    }
    assert names - set(ABOUT_CHILDREN) - NOT_ABOUT_CHILDREN == set()


def test_a_view_that_says_nothing_is_logged_by_its_address(
    app: Flask, session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(review_id: int) -> Response:
        return Response(str(review_id), mimetype="text/plain")

    def take(cohort_id: int) -> Response:
        headers = {"Content-Disposition": "attachment; filename=list.csv"}
        return Response(str(cohort_id), headers=headers, mimetype="text/csv")

    monkeypatch.setitem(app.view_functions, "reviews.show", signed_in(look))
    monkeypatch.setitem(app.view_functions, "cohorts.selection_record", signed_in(take))
    user = make_user()
    user_id = user.id
    browser = sign_in(user)
    browser.get("/reviews/12")
    browser.get("/cohorts/3/selection-record")
    assert entries(session) == [
        (user_id, "view", "review", 12),
        (user_id, "view", "cohort", 3),
        (user_id, "export", "cohort", 3),
    ]


def reading_rules(app: Flask) -> list[Rule]:
    """Every page whose address names a record about a child."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.arguments & set(ABOUT_CHILDREN)
    ]


def test_no_page_of_a_record_about_a_child_and_no_file_goes_unlogged(
    app: Flask, session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every such page is walked through, with a view that says nothing in its place, as a page and as a file."""
    user = make_user()
    user_id = user.id
    browser = sign_in(user)
    rules = reading_rules(app)
    assert len(rules) > 20
    for rule in rules:
        values = {
            name: 7 if type(rule._converters[name]).__name__ == "RecordNumberConverter" else "x"
            for name in rule.arguments
        }
        address = app.url_map.bind("localhost").build(rule.endpoint, values, method="GET")
        kind = next(kind for name, kind in ABOUT_CHILDREN.items() if name in rule.arguments)
        for headers, expected in (
            ({}, [(user_id, "view", kind, 7)]),
            (
                {"Content-Disposition": "attachment; filename=x.csv"},
                [(user_id, "view", kind, 7), (user_id, "export", kind, 7)],
            ),
        ):
            before = len(entries(session))
            monkeypatch.setitem(
                app.view_functions,
                rule.endpoint,
                signed_in(lambda headers=headers, **_: Response("x", headers=headers, mimetype="text/plain")),
            )
            assert browser.get(address).status_code == 200
            assert entries(session)[before:] == expected, rule.rule


def test_a_review_read_is_logged_once_and_one_not_found_as_such(session: Session, sign_in: SignIn) -> None:
    author, reader = make_user("Author"), make_user("Reader", Role.DIRECTOR)
    review = make_review(author, team=make_team())
    submit(viewer_of(author), review)
    number, reader_id = review.id, reader.id
    browser = sign_in(reader)
    assert browser.get(f"/reviews/{number}").status_code == 200
    assert browser.get("/reviews/999999").status_code == 404
    assert entries(session) == [
        (reader_id, "view", "review", number),
        (reader_id, "not found", "review", 999999),
    ]


def test_what_can_not_be_logged_is_not_shown(
    app: Flask, session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no room")

    author = make_user("Author")
    review = make_review(author, team=make_team())
    submit(viewer_of(author), review)
    number = review.id
    browser = sign_in(make_user("Reader", Role.DIRECTOR))
    assert "Good work." in browser.get(f"/reviews/{number}").text
    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setitem(app.config, "TESTING", False)
    monkeypatch.setattr("qa_app.web.shared.access.log_access", full)
    reply = browser.get(f"/reviews/{number}")
    assert reply.status_code == 500
    assert "Good work." not in reply.text


def test_a_story_of_a_review_is_a_view_of_it(session: Session, sign_in: SignIn) -> None:
    author = make_user("Author")
    review: Review = make_review(author, team=make_team())
    number, author_id = review.id, author.id
    sign_in(author).get(f"/history/review/{number}")
    assert entries(session)[-1] == (author_id, "view", "review", number)


def test_a_refusal_is_logged(session: Session, sign_in: SignIn) -> None:
    user = make_user()
    user_id = user.id
    assert sign_in(user).get("/accounts").status_code == 403
    assert entries(session)[-1][:2] == (user_id, "refused")


def test_signing_in_and_out_is_logged_and_so_is_a_wrong_password(
    client: FlaskClient, session: Session
) -> None:
    user = make_user("Somebody", Role.DIRECTOR, password="a clear line of sight")
    email, user_id = user.email, user.id
    session.commit()
    wrong = client.post("/sign-in", data={"email": email, "password": "a wrong line of sight"})
    assert wrong.status_code in (401, 422)
    unknown = client.post(
        "/sign-in", data={"email": "nobody@example.org", "password": "a wrong line of sight"}
    )
    assert unknown.status_code in (401, 422)
    right = client.post("/sign-in", data={"email": email, "password": "a clear line of sight"})
    assert right.status_code == 303
    client.post("/sign-out")
    kept = entries(session)
    assert [what for _, what, _, _ in kept] == [
        "sign-in refused",
        "sign-in refused",
        "signed in",
        "signed out",
    ]
    assert [who for who, _, _, _ in kept] == [user_id, None, user_id, user_id]


def test_the_log_is_read_and_searched_by_those_who_may(session: Session, sign_in: SignIn) -> None:
    author = make_user("Author of it")
    review = make_review(author, team=make_team())
    number = review.id
    sign_in(author).get(f"/history/review/{number}")
    admin = make_user("Admin", Role.ADMINISTRATOR)
    admin_id = admin.id
    browser = sign_in(admin)
    page = browser.get(f"/access-log?record=R{number}").text
    assert "Author of it" in page
    assert f"Review R{number}" in page
    nothing = browser.get(f"/access-log?who={admin_id}").text
    assert f"Review R{number}" not in nothing


def test_the_database_refuses_to_alter_the_log(session: Session, sign_in: SignIn) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DatabaseError

    sign_in(make_user()).get("/accounts")
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(text("UPDATE access_entry SET what = 'view'"))
