"""Migrations: from nothing to the newest shape and back, the same shape as the models, nothing lost on the way."""

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.engine import make_url

from qa_app.config import Settings
from qa_app.extensions import db
from qa_app.factory import create_app
from qa_app.models.immutability import create_triggers, trigger_names
from qa_app.models.tables import metadata
from tests.postgresql import fresh_database, runs_on_postgresql

pytestmark = pytest.mark.database
DAY = "2026-11-24 10:00:00"
STEPS = Path(__file__).parents[2] / "migrations"


@pytest.fixture
def empty_app(tmp_path: Path) -> Iterator[Flask]:
    """An app on a database with nothing in it."""
    address = fresh_database() if runs_on_postgresql() else f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    settings = Settings(
        database_url=address, secret_key="test", secure_cookies=False, instance_folder=tmp_path
    )
    app = create_app(settings)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def shape(connection: Connection) -> dict[str, object]:
    """Tables with their columns, checks, indexes, unique constraints and foreign keys, by name."""
    seen = inspect(connection)
    return {
        table: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)),
            sorted(str(c["name"]) for c in seen.get_check_constraints(table)),
            sorted(str(i["name"]) for i in seen.get_indexes(table)),
            sorted(str(u["name"]) for u in seen.get_unique_constraints(table)),
            sorted(str(f["name"]) for f in seen.get_foreign_keys(table)),
        )
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def triggers(connection: Connection) -> set[str]:
    """The names of all triggers."""
    if connection.dialect.name == "sqlite":
        return set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    return set(connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")))


def test_upgrading_gives_the_shape_of_the_models(empty_app: Flask, tmp_path: Path) -> None:
    flask_migrate.upgrade()
    flask_migrate.check()
    with db.engine.connect() as connection:
        migrated = shape(connection)
        assert set(trigger_names()) <= triggers(connection)
    address = fresh_database() if runs_on_postgresql() else f"sqlite:///{tmp_path / 'made.sqlite3'}"
    engine = create_engine(make_url(address))
    with engine.begin() as connection:
        metadata.create_all(connection)
        create_triggers(connection)
        assert migrated == shape(connection)
    engine.dispose()


def test_down_to_nothing_and_up_again(empty_app: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    with db.engine.connect() as connection:
        assert shape(connection) == {}
        assert not triggers(connection)
        if runs_on_postgresql():
            left = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'refuse\\_%'"
            assert connection.scalar(text(left)) == 0
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        assert set(trigger_names()) <= triggers(connection)


def test_upgrading_twice_changes_nothing_and_loses_no_row(empty_app: Flask) -> None:
    flask_migrate.upgrade()
    with db.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO service_area (id, name, created_at) VALUES (1, 'North', '2026-11-24 10:00:00')")
        )
        connection.execute(
            text(
                "INSERT INTO team (id, name, service_area_id, created_at) VALUES (1, 'A', 1, '2026-11-24 10:00:00')"
            )
        )
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM team")) == 1


def test_each_step_stands_by_itself_and_keeps_rows_and_triggers(empty_app: Flask) -> None:
    steps = [each.revision for each in ScriptDirectory(str(STEPS)).walk_revisions()][::-1]
    for number, step in enumerate(steps):
        flask_migrate.upgrade(revision=step)
        with db.engine.begin() as connection:
            if number == 0:
                connection.execute(
                    text(f"INSERT INTO service_area (id, name, created_at) VALUES (1, 'North', '{DAY}')")
                )
                connection.execute(
                    text(
                        f"INSERT INTO team (id, name, service_area_id, created_at) VALUES (1, 'A', 1, '{DAY}')"
                    )
                )
            there = set(inspect(connection).get_table_names())
            due = {name for name, table in trigger_names().items() if table in there}
            assert due <= triggers(connection), step
            assert connection.scalar(text("SELECT count(*) FROM team")) == 1, step
    for step in steps[-2::-1]:
        flask_migrate.downgrade(revision=step)
        with db.engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
            due = {name for name, table in trigger_names().items() if table in there}
            assert due <= triggers(connection), step
            assert connection.scalar(text("SELECT count(*) FROM team")) == 1, step
