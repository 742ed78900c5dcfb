"""Makes improvement plans for tests, through the reader and the services that make them in life."""

from datetime import UTC, date, datetime
from pathlib import Path

from qa_app.domain.access import SYSTEM
from qa_app.domain.plan_people import LeadKind
from qa_app.exchange.plans.reader import read_plan
from qa_app.exchange.uploads import UploadedFile
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.improvement import PlanAction
from qa_app.services.improvement import ImportOutcome, import_plan
from qa_app.services.improvement_agencies import add_agency, name_agency
from qa_app.services.improvement_leads import assign_lead

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SEPTEMBER = date(2016, 9, 30)
PUBLISHED = Path(__file__).parent / "data" / "plans" / "improvement_plan_q2_2016.csv"
HEADINGS = "Timescale,Plan Priority,ID,Key Action,Lead,Agency Involvement,Status (RAG)"
SMALL = (
    "Sep-16,1,1.1,Review the tool,DCS,N/A,Not started R",
    "Oct - Dec 16,1,1.2,Train everybody,HOS QI,Health,Completed G",
    "Ongoing,10,10.1,Keep the digest,DCS,N/A,A",
)


def plan_file(*rows: str, name: str = "small plan.csv") -> UploadedFile:
    """A plan document of a few rows."""
    return UploadedFile(name, "\n".join([HEADINGS, *(rows or SMALL)]).encode())


def keep_plan(file: UploadedFile, as_at: date = SEPTEMBER, plan_id: int | None = None) -> ImportOutcome:
    """A plan document, imported."""
    document = read_plan(file, as_at)
    return import_plan(SYSTEM, document, file_name=file.name, sha256=file.sha256, plan_id=plan_id, at=AT)


def published_plan() -> ImportOutcome:
    """The published plan of 2016, imported as at the end of September."""
    return keep_plan(UploadedFile(PUBLISHED.name, PUBLISHED.read_bytes()))


def action_of(plan_id: int, ref: str) -> PlanAction:
    """An action by its number in the plan."""
    return db.session.query(PlanAction).filter_by(plan_id=plan_id, ref=ref).one()


def lead_action(user: User, action: PlanAction, kind: LeadKind = LeadKind.OPERATIONAL) -> None:
    """Let somebody lead an action."""
    assign_lead(SYSTEM, action.id, user.id, kind, at=AT)


def involve_agency(action: PlanAction, name: str = "Health") -> None:
    """Let an action involve an agency."""
    agency = add_agency(SYSTEM, name, at=AT)
    name_agency(SYSTEM, action.id, agency.id, at=AT)
