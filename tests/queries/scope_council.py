"""A small council made up by chance, every record of which can be told by a mark wherever it turns up.

Records that are somebody's secret have ids of their own range, and their words hold a mark, `zz review 710001 zz`:
whatever a query gives back, in whatever shape, is searched for marks and ids, and these are compared with
the rule of who may know what, in `scope_rule.py`.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import insert

from qa_app.domain.access import DEFAULT_SCOPES, SYSTEM, Role, ScopeKind, Viewer
from qa_app.domain.boards import Marking, ReportKind
from qa_app.domain.child_ties import LOOK_BACK_DAYS, REVIEWING_OFFICER_FLAG
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.boards import Board, IssuedReport
from qa_app.models.case_actions import CaseAction, CaseActionUpdate
from qa_app.models.caseload import CaseFlag, CaseloadImport, CaseRecord, Child
from qa_app.models.cohorts import Cohort, CohortCase, CohortForm, Selection
from qa_app.models.findings import Finding, FindingTheme
from qa_app.models.improvement import (
    ActionAgency,
    ActionLead,
    ActionUpdate,
    Agency,
    FindingLink,
    Plan,
    PlanAction,
    PlanPriority,
    ThemeLink,
)
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from qa_app.models.review_replies import ReviewReply
from qa_app.models.review_returns import ReviewReturn, ReviewReturnPoint
from qa_app.models.reviews import AnswerRow, Review, SectionJudgement
from qa_app.models.safeguarding_concerns import SafeguardingConcern
from qa_app.queries.accounts import get_viewer
from qa_app.services import history

AT = datetime.fromisoformat("2026-11-24T10:00:00+00:00")
DRAWN_FROM, BEFORE, LONG_BEFORE = (
    date(2026, 10, 30),
    date(2026, 10, 30) - timedelta(days=LOOK_BACK_DAYS),
    date(2026, 10, 30) - timedelta(days=LOOK_BACK_DAYS + 1),
)
FIRST_ID = {
    "review": 710_001,
    "finding": 720_001,
    "case": 730_001,
    "child": 740_001,
    "team": 750_001,
    "practitioner": 760_001,
    "action": 770_001,
    "report": 780_001,
    "case_action": 781_001,
    "concern": 782_001,
}
N_REVIEWS, N_TEAMS, N_ACTIONS, N_PEOPLE = 6, 3, 3, 3
AREA_IDS, BOARD_IDS, AGENCY_IDS = (790_001, 790_002), (791_001, 791_002), (792_001, 792_002)
VIEWER_ID, OTHER_ID, AUTHOR_ID = 793_001, 793_002, 793_003
IMPORT_IDS, COHORT_ID, PLAN_ID, PRIORITY_ID = (794_001, 794_002, 794_003), 795_001, 796_001, 796_002
LEAVING_ID = 797_001
RETURN_ID = 799_001


def mark(kind: str, record_id: int) -> str:
    """The words by which a record's content can be told."""
    return f"zz {kind} {record_id} zz"


@dataclass(frozen=True)
class ReviewFacts:
    """One review and the people around its child, as chance made them. People are indexes; None is nobody."""

    state: str
    is_own: bool
    team: int | None
    worker: int | None
    earlier_worker: int | None
    long_ago_worker: int | None
    earlier_team: int | None
    officer: int | None
    officer_ended: int
    """Days before the caseload's own day on which the officer was no longer named; 0: still named."""


@dataclass(frozen=True)
class Chances:
    """Everything about the council that chance decides."""

    reviews: tuple[ReviewFacts, ...]
    area_of_team: tuple[int | None, ...]
    manager_of_team: tuple[bool, ...]
    supervisor_of: tuple[int | None, ...]
    viewer_is: int | None
    """Which of the practitioners the viewer is."""
    grants: tuple[tuple[Role, ScopeKind, int, int], ...]
    """Role, scope, and which area, team, agency or board it names."""
    leads: tuple[bool, ...]
    agency_of_action: tuple[int | None, ...]
    heads: tuple[bool, ...]


def person() -> st.SearchStrategy[int | None]:
    """One of the practitioners, or nobody."""
    return st.one_of(st.none(), st.integers(0, N_PEOPLE - 1))


def team() -> st.SearchStrategy[int | None]:
    """One of the teams, or none."""
    return st.one_of(st.none(), st.integers(0, N_TEAMS - 1))


def chances() -> st.SearchStrategy[Chances]:
    """Any such council, with any viewer."""
    review = st.builds(
        ReviewFacts,
        state=st.sampled_from(["not_started", "in_progress", "submitted", "submitted", "released"]),
        is_own=st.booleans(),
        team=team(),
        worker=person(),
        earlier_worker=person(),
        long_ago_worker=person(),
        earlier_team=team(),
        officer=person(),
        officer_ended=st.sampled_from([0, 0, LOOK_BACK_DAYS - 1, LOOK_BACK_DAYS]),
    )
    places = (st.integers(0, 1), st.integers(0, N_TEAMS - 1))
    usual = st.tuples(st.sampled_from(list(Role)), *places).map(
        lambda drawn: (drawn[0], DEFAULT_SCOPES.get(drawn[0], ScopeKind.WHOLE_SERVICE), *drawn[1:])
    )
    unusual = st.tuples(st.sampled_from(list(Role)), st.sampled_from(list(ScopeKind)), *places)
    grant = st.one_of(usual, usual, unusual)

    def several(one: st.SearchStrategy[Any], n: int) -> st.SearchStrategy[Any]:
        return st.tuples(*[one] * n)

    return st.builds(
        Chances,
        reviews=several(review, N_REVIEWS),
        area_of_team=several(st.one_of(st.none(), st.integers(0, 1)), N_TEAMS),
        manager_of_team=several(st.booleans(), N_TEAMS),
        supervisor_of=several(person(), N_PEOPLE),
        viewer_is=person(),
        grants=st.lists(grant, min_size=1, max_size=3).map(tuple),
        leads=several(st.booleans(), N_ACTIONS),
        agency_of_action=several(st.one_of(st.none(), st.integers(0, 1)), N_ACTIONS),
        heads=several(st.booleans(), 2),
    )


def telling(role: Role) -> Chances:
    """A council in which everything that the role must not see lies within its usual reach.

    The viewer, practitioner 0, is tied to four children; one review is theirs, one is not handed in.
    """
    plain = ReviewFacts("submitted", False, 0, None, None, None, None, None, 0)
    return Chances(
        reviews=(
            replace(plain, worker=0),
            replace(plain, worker=0, state="released"),
            replace(plain, earlier_worker=0),
            replace(plain, state="in_progress", team=1, worker=1),
            replace(plain, is_own=True, team=2, worker=2, long_ago_worker=0),
            replace(plain, earlier_worker=1),
        ),
        area_of_team=(0, 1, None),
        manager_of_team=(False, False, False),
        supervisor_of=(None, 0, None),
        viewer_is=0,
        grants=((role, DEFAULT_SCOPES.get(role, ScopeKind.WHOLE_SERVICE), 0, 0),),
        leads=(True, False, False),
        agency_of_action=(0, 1, None),
        heads=(True, False),
    )


@dataclass
class Council:
    """The council in the database, and who asks."""

    chances: Chances
    viewer: Viewer
    theme_ids: list[int]
    version_id: int
    ids: dict[str, list[int]] = field(default_factory=dict)


def build(given: Chances, version_id: int, theme_ids: list[int]) -> Council:
    """Put the council into the database: by plain rows, for there are many councils."""
    ids = {
        "review": numbered("review", N_REVIEWS),
        "finding": numbered("finding", N_REVIEWS),
        "case": numbered("case", N_REVIEWS),
        "child": numbered("child", N_REVIEWS),
        "team": numbered("team", N_TEAMS),
        "practitioner": numbered("practitioner", N_PEOPLE),
        "action": numbered("action", N_ACTIONS),
        "report": numbered("report", 3),
        "case_action": numbered("case_action", N_REVIEWS),
        "concern": numbered("concern", N_REVIEWS),
    }
    _people_and_places(given, ids)
    _caseload(given, ids)
    _reviews(given, ids, version_id, theme_ids)
    _plan(given, ids, theme_ids)
    _history(ids)
    db.session.expire_all()
    return Council(given, get_viewer(VIEWER_ID), theme_ids, version_id, ids)


def _history(ids: dict[str, list[int]]) -> None:
    for kind, subject in (("review", "review"), ("finding", "finding"), ("action", "plan_action")):
        for record_id in ids[kind]:
            history.record(
                SYSTEM, "changed", subject, record_id, at=AT, after={"words": mark(kind, record_id)}
            )


def numbered(kind: str, n: int) -> list[int]:
    """The ids of one kind."""
    return list(range(FIRST_ID[kind], FIRST_ID[kind] + n))


def put(table: Any, rows: list[dict[str, Any]]) -> None:
    """Rows of one table."""
    if rows:
        db.session.execute(insert(table), rows)


def _people_and_places(given: Chances, ids: dict[str, list[int]]) -> None:
    put(
        User,
        [
            {"id": user_id, "email": f"p{user_id}@example.org", "name": f"Person {user_id}", "created_at": AT}
            for user_id in (VIEWER_ID, OTHER_ID, AUTHOR_ID)
        ],
    )
    put(
        ServiceArea,
        [
            {
                "id": area_id,
                "name": f"Area {area_id}",
                "head_user_id": VIEWER_ID if given.heads[place] else None,
                "created_at": AT,
            }
            for place, area_id in enumerate(AREA_IDS)
        ],
    )
    put(
        Team,
        [
            {
                "id": team_id,
                "name": mark("team", team_id),
                "service_area_id": None if area is None else AREA_IDS[area],
                "manager_user_id": VIEWER_ID if is_manager else None,
                "created_at": AT,
            }
            for team_id, area, is_manager in zip(
                ids["team"], given.area_of_team, given.manager_of_team, strict=True
            )
        ],
    )
    put(
        Practitioner,
        [
            {
                "id": practitioner_id,
                "name": mark("practitioner", practitioner_id),
                "team_id": ids["team"][place % N_TEAMS],
                "user_id": VIEWER_ID if given.viewer_is == place else None,
                "supervisor_id": None,
                "created_at": AT,
            }
            for place, practitioner_id in enumerate(ids["practitioner"])
        ],
    )
    for place, over in enumerate(given.supervisor_of):
        if over is not None and over != place:
            row = db.session.get_one(Practitioner, ids["practitioner"][place])
            row.supervisor_id = ids["practitioner"][over]
    db.session.flush()
    put(Board, [{"id": one, "name": f"Board {one}", "purpose": "", "created_at": AT} for one in BOARD_IDS])
    put(Agency, [{"id": one, "name": f"Agency {one}", "created_at": AT} for one in AGENCY_IDS])
    put(
        RoleGrant,
        [
            {
                "user_id": VIEWER_ID,
                "role": role,
                "scope": scope,
                "service_area_id": AREA_IDS[two] if scope is ScopeKind.SERVICE_AREA else None,
                "team_id": ids["team"][three] if scope is ScopeKind.TEAM else None,
                "agency": f"Agency {AGENCY_IDS[two]}" if scope is ScopeKind.AGENCY else None,
                "board_id": BOARD_IDS[two] if scope is ScopeKind.BOARD else None,
                "granted_at": AT,
            }
            for role, scope, two, three in given.grants
        ],
    )


def _caseload(given: Chances, ids: dict[str, list[int]]) -> None:
    days = (DRAWN_FROM, BEFORE, LONG_BEFORE)
    put(
        CaseloadImport,
        [
            {
                "id": import_id,
                "as_at": day,
                "file_sha256": f"{import_id:064d}",
                "imported_at": AT,
                "lists": [],
                "counts": {
                    "rows_by_list": {},
                    "list6_by_case_status": {},
                    "list7_open": 0,
                    "list7_ended": 0,
                    "list8_open": 0,
                    "list8_ceased": 0,
                    "list9_by_eligibility": {},
                    "current_children_list6": 0,
                    "current_children_including_care_leavers": 0,
                    "distinct_people_all_child_lists": 0,
                    "teams": 0,
                    "workers": 0,
                    "unborn_on_list6": 0,
                },
                "n_faults": 0,
            }
            for import_id, day in zip(IMPORT_IDS, days, strict=True)
        ],
    )
    put(Child, [{"id": one, "ref": mark("child", one), "created_at": AT} for one in ids["child"]])
    records, flags = [], []
    for place, facts in enumerate(given.reviews):
        at_each = (
            (facts.team, facts.worker),
            (facts.earlier_team, facts.earlier_worker),
            (None, facts.long_ago_worker),
        )
        for upload, (in_team, worker) in enumerate(at_each):
            records.append(
                {
                    "id": 798_001 + place * 10 + upload,
                    "caseload_import_id": IMPORT_IDS[upload],
                    "child_id": ids["child"][place],
                    "plan_type": "child_protection",
                    "team_id": None if in_team is None else ids["team"][in_team],
                    "practitioner_id": None if worker is None else ids["practitioner"][worker],
                    "on_lists": [6],
                    "facts": {},
                    "is_unborn": False,
                }
            )
        if facts.officer is not None:
            ended = DRAWN_FROM - timedelta(days=facts.officer_ended) if facts.officer_ended else None
            flags.append(
                {
                    "child_id": ids["child"][place],
                    "kind": REVIEWING_OFFICER_FLAG,
                    "practitioner_id": ids["practitioner"][facts.officer],
                    "reason": "Named.",
                    "starts_on": date(2020, 1, 1),
                    "ends_on": ended,
                }
            )
    put(CaseRecord, records)
    put(CaseFlag, flags)


def _reviews(given: Chances, ids: dict[str, list[int]], version_id: int, theme_ids: list[int]) -> None:
    put(
        Cohort,
        [
            {
                "id": COHORT_ID,
                "kind": "monthly_audit",
                "title": "A round",
                "month": date(2026, 11, 1),
                "due_on": date(2026, 11, 20),
                "state": "allocated",
                "size": N_REVIEWS,
                "caseload_import_id": IMPORT_IDS[0],
                "created_at": AT,
            }
        ],
    )
    put(
        CohortForm,
        [{"cohort_id": COHORT_ID, "plan_type": "child_protection", "form_version_id": version_id}],
    )
    put(
        Selection,
        [
            {
                "cohort_id": COHORT_ID,
                "seed": "1",
                "rules": {},
                "record": mark("child", ids["child"][0]),
                "record_sha256": "0" * 64,
                "drawn_at": AT,
            }
        ],
    )
    put(
        CohortCase,
        [
            {
                "id": case_id,
                "cohort_id": COHORT_ID,
                "child_id": ids["child"][place],
                "case_record_id": 798_001 + place * 10,
                "plan_type": "child_protection",
                "team_id": None if facts.team is None else ids["team"][facts.team],
                "position": place,
                "reason": "Drawn.",
            }
            for place, (case_id, facts) in enumerate(zip(ids["case"], given.reviews, strict=True))
        ],
    )
    for place, facts in enumerate(given.reviews):
        _one_review(place, facts, ids, version_id, theme_ids)


def _one_review(
    place: int, facts: ReviewFacts, ids: dict[str, list[int]], version_id: int, theme_ids: list[int]
) -> None:
    review_id, finding_id = ids["review"][place], ids["finding"][place]
    is_handed_in = facts.state in ("submitted", "released")
    put(
        Review,
        [
            {
                "id": review_id,
                "cohort_case_id": ids["case"][place],
                "reviewer_id": VIEWER_ID if facts.is_own else OTHER_ID,
                "form_version_id": None if facts.state == "not_started" else version_id,
                "state": "submitted" if is_handed_in else facts.state,
                "allocated_at": AT,
                "submitted_at": AT if is_handed_in else None,
                "released_at": AT if facts.state == "released" else None,
                "overall_grade": "inadequate" if is_handed_in else None,
                "release_held_reason": "",
                "departure_reason": "",
            }
        ],
    )
    if facts.state == "not_started":
        return
    common = {
        "review_id": review_id,
        "state": "answered",
        "revision": 1,
        "saved_at": AT,
        "saved_by_id": VIEWER_ID if facts.is_own else OTHER_ID,
    }
    outcome = "answered" if is_handed_in else None
    put(
        AnswerRow,
        [
            {**common, "question_key": "seen", "value": "no", "outcome": outcome},
            {**common, "question_key": "why", "value": mark("review", review_id), "outcome": outcome},
        ],
    )
    put(
        SectionJudgement,
        [
            {
                **common,
                "section_key": "overall",
                "grade": "inadequate",
                "rationale": mark("review", review_id),
            }
        ],
    )
    put(
        Finding,
        [
            {
                "id": finding_id,
                "review_id": review_id,
                "question_key": "seen",
                "section_key": "work",
                "kind": "weakness",
                "severity": "significant",
                "words": mark("finding", finding_id),
                "team_id": None if facts.team is None else ids["team"][facts.team],
                "plan_type": "child_protection",
                "raised_at": AT,
                "raised_by_id": VIEWER_ID if facts.is_own else OTHER_ID,
            }
        ],
    )
    put(FindingTheme, [{"finding_id": finding_id, "theme_id": theme_ids[0], "tagged_at": AT}])
    _case_work(place, facts, ids)
    _went_back(facts, review_id)


def _went_back(facts: ReviewFacts, review_id: int) -> None:
    """A review that is open came back to its reviewer; one that was released was replied to."""
    number, said = RETURN_ID + review_id - FIRST_ID["review"], mark("review", review_id)
    if facts.state == "in_progress":
        put(
            ReviewReturn,
            [{"id": number, "review_id": review_id, "kind": "returned", "words": said, "returned_at": AT}],
        )
        put(
            ReviewReturnPoint,
            [
                {"id": number, "review_return_id": number, "section_key": "work", "question_key": "seen",
                 "reason": said, "reply": ""}
            ],
        )  # fmt: skip
    if facts.state == "released":
        put(
            ReviewReply,
            [
                {"id": number, "review_id": review_id, "kind": "challenge", "words": said, "written_at": AT,
                 "written_by_id": AUTHOR_ID, "due_on": date(2026, 12, 8), "answer": ""}
            ],
        )  # fmt: skip


def _case_work(place: int, facts: ReviewFacts, ids: dict[str, list[int]]) -> None:
    """An action for the child and a concern. The viewer has every other action to do; the last one is not told yet."""
    by = VIEWER_ID if facts.is_own else OTHER_ID
    team_id = None if facts.team is None else ids["team"][facts.team]
    number = ids["case_action"][place]
    common = {"review_id": ids["review"][place], "team_id": team_id, "raised_at": AT, "raised_by_id": by}
    put(
        CaseAction,
        [
            {
                **common,
                "id": number,
                "words": mark("case_action", number),
                "priority": "high",
                "owner_id": VIEWER_ID if place % 2 == 0 else OTHER_ID,
                "told_at": None if place == N_REVIEWS - 1 else AT,
                "due_at": AT - timedelta(days=3),
                "evidence": "",
                "impact_words": "",
                "withdrawn_reason": "",
            }
        ],
    )
    put(
        CaseActionUpdate,
        [
            {
                "case_action_id": number,
                "words": mark("case_action", number),
                "written_at": AT,
                "written_by_id": by,
            }
        ],
    )
    number = ids["concern"][place]
    put(
        SafeguardingConcern,
        [
            {
                **common,
                "id": number,
                "kind": "safeguarding",
                "words": mark("concern", number),
                "phoned": "",
                "acknowledge_due_at": AT + timedelta(hours=4),
                "safe_due_at": AT + timedelta(hours=24),
                "safety_action": "",
                "closing_words": "",
            }
        ],
    )


def _plan(given: Chances, ids: dict[str, list[int]], theme_ids: list[int]) -> None:
    put(Plan, [{"id": PLAN_ID, "title": "The plan", "created_at": AT}])
    put(PlanPriority, [{"id": PRIORITY_ID, "plan_id": PLAN_ID, "number": "1", "title": "One", "position": 1}])
    put(
        PlanAction,
        [
            {
                "id": action_id,
                "plan_id": PLAN_ID,
                "priority_id": PRIORITY_ID,
                "ref": f"1.{place}",
                "ref_as_written": f"1.{place}",
                "position": place,
                "words": mark("action", action_id),
                "parts": [],
                "timescale_as_written": "Sep-16",
                "timescale_kind": "dated",
                "window_starts_on": date(2016, 9, 1),
                "window_ends_on": date(2016, 9, 30),
                "doubts": [],
                "created_at": AT,
            }
            for place, action_id in enumerate(ids["action"])
        ],
    )
    put(
        ActionUpdate,
        [
            {
                "action_id": action_id,
                "effective_on": date(2016, 9, 30),
                "recorded_at": AT,
                "status_text": mark("action", action_id),
                "declared_rating": "red",
            }
            for action_id in ids["action"]
        ],
    )
    put(
        ActionLead,
        [
            {"action_id": action_id, "user_id": VIEWER_ID if mine else OTHER_ID, "kind": "operational",
             "written": "", "assigned_at": AT}
            for action_id, mine in zip(ids["action"], given.leads, strict=True)
        ],
    )  # fmt: skip
    put(
        ActionAgency,
        [
            {"action_id": action_id, "agency_id": AGENCY_IDS[agency], "written": "", "named_at": AT}
            for action_id, agency in zip(ids["action"], given.agency_of_action, strict=True)
            if agency is not None
        ],
    )
    links = {
        "action_id": ids["action"][0],
        "reason": "It answers it.",
        "linked_at": AT,
        "linked_by_id": OTHER_ID,
    }
    started = [
        finding_id
        for finding_id, facts in zip(ids["finding"], given.reviews, strict=True)
        if facts.state != "not_started"
    ]
    put(FindingLink, [{**links, "finding_id": finding_id} for finding_id in started])
    put(ThemeLink, [{**links, "theme_id": theme_ids[0]}])
    put(
        IssuedReport,
        [
            {
                "id": report_id,
                "board_id": BOARD_IDS[place % 2],
                "kind": next(iter(ReportKind)),
                "title": mark("report", report_id),
                "as_at": date(2016, 9, 30),
                "marking": Marking.PUBLIC if place == 2 else Marking.RESTRICTED,
                "plan_id": PLAN_ID,
                "data": {"words": mark("report", report_id)},
                "sha256": "0" * 64,
                "history_head": "0",
                "issued_at": AT,
                "issued_by_id": OTHER_ID,
                "statement_by_id": OTHER_ID,
            }
            for place, report_id in enumerate(ids["report"])
        ],
    )
