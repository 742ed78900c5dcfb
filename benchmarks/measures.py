"""Two measures, each beside the barest thing that the same database could do, in the same run.

The milliseconds belong to this machine; the ratio can be compared between machines.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select, update

from benchmarks.council import Council
from qa_app import clock
from qa_app.domain.answers import AnswerState
from qa_app.extensions import db, own_transaction
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.findings import Finding, FindingTheme
from qa_app.models.reviews import AnswerRow, Review
from tests.query_counter import count_statements

ROUNDS, WARM_UP = 60, 5


@dataclass(frozen=True)
class Measure:
    """One thing measured. Units: milliseconds (median), statements sent to the database by one request."""

    name: str
    against: str
    ours_ms: float
    bare_ms: float
    n_statements: int

    @property
    def ratio(self) -> float:
        """How many times the bare thing's time ours takes."""
        return self.ours_ms / self.bare_ms


def answer_saved(council: Council) -> Measure:
    """One answer of free words, saved as the page saves it while somebody types."""
    browser = council.browser(council.reviewer_id)
    address = f"/reviews/{council.review_id}/answers/{council.question}"
    stands = select(AnswerRow.revision).where(
        AnswerRow.review_id == council.review_id, AnswerRow.question_key == council.question
    )
    revision = db.session.scalar(stands) or 0
    db.session.rollback()

    def ours(n: int) -> None:
        nonlocal revision
        sent = {
            f"{council.question}-value": f"What was seen, word {n}",
            "revision": str(revision),
            "save_id": f"save-{n}",
        }
        reply = browser.post(address, data=sent, headers={"Accept": "application/json"})
        assert reply.status_code == 200, reply.text
        revision = reply.json["revision"]

    ours(-1)  # the row is there from now on
    row = AnswerRow.review_id == council.review_id, AnswerRow.question_key == council.question

    def bare(n: int) -> None:
        with own_transaction() as session:
            session.execute(
                update(AnswerRow)
                .where(*row)
                .values(value=f"Bare word {n}", state=AnswerState.ANSWERED, saved_at=clock.now())
            )

    return _compare("One answer saved", "one row updated and committed", ours, bare)


def longest_form(council: Council) -> Measure:
    """A section of a form of 60 questions, all answered, as its auditor opens it."""
    review_id, reviewer_id, section = council.long_review()
    browser = council.browser(reviewer_id)

    def ours(_n: int) -> None:
        assert browser.get(f"/reviews/{review_id}/sections/{section}").status_code == 200

    statement = select(AnswerRow).where(AnswerRow.review_id == review_id)

    def bare(_n: int) -> None:
        assert len(db.session.scalars(statement).all()) >= 60
        db.session.rollback()

    return _compare("The longest form", "its 60 answers read", ours, bare)


def theme_page(council: Council) -> Measure:
    """The page of the theme with the most findings, as the director sees it."""
    browser = council.browser(council.director_id)

    def ours(_n: int) -> None:
        assert browser.get(f"/themes/{council.theme_id}").status_code == 200

    statement = (
        select(Cohort.month, func.count(func.distinct(Finding.review_id)))
        .join(CohortCase, CohortCase.cohort_id == Cohort.id)
        .join(Review, Review.cohort_case_id == CohortCase.id)
        .join(Finding, Finding.review_id == Review.id)
        .join(FindingTheme, FindingTheme.finding_id == Finding.id)
        .where(FindingTheme.theme_id == council.theme_id)
        .group_by(Cohort.month)
    )

    def bare(_n: int) -> None:
        assert db.session.execute(statement).all()
        db.session.rollback()

    return _compare("The theme page", "its findings counted by month", ours, bare)


def _compare(name: str, against: str, ours: Callable[[int], None], bare: Callable[[int], None]) -> Measure:
    """Both take turns, so that what slows the machine meanwhile slows both."""
    times: tuple[list[float], list[float]] = ([], [])
    for n in range(WARM_UP + ROUNDS):
        for kept, act in zip(times, (ours, bare), strict=True):
            began = time.perf_counter()
            act(n)
            if n >= WARM_UP:
                kept.append((time.perf_counter() - began) * 1000)
    with count_statements() as sent:
        ours(WARM_UP + ROUNDS)
    n_statements = sum(not each.startswith(("PRAGMA", "BEGIN")) for each in sent)
    return Measure(name, against, statistics.median(times[0]), statistics.median(times[1]), n_statements)
