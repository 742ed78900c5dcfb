"""How Alembic runs here: on the app's own engine, with our transaction rules, for SQLite and PostgreSQL alike."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from qa_app.extensions import db
from qa_app.models.base import Instant
from qa_app.models.immutability import create_triggers, leftover_statements
from qa_app.models.tables import metadata


def render_type(kind: str, item: object, _context: object) -> str | bool:
    """Migrations name the database's own type for a moment, so that they stand when our code moves."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


def configure(connection: Connection) -> None:
    """Compare and change with the models' metadata; batch mode, because SQLite can't alter most things."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=False,
        transactional_ddl=True,
        render_item=render_type,
        include_object=lambda _o, name, kind, *_: not (kind == "table" and str(name).startswith("huey_")),
    )


def run_on_sqlite(connection: Connection) -> None:
    """Foreign keys off before BEGIN: re-creating a table would delete its children by cascade. Checked after.

    Re-creating a table also loses its triggers, so every trigger is made again.
    """
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        configure(connection)
        with context.begin_transaction():
            context.run_migrations()
            remake_triggers(connection)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"The migration would leave rows that point at nothing: {broken[:5]}")
    finally:
        if connection.in_transaction():
            connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")


def run_on_postgresql(connection: Connection) -> None:
    """One transaction for everything: a failed migration leaves nothing behind."""
    configure(connection)
    with context.begin_transaction():
        context.run_migrations()
        remake_triggers(connection)


def remake_triggers(connection: Connection) -> None:
    """Make the triggers again after the tables may have been re-created; clear up when the tables are gone."""
    if connection.dialect.has_table(connection, "history_entry"):
        create_triggers(connection)
    else:
        for statement in leftover_statements(connection.dialect.name):
            connection.exec_driver_sql(statement)


def run() -> None:
    """Migrate the app's database."""
    engine = db.engine
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            run_on_sqlite(connection)
        else:
            run_on_postgresql(connection)


if context.is_offline_mode():
    raise SystemExit(
        "Migrations run on a live database here: the SQL of an offline run would lack the triggers."
    )
if current_app:
    run()
