"""Makes allocated reviews for tests: a cohort with cases, forms pinned, and a review for each case."""

from datetime import date, datetime, timedelta
from itertools import count

from qa_app.domain.access import SYSTEM, Viewer
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import CohortKind, CohortState, ReviewState
from qa_app.domain.grades import Grade
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.caseload import CaseloadImport, CaseRecord, Child
from qa_app.models.cohorts import Cohort, CohortCase, CohortForm
from qa_app.models.organisation import Team
from qa_app.models.reviews import Review
from qa_app.services.audit_forms import publish_form
from qa_app.services.reviews import SaveResult, SentAnswer, SentJudgement, save_parts
from qa_app.services.reviews_submission import submit_review
from tests.builders import AT

_numbers = count(1)

SMALL_FORM = {
    "form": "visits",
    "title": "Visits audit",
    "cohort_kinds": ["monthly_audit"],
    "subject": "child",
    "plan_types": ["child_protection"],
    "sections": [
        {
            "section": "voice",
            "title": "The child's voice",
            "graded": True,
            "descriptors": {"good": "The child is heard."},
            "questions": [
                {
                    "question": "seen_alone",
                    "text": "Was the child seen alone?",
                    "type": "yes_partly_no",
                    "required": True,
                    "guidance": "Look at the last three visits.",
                    "measure": "seen_alone",
                    "not_applicable": {"reason": "required"},
                    "finding": {"when": {"is_one_of": ["no", "partly"]}, "as": "weakness"},
                },
                {
                    "question": "why_not",
                    "text": "Why not?",
                    "type": "long_text",
                    "required": True,
                    "show_when": {"question": "seen_alone", "is_one_of": ["no", "partly"]},
                },
                {"question": "seen_on", "text": "When was the last visit?", "type": "date"},
            ],
        },
        {
            "section": "talk",
            "title": "Conversations",
            "questions": [
                {
                    "question": "practitioner",
                    "text": "Conversation with the practitioner",
                    "type": "practitioner_conversation",
                    "required": True,
                },
                {"question": "family", "text": "Feedback from the family", "type": "family_feedback"},
            ],
        },
    ],
    "limits": [
        {
            "ceiling": "inadequate",
            "when": {"question": "seen_alone", "is": "no"},
            "because": "Nobody saw the child.",
        }
    ],
}


def make_form(data: dict | None = None, **changes: object) -> AuditFormVersion:
    """A small form, published."""
    return publish_form(SYSTEM, AuditForm.from_data({**(data or SMALL_FORM), **changes}), at=AT)


def make_cohort(
    version: AuditFormVersion | None = None,
    month: date = date(2026, 11, 1),
    plan_type: PlanType = PlanType.CHILD_PROTECTION,
) -> Cohort:
    """A monthly cohort with one form pinned."""
    number = next(_numbers)
    upload = CaseloadImport(
        as_at=month,
        file_sha256=f"{number:064d}",
        imported_at=AT,
        lists=[],
        counts={},
        n_faults=0,
    )
    db.session.add(upload)
    db.session.flush()
    cohort = Cohort(
        kind=CohortKind.MONTHLY_AUDIT,
        title=f"{month:%B %Y} monthly audit",
        month=month,
        due_on=month + timedelta(days=28),
        state=CohortState.ALLOCATED,
        size=1,
        caseload_import_id=upload.id,
        created_at=AT,
    )
    db.session.add(cohort)
    db.session.flush()
    pinned = version or make_form()
    db.session.add(CohortForm(cohort_id=cohort.id, plan_type=plan_type, form_version_id=pinned.id))
    db.session.flush()
    return cohort


def make_review(
    reviewer: User,
    cohort: Cohort | None = None,
    team: Team | None = None,
    plan_type: PlanType = PlanType.CHILD_PROTECTION,
) -> Review:
    """A review allocated to somebody, not started."""
    cohort = cohort or make_cohort(plan_type=plan_type)
    number = next(_numbers)
    child = Child(ref=f"C{number:05d}", created_at=AT)
    db.session.add(child)
    db.session.flush()
    record = CaseRecord(
        caseload_import_id=cohort.caseload_import_id,
        child_id=child.id,
        plan_type=plan_type,
        age=7,
        team_id=team.id if team else None,
        on_lists=[6, 7],
        facts={"cp_start": "2026-03-03", "cp_latest_category": "Neglect"},
    )
    db.session.add(record)
    db.session.flush()
    case = CohortCase(
        cohort_id=cohort.id,
        child_id=child.id,
        case_record_id=record.id,
        plan_type=plan_type,
        team_id=team.id if team else None,
        position=number,
        reason="Drawn for a test.",
    )
    db.session.add(case)
    db.session.flush()
    review = Review(
        cohort_case_id=case.id,
        reviewer_id=reviewer.id,
        state=ReviewState.NOT_STARTED,
        allocated_at=AT,
    )
    db.session.add(review)
    db.session.flush()
    return review


TALK = {"held": "yes", "held_on": "3 11 2026", "said": "We know the family well."}


def fill(viewer: Viewer, review: Review, at: datetime, seen: str = "yes", **more: str) -> SaveResult:
    """Answer everything that the small form requires."""
    answers = [SentAnswer("seen_alone", seen), SentAnswer("practitioner", dict(TALK))]
    answers += [SentAnswer(key, value) for key, value in more.items()]
    judgements = [
        SentJudgement("voice", Grade.GOOD, rationale="Seen and heard."),
        SentJudgement("overall", Grade.GOOD, rationale="Good work."),
    ]
    return save_parts(viewer, review.id, answers, judgements, at=at)


def submit(viewer: Viewer, review: Review, at: datetime = AT, **more: str) -> None:
    """Fill a review and hand it in."""
    fill(viewer, review, at, **more)
    assert submit_review(viewer, review.id, at=at).is_done
