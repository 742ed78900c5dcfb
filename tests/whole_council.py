"""A small council with somebody in every role, and of every kind of record one within their reach and one without.

`own` and `other` hold, by kind of record, its number (or key): for everybody, or by role where roles differ. What has
no other stands for itself: then a number that nobody has takes its place.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from qa_app import clock
from qa_app.domain.access import SYSTEM, Role, Viewer
from qa_app.domain.boards import Marking
from qa_app.domain.capacity import Leave
from qa_app.domain.case_actions import Priority, Timing
from qa_app.domain.caseload import Handling, PlanType
from qa_app.domain.child_ties import REVIEWING_OFFICER_FLAG
from qa_app.domain.cohorts import CohortKind, ProgrammeKind
from qa_app.domain.house_words import NameKind, NameVerdict
from qa_app.domain.notices import NoticeKind
from qa_app.domain.plan_people import LeadKind
from qa_app.domain.review_replies import ReplyKind
from qa_app.domain.safeguarding_concerns import ConcernKind, ConcernTiming
from qa_app.domain.sheets import SheetKind
from qa_app.exchange.annex_a.spec import code_sets
from qa_app.exchange.caseload_packed import pack_extract
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.case_actions import CaseAction
from qa_app.models.caseload import CaseFlag, CaseloadImport, CaseRecord, ImportFaultRow, NameDoubtRow
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.findings import Finding
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from qa_app.models.review_replies import ReviewReply
from qa_app.models.review_returns import ReviewReturnPoint
from qa_app.models.reviews import Review
from qa_app.models.themes import Theme
from qa_app.queries.audit_form_publishing import get_publishing
from qa_app.services.audit_form_drafts import change_draft, discard_draft, start_draft
from qa_app.services.audit_form_proposals import propose_draft
from qa_app.services.boards_reports import prepare_report
from qa_app.services.case_actions import CaseActionDraft, raise_case_action
from qa_app.services.caseload_waiting import keep_waiting
from qa_app.services.cohorts_capacity import add_leave
from qa_app.services.cohorts_cases import ask_for_more_time
from qa_app.services.cohorts_referral import ReferralRound, open_referral_cohort
from qa_app.services.house_words import add_spelling
from qa_app.services.improvement import keep_upload
from qa_app.services.improvement_agencies import add_agency, name_agency
from qa_app.services.improvement_leads import assign_lead
from qa_app.services.improvement_links import link_finding, link_theme
from qa_app.services.leavers import mark_leaving
from qa_app.services.notices import tell
from qa_app.services.organisation_merges import merge_names
from qa_app.services.programme import Planned, add_entry
from qa_app.services.reviews_release import release_reviews
from qa_app.services.reviews_return import ReturnReasons, return_review
from qa_app.services.safeguarding_concerns import ConcernDraft, raise_concern
from qa_app.services.sheets import keep_sheet
from tests.builders import make_board, make_service_area, make_team, make_user, viewer_of
from tests.builders_boards import TODAY, cover_of, issued_report
from tests.builders_caseload import make_case, make_caseload, make_extract
from tests.builders_cohorts import make_cohort as make_drawn_cohort
from tests.builders_cohorts import make_form_version
from tests.builders_findings import make_submitted, make_themed_version
from tests.builders_flags import make_practitioner
from tests.builders_improvement import SEPTEMBER, action_of, keep_plan, plan_file
from tests.builders_reviews import make_cohort, make_form, make_review, submit

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MAY_BE_TOLD = (Role.QA_LEAD, Role.AUDITOR, Role.DIRECTOR)
"""Who knows of a request for more time: who decides, who asked, and who sees all rounds but decides nothing."""
NOBODY = 999_999
NO_SUCH = "no-such-thing"
LEADING = (Role.ACTION_LEAD, Role.HEAD_OF_SERVICE, Role.DIRECTOR, Role.QA_LEAD)
REVIEWERS = (Role.AUDITOR, Role.TRIPLE_LOCK_CONSULTANT, Role.EXTERNAL_REVIEWER)

Key = int | str


@dataclass
class Council:
    """Who is there, and what each kind of record is called."""

    users: dict[Role, User] = field(default_factory=dict)
    own: dict[str, Key | Mapping[Role, Key]] = field(default_factory=dict)
    other: dict[str, Key | Mapping[Role, Key]] = field(default_factory=dict)

    def own_of(self, kind: str, role: Role) -> Key | None:
        """A record of a kind within a role's reach; None where there is none to reach."""
        return _for(self.own.get(kind), role)

    def other_of(self, kind: str, role: Role) -> Key:
        """A record of a kind out of a role's reach, or one that nobody has."""
        found = _for(self.other.get(kind), role)
        if found is not None:
            return found
        return NO_SUCH if isinstance(self.own_of(kind, role), str) else NOBODY


def _for(known: Key | Mapping[Role, Key] | None, role: Role) -> Key | None:
    return known.get(role) if isinstance(known, Mapping) else known


def build_council() -> Council:
    """The whole council, through the services where life goes through them."""
    council = Council()
    here = make_team("Team here", area := make_service_area("Area here"))
    there = make_team("Team there", make_service_area("Area there"))
    board = make_board("Board here")
    for role in Role:
        council.users[role] = make_user(role.label, role, team=here, service_area=area, board=board)
    _organisation(council, area, here)
    reviews = _reviews(council, here, there)
    _case_work(council, reviews)
    _after_reviews(council, reviews, int(str(council.own["cohort"])), here)
    _caseload(council, reviews["released"])
    _plan(council, reviews["released"])
    _boards(council, board)
    _forms(council)
    _accounts(council)
    db.session.flush()
    return council


def _viewer(council: Council, role: Role) -> Viewer:
    return viewer_of(council.users[role])


def _organisation(council: Council, area: ServiceArea, team: Team) -> None:
    worker = Practitioner(
        name="Worker here",
        team_id=team.id,
        user_id=council.users[Role.PRACTITIONER].id,
        created_at=AT,
    )
    officer = Practitioner(
        name="Officer here", user_id=council.users[Role.REVIEWING_OFFICER].id, created_at=AT
    )
    db.session.add_all([worker, officer])
    db.session.flush()
    council.own |= {"service area": area.id, "team": team.id, "practitioner": worker.id}


def _reviews(council: Council, here: Team, there: Team) -> dict[str, Review]:
    """Reviews to do for every reviewer; one released on either side, with its finding; cohorts on either side."""
    version = make_themed_version()
    stranger = make_user("Stranger", Role.AUDITOR)
    cohort_here, cohort_there = make_cohort(version), make_cohort(version)
    found = [("plan_smart", "weakness", ["smart_plans"])]
    mine = {role: make_review(council.users[role], cohort_here, here) for role in REVIEWERS}
    strange = make_review(stranger, cohort_there, there)
    done = {
        name: make_submitted(stranger, cohort, team, findings=found)
        for name, cohort, team in (("released", cohort_here, here), ("elsewhere", cohort_there, there))
    }
    waits = make_submitted(stranger, cohort_here, here)
    held = make_submitted(stranger, cohort_here, here)
    _tie_to_child(council, done["released"])
    measured = make_review(stranger, make_cohort(make_form()), here)
    submit(viewer_of(stranger), measured)
    release_reviews(SYSTEM, [measured.id, *(review.id for review in done.values())], at=AT)
    findings = {
        name: db.session.scalars(select(Finding).where(Finding.review_id == review.id)).one()
        for name, review in done.items()
    }
    own_finding = {
        role: db.session.scalars(
            select(Finding).where(Finding.review_id == _with_finding(council, role, cohort_here, here))
        )
        .one()
        .id
        for role in REVIEWERS
    }
    everybody: dict[Role, Key] = dict.fromkeys(Role, done["released"].id)
    readers: dict[Role, Key] = everybody | {role: review.id for role, review in mine.items()}
    whole = {Role.QA_LEAD, Role.MODERATOR, Role.DIRECTOR, Role.IMPROVEMENT_TEAM}
    narrow = {role: done["elsewhere"].id for role in Role if role not in whole}
    council.own |= {
        "review": readers,
        "open review": {role: review.id for role, review in mine.items()},
        "review to release": waits.id,
        "review held back": held.id,
        "finding": dict.fromkeys(Role, findings["released"].id) | own_finding,
        "cohort": cohort_here.id,
        "case": dict.fromkeys(Role, mine[Role.AUDITOR].cohort_case_id),
        "theme": db.session.scalars(select(Theme.id).where(Theme.key == "smart_plans")).one(),
        "section": "work",
        "question": "seen",
        "measure": "seen_alone",
        "form": "themed",
        "version number": version.number,
        "version": version.id,
        "plan type": "child_protection",
    }
    council.other |= {
        "review": narrow,
        "open review": strange.id,
        "finding": {role: findings["elsewhere"].id for role in Role if role not in whole},
        "cohort": {Role.HEAD_OF_SERVICE: cohort_there.id},
    }
    return done


def _with_finding(council: Council, role: Role, cohort: object, team: Team) -> int:
    """A review of a reviewer, not handed in, with a finding of theirs."""
    found = [("plan_smart", "weakness", ["smart_plans"])]
    return make_submitted(council.users[role], cohort, team, findings=found, submit=False).id  # type: ignore[arg-type]


def _case_work(council: Council, reviews: Mapping[str, Review]) -> None:
    """Actions for children and concerns on either side, and of every reviewer one of their own."""
    whole = {Role.QA_LEAD, Role.DIRECTOR, Role.IMPROVEMENT_TEAM}

    def raised(viewer: Viewer, review_id: int) -> tuple[int, int]:
        draft = CaseActionDraft("See the child alone.", Priority.CRITICAL)
        action = raise_case_action(viewer, review_id, None, draft, Timing(), at=AT)
        concern = raise_concern(
            viewer, review_id, None, ConcernDraft(ConcernKind.SAFEGUARDING, "Not seen since May."), ConcernTiming(),
            at=AT,
        )  # fmt: skip
        return action.id, concern.id

    lead = _viewer(council, Role.QA_LEAD)
    here = raised(lead, reviews["released"].id)
    there = raised(lead, reviews["elsewhere"].id)
    open_reviews = council.own["open review"]
    assert isinstance(open_reviews, Mapping)
    own = {role: raised(_viewer(council, role), int(open_reviews[role])) for role in REVIEWERS}
    to_do = {}
    for role in (Role.PRACTITIONER, Role.REVIEWING_OFFICER):
        to_do[role] = raised(lead, reviews["released"].id)[0]
        db.session.get_one(CaseAction, to_do[role]).owner_id = council.users[role].id
    mine: dict[Role, Key] = {role: pair[0] for role, pair in own.items()}
    council.own |= {
        "case action": dict.fromkeys(Role, here[0]) | mine | to_do,
        "concern": dict.fromkeys(Role, here[1]) | {role: pair[1] for role, pair in own.items()},
    }
    council.other |= {
        "case action": {role: there[0] for role in Role if role not in whole},
        "concern": {role: there[1] for role in Role if role not in whole},
    }


def _after_reviews(council: Council, reviews: Mapping[str, Review], cohort_id: int, here: Team) -> None:
    """What came back to reviewers, and what is challenged; the practitioner whose work the released review judges."""
    found = [("plan_smart", "weakness", ["smart_plans"])]
    lead, cohort = _viewer(council, Role.QA_LEAD), db.session.get_one(Cohort, cohort_id)
    stranger = make_user("Another stranger", Role.AUDITOR)

    def point_of(user: User) -> int:
        review = make_submitted(user, cohort, here, findings=found)
        reasons = ReturnReasons(questions={"seen": "Look at it again."})
        returned = return_review(lead, review.id, reasons, at=AT)
        point = select(ReviewReturnPoint.id).where(ReviewReturnPoint.review_return_id == returned.id)
        return db.session.scalars(point).one()

    def challenge_of(review: Review) -> int:
        reply = ReviewReply(
            review_id=review.id,
            kind=ReplyKind.CHALLENGE,
            words="She was seen on Monday.",
            written_at=AT,
            written_by_id=council.users[Role.PRACTITIONER].id,
            due_on=TODAY,
        )
        db.session.add(reply)
        db.session.flush()
        return reply.id

    challenged: dict[Role, Key] = {Role.QA_LEAD: challenge_of(reviews["released"])}
    points: dict[Role, Key] = {}
    for role in REVIEWERS:
        points[role] = point_of(council.users[role])
        challenged[role] = challenge_of(make_submitted(council.users[role], cohort, here, findings=found))
    council.own |= {
        "returned point": points,
        "challenge": challenged,
        "judged review": reviews["released"].id,
        "judged practitioner": council.own["practitioner"],
    }
    council.other |= {
        "returned point": point_of(stranger),
        "challenge": dict.fromkeys(REVIEWERS, challenged[Role.QA_LEAD]),
        "judged review": reviews["elsewhere"].id,
    }


def _tie_to_child(council: Council, review: Review) -> None:
    """The practitioner and the reviewing officer of the council know the child of this review."""
    case = db.session.get_one(CohortCase, review.cohort_case_id)
    record = db.session.get_one(CaseRecord, case.case_record_id)
    workers = {
        row.user_id: row.id for row in db.session.scalars(select(Practitioner)) if row.user_id is not None
    }
    record.practitioner_id = workers[council.users[Role.PRACTITIONER].id]
    db.session.add(
        CaseFlag(
            child_id=case.child_id,
            kind=REVIEWING_OFFICER_FLAG,
            practitioner_id=workers[council.users[Role.REVIEWING_OFFICER].id],
            reason="Named for a test.",
            starts_on=date(2026, 1, 1),
        )
    )
    db.session.flush()


def _caseload(council: Council, review: Review) -> None:
    cases = [make_case(f"case-{n}", team="Team here") for n in range(6)]
    make_caseload(cases, as_at=date(2026, 9, 30), sha256="b" * 64)
    upload = make_caseload(cases)
    for earlier in db.session.scalars(select(CaseloadImport)):
        earlier.counts = upload.counts
    drawn = make_drawn_cohort(upload, size=2)
    row = ImportFaultRow(
        caseload_import_id=upload.id,
        list_number=6,
        tab="List_6",
        row=3,
        column="E",
        field="gender",
        kind="code_unknown",
        sent="Fem.",
        understood=None,
        done=Handling.FLAG,
    )
    doubt = NameDoubtRow(
        kind=NameKind.TEAM,
        name="Team North",
        other="Team  North.",
        n_rows=1,
        caseload_import_id=upload.id,
        verdict=NameVerdict.OPEN,
    )
    case = db.session.get_one(CohortCase, review.cohort_case_id)
    flag = CaseFlag(
        child_id=case.child_id,
        kind="complaint_open",
        reason="Told.",
        starts_on=date(2026, 1, 1),
        raised_at=AT,
    )
    db.session.add_all([row, doubt, flag])
    db.session.flush()
    lead = _viewer(council, Role.QA_LEAD)
    code_set, codes = next(iter(code_sets().items()))
    spelling = add_spelling(lead, code_set, "Our own words", codes[0].code, at=AT)
    waiting = keep_waiting(lead, TODAY, "c" * 64, pack_extract(make_extract(cases, TODAY)), at=clock.now())
    merge = merge_names(
        lead,
        NameKind.WORKER,
        make_practitioner("Worker  here.").id,
        make_practitioner("Worker there").id,
        "One person.",
        at=AT,
    )
    leave = add_leave(
        lead,
        council.users[Role.AUDITOR].id,
        Leave(date(2026, 12, 24), date(2026, 12, 31)),
        at=AT,
    )
    content: dict[str, Any] = {"rows": [], "flags": [], "faults": [], "n_rows": 0, "unused": []}
    sheets = {
        (role, kind): keep_sheet(
            _viewer(council, role), kind, "sheet.csv", "0" * 64, content, at=clock.now(), as_at=TODAY
        ).id
        for role, kind in (
            (Role.QA_LEAD, SheetKind.CASE_FLAGS),
            (Role.QA_LEAD, SheetKind.ORGANISATION),
            (Role.ADMINISTRATOR, SheetKind.ORGANISATION),
        )
    }
    forms = {PlanType.CHILD_IN_NEED: make_form_version("Before an event").id}
    referral, panel = (
        open_referral_cohort(
            lead, ReferralRound(kind, kind.label, date(2026, 11, 1), date(2027, 3, 31), forms), at=AT
        ).id
        for kind in (CohortKind.GATE_AUDIT, CohortKind.DIP_SAMPLE)
    )
    council.other |= {
        "drawn cohort": {Role.HEAD_OF_SERVICE: drawn.id},
        "panel round": {Role.HEAD_OF_SERVICE: panel},
        "organisation sheet": {
            Role.QA_LEAD: sheets[Role.ADMINISTRATOR, SheetKind.ORGANISATION],
            Role.ADMINISTRATOR: sheets[Role.QA_LEAD, SheetKind.ORGANISATION],
        },
    }
    entry = add_entry(
        lead,
        Planned(ProgrammeKind.PRACTICE_WEEK, "Practice week", date(2027, 1, 1), date(2027, 1, 31), 10),
        at=AT,
    )
    council.own |= {
        "programme entry": entry.id,
        "auditor": council.users[Role.AUDITOR].id,
        "caseload import": upload.id,
        "fault": row.id,
        "name doubt": doubt.id,
        "spelling": spelling.id,
        "caseload upload": waiting.id,
        "merge": merge.id,
        "leave": leave.id,
        "drawn cohort": {Role.QA_LEAD: drawn.id, Role.DIRECTOR: drawn.id},
        "panel round": {Role.QA_LEAD: panel, Role.DIRECTOR: panel},
        "referral round": referral,
        "child": case.child_id,
        "flag": flag.id,
        "flag kind": "complaint_open",
        "flag sheet": sheets[Role.QA_LEAD, SheetKind.CASE_FLAGS],
        "organisation sheet": {
            role: sheets[role, SheetKind.ORGANISATION] for role in (Role.QA_LEAD, Role.ADMINISTRATOR)
        },
        "name kind": "team",
    }


def _plan(council: Council, review: Review) -> None:
    """A plan of three actions: one that everybody leads and health is involved in, and another one."""
    plan_id = keep_plan(plan_file()).plan_id
    mine, strange = action_of(plan_id, "1.1"), action_of(plan_id, "1.2")
    improver = _viewer(council, Role.IMPROVEMENT_TEAM)
    leads = [
        assign_lead(improver, mine.id, user.id, LeadKind.OPERATIONAL, at=AT)
        for user in council.users.values()
    ]
    agency = name_agency(improver, mine.id, add_agency(improver, "Health", at=AT).id, at=AT)
    finding = db.session.scalars(select(Finding).where(Finding.review_id == review.id)).one()
    theme_id = council.own["theme"]
    assert isinstance(theme_id, int)
    upload = keep_upload(improver, "plan.csv", plan_file().content, SEPTEMBER, None, at=AT)
    council.own |= {
        "plan": plan_id,
        "action": mine.id,
        "lead": leads[0].id,
        "named agency": agency.id,
        "finding link": link_finding(improver, mine.id, finding.id, "Because.", at=AT).id,
        "theme link": link_theme(improver, mine.id, theme_id, "Because.", at=AT).id,
        "plan upload": upload.id,
    }
    council.other |= {
        "action": {Role.ACTION_LEAD: strange.id, Role.PARTNER_AGENCY: strange.id},
        "action to update": dict.fromkeys(
            (Role.ACTION_LEAD, Role.HEAD_OF_SERVICE, Role.DIRECTOR, Role.QA_LEAD), strange.id
        ),
    }
    council.own["action to update"] = mine.id


def _boards(council: Council, board: object) -> None:
    plan_id = council.own["plan"]
    assert isinstance(plan_id, int)
    elsewhere = make_board("Board there")
    stating = (Role.QA_LEAD, Role.DIRECTOR)
    improver = _viewer(council, Role.IMPROVEMENT_TEAM)
    drafts = {
        role: prepare_report(
            improver, cover_of(plan_id, elsewhere, council.users[role]), today=TODAY, at=AT
        ).id
        for role in stating
    }
    strange = prepare_report(
        improver,
        cover_of(plan_id, elsewhere, make_user("Another director", Role.DIRECTOR)),
        today=TODAY,
        at=AT,
    )
    report = issued_report(plan_id, board, Marking.RESTRICTED)  # type: ignore[arg-type]
    public = issued_report(plan_id, elsewhere, Marking.PUBLIC)
    hidden = issued_report(plan_id, elsewhere, Marking.RESTRICTED)
    council.own |= {
        "board": elsewhere.id,
        "report": dict.fromkeys(Role, report.id) | {Role.HEAD_OF_SERVICE: public.id},
        "report draft": dict.fromkeys(Role, strange.id) | drafts,
    }
    council.other |= {
        "report": {Role.BOARD_MEMBER: hidden.id, Role.HEAD_OF_SERVICE: hidden.id},
        "report draft": {Role.QA_LEAD: strange.id},
    }


def _forms(council: Council) -> None:
    """A draft of a new form, one put away, and a form of which nothing else is in hand."""
    lead = _viewer(council, Role.QA_LEAD)
    away = start_draft(lead, "themed", at=AT)
    discard_draft(lead, away.id, at=AT)
    draft = start_draft(lead, "visits", at=AT)
    change_draft(lead, draft.id, _retired, what="Retired a question", at=AT)
    seen = get_publishing(lead, draft.id)
    assert seen.in_force is not None
    proposal = propose_draft(
        lead, draft.id, "Nobody answers it.", revision=seen.revision, against=seen.in_force.version_id, at=AT
    )
    council.own |= {
        "form draft": draft.id,
        "form draft put away": away.id,
        "proposal": proposal.id,
        "draft section": "voice",
        "draft question": "seen_alone",
        "draft limit": 1,
        "condition place": "finding",
    }


def _retired(data: dict[str, Any], _: object) -> dict[str, Any]:
    changed = deepcopy(data)
    changed["sections"][0]["questions"][2]["retired"] = True
    return changed


def _accounts(council: Council) -> None:
    person = make_user("Somebody who leaves", Role.AUDITOR)
    leaving = mark_leaving(
        _viewer(council, Role.ADMINISTRATOR),
        person.id,
        date(2026, 12, 31),
        "Another post",
        today=TODAY,
        at=AT,
    )
    grant = db.session.scalars(select(RoleGrant).where(RoleGrant.user_id == person.id)).one()
    review_id = council.own_of("open review", Role.AUDITOR)
    assert isinstance(review_id, int)
    asked = ask_for_more_time(
        _viewer(council, Role.AUDITOR), review_id, date(2026, 12, 24), "Sick leave.", at=AT
    )
    council.own["notice"] = {
        role: tell(SYSTEM, user.id, NoticeKind.REQUEST, "Look at this.", "/", about=("plan", 1), at=AT).id
        for role, user in council.users.items()
    }
    stranger = tell(SYSTEM, person.id, NoticeKind.REQUEST, "Look at this.", "/", about=("plan", 1), at=AT)
    council.other["notice"] = stranger.id
    council.own |= {"user": person.id, "grant": grant.id, "leaving": leaving.id}
    council.own["request"] = {Role.QA_LEAD: asked.id}
    council.other["request"] = {role: asked.id for role in Role if role not in MAY_BE_TOLD}
