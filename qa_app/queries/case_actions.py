"""The register of actions for children: what is late, whose it is, how far it is, and whether it helped."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.case_action_filters import MOST_IN_A_FILE, PAGE, Asked, Show, ageing_bounds
from qa_app.domain.case_action_lines import COUNTED, CaseActionLine, RegisterTally
from qa_app.domain.case_actions import Ageing, Impact, ageing_of, stage_of
from qa_app.domain.working_days import day_in_london
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.case_actions import CaseAction, CaseActionUpdate
from qa_app.models.caseload import Child
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.findings import Finding, FindingTheme
from qa_app.models.organisation import ServiceArea, Team
from qa_app.models.reviews import Review
from qa_app.queries.scope import readable_reviews
from qa_app.queries.scope_case_work import case_actions_within


@dataclass(frozen=True)
class Register:
    """A page of the register. `choices`: what its filters offer, by filter, number and name."""

    lines: tuple[CaseActionLine, ...]
    tally: RegisterTally
    n_listed: int
    page: int
    n_pages: int
    teams: tuple[tuple[int, str], ...]
    areas: tuple[tuple[int, str], ...]
    cohorts: tuple[tuple[int, str], ...]
    may_manage: bool


def get_register(viewer: Viewer, asked: Asked, *, at: datetime) -> Register:
    """A page of the register, late ones first, with counts over all that the filters leave.

    Errors: NotAllowed.
    """
    viewer.require(Permission.SEE_CASE_ACTIONS)
    within = and_(case_actions_within(viewer), *_filters(viewer, asked))
    n_listed = db.session.scalar(
        select(func.count(CaseAction.id))
        .join(Review, Review.id == CaseAction.review_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .where(within, *_shown(asked, at))
    )
    n_pages = max(1, -(-(n_listed or 0) // PAGE))
    page = min(asked.page, n_pages)
    return Register(
        lines=_lines(viewer, asked, at, within, limit=PAGE, offset=(page - 1) * PAGE),
        tally=_tally(within, at),
        n_listed=n_listed or 0,
        page=page,
        n_pages=n_pages,
        **_choices(viewer),
        may_manage=viewer.may(Permission.MANAGE_CASE_ACTIONS),
    )


def list_register(viewer: Viewer, asked: Asked, *, at: datetime) -> tuple[CaseActionLine, ...]:
    """Everything that the filters leave, for a file. Errors: NotAllowed."""
    viewer.require(Permission.SEE_CASE_ACTIONS)
    within = and_(case_actions_within(viewer), *_filters(viewer, asked))
    return _lines(viewer, asked, at, within, limit=MOST_IN_A_FILE)


def select_late(viewer: Viewer, asked: Asked, *, at: datetime) -> tuple[CaseAction, ...]:
    """The late actions that the filters leave, of the teams that the viewer manages; to be written to.

    Errors: NotAllowed.
    """
    viewer.require(Permission.MANAGE_CASE_ACTIONS)
    statement = (
        select(CaseAction)
        .join(Review, Review.id == CaseAction.review_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .where(
            case_actions_within(viewer, Permission.MANAGE_CASE_ACTIONS),
            *_filters(viewer, asked),
            _is_open(),
            CaseAction.due_at < at,
        )
        .order_by(CaseAction.due_at, CaseAction.id)
        .limit(MOST_IN_A_FILE)
    )
    return tuple(db.session.scalars(statement))


def list_actions_of_review(viewer: Viewer, review_id: int, *, at: datetime) -> tuple[CaseActionLine, ...]:
    """The actions raised from one review, those that the viewer may see, oldest first."""
    if not viewer.may(Permission.SEE_CASE_ACTIONS):
        return ()
    within = and_(case_actions_within(viewer), CaseAction.review_id == review_id)
    return _lines(viewer, Asked(show=Show.ALL), at, within, limit=MOST_IN_A_FILE)


def list_open_actions_of_child(viewer: Viewer, review_id: int, *, at: datetime) -> tuple[CaseActionLine, ...]:
    """Open actions from earlier reviews of the child whom the viewer reviews now. For a review's own reviewer."""
    earlier = aliased(CohortCase)
    child = (
        select(earlier.child_id)
        .join(Review, Review.cohort_case_id == earlier.id)
        .where(Review.id == review_id, Review.reviewer_id == viewer.user_id)
        .scalar_subquery()
    )
    within = and_(
        CaseAction.told_at.is_not(None), CaseAction.review_id != review_id, CohortCase.child_id == child
    )
    return _lines(viewer, Asked(), at, within, limit=PAGE)


def count_own_case_actions(viewer: Viewer, *, at: datetime) -> tuple[int, int, int]:
    """One's own open actions, how many of them are late, and how many wait to be verified by the viewer's side."""
    if not viewer.may(Permission.SEE_CASE_ACTIONS):
        return 0, 0, 0
    mine = and_(CaseAction.owner_id == viewer.user_id, _is_open(), CaseAction.told_at.is_not(None))
    to_verify = and_(
        CaseAction.done_at.is_not(None),
        CaseAction.verified_at.is_(None),
        CaseAction.raised_by_id == viewer.user_id,
    )
    row = db.session.execute(
        select(
            func.count(case((mine, 1))),
            func.count(case((and_(mine, CaseAction.due_at < at), 1))),
            func.count(case((to_verify, 1))),
        ).where(CaseAction.withdrawn_at.is_(None))
    ).one()
    return row[0], row[1], row[2]


def _is_open() -> ColumnElement[bool]:
    return and_(CaseAction.done_at.is_(None), CaseAction.withdrawn_at.is_(None))


def _filters(viewer: Viewer, asked: Asked) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if asked.priority is not None:
        chosen.append(CaseAction.priority == asked.priority)
    if asked.mine:
        chosen.append(CaseAction.owner_id == viewer.user_id)
    if asked.team_id is not None:
        chosen.append(CaseAction.team_id == asked.team_id)
    if asked.area_id is not None:
        chosen.append(CaseAction.service_area_id == asked.area_id)
    if asked.cohort_id is not None:
        chosen.append(CohortCase.cohort_id == asked.cohort_id)
    if asked.theme_id is not None:
        about = (
            select(Finding.review_id)
            .join(FindingTheme, FindingTheme.finding_id == Finding.id)
            .where(FindingTheme.theme_id == asked.theme_id, Finding.withdrawn_at.is_(None))
        )
        chosen.append(CaseAction.review_id.in_(about))
    return chosen


def _shown(asked: Asked, at: datetime) -> list[ColumnElement[bool]]:
    stands = CaseAction.withdrawn_at.is_(None)
    if asked.show is Show.ALL:
        return []
    if asked.show is Show.CLOSED:
        helped = CaseAction.impact.in_((Impact.YES, Impact.PARTLY, Impact.NO))
        return [or_(CaseAction.withdrawn_at.is_not(None), helped)]
    if asked.show is Show.TO_VERIFY:
        return [stands, CaseAction.done_at.is_not(None), CaseAction.verified_at.is_(None)]
    if asked.show is Show.TO_CHECK:
        return [stands, _to_check(at)]
    late = [CaseAction.due_at < at] if asked.show is Show.LATE else []
    band = [_in_band(asked.ageing, at)] if asked.ageing is not None else []
    return [_is_open(), *late, *band]


def _to_check(at: datetime) -> ColumnElement[bool]:
    return and_(
        CaseAction.verified_at.is_not(None),
        or_(CaseAction.impact.is_(None), CaseAction.impact == Impact.TOO_SOON),
        CaseAction.impact_due_on <= day_in_london(at),
    )


def _in_band(ageing: Ageing, at: datetime) -> ColumnElement[bool]:
    after, until = ageing_bounds(at)[ageing]
    return and_(
        true() if after is None else CaseAction.due_at > after,
        true() if until is None else CaseAction.due_at <= until,
    )


def _tally(within: ColumnElement[bool], at: datetime) -> RegisterTally:
    def n(condition: ColumnElement[bool]) -> Any:
        return func.count(case((condition, 1)))

    is_open = CaseAction.done_at.is_(None)
    done = CaseAction.done_at.is_not(None)
    verified = CaseAction.verified_at.is_not(None)
    row = db.session.execute(
        select(
            func.count(CaseAction.id),
            n(is_open),
            n(and_(is_open, CaseAction.due_at < at)),
            n(done),
            n(or_(done, CaseAction.due_at < at)),
            n(and_(done, CaseAction.done_at <= CaseAction.due_at)),
            n(and_(done, CaseAction.verified_at.is_(None))),
            n(verified),
            n(_to_check(at)),
            *(n(CaseAction.impact == impact) for impact in Impact),
            *(n(and_(is_open, _in_band(band, at))) for band in Ageing),
        )
        .join(Review, Review.id == CaseAction.review_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .where(within, CaseAction.withdrawn_at.is_(None), CaseAction.told_at.is_not(None))
    ).one()
    counts: list[int] = list(row)
    plain = dict(zip(COUNTED, counts, strict=False))
    return RegisterTally(**plain, by_ageing=dict(zip(Ageing, counts[len(COUNTED) :], strict=True)))


def _lines(
    viewer: Viewer, asked: Asked, at: datetime, within: ColumnElement[bool], *, limit: int, offset: int = 0
) -> tuple[CaseActionLine, ...]:
    rows = db.session.execute(
        _line_columns(viewer)
        .where(within, *_shown(asked, at))
        .order_by(CaseAction.done_at.is_not(None), CaseAction.due_at, CaseAction.id)
        .limit(limit)
        .offset(offset)
    )
    reach = viewer.reach(Permission.MANAGE_CASE_ACTIONS)
    lines = []
    for row in rows:
        action: CaseAction = row.CaseAction
        manages = reach.whole_service or (action.team_id is not None and action.team_id in reach.team_ids)
        lines.append(
            CaseActionLine(
                action_id=action.id,
                words=action.words,
                priority=action.priority,
                stage=stage_of(
                    withdrawn_at=action.withdrawn_at,
                    done_at=action.done_at,
                    verified_at=action.verified_at,
                    impact=action.impact,
                ),
                child_ref=row.child_ref,
                review_id=action.review_id,
                may_open_review=bool(row.may_open),
                plan_type=row.plan_type,
                team=row.team,
                owner_id=action.owner_id,
                owner=row.owner,
                raised_by_id=action.raised_by_id,
                raised_at=action.raised_at,
                due_at=action.due_at,
                done_at=action.done_at,
                impact=action.impact,
                impact_due_on=action.impact_due_on,
                n_sent_back=action.n_sent_back,
                is_told=action.told_at is not None,
                said=row.said or "",
                said_at=row.said_at,
                ageing=ageing_of(action.due_at, at),
                may_report=manages or action.owner_id == viewer.user_id,
            )
        )
    return tuple(lines)


def _line_columns(viewer: Viewer) -> Any:
    newest = (
        select(func.max(CaseActionUpdate.id))
        .where(CaseActionUpdate.case_action_id == CaseAction.id)
        .correlate(CaseAction)
        .scalar_subquery()
    )
    return (
        select(
            CaseAction,
            Child.ref.label("child_ref"),
            CohortCase.plan_type,
            Team.name.label("team"),
            User.name.label("owner"),
            CaseActionUpdate.words.label("said"),
            CaseActionUpdate.written_at.label("said_at"),
            or_(readable_reviews(viewer), Review.reviewer_id == viewer.user_id).label("may_open"),
        )
        .join(Review, Review.id == CaseAction.review_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Child, Child.id == CohortCase.child_id)
        .outerjoin(Team, Team.id == CaseAction.team_id)
        .outerjoin(User, User.id == CaseAction.owner_id)
        .outerjoin(CaseActionUpdate, CaseActionUpdate.id == newest)
    )


def _choices(viewer: Viewer) -> dict[str, Any]:
    there = case_actions_within(viewer)
    teams = db.session.execute(
        select(Team.id, Team.name)
        .where(Team.id.in_(select(CaseAction.team_id).where(there)))
        .order_by(Team.name)
    )
    areas = db.session.execute(
        select(ServiceArea.id, ServiceArea.name)
        .where(ServiceArea.id.in_(select(CaseAction.service_area_id).where(there)))
        .order_by(ServiceArea.name)
    )
    cohorts = db.session.execute(
        select(Cohort.id, Cohort.title)
        .where(
            Cohort.id.in_(
                select(CohortCase.cohort_id)
                .join(Review, Review.cohort_case_id == CohortCase.id)
                .join(CaseAction, CaseAction.review_id == Review.id)
                .where(there)
            )
        )
        .order_by(Cohort.month.desc(), Cohort.id.desc())
    )
    return {
        "teams": tuple((row.id, row.name) for row in teams),
        "areas": tuple((row.id, row.name) for row in areas),
        "cohorts": tuple((row.id, row.title) for row in cohorts),
    }
