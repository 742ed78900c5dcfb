"""Who reaches which record: every page that names one, every role that may open it, a record of theirs and another.

A page that names a record answers for one within reach, and says *not found* for one without, never more. A new page
needs nothing here when its address names records as others do (`review_id`, `action_id`, ...). Otherwise:

- a new name in an address: its kind of record goes into `ARGUMENTS`, and a record of it into `tests/whole_council.py`;
- a name that means something else on one page: into `OF_PAGE`;
- a page with nothing to reach in the small council: into `OWN_NOT_BUILT`, with the reason.
"""

from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from qa_app.domain.access import Role
from qa_app.extensions import db
from qa_app.models.accounts import User, UserSession
from tests.web.test_access_matrix import MATRIX, PUBLIC, method_of
from tests.whole_council import Council, Key, build_council

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]

ARGUMENTS: dict[str, str] = {
    "action_id": "action",
    "area_id": "service area",
    "board_id": "board",
    "case_action_id": "case action",
    "case_id": "case",
    "change_id": "request",
    "child_id": "child",
    "cohort_id": "cohort",
    "concern_id": "concern",
    "doubt_id": "name doubt",
    "draft_id": "form draft",
    "fault_id": "fault",
    "finding_id": "finding",
    "flag_id": "flag",
    "form_key": "form",
    "grant_id": "grant",
    "import_id": "caseload import",
    "leave_id": "leave",
    "leaving_id": "leaving",
    "entry_id": "programme entry",
    "measure": "measure",
    "merge_id": "merge",
    "notice_id": "notice",
    "number": "version number",
    "plan_id": "plan",
    "plan_type": "plan type",
    "point_id": "returned point",
    "practitioner_id": "practitioner",
    "proposal_id": "proposal",
    "question": "question",
    "reply_id": "challenge",
    "report_id": "report",
    "review_id": "review",
    "section": "section",
    "session_id": "session",
    "spelling_id": "spelling",
    "team_id": "team",
    "theme_id": "theme",
    "upload_id": "caseload upload",
    "user_id": "user",
    "version_id": "version",
}
"""What a name in an address means, unless `OF_PAGE` says otherwise."""

OF_PAGE: dict[tuple[str, str], str] = {
    ("action_leads.remove_lead", "lead_id"): "lead",
    ("action_leads.remove_agency", "link_id"): "named agency",
    ("action_leads.update", "action_id"): "action to update",
    ("action_leads.send_update", "action_id"): "action to update",
    ("audit_forms.take_up", "draft_id"): "form draft put away",
    ("improvement.unlink_finding", "link_id"): "finding link",
    ("improvement.unlink_theme", "link_id"): "theme link",
    ("improvement.preview", "upload_id"): "plan upload",
    ("improvement.store", "upload_id"): "plan upload",
    ("releases.hold", "review_id"): "review to release",
    ("releases.let_go", "review_id"): "review held back",
    ("programme.drop_leave", "user_id"): "auditor",
    **{(f"referrals.{page}", "cohort_id"): "referral round" for page in ("refer", "send_referral")},
    **{(f"panel_meetings.{page}", "cohort_id"): "panel round" for page in ("meeting", "record_meeting")},
    ("panel_meetings.show", "cohort_id"): "panel round",
    ("cohorts.selection", "cohort_id"): "drawn cohort",
    **{(f"review_returns.{page}", "review_id"): "review to release" for page in ("choose", "give_back")},
    **{(f"supervision.{page}", "practitioner_id"): "judged practitioner" for page in ("sheet", "note")},
    ("supervision.note", "review_id"): "judged review",
    **{(f"review_replies.{page}", "review_id"): "judged review" for page in ("new", "send")},
    ("cohorts.selection_record", "cohort_id"): "drawn cohort",
    ("form_designer.save_limit", "number"): "draft limit",
    ("form_designer.condition", "kind"): "condition place",
    ("form_designer.condition", "key"): "draft question",
    ("form_designer.change_condition", "kind"): "condition place",
    ("form_designer.change_condition", "key"): "draft question",
    ("form_designer.question", "key"): "draft question",
    ("form_designer.save_question", "key"): "draft question",
    **{
        (f"form_designer.{page}", "key"): "draft section"
        for page in ("section", "save_section", "add_question", "borrow", "take_borrowed")
    },
    **{(f"organisation_names.{page}", "kind"): "name kind" for page in ("merge", "merging")},
    **{(f"organisation_names.{page}", "row_id"): "team" for page in ("merge", "merging")},
    **{(f"case_flags.{page}", "key"): "flag kind" for page in ("kind", "change_kind", "list_of")},
    **{
        (f"{feature}.{page}", "sheet_id"): kind
        for feature, kind in (("case_flags", "flag sheet"), ("organisation_sheet", "organisation sheet"))
        for page in ("answer", "leave", "preview", "store")
    },
    **{
        (f"report_drafts.{page}", "draft_id"): "report draft"
        for page in ("change_cover", "cover", "drop", "issue", "show", "state")
    },
    **{
        (page, "review_id"): "open review"
        for page in (
            "cohort_cases.ask",
            "cohort_cases.ask_for_exemption",
            "cohort_cases.ask_for_time",
            "form_publishing.review_move",
            "form_publishing.send_review_move",
            "reviews.check",
            "reviews.save_answer",
            "reviews.save_judgement",
            "reviews.save_section",
            "reviews.show_section",
            "reviews.submit",
        )
    },
}
"""Names that mean something else on one page."""

FIXED: dict[str, Key] = {
    "ending": "csv",
    "done": "flag",
    "file_format": "yaml",
}
FIXED_ON_PAGE: dict[tuple[str, str], Key] = {
    ("caseload.faults", "kind"): "code_unknown",
    ("form_files.reviews_file", "file_format"): "csv",
}
"""Parts of an address that name no record."""

PARTS_OF_A_RECORD = frozenset({"draft section", "draft question", "draft limit"})
"""Where there is none, the page leads back to the record: its reach is that of the record."""

BODIES: dict[str, dict[str, str]] = {
    "cohort_cases.decide": {"c{change_id}-decision": "approve", "c{change_id}-reason": "Because."},
    "form_designer.arrange": {"kind": "question", "key": "seen_on", "do": "up"},
    "releases.hold": {"reason": "Because."},
    "reviews.save_answer": {"{question}": "yes", "revision": "0"},
    "reviews.save_judgement": {"judgement-grade": "good", "revision": "0"},
}
"""What has to be sent for a page to look at the record at all; a name in braces is the one in the address."""

OTHER_ANSWERS: dict[tuple[str, str], int] = {("accounts.take_role", "grant"): 409}
"""Pages on which a record that is not there means that somebody else was quicker."""

OWN_REFUSED: dict[tuple[str, Role], int] = {
    ("findings.withdraw", Role.QA_LEAD): 403,
    ("form_publishing.approve", Role.QA_LEAD): 403,
    ("form_publishing.refuse", Role.QA_LEAD): 403,
    **{
        ("safeguarding_concerns.acknowledge", role): 403
        for role in (
            Role.QA_LEAD,
            Role.TEAM_MANAGER,
            Role.AUDITOR,
            Role.TRIPLE_LOCK_CONSULTANT,
            Role.EXTERNAL_REVIEWER,
        )
    },
}
"""Pages that a role may open, and that refuse this very record: a finding is withdrawn by whoever raised it, and
nobody decides on what they proposed themselves; a concern is acknowledged by a head of service or the director."""

OWN_NOT_BUILT: dict[str, str] = {
    "account_access.send_reset": "somebody with a second factor",
    "account_access.untie": "somebody with a council account",
    "organisation_names.match_user": "somebody whose account may be a worker's",
    "reviews.save_judgement": "a section that is graded",
}
"""Pages whose record the small council does not hold, with the reason; that others are not found is still checked."""

TESTED_APART = frozenset({"history.record"})
"""Pages that answer for every kind of record: a test of their own."""


def rules_with_records(app: Flask) -> list[Rule]:
    """Every page whose address names something."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.arguments and rule.endpoint not in PUBLIC and rule.endpoint not in TESTED_APART
    ]


def fixed_of(rule: Rule) -> dict[str, Key]:
    """The parts of a page's address that name no record."""
    known = {**{(rule.endpoint, name): key for name, key in FIXED.items()}, **FIXED_ON_PAGE}
    return {name: known[rule.endpoint, name] for name in rule.arguments if (rule.endpoint, name) in known}


def kinds_of(rule: Rule) -> dict[str, str]:
    """What each name in a page's address means."""
    return {
        name: OF_PAGE.get((rule.endpoint, name)) or ARGUMENTS.get(name, "")
        for name in sorted(rule.arguments)
        if name not in fixed_of(rule)
    }


def address(app: Flask, rule: Rule, values: Mapping[str, Key]) -> str:
    """The address of a page with these records."""
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        return adapter.build(rule.endpoint, dict(values), method=method_of(rule))


def status_of(app: Flask, browser: FlaskClient, rule: Rule, values: Mapping[str, Key]) -> int | str:
    """What a page answers, or the fault it falls over; whatever it did is undone."""
    sent = {name.format(**values): words for name, words in BODIES.get(rule.endpoint, {}).items()}
    db.session.commit()
    connection = db.session.connection()
    db.session.rollback()
    with connection.begin_nested() as point:
        try:
            path = address(app, rule, values)
            status: int | str = browser.open(path, method=method_of(rule), data=sent or None).status_code
        except Exception as error:
            status = f"{type(error).__name__}: {error}"[:300]
        db.session.rollback()
        point.rollback()
    db.session.expire_all()
    return status


def test_every_name_in_an_address_has_a_meaning(app: Flask) -> None:
    unknown = {
        (rule.endpoint, name)
        for rule in rules_with_records(app)
        for name, kind in kinds_of(rule).items()
        if not kind
    }
    assert not unknown, f"say in ARGUMENTS or OF_PAGE which record it names: {sorted(unknown)}"


@pytest.mark.parametrize("role", list(Role))
def test_a_record_within_reach_opens_and_one_without_is_not_found(
    app: Flask, session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    council = build_council()
    monkeypatch.setattr(app, "test_client_class", FlaskClient)  # how a page looks is no matter here
    user_id = council.users[role].id
    browser = sign_in(council.users[role])
    council.own["session"] = session.scalars(
        select(UserSession.id).where(UserSession.user_id == user_id)
    ).one()
    wrong: list[tuple[str, str, int | str]] = []
    for rule in rules_with_records(app):
        if role not in MATRIX.get(rule.endpoint, ()):
            continue
        wrong += faults_of(app, browser, rule, council, role)
    wrong += wrong_histories(app, browser, council, role)
    assert not wrong, "\n".join(map(str, wrong))


def faults_of(
    app: Flask, browser: FlaskClient, rule: Rule, council: Council, role: Role
) -> list[tuple[str, str, int | str]]:
    """What a page answers wrongly to a role: for its own record, and for another of each kind in the address."""
    kinds = kinds_of(rule)
    wrong: list[tuple[str, str, int | str]] = []
    own = {name: council.own_of(kind, role) for name, kind in kinds.items()}
    fixed = fixed_of(rule)
    values = {name: key for name, key in own.items() if key is not None} | fixed
    if len(values) == len(rule.arguments) and rule.endpoint not in OWN_NOT_BUILT:
        status = status_of(app, browser, rule, values)
        expected = OWN_REFUSED.get((rule.endpoint, role))
        if status != expected and (status not in range(200, 500) or status in (401, 403, 404, 405)):
            wrong.append((rule.endpoint, f"own {values}", status))
    elif rule.endpoint not in OWN_NOT_BUILT and not set(kinds.values()) <= set(council.own):
        wrong.append((rule.endpoint, f"no own {sorted(set(kinds.values()) - set(council.own))}", 0))
    for name, kind in kinds.items():
        if kind in PARTS_OF_A_RECORD:
            continue
        elsewhere = {
            each: key if key is not None else council.other_of(kinds[each], role) for each, key in own.items()
        }
        elsewhere[name] = council.other_of(kind, role)
        status = status_of(app, browser, rule, elsewhere | fixed)
        if status != OTHER_ANSWERS.get((rule.endpoint, kind), 404):
            wrong.append((rule.endpoint, f"other {kind} {elsewhere[name]}", status))
    return wrong


HISTORIES: dict[str, tuple[str, str]] = {
    "review": ("review", "reviews.show"),
    "finding": ("finding", "findings.show"),
    "plan_action": ("action", "improvement.action"),
    "cohort": ("cohort", "cohorts.show"),
}
"""Kinds of history whose records roles reach differently: the kind of record, and its page."""


def wrong_histories(
    app: Flask, browser: FlaskClient, council: Council, role: Role
) -> list[tuple[str, str, int | str]]:
    """Histories that open where their record does not, or the other way round."""
    wrong: list[tuple[str, str, int | str]] = []
    for history, (kind, page) in HISTORIES.items():
        rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == page)
        name = next(iter(rule.arguments))
        for key in (council.own_of(kind, role), council.other_of(kind, role)):
            if key is None:
                continue
            opens = browser.get(address(app, rule, {name: key})).status_code in (200, 302)
            told = browser.get(f"/history/{history}/{key}").status_code
            if told != (200 if opens else 404):
                wrong.append((f"history.record {history} {key}", f"its page opens: {opens}", told))
    return wrong
