"""The panel meetings of a round, and how a report of each was taken."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.cohorts import MEETING_KINDS, CohortState, ReviewState
from qa_app.domain.errors import NotFound
from qa_app.domain.panel_meetings import Heard, MeetingDraw
from qa_app.domain.references import review_ref
from qa_app.domain.sampling import lot_of
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import Child
from qa_app.models.cohorts import Cohort, CohortCase, Selection
from qa_app.models.panel_meetings import PanelMeeting
from qa_app.models.reviews import Review


@dataclass(frozen=True)
class HeardLine:
    """A child heard, with the lot. `position` in order of lots; none when the report could not be taken."""

    child_ref: str
    lot: str
    position: int | None
    why_not: str
    is_taken: bool


@dataclass(frozen=True)
class MeetingLine:
    """One meeting: who was heard in order of lots, and whose report stands for it."""

    meeting_id: int
    panel: str
    held_on: date
    seed: str
    recorded_at: datetime
    recorded_by: str
    heard: tuple[HeardLine, ...]
    case_id: int
    child_ref: str
    due_on: date
    review_id: int | None
    state: ReviewState | None

    @property
    def review_ref(self) -> str:
        """The review's reference, R1042; empty before allocation."""
        return review_ref(self.review_id) if self.review_id is not None else ""


@dataclass(frozen=True)
class MeetingsPage:
    """The meetings of a round, newest first."""

    cohort_id: int
    title: str
    takes_until: date
    is_open: bool
    may_manage: bool
    panels: tuple[str, ...]
    """Names of panels recorded so far, for typing the next one alike."""
    meetings: tuple[MeetingLine, ...]


def get_meetings_page(viewer: Viewer, cohort_id: int) -> MeetingsPage:
    """Every meeting of a round with its lots.

    Errors: NotFound; it names children of the whole service, so that is what it takes to read it.
    """
    viewer.require(Permission.SEE_COHORTS)
    if not viewer.reach(Permission.SEE_COHORTS).whole_service:
        raise NotFound()
    drawn = select(Selection.id).where(Selection.cohort_id == Cohort.id).exists()
    cohort = db.session.scalar(
        select(Cohort).where(Cohort.id == cohort_id, Cohort.kind.in_(MEETING_KINDS), ~drawn)
    )
    if cohort is None:
        raise NotFound()
    rows = db.session.execute(
        select(PanelMeeting, Child.ref, CohortCase.due_on, Review.id, Review.state, User.name)
        .join(CohortCase, CohortCase.id == PanelMeeting.cohort_case_id)
        .join(Child, Child.id == CohortCase.child_id)
        .outerjoin(Review, Review.cohort_case_id == CohortCase.id)
        .outerjoin(User, User.id == PanelMeeting.recorded_by_id)
        .where(PanelMeeting.cohort_id == cohort_id)
        .order_by(PanelMeeting.held_on.desc(), PanelMeeting.id.desc())
    ).all()
    return MeetingsPage(
        cohort_id=cohort.id,
        title=cohort.title,
        takes_until=cohort.due_on,
        is_open=cohort.state is not CohortState.CLOSED,
        may_manage=viewer.may(Permission.MANAGE_COHORTS),
        panels=tuple(sorted({row[0].panel for row in rows})),
        meetings=tuple(
            MeetingLine(
                meeting_id=meeting.id,
                panel=meeting.panel,
                held_on=meeting.held_on,
                seed=meeting.seed,
                recorded_at=meeting.recorded_at,
                recorded_by=recorded_by or "The system",
                heard=_heard_lines(meeting, ref),
                case_id=meeting.cohort_case_id,
                child_ref=ref,
                due_on=due_on or cohort.due_on,
                review_id=review_id,
                state=state,
            )
            for meeting, ref, due_on, review_id, state, recorded_by in rows
        ),
    )


def _heard_lines(meeting: PanelMeeting, taken: str) -> tuple[HeardLine, ...]:
    draw = MeetingDraw(meeting.seed, tuple(Heard(**each) for each in meeting.heard))
    order = draw.order
    ranked = [
        HeardLine(ref, lot_of(meeting.seed, ref), position, "", ref == taken)
        for position, ref in enumerate(order, 1)
    ]
    left_out = [
        HeardLine(each.child_ref, lot_of(meeting.seed, each.child_ref), None, each.why_not, False)
        for each in draw.heard
        if each.why_not
    ]
    return (*ranked, *left_out)
