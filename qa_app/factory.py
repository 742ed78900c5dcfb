"""Wires everything: one call makes the app."""

from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from whitenoise import WhiteNoise

from qa_app.bundled import bundled_folder
from qa_app.config import Settings
from qa_app.domain.council_account import check_role_settings
from qa_app.extensions import db, migrate, prepare_engine
from qa_app.logs import set_up_logs
from qa_app.web.account_access import routes as account_access
from qa_app.web.accounts import routes as accounts
from qa_app.web.action_leads import routes as action_leads
from qa_app.web.audit_forms import routes as audit_forms
from qa_app.web.boards import routes as boards
from qa_app.web.case_actions import routes as case_actions
from qa_app.web.case_flags import routes as case_flags
from qa_app.web.caseload import routes as caseload
from qa_app.web.cohort_cases import routes as cohort_cases
from qa_app.web.cohorts import routes as cohorts
from qa_app.web.findings import routes as findings
from qa_app.web.form_designer import routes as form_designer
from qa_app.web.form_files import routes as form_files
from qa_app.web.form_publishing import routes as form_publishing
from qa_app.web.health import routes as health
from qa_app.web.history import routes as history
from qa_app.web.home import routes as home
from qa_app.web.improvement import routes as improvement
from qa_app.web.leavers import routes as leavers
from qa_app.web.measures import routes as measures
from qa_app.web.my_practice import routes as my_practice
from qa_app.web.notices import routes as notices
from qa_app.web.organisation import routes as organisation
from qa_app.web.organisation_names import routes as organisation_names
from qa_app.web.organisation_sheet import routes as organisation_sheet
from qa_app.web.panel_meetings import routes as panel_meetings
from qa_app.web.programme import routes as programme
from qa_app.web.referrals import routes as referrals
from qa_app.web.releases import routes as releases
from qa_app.web.report_drafts import routes as report_drafts
from qa_app.web.review_replies import routes as review_replies
from qa_app.web.review_returns import routes as review_returns
from qa_app.web.reviews import routes as reviews
from qa_app.web.safeguarding_concerns import routes as safeguarding_concerns
from qa_app.web.second_step import routes as second_step
from qa_app.web.shared.access import guard
from qa_app.web.shared.error_pages import register_error_pages
from qa_app.web.shared.navigation import furniture
from qa_app.web.shared.page_furniture import set_up_templates
from qa_app.web.shared.record_numbers import RecordKeyConverter, RecordNumberConverter
from qa_app.web.shared.request_log import log_requests
from qa_app.web.shared.security_headers import headers_of_files, set_security_headers
from qa_app.web.shared.transactions import begin_by_method
from qa_app.web.sign_in import routes as sign_in
from qa_app.web.single_sign_on import routes as single_sign_on
from qa_app.web.supervision import routes as supervision
from qa_app.web.themes import routes as themes
from qa_app.web.your_account import routes as your_account

FEATURES = (
    sign_in,
    second_step,
    single_sign_on,
    your_account,
    accounts,
    account_access,
    home,
    health,
    history,
    caseload,
    case_flags,
    organisation,
    organisation_names,
    organisation_sheet,
    cohorts,
    cohort_cases,
    programme,
    notices,
    panel_meetings,
    referrals,
    reviews,
    findings,
    themes,
    measures,
    form_publishing,
    form_files,
    improvement,
    audit_forms,
    form_designer,
    action_leads,
    boards,
    report_drafts,
    releases,
    my_practice,
    leavers,
    case_actions,
    safeguarding_concerns,
    review_returns,
    review_replies,
    supervision,
)


def create_app(settings: Settings | None = None) -> Flask:
    """The whole application for one council, by its settings (read from the environment if none are given)."""
    settings = settings or Settings()
    check_role_settings(settings.second_factor_roles, settings.sso_roles)
    set_up_logs(settings.log_level)
    app = Flask("qa_app", static_folder="static", template_folder="templates")
    app.url_map.converters["int"] = RecordNumberConverter
    app.url_map.converters["default"] = app.url_map.converters["string"] = RecordKeyConverter
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.resolved_secret_key(),
        SECRET_KEY_FALLBACKS=[settings.secret_key_before] if settings.secret_key_before else None,
        SQLALCHEMY_DATABASE_URI=settings.resolved_database_url(),
        # A refused statement must not quote in a fault what it was filled with.
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True},
        TRUSTED_HOSTS=settings.hosts_answered(),
        MAX_CONTENT_LENGTH=settings.upload_megabytes * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_NAME="__Host-qa" if settings.secure_cookies else "qa",
        WTF_CSRF_TIME_LIMIT=None,
    )
    db.init_app(app)
    migrate.init_app(
        app, db, directory=str(bundled_folder("migrations")), render_as_batch=True, compare_type=True
    )
    with app.app_context():
        prepare_engine(db.engine)
    log_requests(app)
    CSRFProtect(app)
    begin_by_method(app)
    guard(app)
    set_security_headers(app)
    register_error_pages(app)
    set_up_templates(app, furniture)
    for feature in FEATURES:
        app.register_blueprint(feature.blueprint)
    return app


def with_static_files(app: Flask) -> WhiteNoise:
    """The app behind a server of static files that compresses them and lets browsers keep them."""
    files = WhiteNoise(
        app.wsgi_app, max_age=300, add_headers_function=headers_of_files(app), allow_all_origins=False
    )
    files.add_files(str(Path(app.static_folder or "")), prefix="static/")
    return files
