"""Whom the words of a plan mean: its written leads and agencies, who is taken to stand behind them, and the doubts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import NotFound
from qa_app.domain.plan_people import LeadKind, WordsKind, alike, written_names
from qa_app.domain.plan_records import Rating
from qa_app.domain.plan_rules import ref_order
from qa_app.domain.references import action_ref
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.improvement import ActionAgency, ActionLead, Agency, Plan, PlanAction, WordsAside
from qa_app.queries.scope import updates_in_force
from qa_app.queries.scope_plan import actions_within


@dataclass(frozen=True)
class WrittenName:
    """Words by which the plan names a lead or an agency, and who is taken to be meant.

    `n_open`: actions so written that nobody (or no agency) stands behind by these words. `proposed_id`: who may be
    meant; a person decides. `refs`: the first actions so written.
    """

    words: str
    n_actions: int
    n_open: int
    refs: tuple[str, ...]
    meant: tuple[str, ...]
    proposed_id: int | None
    is_aside: bool


@dataclass(frozen=True)
class PeoplePage:
    """The written leads and agencies of a plan, those that ask for a decision first."""

    plan_id: int
    title: str
    leads: tuple[WrittenName, ...]
    agencies: tuple[WrittenName, ...]
    users: tuple[tuple[int, str], ...]
    known_agencies: tuple[tuple[int, str], ...]
    n_actions: int
    n_without_lead: int


@dataclass(frozen=True)
class ActionPeople:
    """One action, with who can be chosen to lead it and the agencies that can be named for it."""

    action_id: int
    code: str
    ref: str
    text: str
    plan_id: int
    plan_title: str
    written: tuple[tuple[str, str], ...]
    leads: tuple[tuple[int, str, LeadKind], ...]
    agencies: tuple[tuple[int, str], ...]
    users: tuple[tuple[int, str], ...]
    known_agencies: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class ActionToUpdate:
    """An action that the viewer may update, with what was said last."""

    action_id: int
    code: str
    ref: str
    text: str
    timescale: str
    said_on: date | None
    rating: Rating | None
    status_text: str
    progress: str


@dataclass(frozen=True)
class LedAction:
    """An action that the viewer leads: how it was said to stand, and since when. `is_due`: its window has ended."""

    action_id: int
    ref: str
    text: str
    timescale: str
    is_due: bool
    rating: Rating | None
    said_on: date | None


@dataclass
class _Met:
    words: str
    action_ids: list[int] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    open_ids: set[int] = field(default_factory=set)
    meant: dict[int, str] = field(default_factory=dict)


def get_people_page(viewer: Viewer, plan_id: int) -> PeoplePage:
    """Every written lead and agency of a plan. Errors: NotFound."""
    viewer.require(Permission.MANAGE_PLAN)
    title = db.session.scalar(select(Plan.title).where(Plan.id == plan_id))
    if title is None:
        raise NotFound("There is no such improvement plan.")
    actions = list(
        db.session.scalars(
            select(PlanAction).where(
                PlanAction.plan_id == plan_id, actions_within(viewer, Permission.MANAGE_PLAN)
            )
        )
    )
    actions.sort(key=lambda action: ref_order(action.ref))
    leads, agencies = _standing_leads(plan_id), _standing_agencies(plan_id)
    users, known = _users(), _agencies()
    aside = {
        (row.kind, row.words.casefold())
        for row in db.session.scalars(select(WordsAside).where(WordsAside.plan_id == plan_id))
    }
    met_leads: dict[str, _Met] = {}
    met_agencies: dict[str, _Met] = {}
    for action in actions:
        for text in (action.strategic_lead, action.operational_lead):
            _meet(met_leads, action, text, leads.get(action.id, {}))
        _meet(met_agencies, action, action.agencies, agencies.get(action.id, {}))
    return PeoplePage(
        plan_id=plan_id,
        title=title,
        leads=_listed(met_leads, WordsKind.LEAD, aside, users),
        agencies=_listed(met_agencies, WordsKind.AGENCY, aside, known),
        users=users,
        known_agencies=known,
        n_actions=len(actions),
        n_without_lead=sum(not leads.get(action.id) for action in actions),
    )


def get_action_people(viewer: Viewer, action_id: int) -> ActionPeople:
    """One action with its leads and agencies, to change them. Errors: NotFound."""
    viewer.require(Permission.MANAGE_PLAN)
    found = db.session.execute(
        select(PlanAction, Plan.title)
        .join(Plan, Plan.id == PlanAction.plan_id)
        .where(PlanAction.id == action_id, actions_within(viewer, Permission.MANAGE_PLAN))
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no plan action {action_ref(action_id)}.")
    action, title = found
    leads = db.session.execute(
        select(ActionLead.id, User.name, ActionLead.kind)
        .join(User, User.id == ActionLead.user_id)
        .where(ActionLead.action_id == action_id, ActionLead.removed_at.is_(None))
        .order_by(ActionLead.kind.desc(), User.name)
    ).all()
    agencies = db.session.execute(
        select(ActionAgency.id, Agency.name)
        .join(Agency, Agency.id == ActionAgency.agency_id)
        .where(ActionAgency.action_id == action_id, ActionAgency.removed_at.is_(None))
        .order_by(Agency.name)
    ).all()
    return ActionPeople(
        action_id=action.id,
        code=action_ref(action.id),
        ref=action.ref,
        text=action.words,
        plan_id=action.plan_id,
        plan_title=title,
        written=(
            ("Strategic lead as written", action.strategic_lead or "None given"),
            ("Operational lead as written", action.operational_lead or "None given"),
            ("Agencies as written", action.agencies or "None given"),
        ),
        leads=tuple((row[0], row[1], row[2]) for row in leads),
        agencies=tuple((row[0], row[1]) for row in agencies),
        users=_users(),
        known_agencies=_agencies(),
    )


def get_action_to_update(viewer: Viewer, action_id: int) -> ActionToUpdate:
    """An action that is the viewer's to update, with what was said last. Errors: NotFound."""
    viewer.require(Permission.UPDATE_ACTIONS)
    newest = updates_in_force()
    found = db.session.execute(
        select(
            PlanAction,
            newest.c.effective_on,
            newest.c.declared_rating,
            newest.c.status_text,
            newest.c.progress,
        )
        .outerjoin(newest, newest.c.action_id == PlanAction.id)
        .where(
            PlanAction.id == action_id,
            actions_within(viewer, Permission.UPDATE_ACTIONS),
            actions_within(viewer, Permission.SEE_PLAN),
        )
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no plan action {action_ref(action_id)} that is yours to update.")
    action, said_on, rating, status_text, progress = found
    return ActionToUpdate(
        action_id=action.id,
        code=action_ref(action.id),
        ref=action.ref,
        text=action.words,
        timescale=action.timescale_as_written or action.timescale_kind.label,
        said_on=said_on,
        rating=rating,
        status_text=status_text or "",
        progress=progress or "",
    )


def list_led_actions(viewer: Viewer, today: date) -> tuple[LedAction, ...]:
    """The actions that the viewer leads and are not green, those due longest first, then those said longest ago."""
    if viewer.user_id is None or not viewer.may(Permission.UPDATE_ACTIONS):
        return ()
    newest = updates_in_force()
    leads = (
        select(ActionLead.action_id)
        .where(ActionLead.user_id == viewer.user_id, ActionLead.removed_at.is_(None))
        .distinct()
    )
    rows = db.session.execute(
        select(PlanAction, newest.c.declared_rating, newest.c.effective_on)
        .outerjoin(newest, newest.c.action_id == PlanAction.id)
        .where(PlanAction.id.in_(leads), actions_within(viewer, Permission.SEE_PLAN))
    )
    led = [
        (
            action.window_ends_on or date.max,
            said_on or date.min,
            ref_order(action.ref),
            action,
            rating,
            said_on,
        )
        for action, rating, said_on in rows
        if rating is not Rating.GREEN
    ]
    return tuple(
        LedAction(
            action_id=action.id,
            ref=action.ref,
            text=action.words,
            timescale=action.timescale_as_written or action.timescale_kind.label,
            is_due=action.window_ends_on is not None and action.window_ends_on < today,
            rating=rating,
            said_on=said_on,
        )
        for _, _, _, action, rating, said_on in sorted(led, key=lambda one: one[:3])
    )


def _meet(
    met: dict[str, _Met], action: PlanAction, text: str | None, standing: Mapping[int, tuple[str, str]]
) -> None:
    """Note the names in one cell, and who stands behind each by these words."""
    for name in written_names(text):
        one = met.setdefault(name.casefold(), _Met(name))
        if action.id in one.action_ids:
            continue
        one.action_ids.append(action.id)
        one.refs.append(action.ref)
        by_words = {
            number: said
            for number, (said, written) in standing.items()
            if written.casefold() == name.casefold()
        }
        one.meant |= by_words
        if not by_words:
            one.open_ids.add(action.id)


def _listed(
    met: Mapping[str, _Met],
    kind: WordsKind,
    aside: set[tuple[WordsKind, str]],
    known: tuple[tuple[int, str], ...],
) -> tuple[WrittenName, ...]:
    names = [
        WrittenName(
            words=one.words,
            n_actions=len(one.action_ids),
            n_open=len(one.open_ids),
            refs=tuple(one.refs[:6]),
            meant=tuple(sorted(one.meant.values())),
            proposed_id=_proposed(one, known),
            is_aside=(kind, key) in aside,
        )
        for key, one in met.items()
    ]
    return tuple(
        sorted(names, key=lambda name: (name.is_aside, not name.n_open, -name.n_actions, name.words))
    )


def _proposed(one: _Met, known: tuple[tuple[int, str], ...]) -> int | None:
    if len(one.meant) == 1:
        return next(iter(one.meant))
    return None if one.meant else alike(one.words, known)


def _standing_leads(plan_id: int) -> dict[int, dict[int, tuple[str, str]]]:
    """Action -> user -> (name, words taken to mean them)."""
    rows = db.session.execute(
        select(ActionLead.action_id, ActionLead.user_id, User.name, ActionLead.written)
        .join(User, User.id == ActionLead.user_id)
        .join(PlanAction, PlanAction.id == ActionLead.action_id)
        .where(PlanAction.plan_id == plan_id, ActionLead.removed_at.is_(None))
    )
    return _by_action((row[0], row[1], row[2], row[3]) for row in rows)


def _standing_agencies(plan_id: int) -> dict[int, dict[int, tuple[str, str]]]:
    """Action -> agency -> (name, words taken to mean it)."""
    rows = db.session.execute(
        select(ActionAgency.action_id, ActionAgency.agency_id, Agency.name, ActionAgency.written)
        .join(Agency, Agency.id == ActionAgency.agency_id)
        .join(PlanAction, PlanAction.id == ActionAgency.action_id)
        .where(PlanAction.plan_id == plan_id, ActionAgency.removed_at.is_(None))
    )
    return _by_action((row[0], row[1], row[2], row[3]) for row in rows)


def _by_action(rows: Iterable[tuple[int, int, str, str]]) -> dict[int, dict[int, tuple[str, str]]]:
    found: dict[int, dict[int, tuple[str, str]]] = {}
    for action_id, number, name, written in rows:
        found.setdefault(action_id, {})[number] = (name, written)
    return found


def _users() -> tuple[tuple[int, str], ...]:
    rows = db.session.execute(select(User.id, User.name).where(User.is_active).order_by(User.name, User.id))
    return tuple((row.id, row.name) for row in rows)


def _agencies() -> tuple[tuple[int, str], ...]:
    rows = db.session.execute(select(Agency.id, Agency.name).order_by(Agency.name))
    return tuple((row.id, row.name) for row in rows)
