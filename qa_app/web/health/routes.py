"""Is the site alive, is it ready for people, and, for those who run it, what is not in order."""

from functools import cache

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from qa_app import clock
from qa_app.bundled import bundled_folder
from qa_app.config import Settings
from qa_app.domain.access import SYSTEM, Permission
from qa_app.extensions import db
from qa_app.queries.health import Check, list_checks
from qa_app.web.shared.access import current_viewer, public, requires

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@public
def alive() -> ResponseReturnValue:
    """The program runs and answers. Asks nothing of anything else."""
    return {"status": "alive"}


@blueprint.get("/ready")
@public
def ready() -> ResponseReturnValue:
    """The site can be sent people. What is missing is in the log and on the administrators' page, not here."""
    try:
        checks = list_checks(SYSTEM, newest_revision(), at=clock.now())
    except SQLAlchemyError as fault:
        db.session.rollback()
        current_app.logger.warning("not ready", extra={"missing": ["Database"], "kind": type(fault).__name__})
        return {"status": "not ready"}, 503
    missing = [check.name for check in checks if check.stops_service and not check.is_well]
    if missing:
        current_app.logger.warning("not ready", extra={"missing": missing})
        return {"status": "not ready"}, 503
    return {"status": "ready"}


@blueprint.get("/system")
@requires(Permission.MANAGE_USERS)
def system() -> ResponseReturnValue:
    """What is in order and what is not, in words."""
    checks = [*list_checks(current_viewer(), newest_revision(), at=clock.now()), names_of_the_site()]
    return render_template("health/system.html", heading="State of the system", checks=checks)


def names_of_the_site() -> Check:
    """Whether the site knows under which names people ask for it."""
    settings: Settings = current_app.config["SETTINGS"]
    names = settings.hosts_answered()
    if names is None:
        words = "It answers under any name. Set QA_ALLOWED_HOSTS to the name that people use, and no other is answered."
        return Check("Names of the site", False, words, stops_service=False)
    return Check("Names of the site", True, f"It answers under {', '.join(dict.fromkeys(names))} alone.")


@cache
def newest_revision() -> str:
    """The version of the database that this program needs."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(bundled_folder("migrations"))).get_current_head() or ""
