"""Where the pages of the caseload are gathered."""

from flask import Blueprint

blueprint = Blueprint("caseload", __name__, url_prefix="/caseload")
