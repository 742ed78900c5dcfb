"""Triggers by which the database itself refuses to change what must stand: history, versions, snapshots."""

from collections.abc import Collection

from sqlalchemy import Connection, inspect

NEVER_CHANGED = (
    "history_entry",
    "history_erasure",
    "history_seal",
    "audit_form_version",
    "audit_form_version_question",
    "audit_form_version_question_theme",
    "review_snapshot",
    "action_update",
    "issued_report",
    "case_action_update",
    "issued_report_review",
)
NEVER_UPDATED = ("history_detail", "access_entry")
ERASABLE = "history_detail"
"""Its rows may go only where an erasure order names them."""


def statements(dialect: str, tables: Collection[str]) -> list[str]:
    """The statements that make every trigger of these tables, for `sqlite` or `postgresql`."""
    return _sqlite(tables) if dialect == "sqlite" else _postgresql(tables)


def leftover_statements(dialect: str) -> list[str]:
    """What takes away that which stays when the tables, and their triggers with them, are gone."""
    if dialect == "sqlite":
        return []
    return [f"DROP FUNCTION IF EXISTS {name}()" for name in ("refuse_change", "refuse_unordered_erasure")]


def trigger_names() -> dict[str, str]:
    """Every trigger by its name, with its table."""
    names = {}
    for table in NEVER_CHANGED:
        names[f"tr_{table}_no_update"] = table
        names[f"tr_{table}_no_delete"] = table
    for table in NEVER_UPDATED:
        names[f"tr_{table}_no_update"] = table
    names[f"tr_{ERASABLE}_no_delete"] = ERASABLE
    return names


def create_triggers(connection: Connection) -> None:
    """Make every trigger of the tables that a database has: an older shape lacks some."""
    for statement in statements(connection.dialect.name, inspect(connection).get_table_names()):
        connection.exec_driver_sql(statement)


def _sqlite(tables: Collection[str]) -> list[str]:
    made = []
    for name, table in trigger_names().items():
        if table not in tables:
            continue
        event = "UPDATE" if name.endswith("_no_update") else "DELETE"
        ordered = (
            " WHEN NOT EXISTS (SELECT 1 FROM history_erasure WHERE entry_id = OLD.entry_id)"
            if name == f"tr_{ERASABLE}_no_delete"
            else ""
        )
        made.append(
            f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table}{ordered} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
        )
    return made


def _postgresql(tables: Collection[str]) -> list[str]:
    made = [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is never changed'; END $$",
        "CREATE OR REPLACE FUNCTION refuse_unordered_erasure() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF EXISTS (SELECT 1 FROM history_erasure WHERE entry_id = OLD.entry_id) THEN RETURN OLD; END IF; "
        "RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is never changed'; END $$",
    ]
    for name, table in trigger_names().items():
        if table not in tables:
            continue
        event = "UPDATE" if name.endswith("_no_update") else "DELETE"
        function = "refuse_unordered_erasure" if name == f"tr_{ERASABLE}_no_delete" else "refuse_change"
        made.append(
            f"CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
    for table in (each for each in (*NEVER_CHANGED, *NEVER_UPDATED) if each in tables):
        made.append(
            f"CREATE OR REPLACE TRIGGER tr_{table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    return made
