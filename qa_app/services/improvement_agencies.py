"""The agencies that actions of the plan involve: named once, and matched from the plan's words by a person."""

from datetime import datetime

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.boards import one_line
from qa_app.domain.errors import Invalid, NotFound
from qa_app.domain.plan_people import LONGEST_WORDS, WordsKind, written_names
from qa_app.domain.references import action_ref
from qa_app.extensions import db
from qa_app.models.improvement import ActionAgency, Agency, PlanAction
from qa_app.queries.scope_plan import actions_within
from qa_app.services import history
from qa_app.services.improvement_leads import bring_back, require_plan

LONGEST_NAME = 120


def add_agency(viewer: Viewer, name: str, *, at: datetime) -> Agency:
    """Name an agency; the one that is there under this name, whatever its capitals, if there is.

    Errors: NotAllowed; Invalid without a name.
    """
    viewer.require(Permission.MANAGE_PLAN)
    kept = one_line(name, "agency", "the agency's name", LONGEST_NAME)
    standing = db.session.scalar(select(Agency).where(func.lower(Agency.name) == kept.lower()))
    if standing is not None:
        return standing
    agency = Agency(name=kept, created_at=at, created_by_id=viewer.user_id)
    db.session.add(agency)
    db.session.flush()
    history.record(viewer, "agency.added", "agency", agency.id, at=at, after={"name": kept})
    return agency


def name_agency(viewer: Viewer, action_id: int, agency_id: int, *, at: datetime) -> ActionAgency:
    """Say that an action involves an agency: its people see the action. Twice is harmless.

    Errors: NotAllowed; NotFound.
    """
    viewer.require(Permission.MANAGE_PLAN)
    _require_action(viewer, action_id)
    return _name(viewer, action_id, _agency(agency_id), "", at)


def remove_agency(viewer: Viewer, action_id: int, link_id: int, *, at: datetime) -> None:
    """Say that an action does not involve an agency after all; that it was named is kept. Twice is harmless.

    Errors: NotAllowed; NotFound.
    """
    viewer.require(Permission.MANAGE_PLAN)
    _require_action(viewer, action_id)
    link = db.session.scalar(
        select(ActionAgency).where(ActionAgency.id == link_id, ActionAgency.action_id == action_id)
    )
    if link is None:
        raise NotFound("That agency is not named for this action.")
    if link.removed_at is not None:
        return
    link.removed_at, link.removed_by_id = at, viewer.user_id
    said = {"agency_id": link.agency_id}
    history.record(viewer, "agency.removed", "plan_action", action_id, at=at, before=said)
    db.session.flush()


def name_written_agency(viewer: Viewer, plan_id: int, words: str, agency_id: int, *, at: datetime) -> int:
    """Say which agency the plan means by its words: it is named for every action so written. Gives how many are new.

    Errors: NotAllowed; NotFound; Invalid when no action is written so.
    """
    viewer.require(Permission.MANAGE_PLAN)
    require_plan(plan_id)
    agency = _agency(agency_id)
    asked = words.strip().casefold()
    met = [
        action_id
        for action_id, text in db.session.execute(
            select(PlanAction.id, PlanAction.agencies).where(
                PlanAction.plan_id == plan_id, actions_within(viewer, Permission.MANAGE_PLAN)
            )
        )
        if asked and asked in {name.casefold() for name in written_names(text)}
    ]
    if not met:
        raise Invalid(
            "words", "No action of this plan names an agency so. Load the page again to see its words."
        )
    named = [action_id for action_id in met if _standing(action_id, agency.id) is None]
    for action_id in named:
        _name(viewer, action_id, agency, words.strip(), at)
    bring_back(viewer, plan_id, WordsKind.AGENCY, words)
    return len(named)


def _require_action(viewer: Viewer, action_id: int) -> None:
    if (
        db.session.scalar(
            select(PlanAction.id).where(
                PlanAction.id == action_id, actions_within(viewer, Permission.MANAGE_PLAN)
            )
        )
        is None
    ):
        raise NotFound(f"There is no plan action {action_ref(action_id)}.")


def _agency(agency_id: int) -> Agency:
    agency = db.session.get(Agency, agency_id)
    if agency is None:
        raise NotFound("There is no such agency. Choose one from the list, or name a new one.")
    return agency


def _standing(action_id: int, agency_id: int) -> ActionAgency | None:
    return db.session.scalar(
        select(ActionAgency).where(
            ActionAgency.action_id == action_id,
            ActionAgency.agency_id == agency_id,
            ActionAgency.removed_at.is_(None),
        )
    )


def _name(viewer: Viewer, action_id: int, agency: Agency, written: str, at: datetime) -> ActionAgency:
    standing = _standing(action_id, agency.id)
    if standing is not None:
        return standing
    link = ActionAgency(
        action_id=action_id,
        agency_id=agency.id,
        written=written[:LONGEST_WORDS],
        named_at=at,
        named_by_id=viewer.user_id,
    )
    db.session.add(link)
    said = {"agency": agency.name, "written": written}
    history.record(viewer, "agency.named", "plan_action", action_id, at=at, after=said)
    db.session.flush()
    return link
