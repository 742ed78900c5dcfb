"""Audits before an event: a cohort that cases come into one by one, by referral, each due on its own day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.case_facts import CaseFacts
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohort_cases import check_reason
from qa_app.domain.cohort_rules import require_whole_service
from qa_app.domain.cohorts import MEETING_KINDS, REFERRAL_KINDS, CaseSource, CohortKind, CohortState
from qa_app.domain.dates import as_written
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.caseload import CaseloadImport, CaseRecord, Child
from qa_app.models.cohorts import Cohort, CohortCase, CohortForm
from qa_app.models.organisation import Team
from qa_app.queries.scope import teams_within
from qa_app.services import history

LONGEST_TITLE = 200


@dataclass(frozen=True)
class ReferralRound:
    """What a QA lead asks for when opening a cohort that takes referrals.

    `ends_on`: the last day on which a referred event may lie. `form_versions` as in a drawn cohort.
    """

    kind: CohortKind
    title: str
    month: date
    ends_on: date
    form_versions: Mapping[PlanType, int]
    plan_action_id: int | None = None


def open_referral_cohort(viewer: Viewer, asked: ReferralRound, *, at: datetime) -> Cohort:
    """Open a cohort into which cases come one by one: referred before an event, or one from each panel meeting.

    Errors: NotAllowed, Invalid without a title, a form or a caseload, and for a kind whose cases are drawn.
    """
    require_whole_service(viewer)
    if asked.kind not in (*REFERRAL_KINDS, *MEETING_KINDS):
        raise Invalid("kind", "Cases of this kind of cohort are drawn, not referred.")
    title = asked.title.strip()
    if not title or len(title) > LONGEST_TITLE:
        raise Invalid("title", f"Give it a title of up to {LONGEST_TITLE} characters.")
    if asked.ends_on < asked.month:
        raise Invalid("ends_on", "The cohort would end before it begins. Enter a later day.")
    newest = db.session.scalar(select(CaseloadImport.id).order_by(*_NEWEST_FIRST).limit(1))
    if newest is None:
        raise Invalid("", "There is no caseload yet. Upload the child-level lists first.")
    known = set(
        db.session.scalars(
            select(AuditFormVersion.id).where(AuditFormVersion.id.in_(asked.form_versions.values()))
        )
    )
    if not known:
        raise Invalid("forms", "Choose a form for at least one plan type.")
    cohort = Cohort(
        kind=asked.kind, title=title, month=asked.month, due_on=asked.ends_on, state=CohortState.DRAWN,
        size=1, is_graded=asked.kind in REFERRAL_KINDS, counts_in_rates=False, caseload_import_id=newest,
        plan_action_id=asked.plan_action_id, created_at=at, created_by_id=viewer.user_id,
    )  # fmt: skip
    db.session.add(cohort)
    db.session.flush()
    for plan_type, version_id in asked.form_versions.items():
        if version_id in known:
            db.session.add(CohortForm(cohort_id=cohort.id, plan_type=plan_type, form_version_id=version_id))
    history.record(
        viewer,
        "opened a cohort for referrals" if asked.kind in REFERRAL_KINDS else "opened a cohort for panel meetings",
        "cohort", cohort.id, at=at,
        after={"title": title, "ends_on": asked.ends_on.isoformat()},
    )  # fmt: skip
    db.session.flush()
    return cohort


def refer_case(
    viewer: Viewer, cohort_id: int, child_ref: str, due_on: date, reason: str, *, at: datetime
) -> CohortCase:
    """Refer a child's case for an audit before an event, due on the day the event is planned.

    The case is looked up in the newest upload of the caseload, within the teams that the viewer reaches.
    Errors: NotAllowed, NotFound; Invalid for a child not found there, a day that has passed or lies after the
    cohort, or no reason; Conflict for a closed cohort and a child referred already.
    """
    viewer.require(Permission.REFER_CASES)
    cohort = db.session.scalar(select(Cohort).where(Cohort.id == cohort_id).with_for_update())
    if cohort is None or cohort.kind not in REFERRAL_KINDS:
        raise NotFound()
    if cohort.state is CohortState.CLOSED:
        raise Conflict("This cohort is closed and takes no more referrals. Ask the QA lead to open another.")
    said = check_reason(reason, "the case is referred")
    if due_on < at.date():
        raise Invalid("due_on", "This day has passed. Enter the day on which the event is planned.")
    if due_on > cohort.due_on:
        raise Invalid("due_on", f"This cohort ends on {as_written(cohort.due_on)}. Enter an earlier day.")
    record = _find_record(viewer, child_ref.strip())
    plan_type = CaseFacts(child_ref, record.plan_type, facts=record.facts).reviewed_as
    pinned = select(func.count()).where(CohortForm.cohort_id == cohort.id, CohortForm.plan_type == plan_type)
    if not db.session.scalar(pinned):
        raise Invalid(
            "child_ref", f"This child is a {plan_type.label.lower()}, and this cohort has no form for that."
        )
    standing = select(CohortCase.id).where(
        CohortCase.cohort_id == cohort.id, CohortCase.child_id == record.child_id
    )
    if db.session.scalar(standing) is not None:
        raise Conflict(
            "This child is in this cohort already. Open the cohort to see how the review is going."
        )
    n = db.session.scalar(select(func.count()).where(CohortCase.cohort_id == cohort.id)) or 0
    case = CohortCase(
        cohort_id=cohort.id, child_id=record.child_id, case_record_id=record.id, plan_type=plan_type,
        team_id=record.team_id, position=n + 1, source=CaseSource.REFERRAL, due_on=due_on,
        reason=f"Referred by {viewer.name}: {said}",
    )  # fmt: skip
    db.session.add(case)
    cohort.size = n + 1
    cohort.state = CohortState.DRAWN
    db.session.flush()
    history.record(
        viewer, "referred a case", "cohort", cohort.id, at=at,
        after={"case": case.position, "due_on": due_on.isoformat(), "reason": said},
    )  # fmt: skip
    return case


_NEWEST_FIRST = (CaseloadImport.as_at.desc(), CaseloadImport.id.desc())


def _find_record(viewer: Viewer, child_ref: str) -> CaseRecord:
    newest = select(CaseloadImport.id).order_by(*_NEWEST_FIRST).limit(1).scalar_subquery()
    found = db.session.scalar(
        select(CaseRecord)
        .join(Child, Child.id == CaseRecord.child_id)
        .outerjoin(Team, Team.id == CaseRecord.team_id)
        .where(
            CaseRecord.caseload_import_id == newest,
            Child.ref == child_ref,
            teams_within(viewer, Permission.REFER_CASES),
        )
    )
    if found is None:
        raise Invalid(
            "child_ref",
            "The newest upload of the caseload holds no such child in your teams. Check the reference.",
        )
    return found
