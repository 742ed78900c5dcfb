"""What commands share: the app, one transaction, and refusals in words."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError, ProgrammingError

from qa_app.domain.errors import QaError
from qa_app.extensions import db
from qa_app.factory import create_app


def refuse(message: str, as_json: bool = False) -> NoReturn:
    """Say what was refused, on standard error or as JSON, and end with status 1."""
    if as_json:
        click.echo(json.dumps({"error": message}, ensure_ascii=False))
    click.echo(message, err=True)
    raise SystemExit(1)


@contextmanager
def database(as_json: bool = False) -> Iterator[None]:
    """One transaction of a command: committed at the end, rolled back and told in words on a refusal."""
    try:
        app = create_app()
    except ValidationError as faults:
        lines = [
            f"QA_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" if fault["loc"] else fault["msg"]
            for fault in faults.errors()
        ]
        refuse("The settings can't be used. " + "; ".join(lines), as_json)
    except QaError as fault:
        refuse(f"The settings can't be used. {fault.message}", as_json)
    with app.app_context():
        try:
            yield
            db.session.commit()
        except QaError as refusal:
            db.session.rollback()
            refuse(refusal.message, as_json)
        except (OperationalError, ProgrammingError) as fault:
            db.session.rollback()
            if not any(words in str(fault.orig) for words in ("no such table", "does not exist")):
                raise
            refuse("The database has not got its tables yet. Run 'qa db upgrade', then this again.", as_json)


def print_json(answer: dict[str, Any]) -> None:
    """One JSON object on standard output."""
    click.echo(json.dumps(answer, ensure_ascii=False))
