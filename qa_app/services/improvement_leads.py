"""Who leads which action of the plan: matched from the plan's words by a person, or chosen action by action."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import Invalid, NotFound
from qa_app.domain.plan_people import LONGEST_WORDS, LeadKind, WordsKind, written_names
from qa_app.domain.references import action_ref
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.improvement import ActionLead, Plan, PlanAction, WordsAside
from qa_app.queries.scope_plan import actions_within
from qa_app.services import history


def assign_lead(viewer: Viewer, action_id: int, user_id: int, kind: LeadKind, *, at: datetime) -> ActionLead:
    """Let somebody lead an action: they see it, and say how it stands. Twice is harmless.

    Errors: NotAllowed; NotFound for an action or a person; Invalid for a closed account.
    """
    viewer.require(Permission.MANAGE_PLAN)
    action = _action(viewer, action_id)
    return _assign(viewer, action.id, _person(user_id), kind, "", at)


def remove_lead(viewer: Viewer, action_id: int, lead_id: int, *, at: datetime) -> None:
    """Let somebody lead an action no longer; that they did is kept. Twice is harmless.

    Errors: NotAllowed; NotFound.
    """
    viewer.require(Permission.MANAGE_PLAN)
    _action(viewer, action_id)
    lead = db.session.scalar(
        select(ActionLead).where(ActionLead.id == lead_id, ActionLead.action_id == action_id)
    )
    if lead is None:
        raise NotFound("Nobody leads this action in that way.")
    if lead.removed_at is not None:
        return
    lead.removed_at, lead.removed_by_id = at, viewer.user_id
    said = {"lead_user_id": lead.user_id, "kind": lead.kind.value}
    history.record(viewer, "lead.removed", "plan_action", action_id, at=at, before=said)
    db.session.flush()


def assign_written_lead(viewer: Viewer, plan_id: int, words: str, user_id: int, *, at: datetime) -> int:
    """Say whom the plan means by a written lead: they lead every action so written. Gives how many are new.

    A name in the strategic column makes a strategic lead, one in the other column an operational lead.
    Errors: NotAllowed; NotFound; Invalid when no action is written so.
    """
    viewer.require(Permission.MANAGE_PLAN)
    require_plan(plan_id)
    person = _person(user_id)
    asked = words.strip().casefold()
    n_new = n_met = 0
    for action in _actions_of(viewer, plan_id):
        for kind, text in written_leads(action.strategic_lead, action.operational_lead):
            if asked and asked in {name.casefold() for name in written_names(text)}:
                n_met += 1
                n_new += _assign_if_new(viewer, action.id, person, kind, words.strip(), at)
    if not n_met:
        raise Invalid(
            "words", "No action of this plan names a lead so. Load the page again to see its words."
        )
    bring_back(viewer, plan_id, WordsKind.LEAD, words)
    db.session.flush()
    return n_new


def set_words_aside(viewer: Viewer, plan_id: int, kind: WordsKind, words: str, *, at: datetime) -> None:
    """Say that words of the plan name nobody who signs in here, or no agency outside. Twice is harmless.

    Errors: NotAllowed; NotFound; Invalid for no words.
    """
    viewer.require(Permission.MANAGE_PLAN)
    require_plan(plan_id)
    kept = tidy_words(words)
    standing = select(WordsAside.id).where(
        WordsAside.plan_id == plan_id, WordsAside.kind == kind, WordsAside.words == kept
    )
    if db.session.scalar(standing) is None:
        db.session.add(
            WordsAside(plan_id=plan_id, kind=kind, words=kept, aside_at=at, aside_by_id=viewer.user_id)
        )
        said = {"kind": kind.value, "words": kept}
        history.record(viewer, "words.set_aside", "plan", plan_id, at=at, after=said)
        db.session.flush()


def bring_back(viewer: Viewer, plan_id: int, kind: WordsKind, words: str) -> None:
    """List words again among those that ask for a decision."""
    viewer.require(Permission.MANAGE_PLAN)
    kept = words.strip()[:LONGEST_WORDS]
    for row in db.session.scalars(
        select(WordsAside).where(
            WordsAside.plan_id == plan_id, WordsAside.kind == kind, WordsAside.words == kept
        )
    ):
        db.session.delete(row)
    db.session.flush()


def written_leads(strategic: str | None, operational: str | None) -> Iterable[tuple[LeadKind, str | None]]:
    """The two columns of leads with what somebody named there is."""
    return ((LeadKind.STRATEGIC, strategic), (LeadKind.OPERATIONAL, operational))


def require_plan(plan_id: int) -> None:
    """Go on only if there is such a plan. Errors: NotFound."""
    if db.session.scalar(select(Plan.id).where(Plan.id == plan_id)) is None:
        raise NotFound("There is no such improvement plan.")


def tidy_words(words: str) -> str:
    """Words of a plan as they are kept. Errors: Invalid for none."""
    kept = " ".join(words.replace("\x00", "").split())[:LONGEST_WORDS]
    if not kept:
        raise Invalid("words", "Choose the words of the plan that you decide about.")
    return kept


def _actions_of(viewer: Viewer, plan_id: int) -> list[PlanAction]:
    return list(
        db.session.scalars(
            select(PlanAction)
            .where(PlanAction.plan_id == plan_id, actions_within(viewer, Permission.MANAGE_PLAN))
            .order_by(PlanAction.position)
        )
    )


def _action(viewer: Viewer, action_id: int) -> PlanAction:
    action = db.session.scalar(
        select(PlanAction).where(PlanAction.id == action_id, actions_within(viewer, Permission.MANAGE_PLAN))
    )
    if action is None:
        raise NotFound(f"There is no plan action {action_ref(action_id)}.")
    return action


def _person(user_id: int) -> User:
    person = db.session.get(User, user_id)
    if person is None:
        raise NotFound("There is no such account. Choose somebody from the list.")
    if not person.is_active:
        raise Invalid("user", f"The account of {person.name} is closed. Choose somebody else.")
    return person


def _standing(action_id: int, user_id: int, kind: LeadKind) -> ActionLead | None:
    return db.session.scalar(
        select(ActionLead).where(
            ActionLead.action_id == action_id,
            ActionLead.user_id == user_id,
            ActionLead.kind == kind,
            ActionLead.removed_at.is_(None),
        )
    )


def _assign_if_new(
    viewer: Viewer, action_id: int, person: User, kind: LeadKind, written: str, at: datetime
) -> int:
    if _standing(action_id, person.id, kind) is not None:
        return 0
    _assign(viewer, action_id, person, kind, written, at)
    return 1


def _assign(
    viewer: Viewer, action_id: int, person: User, kind: LeadKind, written: str, at: datetime
) -> ActionLead:
    standing = _standing(action_id, person.id, kind)
    if standing is not None:
        return standing
    lead = ActionLead(
        action_id=action_id,
        user_id=person.id,
        kind=kind,
        written=written[:LONGEST_WORDS],
        assigned_at=at,
        assigned_by_id=viewer.user_id,
    )
    db.session.add(lead)
    said = {"lead_user_id": person.id, "kind": kind.value, "written": written}
    history.record(viewer, "lead.assigned", "plan_action", action_id, at=at, after=said)
    db.session.flush()
    return lead
