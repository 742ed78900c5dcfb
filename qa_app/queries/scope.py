"""What a viewer may see, as conditions that every query adds. Everything not reached is left out."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    String,
    Subquery,
    and_,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from qa_app.domain.access import Permission, Reach, Role, ScopeKind, Viewer
from qa_app.domain.child_ties import LOOK_BACK_DAYS, REVIEWING_OFFICER_FLAG, ChildTie
from qa_app.domain.cohorts import ReviewState
from qa_app.models.accounts import RoleGrant
from qa_app.models.caseload import CaseFlag, CaseloadImport, CaseRecord
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.findings import Finding
from qa_app.models.improvement import ActionUpdate
from qa_app.models.organisation import Practitioner, Team
from qa_app.models.reviews import Review


class _LookBackDay(FunctionElement[date]):
    """The first day that still ties people to a case drawn from the caseload of a day (the one argument)."""

    type = Date()
    inherit_cache = True
    name = "look_back_day"


@compiles(_LookBackDay, "sqlite")
def _look_back_on_sqlite(element: _LookBackDay, compiler: SQLCompiler, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)}, '-{LOOK_BACK_DAYS} days')"


@compiles(_LookBackDay)
def _look_back(element: _LookBackDay, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(({compiler.process(element.clauses, **kw)}) - {LOOK_BACK_DAYS})"


def teams_reached(
    reach: Reach, column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
) -> ColumnElement[bool]:
    """Whether a column names a team that is reached."""
    if reach.whole_service:
        return true()
    if reach.team_ids:
        return column.in_(sorted(reach.team_ids))
    return false()


def teams_managed() -> CompoundSelect[tuple[int, int]]:
    """Who manages which team: named as its manager, or holding the role over it.

    Columns: user_id, team_id.
    """
    over_it = or_(
        RoleGrant.scope == ScopeKind.WHOLE_SERVICE,
        and_(RoleGrant.scope == ScopeKind.TEAM, RoleGrant.team_id == Team.id),
        and_(
            RoleGrant.scope == ScopeKind.SERVICE_AREA,
            RoleGrant.service_area_id == Team.service_area_id,
        ),
    )
    return union_all(
        select(Team.manager_user_id.label("user_id"), Team.id.label("team_id")).where(
            Team.manager_user_id.is_not(None)
        ),
        select(RoleGrant.user_id, Team.id).join(Team, over_it).where(RoleGrant.role == Role.TEAM_MANAGER),
    )


def _managed_by(user_id: int | None, column: Any) -> tuple[ColumnElement[bool], ...]:
    """The ways in which somebody manages the team in a column: the same rule, from one person's side.

    Each stands alone and asks first whether it leads to any team at all: most people manage none, and the database
    then looks at no case.
    """
    granted = select(RoleGrant.id).where(RoleGrant.user_id == user_id, RoleGrant.role == Role.TEAM_MANAGER)
    areas = granted.with_only_columns(RoleGrant.service_area_id).where(
        RoleGrant.scope == ScopeKind.SERVICE_AREA
    )
    lists = (
        select(Team.id).where(Team.manager_user_id == user_id),
        granted.with_only_columns(RoleGrant.team_id).where(RoleGrant.scope == ScopeKind.TEAM),
        select(Team.id).where(Team.service_area_id.in_(areas)),
    )
    over_all = granted.where(RoleGrant.scope == ScopeKind.WHOLE_SERVICE).exists()
    return (
        *(and_(team_ids.exists(), column.in_(team_ids)) for team_ids in lists),
        and_(over_all, column.is_not(None)),
    )


@dataclass(frozen=True)
class _TieArm:
    """One way of being tied: how a case leads to the records that tell it, and these to the people.

    `to_people` leads to all of them; `of_user` is the same the other way round, from one person's side and way by
    way, so that the database begins there and looks at nobody else's cases.
    """

    tie: ChildTie
    joins: tuple[tuple[Any, ColumnElement[bool]], ...]
    to_people: tuple[tuple[Any, ColumnElement[bool]], ...]
    who: Any
    of_user: tuple[ColumnElement[bool], ...]
    limits: tuple[ColumnElement[bool], ...] = ()


def child_ties(
    *, user_id: int | None = None, cohort_id: int | None = None, case_id: int | None = None
) -> CompoundSelect[tuple[int, int, str]]:
    """Who is tied to which drawn case, as the caseloads from twelve months before its own onwards tell it.

    One statement for every question about ties: those of one user, those to one case or to a cohort's cases.
    Columns: case_id, user_id, tie. A tie may come more than once.
    """
    drawn_from = aliased(CaseloadImport)
    of_which = [] if cohort_id is None else [CohortCase.cohort_id == cohort_id]
    of_which += [] if case_id is None else [CohortCase.id == case_id]
    selects = []
    for arm in _tie_arms(user_id, _LookBackDay(drawn_from.as_at)):
        who = arm.who if user_id is None else literal(user_id)
        statement = (
            select(CohortCase.id.label("case_id"), who.label("user_id"), literal(arm.tie.value).label("tie"))
            .select_from(CohortCase)
            .join(Cohort, Cohort.id == CohortCase.cohort_id)
            .join(drawn_from, drawn_from.id == Cohort.caseload_import_id)
        )
        for table, condition in (*arm.joins, *(arm.to_people if user_id is None else ())):
            statement = statement.join(table, condition)
        ways = (arm.who.is_not(None),) if user_id is None else arm.of_user
        selects += [statement.where(way, *of_which, *arm.limits) for way in ways]
    return union_all(*selects)


def _tie_arms(user_id: int | None, since: ColumnElement[date]) -> tuple[_TieArm, ...]:
    """Every way of being tied. Of a user, if asked; `since`: the first day that counts."""
    own = select(Practitioner.id).where(Practitioner.user_id == user_id)
    supervised = select(Practitioner.id).where(Practitioner.supervisor_id.in_(own))
    managed = teams_managed().subquery("managed")
    supervisor = aliased(Practitioner)
    recorded = (
        (CaseRecord, CaseRecord.child_id == CohortCase.child_id),
        (CaseloadImport, CaseloadImport.id == CaseRecord.caseload_import_id),
    )
    worker = (Practitioner, Practitioner.id == CaseRecord.practitioner_id)
    in_time = (CaseloadImport.as_at >= since,)
    flagged = (CaseFlag, CaseFlag.child_id == CohortCase.child_id)
    still_named = or_(
        CaseFlag.ends_on.is_(None), and_(CaseFlag.ends_on > since, CaseFlag.ends_on > CaseFlag.starts_on)
    )
    return (
        _TieArm(
            ChildTie.WORKER,
            recorded,
            (worker,),
            Practitioner.user_id,
            (CaseRecord.practitioner_id.in_(own),),
            in_time,
        ),
        _TieArm(
            ChildTie.SUPERVISOR,
            recorded,
            (worker, (supervisor, supervisor.id == Practitioner.supervisor_id)),
            supervisor.user_id,
            (CaseRecord.practitioner_id.in_(supervised),),
            in_time,
        ),
        _TieArm(
            ChildTie.TEAM_MANAGER,
            recorded,
            ((managed, managed.c.team_id == CaseRecord.team_id),),
            managed.c.user_id,
            _managed_by(user_id, CaseRecord.team_id),
            in_time,
        ),
        _TieArm(
            ChildTie.TEAM_MANAGER,
            (),
            ((managed, managed.c.team_id == CohortCase.team_id),),
            managed.c.user_id,
            _managed_by(user_id, CohortCase.team_id),
        ),
        _TieArm(
            ChildTie.REVIEWING_OFFICER,
            (flagged,),
            ((Practitioner, Practitioner.id == CaseFlag.practitioner_id),),
            Practitioner.user_id,
            (CaseFlag.practitioner_id.in_(own),),
            (CaseFlag.kind == REVIEWING_OFFICER_FLAG, still_named),
        ),
    )


def is_tied(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer is too near to the case of a review to judge it. The statement has Review."""
    return false() if viewer.user_id is None else _is_tied(viewer.user_id)


@lru_cache(maxsize=1024)
def _is_tied(user_id: int) -> ColumnElement[bool]:
    # Kept, because putting it together takes longer than asking it, and a page asks it in many statements.
    tied = child_ties(user_id=user_id).subquery("tied_to_viewer")
    return Review.cohort_case_id.in_(select(tied.c.case_id))


def tie_of_viewer(viewer: Viewer) -> ColumnElement[str | None]:
    """How the viewer is tied to the case of a review, if they are; one tie of several. The statement has Review."""
    if viewer.user_id is None:
        return cast(null(), String(40))
    tied = child_ties(user_id=viewer.user_id).subquery("ties_of_viewer")
    return (
        select(func.min(tied.c.tie))
        .where(tied.c.case_id == Review.cohort_case_id)
        .correlate(Review)
        .scalar_subquery()
    )


def reviewer_is_tied(cohort_id: int) -> ColumnElement[bool]:
    """Whether the reviewer of a cohort's case is too near to the child. The statement has Review."""
    ties = child_ties(cohort_id=cohort_id).subquery("ties_of_cohort")
    return tuple_(Review.cohort_case_id, Review.reviewer_id).in_(select(ties.c.case_id, ties.c.user_id))


def _unseen_before_release(viewer: Viewer) -> ColumnElement[bool]:
    return and_(Review.released_at.is_(None), is_tied(viewer))


def reviews_within(viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    """Own reviews, and the submitted ones of cases in teams reached. The statement joins Review and CohortCase.

    Nobody but its reviewer reads a review before it is submitted; nobody tied to the child before it is released,
    whatever else their roles open.
    """
    reach = viewer.reach(permission)
    if reach.is_nothing:
        return false()
    condition = and_(
        Review.state == ReviewState.SUBMITTED,
        teams_reached(reach, CohortCase.team_id),
        ~_unseen_before_release(viewer),
    )
    if reach.own and viewer.user_id is not None:
        condition = or_(condition, Review.reviewer_id == viewer.user_id)
    return condition


def findings_within(viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    """Standing findings of teams reached, and those of own reviews. The statement joins Finding and Review.

    A finding is seen by whoever may see its review: before that is submitted by its reviewer alone, before it is
    released by nobody tied to the child.
    """
    reach = viewer.reach(permission)
    if reach.is_nothing:
        return false()
    condition = and_(
        Review.state == ReviewState.SUBMITTED,
        teams_reached(reach, Finding.team_id),
        ~_unseen_before_release(viewer),
    )
    if reach.own and viewer.user_id is not None:
        condition = or_(condition, Review.reviewer_id == viewer.user_id)
    return and_(Finding.withdrawn_at.is_(None), condition)


def own_practice(viewer: Viewer) -> Select[tuple[int, str]]:
    """The drawn cases whose review judges the viewer's own practice, or that of people they answer for.

    Worker, supervisor and manager are those of the caseload the case was drawn from; the reviewing officer or chair
    is whoever is tied to the child as such. Columns: case_id, tie.
    """
    own = select(Practitioner.id).where(Practitioner.user_id == viewer.user_id)
    supervised = select(Practitioner.id).where(Practitioner.supervisor_id.in_(own))
    drawn = (
        select(CohortCase.id.label("case_id"))
        .select_from(CohortCase)
        .join(CaseRecord, CaseRecord.id == CohortCase.case_record_id)
    )
    tied = child_ties(user_id=viewer.user_id or 0).subquery("own_ties")
    parts = union_all(
        drawn.add_columns(literal(ChildTie.WORKER.value).label("tie")).where(
            CaseRecord.practitioner_id.in_(own)
        ),
        drawn.add_columns(literal(ChildTie.SUPERVISOR.value).label("tie")).where(
            CaseRecord.practitioner_id.in_(supervised)
        ),
        *(
            select(CohortCase.id, literal(ChildTie.TEAM_MANAGER.value)).where(way)
            for way in _managed_by(viewer.user_id, CohortCase.team_id)
        ),
        select(tied.c.case_id, tied.c.tie).where(tied.c.tie == ChildTie.REVIEWING_OFFICER.value),
    ).subquery("own_practice_parts")
    return select(parts.c.case_id, parts.c.tie).distinct()


def own_practice_within(viewer: Viewer) -> ColumnElement[bool]:
    """Released reviews that judge the viewer's own practice. The statement has Review."""
    if viewer.user_id is None or not viewer.may(Permission.SEE_OWN_PRACTICE):
        return false()
    mine = own_practice(viewer).subquery("own_practice")
    return and_(Review.released_at.is_not(None), Review.cohort_case_id.in_(select(mine.c.case_id)))


def readable_reviews(viewer: Viewer) -> ColumnElement[bool]:
    """Every review that the viewer may open, by whatever way. The statement joins Review and CohortCase."""
    return or_(reviews_within(viewer, Permission.SEE_REVIEWS), own_practice_within(viewer))


def teams_within(viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    """The teams reached. The statement selects from Team."""
    return teams_reached(viewer.reach(permission), Team.id)


def cohort_cases_within(viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    """Drawn cases of the teams reached. The statement joins CohortCase."""
    return teams_reached(viewer.reach(permission), CohortCase.team_id)


def flags_in_force(day: date) -> ColumnElement[bool]:
    """The flags on cases that hold on a day: begun, and not ended by it. The statement selects from CaseFlag."""
    return and_(CaseFlag.starts_on <= day, or_(CaseFlag.ends_on.is_(None), CaseFlag.ends_on > day))


def updates_in_force(as_at: date | None = None) -> Subquery:
    """For each plan action, the update in force at a date, or the newest one of all.

    Columns: action_id, effective_on, status_text, declared_rating, progress.
    """
    newest_first = func.row_number().over(
        partition_by=ActionUpdate.action_id,
        order_by=(ActionUpdate.effective_on.desc(), ActionUpdate.recorded_at.desc(), ActionUpdate.id.desc()),
    )
    ranked = select(
        ActionUpdate.action_id,
        ActionUpdate.effective_on,
        ActionUpdate.status_text,
        ActionUpdate.declared_rating,
        ActionUpdate.progress,
        newest_first.label("place"),
    )
    if as_at is not None:
        ranked = ranked.where(ActionUpdate.effective_on <= as_at)
    inner = ranked.subquery("ranked_updates")
    return (
        select(
            inner.c.action_id,
            inner.c.effective_on,
            inner.c.status_text,
            inner.c.declared_rating,
            inner.c.progress,
        )
        .where(inner.c.place == 1)
        .subquery("updates_in_force")
    )
