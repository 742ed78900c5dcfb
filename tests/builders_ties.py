"""Makes drawn cases with the people around the child, for tests of ties and release."""

from dataclasses import dataclass
from datetime import date
from itertools import count

from qa_app.domain.child_ties import REVIEWING_OFFICER_FLAG
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseFlag, CaseloadImport, CaseRecord
from qa_app.models.cohorts import CohortCase
from qa_app.models.organisation import Practitioner, Team
from qa_app.models.reviews import Review
from tests.builders import AT, viewer_of
from tests.builders_reviews import make_review, submit

_numbers = count(1)


@dataclass
class TiedCase:
    """A review with its case and the record it was drawn from."""

    review: Review
    case: CohortCase
    record: CaseRecord

    @property
    def day(self) -> date:
        """The day of the caseload that it was drawn from."""
        return db.session.get_one(CaseloadImport, self.record.caseload_import_id).as_at


def make_practitioner(
    user: User | None = None,
    team: Team | None = None,
    supervisor: Practitioner | None = None,
) -> Practitioner:
    """A worker of the caseload, perhaps a user, perhaps supervised."""
    number = next(_numbers)
    made = Practitioner(
        name=user.name if user else f"Worker {number}",
        team_id=team.id if team else None,
        user_id=user.id if user else None,
        supervisor_id=supervisor.id if supervisor else None,
        created_at=AT,
    )
    db.session.add(made)
    db.session.flush()
    return made


def make_tied_case(reviewer: User, team: Team | None = None, worker: Practitioner | None = None) -> TiedCase:
    """A review to do, of a child with this worker."""
    review = make_review(reviewer, team=team)
    case = db.session.get_one(CohortCase, review.cohort_case_id)
    record = db.session.get_one(CaseRecord, case.case_record_id)
    record.practitioner_id = worker.id if worker else None
    db.session.flush()
    return TiedCase(review, case, record)


def make_earlier_record(
    tied: TiedCase, as_at: date, worker: Practitioner | None = None, team: Team | None = None
) -> CaseRecord:
    """The same child as another upload saw it."""
    number = next(_numbers)
    upload = CaseloadImport(
        as_at=as_at, file_sha256=f"{number:064x}", imported_at=AT, lists=[], counts={}, n_faults=0
    )
    db.session.add(upload)
    db.session.flush()
    record = CaseRecord(
        caseload_import_id=upload.id,
        child_id=tied.case.child_id,
        plan_type=tied.case.plan_type,
        practitioner_id=worker.id if worker else None,
        team_id=team.id if team else None,
        on_lists=[6],
        facts={},
    )
    db.session.add(record)
    db.session.flush()
    return record


def name_officer(
    tied: TiedCase, officer: Practitioner, starts_on: date, ends_on: date | None = None
) -> CaseFlag:
    """Somebody is the child's reviewing officer or chair. `ends_on`: the first day they no longer are."""
    flag = CaseFlag(
        child_id=tied.case.child_id,
        kind=REVIEWING_OFFICER_FLAG,
        practitioner_id=officer.id,
        reason="Named for a test.",
        starts_on=starts_on,
        ends_on=ends_on,
    )
    db.session.add(flag)
    db.session.flush()
    return flag


def hand_in(tied: TiedCase, **more: str) -> None:
    """The reviewer hands the review in."""
    reviewer = db.session.get_one(User, tied.review.reviewer_id)
    submit(viewer_of(reviewer), tied.review, **more)
    db.session.refresh(tied.review)
