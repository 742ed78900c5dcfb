"""What every test may use: the app, a database that forgets each test, a client that reads every page strictly."""

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from qa_app.config import Settings
from qa_app.extensions import db, own_transaction
from qa_app.factory import create_app
from qa_app.models.accounts import User
from qa_app.models.immutability import create_triggers
from qa_app.models.tables import metadata
from qa_app.services import accounts
from tests.html_checks import check_html
from tests.postgresql import postgresql_address

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


class StrictClient(FlaskClient):
    """Reads every page that it is sent, and fails the test that asked for it when a page is unsound."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """One request, and the checks of what came back."""
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and not 300 <= response.status_code < 400:
            faults = check_html(response.get_data(as_text=True))
            assert not faults, f"{response.request.path}: {faults}"
        if response.status_code < 400 and response.mimetype == "text/html":
            assert not db.session.dirty, "a request left changes behind"
        return response


@pytest.fixture(scope="session")
def app() -> Iterator[Flask]:
    """The app on a database of its own, with the schema made once."""
    with tempfile.TemporaryDirectory() as folder:
        address = (
            postgresql_address()
            if os.environ.get("QA_TEST_DATABASE") == "postgresql"
            else f"sqlite:///{Path(folder) / 'test.sqlite3'}"
        )
        settings = Settings(
            database_url=address, secret_key="test", secure_cookies=False, instance_folder=Path(folder)
        )
        made = create_app(settings)
        made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        made.test_client_class = StrictClient
        with made.app_context():
            make_schema()
        yield made
        with made.app_context():
            db.session.remove()
            metadata.drop_all(db.engine)
            db.engine.dispose()


def make_schema() -> None:
    """An empty database with every table and trigger."""
    metadata.drop_all(db.engine)
    metadata.create_all(db.engine)
    with db.engine.begin() as connection:
        create_triggers(connection)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session whose every change, commits included, is gone after the test."""
    with app.app_context():
        engine = db.engine
        connection = engine.connect()
        outer = connection.begin()
        engines = db._app_engines[app]
        engines[None] = connection  # type: ignore[assignment]
        try:
            yield db.session  # type: ignore[misc]
        finally:
            db.session.remove()
            engines[None] = engine
            outer.rollback()
            connection.close()


@pytest.fixture
def client(app: Flask, session: Session) -> FlaskClient:
    """A browser that is not signed in."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, session: Session) -> Callable[[User], FlaskClient]:
    """Give a user; get a browser in which they are signed in."""

    def give(user: User) -> FlaskClient:
        from qa_app import clock

        user_id = (
            user.id
        )  # read before the commit: reading after it would open a savepoint around the sign-in
        session.commit()
        with own_transaction() as own:
            token = accounts.start_session(own, user_id, browser="test", at=clock.now())
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie["_user_id"] = token
        return browser

    return give


@pytest.fixture
def at() -> datetime:
    """The moment at which tests do things."""
    return AT
