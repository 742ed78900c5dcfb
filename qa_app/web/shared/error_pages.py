"""Every refusal is a page in words, or JSON for a script that asks for it."""

from flask import Flask, g, jsonify, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from qa_app.domain.errors import Invalid, NotAllowed, QaError
from qa_app.extensions import db
from qa_app.web.shared.access import wants_json
from qa_app.web.shared.request_log import request_number

KNOWN = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500})


def register_error_pages(app: Flask) -> None:
    """Give an app a page for every kind of refusal."""
    app.register_error_handler(QaError, show_refusal)
    app.register_error_handler(CSRFError, show_stale_form)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(Exception, show_fault)
    # The library's own line would quote the address asked for.
    app.log_exception = lambda exc_info: app.logger.error("fault", exc_info=exc_info)  # type: ignore[method-assign]


def show_refusal(error: QaError) -> ResponseReturnValue:
    """What the system refused, in its own words."""
    db.session.rollback()
    if isinstance(error, NotAllowed):
        g.refused = True
    field = error.field if isinstance(error, Invalid) else ""
    return answer(error.status, error.message, field)


def show_stale_form(_error: CSRFError) -> ResponseReturnValue:
    """A form whose sign-in is over, or that came from elsewhere."""
    db.session.rollback()
    return answer(
        400,
        "This page was open for too long, or came from elsewhere. Go back, load it again and send it once more.",
    )


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """An error of the protocol: no such page, wrong method, too large."""
    db.session.rollback()
    status = error.code or 500
    if isinstance(error, SecurityError):
        # Asked for under a name that is not the site's: no address of ours can be built to make a page with.
        reply = make_response("This site is not known under the name by which it was asked for.\n", status)
        reply.mimetype = "text/plain"
        return reply
    if error.response is not None and status < 400:
        return error.response
    return answer(status, "")


def show_fault(error: Exception) -> ResponseReturnValue:
    """A fault of ours: logged without anybody's words, and said plainly."""
    from flask import current_app

    db.session.rollback()
    if current_app.testing or current_app.debug:
        raise error
    current_app.logger.error("fault", exc_info=error)
    return answer(500, "")


def answer(status: int, message: str, field: str = "") -> ResponseReturnValue:
    """The refusal as a page, or as JSON."""
    if wants_json():
        said = {"error": message or f"Refused with status {status}.", "field": field}
        if status >= 500:
            said["reference"] = request_number()
        return make_response(jsonify(said), status)
    if status >= 500:
        return make_response(render_template("errors/500.html", error_reference=request_number()), status)
    template = f"errors/{status}.html" if status in KNOWN else "errors/400.html"
    return make_response(render_template(template, message=message), status)
