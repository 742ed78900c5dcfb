"""Counts the statements that a piece of code sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


@contextmanager
def count_selects() -> Iterator[list[str]]:
    """The SELECTs sent inside, as text."""
    with count_statements() as sent:
        selects: list[str] = []
        yield selects
        selects.extend(one for one in sent if one.lstrip().upper().startswith("SELECT"))


@contextmanager
def count_statements() -> Iterator[list[str]]:
    """Every statement sent inside, save points left out."""
    sent: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        if "SAVEPOINT" not in statement.upper():
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)
