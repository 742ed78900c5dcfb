"""One report from each panel meeting: the meeting recorded, a report taken by lot, and the next one in its place."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from qa_app.domain.access import Viewer
from qa_app.domain.case_facts import CaseFacts
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohort_rules import require_whole_service
from qa_app.domain.cohorts import MEETING_KINDS, CaseSource, CohortState
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.domain.panel_meetings import Heard, MeetingDraw, check_days, check_panel, reason_words
from qa_app.domain.sampling import check_seed
from qa_app.extensions import db
from qa_app.models.caseload import CaseloadImport, CaseRecord, Child
from qa_app.models.cohorts import Cohort, CohortCase, CohortForm, Selection
from qa_app.models.panel_meetings import PanelMeeting
from qa_app.services import history
from qa_app.services.cohorts import records_of


@dataclass(frozen=True)
class MeetingHeld:
    """What is recorded of a meeting. `heard`: the references of all children heard; `seed` makes the lots."""

    panel: str
    held_on: date
    heard: Sequence[str]
    due_on: date
    seed: str


def record_meeting(viewer: Viewer, cohort_id: int, held: MeetingHeld, *, at: datetime) -> PanelMeeting:
    """Record a meeting of a panel and take one report of it by lot.

    Children whose report cannot be taken are kept in the record with the reason: not in the newest upload of the
    caseload, no form for their plan type, in this round already.
    Errors: NotAllowed, NotFound; Invalid for days, names and when no report can be taken; Conflict for a closed
    round and a meeting recorded already.
    """
    require_whole_service(viewer)
    cohort = db.session.scalar(select(Cohort).where(Cohort.id == cohort_id).with_for_update())
    if cohort is None or not _takes_meetings(cohort):
        raise NotFound()
    if cohort.state is CohortState.CLOSED:
        raise Conflict("This round is closed and takes no more meetings. Open another.")
    panel = check_panel(held.panel)
    check_seed(held.seed)
    check_days(held.held_on, held.due_on, at.date(), cohort.due_on)
    _refuse_twice(cohort, panel, held.held_on)
    records = _newest_records(held.heard)
    draw = MeetingDraw(held.seed, _weigh(cohort, held.heard, records))
    taken = draw.next_after(frozenset())
    if taken is None:
        why = "; ".join(f"{each.child_ref}: {each.why_not}" for each in draw.heard)
        raise Invalid("heard", f"No report of this meeting can be taken. {why}.")
    case = _add_case(cohort, panel, held.held_on, draw, taken, records[taken], held.due_on)
    meeting = PanelMeeting(
        cohort_id=cohort.id, panel=panel, held_on=held.held_on, seed=held.seed,
        heard=[asdict(each) for each in draw.heard], cohort_case_id=case.id, recorded_at=at,
        recorded_by_id=viewer.user_id,
    )  # fmt: skip
    db.session.add(meeting)
    db.session.flush()
    cohort.size = db.session.scalar(select(func.count()).where(PanelMeeting.cohort_id == cohort.id)) or 1
    history.record(
        viewer, "recorded a panel meeting", "cohort", cohort.id, at=at,
        after={
            "panel": panel, "held_on": held.held_on.isoformat(), "heard": len(draw.heard), "case": case.position
        },
    )  # fmt: skip
    return meeting


def next_report(cohort: Cohort, case: CohortCase) -> CohortCase | None:
    """The case of the next report in order of lots of the same meeting, added; None for a case of no meeting.

    Errors: Conflict when every report of the meeting has been taken.
    """
    meeting = db.session.scalar(select(PanelMeeting).where(PanelMeeting.cohort_case_id == case.id))
    if meeting is None:
        return None
    draw = MeetingDraw(meeting.seed, tuple(Heard(**each) for each in meeting.heard))
    used = frozenset(
        db.session.scalars(
            select(Child.ref)
            .join(CohortCase, CohortCase.child_id == Child.id)
            .where(CohortCase.cohort_id == cohort.id)
        )
    )
    taken = draw.next_after(used)
    record = _newest_records([taken]).get(taken) if taken is not None else None
    if taken is None or record is None:
        raise Conflict(
            "No other report of this meeting can be taken. Ask for the case to be exempted instead."
        )
    new = _add_case(cohort, meeting.panel, meeting.held_on, draw, taken, record, case.due_on or cohort.due_on)
    meeting.cohort_case_id = new.id
    return new


def _takes_meetings(cohort: Cohort) -> bool:
    drawn = select(Selection.id).where(Selection.cohort_id == cohort.id)
    return cohort.kind in MEETING_KINDS and db.session.scalar(drawn) is None


def _refuse_twice(cohort: Cohort, panel: str, held_on: date) -> None:
    standing = select(PanelMeeting.id).where(
        PanelMeeting.cohort_id == cohort.id,
        func.lower(PanelMeeting.panel) == panel.lower(),
        PanelMeeting.held_on == held_on,
    )
    if db.session.scalar(standing) is not None:
        raise Conflict("This meeting is recorded already: a second draw would be a choice.")


def _newest_records(refs: Sequence[str]) -> dict[str, CaseRecord]:
    newest = db.session.scalar(
        select(CaseloadImport.id).order_by(CaseloadImport.as_at.desc(), CaseloadImport.id.desc()).limit(1)
    )
    return records_of(newest, list(refs)) if newest is not None else {}


def _weigh(cohort: Cohort, refs: Sequence[str], records: Mapping[str, CaseRecord]) -> tuple[Heard, ...]:
    pinned = set(db.session.scalars(select(CohortForm.plan_type).where(CohortForm.cohort_id == cohort.id)))
    inside = set(
        db.session.scalars(
            select(Child.ref)
            .join(CohortCase, CohortCase.child_id == Child.id)
            .where(CohortCase.cohort_id == cohort.id)
        )
    )
    return tuple(Heard(ref, _why_not(ref, records.get(ref), pinned, inside)) for ref in refs)


def _why_not(ref: str, record: CaseRecord | None, pinned: set[PlanType], inside: set[str]) -> str:
    if record is None:
        return "not in the newest upload of the caseload"
    if ref in inside:
        return "reviewed in this round already"
    plan_type = CaseFacts(ref, record.plan_type, facts=record.facts).reviewed_as
    return "" if plan_type in pinned else f"no form here for: {plan_type.label.lower()}"


def _add_case(
    cohort: Cohort, panel: str, held_on: date, draw: MeetingDraw, taken: str, record: CaseRecord, due_on: date
) -> CohortCase:
    n = db.session.scalar(select(func.count()).where(CohortCase.cohort_id == cohort.id)) or 0
    order = draw.order
    case = CohortCase(
        cohort_id=cohort.id,
        child_id=record.child_id,
        case_record_id=record.id,
        plan_type=CaseFacts(taken, record.plan_type, facts=record.facts).reviewed_as,
        team_id=record.team_id,
        position=n + 1,
        source=CaseSource.PANEL,
        due_on=due_on,
        reason=reason_words(panel, held_on, len(order), len(draw.heard), order.index(taken) + 1, draw.seed),
    )
    db.session.add(case)
    cohort.state = CohortState.DRAWN
    db.session.flush()
    return case
