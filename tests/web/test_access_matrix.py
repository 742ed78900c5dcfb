"""Who may open what: every page and every role, written down by hand. A new page that is not here fails."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from qa_app.domain.access import Role
from qa_app.models.accounts import User
from tests.builders import make_service_area, make_team, make_user

pytestmark = pytest.mark.database

R = Role
EVERYBODY = frozenset(Role)
ADMINISTRATOR = frozenset({R.ADMINISTRATOR})
QA_LEAD = frozenset({R.QA_LEAD})
REVIEWERS = frozenset({R.AUDITOR, R.TRIPLE_LOCK_CONSULTANT, R.EXTERNAL_REVIEWER})
THEME_READERS = frozenset(
    {R.QA_LEAD, R.MODERATOR, R.TEAM_MANAGER, R.HEAD_OF_SERVICE, R.DIRECTOR, R.IMPROVEMENT_TEAM}
)
REVIEW_READERS = THEME_READERS | REVIEWERS
COHORT_READERS = frozenset({R.QA_LEAD, R.HEAD_OF_SERVICE, R.DIRECTOR})
ORGANISATION_READERS = frozenset({R.ADMINISTRATOR, R.QA_LEAD, R.TEAM_MANAGER, R.HEAD_OF_SERVICE, R.DIRECTOR})
PLAN_READERS = frozenset(
    {R.QA_LEAD, R.HEAD_OF_SERVICE, R.DIRECTOR, R.IMPROVEMENT_TEAM, R.ACTION_LEAD, R.PARTNER_AGENCY}
)
PRACTICE_READERS = frozenset({R.PRACTITIONER, R.TEAM_MANAGER, R.REVIEWING_OFFICER})
CASE_WORKERS = frozenset({R.QA_LEAD, R.TEAM_MANAGER, R.HEAD_OF_SERVICE, R.DIRECTOR})
REPORT_READERS = frozenset({R.QA_LEAD, R.HEAD_OF_SERVICE, R.DIRECTOR, R.IMPROVEMENT_TEAM})
IMPROVEMENT_TEAM = frozenset({R.IMPROVEMENT_TEAM})
UPDATERS = IMPROVEMENT_TEAM | {R.QA_LEAD, R.HEAD_OF_SERVICE, R.DIRECTOR, R.ACTION_LEAD}
FORM_READERS = frozenset({R.ADMINISTRATOR, R.QA_LEAD, R.AUDITOR, R.MODERATOR})
ORGANISERS = frozenset({R.ADMINISTRATOR, R.QA_LEAD})

FORM_APPROVERS = frozenset({R.QA_LEAD, R.DIRECTOR})

PUBLIC = frozenset(
    {
        "sign_in.show",
        "sign_in.send",
        "sign_in.sign_out",
        "sign_in.choose_password",
        "sign_in.send_choose_password",
        "second_step.code",
        "second_step.send_code",
        "second_step.recovery_code",
        "second_step.send_recovery_code",
        "second_step.set_up",
        "second_step.picture",
        "second_step.send_set_up",
        "single_sign_on.depart",
        "single_sign_on.arrive",
        "static",
        "health.alive",
        "health.ready",
    }
)

MATRIX: dict[str, frozenset[Role]] = {
    "home.index": EVERYBODY,
    **dict.fromkeys(
        ["referrals.index", "referrals.refer", "referrals.send_referral"],
        frozenset({R.QA_LEAD, R.TEAM_MANAGER, R.HEAD_OF_SERVICE}),
    ),
    "cohort_cases.requests": EVERYBODY,
    "notices.index": EVERYBODY,
    "notices.seen": EVERYBODY,
    "cohort_cases.decide": EVERYBODY,
    **dict.fromkeys(
        ["cohort_cases.ask", "cohort_cases.ask_for_time", "cohort_cases.ask_for_exemption"], REVIEWERS
    ),
    "health.system": ADMINISTRATOR,
    "history.index": ADMINISTRATOR | QA_LEAD | {R.DIRECTOR},
    "history.index_file": ADMINISTRATOR | QA_LEAD | {R.DIRECTOR},
    "history.seen_file": ADMINISTRATOR | {R.DIRECTOR},
    "history.seen": ADMINISTRATOR | {R.DIRECTOR},
    "history.record": EVERYBODY,
    **dict.fromkeys(
        [
            "sign_in.confirm",
            "sign_in.send_confirm",
            "your_account.sessions",
            "your_account.end_session",
            "your_account.end_others",
            "your_account.own_password",
            "your_account.change_own_password",
            "your_account.second_factor_page",
            "your_account.begin_second_factor",
            "your_account.set_up",
            "your_account.picture",
            "your_account.confirm_second_factor",
            "your_account.make_recovery_codes",
            "your_account.remove",
            "your_account.send_remove",
        ],
        EVERYBODY,
    ),
    "accounts.who_can_do_what": ADMINISTRATOR | QA_LEAD | {R.DIRECTOR},
    **dict.fromkeys(
        [
            "accounts.index",
            "accounts.new",
            "accounts.add",
            "accounts.close",
            "accounts.send_close",
            "accounts.reopen",
            "accounts.send_reopen",
            "accounts.send_take_role",
            "account_access.unlock",
            "account_access.end_all",
            "account_access.reset",
            "account_access.send_reset",
            "account_access.prepare",
            "account_access.untie",
            "account_access.keep_for_emergencies",
            "accounts.make_link",
            "accounts.roles",
            "accounts.give_role",
            "accounts.take_role",
        ],
        ADMINISTRATOR,
    ),
    **dict.fromkeys(
        [
            "case_actions.new",
            "case_actions.create",
            "safeguarding_concerns.new",
            "safeguarding_concerns.create",
        ],
        QA_LEAD | REVIEWERS,
    ),
    **dict.fromkeys(
        [
            "case_actions.index",
            "case_actions.register",
            "case_actions.show",
            "case_actions.update",
            "case_actions.done",
            "case_actions.verdict",
            "case_actions.impact",
            "case_actions.owner",
            "case_actions.withdraw",
        ],
        CASE_WORKERS | REVIEWERS | IMPROVEMENT_TEAM | {R.PRACTITIONER, R.REVIEWING_OFFICER},
    ),
    "case_actions.chase": CASE_WORKERS,
    **dict.fromkeys(
        [f"review_returns.{page}" for page in ("choose", "give_back", "ask_reopen", "reopen")], QA_LEAD
    ),
    **dict.fromkeys(["review_returns.point", "review_returns.stands"], REVIEWERS),
    "review_returns.submissions": REVIEW_READERS,
    **dict.fromkeys(["review_replies.new", "review_replies.send"], PRACTICE_READERS),
    **dict.fromkeys(
        [f"review_replies.{page}" for page in ("waiting", "challenge", "answer")], QA_LEAD | REVIEWERS
    ),
    "supervision.index": REVIEW_READERS | PRACTICE_READERS,
    **dict.fromkeys(["supervision.sheet", "supervision.note"], PRACTICE_READERS),
    "reviews.switch_keys": REVIEWERS,
    **dict.fromkeys(
        [
            "safeguarding_concerns.index",
            "safeguarding_concerns.show",
            "safeguarding_concerns.acknowledge",
            "safeguarding_concerns.make_safe",
            "safeguarding_concerns.close",
        ],
        CASE_WORKERS | REVIEWERS,
    ),
    **dict.fromkeys(["measures.index", "measures.conversations", "measures.show"], THEME_READERS),
    **dict.fromkeys(
        ["form_publishing.check", "form_publishing.proposals", "form_publishing.proposal"], FORM_APPROVERS
    ),
    **dict.fromkeys(["form_publishing.approve", "form_publishing.refuse"], FORM_APPROVERS),
    **dict.fromkeys(["form_publishing.changes", "form_files.version_file"], FORM_READERS | FORM_APPROVERS),
    **dict.fromkeys(["form_publishing.review_move", "form_publishing.send_review_move"], REVIEWERS),
    "form_files.reviews_file": REVIEW_READERS,
    **dict.fromkeys(
        [
            "form_publishing.publish",
            "form_publishing.propose",
            "form_publishing.withdraw",
            "form_publishing.cohorts",
            "form_publishing.repin",
            "form_files.draft_file",
            "form_files.workbook",
            "form_files.take_workbook",
        ],
        QA_LEAD,
    ),
    **dict.fromkeys(
        [
            "caseload.index",
            "caseload.show",
            "caseload.faults",
            "caseload.fault_list",
            "caseload.upload",
            "caseload.take_upload",
            "caseload.waiting",
            "caseload.store",
            "caseload.discard",
            "caseload.waiting_fault_list",
            "caseload.comparison",
            "caseload.changed_cases",
            "caseload.children",
            "caseload.find",
            "caseload.child",
            "caseload.words",
            "caseload.spelling",
            "caseload.add_spelling",
            "caseload.forget_spelling",
        ],
        QA_LEAD,
    ),
    **dict.fromkeys(
        [
            "cohorts.new",
            "cohorts.make",
            "cohorts.allocation",
            "cohorts.allocate",
            "cohorts.auditor",
            "cohorts.reallocate",
            "cohorts.allocate_to_managers",
            "referrals.new",
            "referrals.open_round",
            "panel_meetings.new",
            "panel_meetings.open_round",
            "panel_meetings.meeting",
            "panel_meetings.record_meeting",
            "programme.new",
            "programme.add",
            "programme.drop",
            "programme.capacity",
            "programme.auditor",
            "programme.set_capacity",
            "programme.add_leave",
            "programme.drop_leave",
            "cohort_cases.chase",
            "cohort_cases.case",
            "cohort_cases.replace_case",
            "cohort_cases.extend_case",
            "cohort_cases.exempt_case",
            "cohort_cases.closing",
            "cohort_cases.close",
        ],
        QA_LEAD,
    ),
    **dict.fromkeys(
        [
            "programme.index",
            "programme.coverage",
            "cohorts.index",
            "cohorts.show",
            "cohorts.selection",
            "cohorts.selection_record",
            "panel_meetings.show",
        ],
        COHORT_READERS,
    ),
    **dict.fromkeys(["organisation.index", "organisation.practitioners"], ORGANISATION_READERS),
    **dict.fromkeys(
        [
            "organisation.area",
            "organisation.new_area",
            "organisation.add_area",
            "organisation.change_area",
            "organisation.team",
            "organisation.change_team",
            "organisation.practitioner",
            "organisation.change_practitioner",
            "organisation.new_team",
            "organisation.make_team",
            "organisation.use_team",
            "organisation.new_practitioner",
            "organisation.make_practitioner",
            "organisation.use_practitioner",
            "organisation_names.index",
            "organisation_names.decide",
            "organisation_names.merging",
            "organisation_names.merge",
            "organisation_names.apart",
            "organisation_names.match_user",
            "organisation_sheet.upload",
            "organisation_sheet.take_upload",
            "organisation_sheet.preview",
            "organisation_sheet.answer",
            "organisation_sheet.store",
            "organisation_sheet.leave",
            "organisation_sheet.template",
        ],
        ORGANISERS,
    ),
    **dict.fromkeys(
        [
            "organisation_names.officer",
            "case_flags.index",
            "case_flags.list_of",
            "case_flags.upload",
            "case_flags.take_upload",
            "case_flags.preview",
            "case_flags.answer",
            "case_flags.store",
            "case_flags.leave",
            "case_flags.template",
            "case_flags.find",
            "case_flags.child",
            "case_flags.raise_flag",
            "case_flags.ending",
            "case_flags.end_flag",
            "case_flags.kinds",
            "case_flags.new_kind",
            "case_flags.add_kind",
            "case_flags.kind",
            "case_flags.change_kind",
        ],
        QA_LEAD,
    ),
    **dict.fromkeys(["audit_forms.index", "audit_forms.form", "audit_forms.version"], FORM_READERS),
    **dict.fromkeys(
        [
            "audit_forms.new",
            "audit_forms.add",
            "audit_forms.start",
            "audit_forms.take_up",
            "form_designer.show",
            "form_designer.save_settings",
            "form_designer.section",
            "form_designer.save_section",
            "form_designer.add_section",
            "form_designer.add_question",
            "form_designer.question",
            "form_designer.save_question",
            "form_designer.limits",
            "form_designer.add_limit",
            "form_designer.save_limit",
            "form_designer.condition",
            "form_designer.change_condition",
            "form_designer.borrow",
            "form_designer.take_borrowed",
            "form_designer.arrange",
            "form_designer.undo",
            "form_designer.redo",
            "form_designer.preview",
            "form_designer.state",
            "form_designer.discard",
        ],
        QA_LEAD,
    ),
    "reviews.show": REVIEW_READERS | PRACTICE_READERS,
    "my_practice.index": PRACTICE_READERS,
    **dict.fromkeys(["releases.index", "releases.release", "releases.hold", "releases.let_go"], QA_LEAD),
    **dict.fromkeys(
        [
            "leavers.index",
            "leavers.new",
            "leavers.mark",
            "leavers.show",
            "leavers.give",
            "leavers.move",
            "leavers.stay",
        ],
        ORGANISERS,
    ),
    **dict.fromkeys(
        [
            "reviews.index",
            "reviews.check",
            "reviews.show_section",
            "reviews.save_answer",
            "reviews.save_judgement",
            "reviews.save_section",
            "reviews.submit",
        ],
        REVIEWERS,
    ),
    "findings.show": REVIEW_READERS,
    **dict.fromkeys(["findings.new", "findings.create", "findings.withdraw"], REVIEWERS | QA_LEAD),
    **dict.fromkeys(["themes.index", "themes.show", "themes.findings", "themes.reviews"], THEME_READERS),
    **dict.fromkeys(["improvement.plan", "improvement.action"], PLAN_READERS),
    "improvement.exceptions": REPORT_READERS,
    **dict.fromkeys(["action_leads.update", "action_leads.send_update"], UPDATERS),
    "boards.index": REPORT_READERS | {R.BOARD_MEMBER, R.ADMINISTRATOR},
    **dict.fromkeys(["boards.report", "boards.report_data"], REPORT_READERS | {R.BOARD_MEMBER}),
    **dict.fromkeys(
        ["boards.new", "boards.add", "boards.board", "boards.change", "boards.close", "boards.reopen"],
        IMPROVEMENT_TEAM | ADMINISTRATOR,
    ),
    **dict.fromkeys(
        [
            "report_drafts.new",
            "report_drafts.prepare",
            "report_drafts.cover",
            "report_drafts.change_cover",
            "report_drafts.issue",
            "report_drafts.drop",
        ],
        IMPROVEMENT_TEAM | {R.DIRECTOR},
    ),
    "report_drafts.show": IMPROVEMENT_TEAM | QA_LEAD | {R.DIRECTOR},
    "report_drafts.state": QA_LEAD | {R.DIRECTOR},
    **dict.fromkeys(
        [
            "action_leads.people",
            "action_leads.of_plan",
            "action_leads.match_lead",
            "action_leads.match_agency",
            "action_leads.set_aside",
            "action_leads.bring_back",
            "action_leads.of_action",
            "action_leads.add_lead",
            "action_leads.remove_lead",
            "action_leads.add_agency",
            "action_leads.remove_agency",
            "improvement.upload",
            "improvement.take_upload",
            "improvement.preview",
            "improvement.store",
            "improvement.link_finding",
            "improvement.unlink_finding",
            "improvement.link_theme",
            "improvement.unlink_theme",
        ],
        IMPROVEMENT_TEAM,
    ),
}


def test_every_page_is_in_the_table(app: Flask) -> None:
    assert set(app.view_functions) == set(MATRIX) | PUBLIC


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in PUBLIC]


def address(app: Flask, rule: Rule) -> str:
    """The rule's address with things that do not exist."""
    values = {name: 999_999 if "id" in name or name == "number" else "nothing" for name in rule.arguments}
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, values, method=method_of(rule))


def method_of(rule: Rule) -> str:
    return "POST" if "POST" in (rule.methods or ()) else "GET"


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_the_table_says(
    app: Flask, session: Session, sign_in: Callable[[User], FlaskClient], role: Role
) -> None:
    area = make_service_area()
    user = make_user(role=role, team=make_team("A", area), service_area=area)
    wrong = []
    browser = sign_in(user)
    for rule in rules(app):
        status = browser.open(address(app, rule), method=method_of(rule)).status_code
        refused = status in (401, 403)
        if refused == (role in MATRIX[rule.endpoint]) or status >= 500:
            wrong.append((rule.endpoint, status))
    assert not wrong


def test_nobody_sees_anything_without_signing_in(app: Flask, client: FlaskClient) -> None:
    wrong = []
    for rule in rules(app):
        response = client.open(address(app, rule), method=method_of(rule))
        if method_of(rule) == "GET":
            as_wished = response.status_code == 302 and "/sign-in" in response.location
        else:
            as_wished = response.status_code == 401
        if not as_wished:
            wrong.append((rule.endpoint, response.status_code))
    assert not wrong


def test_posts_commit_and_only_posts(app: Flask) -> None:
    own_transactions = {"sign_in.sign_out"}
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert len(methods) == 1, rule.endpoint
        if rule.endpoint not in own_transactions:
            assert getattr(view, "_commits", False) == (methods == {"POST"}), rule.endpoint


def test_every_page_forbids_foreign_scripts(app: Flask, client: FlaskClient) -> None:
    headers = client.get("/sign-in").headers
    assert "'unsafe" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_a_form_without_its_token_is_refused(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert client.post("/sign-in", data={"email": "a@example.org", "password": "x"}).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.parametrize("role", [None, *Role])
def test_everybody_s_first_page_says_something(
    session: Session, sign_in: Callable[[User], FlaskClient], role: Role | None
) -> None:
    area = make_service_area()
    page = (
        sign_in(make_user(role=role, team=make_team("A", area), service_area=area))
        .get("/")
        .get_data(as_text=True)
    )
    main = page.split("<main", 1)[1].split("</h1>", 1)[1].split("</main>", 1)[0]
    assert "<p" in main or "<table" in main
