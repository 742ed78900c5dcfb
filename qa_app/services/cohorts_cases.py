"""What happens to the cases of a cohort after the draw: replaced, given more time, exempted; and its close."""

from datetime import date, datetime

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.case_facts import CaseFacts
from qa_app.domain.cohort_cases import (
    Decider,
    check_may_exempt,
    check_may_extend,
    check_new_day,
    check_reason,
)
from qa_app.domain.cohort_rules import require_whole_service
from qa_app.domain.cohorts import CaseChange, CaseSource, CohortState, ReviewState
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.domain.notices import NoticeKind, decision_words, request_words
from qa_app.domain.references import review_ref
from qa_app.domain.sampling import SelectionRecord
from qa_app.extensions import db
from qa_app.models.caseload import Child
from qa_app.models.cohorts import Cohort, CohortCase, CohortCaseChange, CohortForm, Selection
from qa_app.models.organisation import Practitioner, Team
from qa_app.models.reviews import Review
from qa_app.services import history
from qa_app.services.cohorts import records_of
from qa_app.services.notices import tell
from qa_app.services.panel_meetings import next_report


def replace_case(viewer: Viewer, cohort_id: int, case_id: int, reason: str, *, at: datetime) -> CohortCase:
    """Put the next reserve of the same stratum, or panel meeting, in the place of a case that cannot be reviewed.

    The case stays visible, set aside with the reason; the reserve has no reviewer yet. A review that has been
    begun is not thrown away: such a case is exempted instead.
    Errors: NotAllowed, NotFound; Invalid without a reason; Conflict for a closed cohort, a case set aside, a
    review begun, and when no reserve is left.
    """
    require_whole_service(viewer)
    cohort, case = _load_case(cohort_id, case_id)
    said = check_reason(reason, "this case cannot be reviewed")
    review = db.session.scalar(select(Review).where(Review.cohort_case_id == case.id).with_for_update())
    if review is not None and review.state is not ReviewState.NOT_STARTED:
        raise Conflict(
            f"{review_ref(review.id)} has been begun, and what is written is kept. Ask for the case to be exempted."
        )
    new = next_report(cohort, case) or _next_reserve(cohort, case)
    if review is not None:
        history.record(
            viewer, "took back a review", "review", review.id, at=at,
            before={"reviewer_id": review.reviewer_id}, after={"reason": said},
        )  # fmt: skip
        db.session.delete(review)
    case.set_aside_at = at
    db.session.add(new)
    db.session.flush()
    db.session.add(
        CohortCaseChange(
            cohort_case_id=case.id,
            change=CaseChange.REPLACED,
            reason=said,
            other_case_id=new.id,
            made_at=at,
            made_by_id=viewer.user_id,
            decided_at=at,
            decided_by_id=viewer.user_id,
            is_approved=True,
        )
    )
    if cohort.state is CohortState.ALLOCATED:
        cohort.state = CohortState.DRAWN
    history.record(
        viewer, "replaced a case", "cohort", cohort.id, at=at,
        before={"case": case.position}, after={"case": new.position, "reason": said},
    )  # fmt: skip
    return new


def ask_for_more_time(
    viewer: Viewer, review_id: int, due_on: date, reason: str, *, at: datetime
) -> CohortCaseChange:
    """Ask for a later day for one's own review. Errors: NotFound, Invalid, Conflict for what stands already."""
    viewer.require(Permission.COMPLETE_REVIEWS)
    cohort, case = _own_case(viewer, review_id)
    said = check_reason(reason, "more time is needed")
    check_new_day(due_on, case.due_on or cohort.due_on, cohort.due_on)
    change = _ask(viewer, case, CaseChange.EXTENDED, said, due_on, at)
    for manager in sorted(line_managers_of(viewer.user_id)):
        tell(
            viewer, manager, NoticeKind.REQUEST, request_words(viewer.name, cohort.title), "/cohorts/requests",
            about=("cohort", cohort.id), at=at,
        )  # fmt: skip
    return change


def ask_for_exemption(
    viewer: Viewer, cohort_id: int, case_id: int, reason: str, *, at: datetime
) -> CohortCaseChange:
    """Ask that a case need not be reviewed: its reviewer, or a QA lead. A second person decides.

    Errors: NotFound, Invalid without a reason, Conflict for a submitted review or what is asked already.
    """
    _, case = _load_case(cohort_id, case_id)
    review = db.session.scalar(select(Review).where(Review.cohort_case_id == case.id))
    is_reviewer = review is not None and review.reviewer_id == viewer.user_id
    if not is_reviewer:
        require_whole_service(viewer)
    if review is not None and review.state is ReviewState.SUBMITTED:
        raise Conflict(f"{review_ref(review.id)} is submitted, so there is nothing to exempt.")
    said = check_reason(reason, "this case need not be reviewed")
    return _ask(viewer, case, CaseChange.EXEMPTED, said, None, at)


def extend_case(
    viewer: Viewer, cohort_id: int, case_id: int, due_on: date, reason: str, *, at: datetime
) -> CohortCaseChange:
    """Give a case a later day at once: the reviewer's line manager up to a week, the QA lead further.

    Errors: NotFound, NotAllowed, Invalid for a day that gives no more time.
    """
    cohort, case = _load_case(cohort_id, case_id)
    decider = _decider(viewer, case, None)
    if not (decider.is_lead or decider.is_line_manager or decider.reviews_it):
        raise NotFound()
    check_may_extend(decider, due_on, cohort.due_on)
    said = check_reason(reason, "more time is given")
    check_new_day(due_on, case.due_on or cohort.due_on, cohort.due_on)
    change = _ask(viewer, case, CaseChange.EXTENDED, said, due_on, at)
    _settle(viewer, cohort, case, change, is_approved=True, reason="", at=at)
    return change


def decide_request(
    viewer: Viewer, change_id: int, *, is_approved: bool, reason: str, at: datetime
) -> CohortCaseChange:
    """Approve or refuse what was asked about a case. A refusal has its reason.

    Errors: NotFound, NotAllowed, Conflict when it is decided already, Invalid for a refusal without a reason.
    """
    change = db.session.scalar(
        select(CohortCaseChange).where(CohortCaseChange.id == change_id).with_for_update()
    )
    if change is None:
        raise NotFound()
    case = db.session.get_one(CohortCase, change.cohort_case_id)
    cohort, case = _load_case(case.cohort_id, case.id)
    decider = _decider(viewer, case, change.made_by_id)
    may_approve = viewer.may(Permission.APPROVE_EXEMPTIONS)
    if not (
        decider.is_lead or decider.is_line_manager or decider.asked_it or decider.reviews_it or may_approve
    ):
        raise NotFound()
    if change.decided_at is not None:
        raise Conflict("Somebody has decided this already. Open the cohort to see what came of it.")
    if change.change is CaseChange.EXTENDED:
        check_may_extend(decider, change.due_on or cohort.due_on, cohort.due_on)
    else:
        check_may_exempt(decider, may_approve=may_approve)
    said = " ".join(reason.split()) if is_approved else check_reason(reason, "this is refused")
    _settle(viewer, cohort, case, change, is_approved=is_approved, reason=said, at=at)
    return change


def close_cohort(viewer: Viewer, cohort_id: int, note: str, *, at: datetime) -> Cohort:
    """Close a cohort, with what was and was not done kept in figures and in words.

    Errors: NotAllowed, NotFound, Conflict when it is closed, Invalid without a note while reviews are missing.
    """
    require_whole_service(viewer)
    cohort = db.session.scalar(select(Cohort).where(Cohort.id == cohort_id).with_for_update())
    if cohort is None:
        raise NotFound()
    if cohort.state is CohortState.CLOSED:
        raise Conflict("This cohort is closed already.")
    n_cases = (
        db.session.scalar(
            select(func.count()).where(CohortCase.cohort_id == cohort_id, CohortCase.set_aside_at.is_(None))
        )
        or 0
    )
    n_submitted = (
        db.session.scalar(
            select(func.count(Review.id))
            .join(CohortCase, CohortCase.id == Review.cohort_case_id)
            .where(CohortCase.cohort_id == cohort_id, Review.state == ReviewState.SUBMITTED)
        )
        or 0
    )
    said = note.strip()
    if n_submitted < n_cases and not said:
        raise Invalid(
            "note",
            f"{n_cases - n_submitted} of {n_cases} reviews are not submitted. Say why it is closed without them.",
        )
    cohort.state, cohort.closed_at, cohort.closed_by_id = CohortState.CLOSED, at, viewer.user_id
    cohort.closing_note = said
    history.record(
        viewer, "closed a cohort", "cohort", cohort.id, at=at,
        after={"cases": n_cases, "submitted": n_submitted, "note": said},
    )  # fmt: skip
    return cohort


def _load_case(cohort_id: int, case_id: int) -> tuple[Cohort, CohortCase]:
    cohort = db.session.scalar(select(Cohort).where(Cohort.id == cohort_id).with_for_update())
    case = db.session.scalar(
        select(CohortCase).where(CohortCase.id == case_id, CohortCase.cohort_id == cohort_id)
    )
    if cohort is None or case is None:
        raise NotFound()
    if cohort.state is CohortState.CLOSED:
        raise Conflict("This cohort is closed, so its cases stay as they are.")
    if case.set_aside_at is not None:
        raise Conflict("This case was set aside, so nothing more happens to it.")
    return cohort, case


def _own_case(viewer: Viewer, review_id: int) -> tuple[Cohort, CohortCase]:
    review = db.session.get(Review, review_id)
    if review is None or review.reviewer_id != viewer.user_id:
        raise NotFound()
    if review.state is ReviewState.SUBMITTED:
        raise Conflict(f"{review_ref(review.id)} is submitted, so it needs no more time.")
    case = db.session.get_one(CohortCase, review.cohort_case_id)
    return _load_case(case.cohort_id, case.id)


def _ask(
    viewer: Viewer, case: CohortCase, kind: CaseChange, reason: str, due_on: date | None, at: datetime
) -> CohortCaseChange:
    waiting = db.session.scalar(
        select(func.count()).where(
            CohortCaseChange.cohort_case_id == case.id,
            CohortCaseChange.change == kind,
            CohortCaseChange.decided_at.is_(None),
        )
    )
    if waiting:
        raise Conflict("This has been asked already and waits for a decision.")
    change = CohortCaseChange(
        cohort_case_id=case.id,
        change=kind,
        reason=reason,
        due_on=due_on,
        made_at=at,
        made_by_id=viewer.user_id,
    )
    db.session.add(change)
    db.session.flush()
    history.record(
        viewer, f"asked for a case to be {kind.value}", "cohort", case.cohort_id, at=at,
        after={"case": case.position, "reason": reason} | ({"due_on": due_on.isoformat()} if due_on else {}),
    )  # fmt: skip
    return change


def _settle(
    viewer: Viewer, cohort: Cohort, case: CohortCase, change: CohortCaseChange, *, is_approved: bool,
    reason: str, at: datetime,
) -> None:  # fmt: skip
    change.decided_at, change.decided_by_id = at, viewer.user_id
    change.is_approved, change.decision_reason = is_approved, reason
    if is_approved and change.change is CaseChange.EXTENDED:
        case.due_on = change.due_on
    if is_approved and change.change is CaseChange.EXEMPTED:
        case.set_aside_at = at
    history.record(
        viewer, f"{'approved' if is_approved else 'refused'} that a case be {change.change.value}",
        "cohort", cohort.id, at=at, after={"case": case.position, "reason": reason},
    )  # fmt: skip
    if change.made_by_id is not None and change.made_by_id != viewer.user_id:
        words = decision_words(change.change, cohort.title, is_approved=is_approved)
        tell(
            viewer, change.made_by_id, NoticeKind.DECISION, words, "/reviews", about=("cohort", cohort.id), at=at
        )  # fmt: skip


def _decider(viewer: Viewer, case: CohortCase, asked_by: int | None) -> Decider:
    reviewer_id = db.session.scalar(select(Review.reviewer_id).where(Review.cohort_case_id == case.id))
    is_lead = viewer.may(Permission.MANAGE_COHORTS) and viewer.reach(Permission.MANAGE_COHORTS).whole_service
    me = viewer.user_id
    return Decider(
        is_lead=is_lead,
        is_line_manager=me is not None and me in line_managers_of(reviewer_id),
        asked_it=me is not None and asked_by == me,
        reviews_it=me is not None and reviewer_id == me,
    )


def line_managers_of(user_id: int | None) -> frozenset[int]:
    """The users who manage somebody: their supervisor where one is named, otherwise the manager of their team."""
    if user_id is None:
        return frozenset()
    row = db.session.execute(
        select(Practitioner.supervisor_id, Practitioner.team_id).where(Practitioner.user_id == user_id)
    ).first()
    if row is None:
        return frozenset()
    supervisor = db.session.scalar(select(Practitioner.user_id).where(Practitioner.id == row.supervisor_id))
    if supervisor is not None:
        return frozenset({supervisor})
    manager = db.session.scalar(select(Team.manager_user_id).where(Team.id == row.team_id))
    return frozenset({manager} if manager is not None and manager != user_id else ())


def _next_reserve(cohort: Cohort, case: CohortCase) -> CohortCase:
    selection = db.session.scalar(select(Selection).where(Selection.cohort_id == cohort.id))
    if selection is None:
        raise Conflict("This cohort was not drawn by lot, so it has no reserves.")
    record = SelectionRecord.from_json(selection.record)
    rows = db.session.execute(
        select(Child.ref, CohortCase.set_aside_at)
        .join(Child, Child.id == CohortCase.child_id)
        .where(CohortCase.cohort_id == cohort.id)
    ).all()
    ref = db.session.scalar(select(Child.ref).where(Child.id == case.child_id))
    used = {row.ref for row in rows}
    inside = frozenset(row.ref for row in rows if row.set_aside_at is None and row.ref != ref)
    stratum = next((each.stratum for each in record.population if each.child_ref == ref), "")
    reserve = next((each for each in record.reserves(stratum, inside) if each not in used), None)
    if reserve is None:
        raise Conflict(
            "No reserve is left in this part of the population. Ask for the case to be exempted instead."
        )
    return _case_of(cohort, record, stratum, reserve, str(ref), case, len(used))


def _case_of(
    cohort: Cohort,
    record: SelectionRecord,
    stratum: str,
    reserve: str,
    instead_of: str,
    case: CohortCase,
    n: int,
) -> CohortCase:
    row = records_of(cohort.caseload_import_id, [reserve])[reserve]
    label = next(each.label for each in record.strata if each.key == stratum)
    plan_type = CaseFacts(reserve, row.plan_type, facts=row.facts).reviewed_as
    pinned = db.session.scalar(
        select(CohortForm.id).where(CohortForm.cohort_id == cohort.id, CohortForm.plan_type == plan_type)
    )
    if pinned is None:
        raise Conflict(f"The next reserve is a {plan_type.label.lower()}, and no form is pinned for that.")
    return CohortCase(
        cohort_id=cohort.id,
        child_id=row.child_id,
        case_record_id=row.id,
        plan_type=plan_type,
        team_id=row.team_id,
        position=n + 1,
        source=CaseSource.RESERVE,
        reason=f"{label}: the next reserve in order of lots, in place of {instead_of}. Seed {record.seed}.",
    )
