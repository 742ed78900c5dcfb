"""Cohorts: who is drawn and who is not, who reviews whom, and what is refused."""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role, ScopeKind
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import CohortKind, CohortState, ReviewState
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.grades import Grade
from qa_app.models.caseload import Child
from qa_app.models.cohorts import Cohort, CohortCase, CohortForm, Selection
from qa_app.models.history import HistoryEntry
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from qa_app.models.reviews import Review
from qa_app.queries import cohorts as cohort_queries
from qa_app.queries.cohorts_auditors import list_auditors
from qa_app.queries.cohorts_frame import get_frame
from qa_app.queries.cohorts_selection import get_record_text, get_selection_page
from qa_app.services.cohorts import draw_cohort
from qa_app.services.cohorts_allocation import allocate_cohort, reallocate_case
from tests.builders import make_service_area, make_user, viewer_of
from tests.builders_caseload import make_case, make_caseload
from tests.builders_cohorts import AT, make_auditor_of, make_cohort, make_plan, mixed_cases
from tests.query_counter import count_selects

pytestmark = pytest.mark.database
TODAY = AT.date()


def refs(session: Session, cohort: Cohort) -> list[str]:
    statement = (
        select(Child.ref)
        .join(CohortCase, CohortCase.child_id == Child.id)
        .where(CohortCase.cohort_id == cohort.id)
        .order_by(CohortCase.position)
    )
    return list(session.scalars(statement))


def cases_of(session: Session, cohort: Cohort) -> list[CohortCase]:
    return list(session.scalars(select(CohortCase).where(CohortCase.cohort_id == cohort.id)))


def submit(session: Session, review: Review) -> None:
    """Marks a review as handed in: the draw asks for no more than that."""
    review.form_version_id = session.scalar(select(CohortForm.form_version_id))
    review.state, review.submitted_at = ReviewState.SUBMITTED, AT
    session.flush()


def test_a_cohort_is_drawn_by_quota_and_says_why(session: Session) -> None:
    cohort = make_cohort(size=10)
    drawn = cases_of(session, cohort)
    assert Counter(each.plan_type for each in drawn) == dict.fromkeys(PlanType, 2)
    assert all("in order of lots" in each.reason for each in drawn)
    assert all(each.team_id for each in drawn)
    assert cohort.state is CohortState.DRAWN
    assert cohort.title == "Monthly audit, November 2026"
    assert not any(ref.startswith("closed") for ref in refs(session, cohort))


def test_the_same_seed_draws_the_same_cases_and_another_does_not(session: Session) -> None:
    upload = make_caseload(mixed_cases(40))
    first, again = make_cohort(upload, seed="a1"), make_cohort(upload, seed="a1")
    assert refs(session, first) == refs(session, again)
    assert refs(session, first) != refs(session, make_cohort(upload, seed="b2"))


def test_without_a_seed_a_fresh_one_is_stored(session: Session) -> None:
    upload = make_caseload(mixed_cases())
    seeds = {get_selection_page(SYSTEM, make_cohort(upload, seed="").id).record.seed for _ in range(2)}
    assert len(seeds) == 2
    assert "" not in seeds


@pytest.mark.parametrize(
    ("month", "is_graded", "is_submitted", "excluded"),
    [
        (date(2025, 11, 1), True, True, True),
        (date(2026, 10, 1), True, True, True),
        (date(2025, 10, 1), True, True, False),
        (date(2026, 10, 1), False, True, False),
        (date(2026, 10, 1), True, False, False),
    ],
)
def test_who_was_reviewed_in_the_last_twelve_months_is_left_out(
    session: Session, month: date, is_graded: bool, is_submitted: bool, excluded: bool
) -> None:
    upload = make_caseload([make_case(f"child-{n}") for n in range(4)])
    before = make_cohort(upload, month=month, size=2)
    before.is_graded = is_graded
    allocate_cohort(SYSTEM, before.id, [make_user().id], at=AT)
    if is_submitted:
        for review in session.scalars(select(Review)).all():
            submit(session, review)
    frame = get_frame(SYSTEM, upload.id, make_plan(upload, size=4).rules)
    assert len(frame.population) == 4
    assert len(frame.exclusions) == (2 if excluded else 0)
    cohort = make_cohort(upload, size=4)
    assert set(refs(session, cohort)) & set(refs(session, before)) == (
        set() if excluded else set(refs(session, before))
    )


def test_a_quota_fixed_by_hand_holds(session: Session) -> None:
    cohort = make_cohort(size=10, quotas={PlanType.CARE_LEAVER.value: 6, PlanType.OPEN_ASSESSMENT.value: 0})
    drawn = Counter(each.plan_type for each in cases_of(session, cohort))
    assert drawn[PlanType.CARE_LEAVER] == 6
    assert PlanType.OPEN_ASSESSMENT not in drawn
    assert sum(drawn.values()) == 10


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"size": 0}, "size", "holds 1 to 2,000 cases"),
        ({"size": 2001}, "size", "holds 1 to 2,000 cases"),
        ({"due_on": date(2026, 10, 31)}, "due_on", "before the month"),
        ({"form_versions": {}}, "form_looked_after", "choose the form"),
        ({"form_versions": dict.fromkeys(PlanType, 99999)}, "form_looked_after", "choose the form"),
        ({"seed": "two words"}, "seed", "without spaces"),
        ({"quotas": {PlanType.CARE_LEAVER.value: 11}}, "size", "add up to 11"),
        (
            {"quotas": dict.fromkeys([plan.value for plan in PlanType], 0)},
            "caseload_import_id",
            "nobody to draw",
        ),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused(
    session: Session, changes: dict[str, object], field: str, says: str
) -> None:
    upload = make_caseload(mixed_cases())
    with pytest.raises(Invalid, match=says) as refusal:
        make_cohort(upload, **changes)
    assert refusal.value.field == field


def test_drawing_needs_the_whole_service_and_the_role(session: Session) -> None:
    upload = make_caseload(mixed_cases())
    plan = make_plan(upload)
    area = make_service_area()
    partial = make_user("QA lead", Role.QA_LEAD, ScopeKind.SERVICE_AREA, service_area=area)
    for person in (make_user(), partial):
        with pytest.raises(NotAllowed):
            draw_cohort(viewer_of(person), plan, at=AT)
    with pytest.raises(NotFound):
        get_frame(SYSTEM, upload.id + 1, plan.rules)


def test_allocation_is_even_and_avoids_own_teams(session: Session) -> None:
    cohort = make_cohort(size=20)
    north = make_auditor_of("Team North")
    others = [make_user(f"Auditor {n}") for n in range(3)]
    given = allocate_cohort(SYSTEM, cohort.id, [north.id, *(each.id for each in others)], at=AT)
    assert sorted(given.load_by_auditor.values()) == [5, 5, 5, 5]
    assert given.unallocated == ()
    own = session.scalars(
        select(Team.name)
        .join(CohortCase, CohortCase.team_id == Team.id)
        .join(Review, Review.cohort_case_id == CohortCase.id)
        .where(Review.reviewer_id == north.id)
    )
    assert set(own) == {"Team South"}
    assert cohort.state is CohortState.ALLOCATED
    entries = session.scalars(select(HistoryEntry.action).where(HistoryEntry.subject_kind == "review"))
    assert list(entries) == ["allocated a review"] * 20


def test_managers_heads_and_the_childs_worker_are_kept_away(session: Session) -> None:
    make_caseload([make_case("one", team="Team North", worker="Worker One")])
    team = session.scalars(select(Team)).one()
    area = ServiceArea(name="Area", created_at=AT)
    manager, head, worker = (make_user(name) for name in ("Manager", "Head", "Worker"))
    area.head_user_id, team.manager_user_id = head.id, manager.id
    session.add(area)
    session.flush()
    team.service_area_id = area.id
    practitioner = session.scalars(select(Practitioner)).one()
    practitioner.user_id, practitioner.team_id = worker.id, None
    session.flush()
    upload = make_caseload([make_case("two", team="Team North", worker=None)], sha256="b" * 64)
    cohort = make_cohort(upload, size=1)
    given = allocate_cohort(SYSTEM, cohort.id, [manager.id, head.id], at=AT)
    assert given.auditor_by_case == {}
    assert (
        "manages the case's team, or one that had it in the last twelve months (1)"
        in given.unallocated[0].reason
    )
    assert "heads the service area" in given.unallocated[0].reason
    assert cohort.state is CohortState.DRAWN


def test_the_childs_worker_never_reviews_the_child(session: Session) -> None:
    upload = make_caseload([make_case("one", team=None, worker="Worker One")])
    worker = make_user("Worker")
    session.scalars(select(Practitioner)).one().user_id = worker.id
    cohort = make_cohort(upload, size=1)
    given = allocate_cohort(SYSTEM, cohort.id, [worker.id], at=AT)
    assert "The only auditor is the child's worker" in given.unallocated[0].reason


def test_allocating_again_keeps_what_was_given(session: Session) -> None:
    cohort = make_cohort(size=10)
    first = make_user("First")
    case = cases_of(session, cohort)[0]
    reallocate_case(SYSTEM, cohort.id, case.id, first.id, "Knows the service", at=AT)
    second = make_user("Second")
    given = allocate_cohort(SYSTEM, cohort.id, [first.id, second.id], at=AT)
    assert given.auditor_by_case[case.id] == first.id
    assert given.load_by_auditor == {first.id: 5, second.id: 5}
    repeated = allocate_cohort(SYSTEM, cohort.id, [second.id], at=AT)
    assert repeated.auditor_by_case == given.auditor_by_case


def test_a_case_is_moved_by_hand_with_a_reason_and_a_check(session: Session) -> None:
    cohort = make_cohort(size=4, quotas={PlanType.LOOKED_AFTER.value: 4})
    first, second = make_user("First"), make_user("Second")
    allocate_cohort(SYSTEM, cohort.id, [first.id], at=AT)
    north = make_auditor_of("Team North")
    team_id = session.scalar(select(Team.id).where(Team.name == "Team North"))
    drawn = cases_of(session, cohort)
    case = next((each for each in drawn if each.team_id == team_id), drawn[0])
    case.team_id = team_id
    session.flush()
    with pytest.raises(Invalid, match="Say why"):
        reallocate_case(SYSTEM, cohort.id, case.id, second.id, " ", at=AT)
    with pytest.raises(Conflict, match="belongs to the case's team"):
        reallocate_case(SYSTEM, cohort.id, case.id, north.id, "Free this week", at=AT)
    review = reallocate_case(SYSTEM, cohort.id, case.id, second.id, "Free this week", at=AT)
    assert review.reviewer_id == second.id
    review.form_version_id = session.scalar(select(CohortForm.form_version_id))
    review.state, review.started_at = ReviewState.IN_PROGRESS, AT
    session.flush()
    with pytest.raises(Conflict, match="has been started"):
        reallocate_case(SYSTEM, cohort.id, case.id, first.id, "Free this week", at=AT)
    reallocate_case(SYSTEM, cohort.id, case.id, first.id, "Second is ill", hand_over=True, at=AT)
    assert review.reviewer_id == first.id
    submit(session, review)
    with pytest.raises(Conflict, match="is submitted"):
        reallocate_case(SYSTEM, cohort.id, case.id, second.id, "Free this week", hand_over=True, at=AT)
    with pytest.raises(NotFound):
        reallocate_case(SYSTEM, cohort.id, case.id + 1000, first.id, "Free this week", at=AT)


def test_only_active_auditors_are_given_cases(session: Session) -> None:
    cohort = make_cohort()
    lead = make_user("Lead", Role.QA_LEAD)
    gone = make_user("Gone")
    gone.is_active = False
    session.flush()
    assert list_auditors(SYSTEM) == ()
    for chosen in ([], [lead.id], [gone.id]):
        with pytest.raises(Invalid):
            allocate_cohort(SYSTEM, cohort.id, chosen, at=AT)


def test_the_record_proves_the_draw_until_somebody_touches_it(session: Session) -> None:
    cohort = make_cohort()
    page = get_selection_page(SYSTEM, cohort.id)
    assert page.reproduces
    assert [each.child_ref for each in page.cases] == refs(session, cohort)
    selection = session.scalars(select(Selection)).one()
    selection.record = selection.record.replace('"seed":"20261101"', '"seed":"20261102"')
    session.flush()
    assert not get_selection_page(SYSTEM, cohort.id).reproduces


def test_a_head_of_service_sees_the_cases_of_their_area_only(session: Session) -> None:
    cohort = make_cohort(size=20)
    area = make_service_area()
    session.scalars(select(Team).where(Team.name == "Team North")).one().service_area_id = area.id
    session.flush()
    head = viewer_of(make_user("Head", Role.HEAD_OF_SERVICE, service_area=area))
    stranger = viewer_of(
        make_user("Other head", Role.HEAD_OF_SERVICE, service_area=make_service_area("Other"))
    )
    board = cohort_queries.get_board(head, cohort.id, today=TODAY)
    assert {each.team for each in board.cases} == {"Team North"}
    assert cohort_queries.get_cohorts_page(head).cohorts[0].n_cases == len(board.cases)
    assert cohort_queries.get_cohorts_page(stranger).cohorts == ()
    with pytest.raises(NotFound):
        cohort_queries.get_board(stranger, cohort.id, today=TODAY)
    for read in (get_selection_page, get_record_text):
        with pytest.raises(NotFound):
            read(head, cohort.id)


def test_the_board_counts_and_marks_what_is_late(session: Session) -> None:
    cohort = make_cohort(size=5)
    allocate_cohort(SYSTEM, cohort.id, [make_user("Same name").id, make_user("Same name").id], at=AT)
    submit(session, session.scalars(select(Review).order_by(Review.id).limit(1)).one())
    board = cohort_queries.get_board(SYSTEM, cohort.id, today=cohort.due_on)
    assert (board.total.n_cases, board.total.n_submitted, board.total.n_late) == (5, 1, 0)
    late = cohort_queries.get_board(SYSTEM, cohort.id, today=cohort.due_on + timedelta(days=1))
    assert late.total.n_late == 4
    assert sorted(tally.n_cases for tally in board.by_auditor) == [2, 3]
    assert [tally.name for tally in board.by_plan_type] == [plan.label for plan in PlanType]
    line = cohort_queries.get_cohorts_page(SYSTEM).cohorts[0]
    assert (line.n_cases, line.n_allocated, line.n_submitted) == (5, 5, 1)


def test_a_larger_cohort_takes_no_more_reading(session: Session) -> None:
    upload = make_caseload(mixed_cases(20))
    small, large = make_cohort(upload, size=5), make_cohort(upload, size=60)
    counts = []
    for cohort in (small, large):
        session.expire_all()
        with count_selects() as sent:
            cohort_queries.get_board(SYSTEM, cohort.id, today=TODAY)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 5


def test_a_re_audit_finds_the_children_graded_inadequate_by_their_last_review(session: Session) -> None:
    upload = make_caseload([make_case(f"child-{n}") for n in range(4)], as_at=date(2026, 11, 30))
    before = make_cohort(upload, size=3)
    allocate_cohort(SYSTEM, before.id, [make_user().id], at=AT)
    grades = [Grade.INADEQUATE, Grade.GOOD, Grade.INADEQUATE]
    inadequate = set()
    for review, grade in zip(session.scalars(select(Review).order_by(Review.id)).all(), grades, strict=True):
        submit(session, review)
        review.overall_grade = grade
        if grade is Grade.INADEQUATE:
            inadequate.add(session.get_one(Child, review.cohort_case.child_id).ref)
    session.flush()
    again = make_cohort(
        upload, size=5, kind=CohortKind.RE_AUDIT, look_back_months=0, filters=({"key": "graded_inadequate"},)
    )
    assert set(refs(session, again)) == inadequate
    assert not again.counts_in_rates
