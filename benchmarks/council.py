"""The council that is measured: the demonstration one, in an embedded database of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from qa_app import clock
from qa_app.config import Settings
from qa_app.demo.council import PASSWORD, build_demonstration
from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.answers import AnswerState
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.versions import form_from_json
from qa_app.domain.cohorts import ReviewState
from qa_app.extensions import db
from qa_app.factory import create_app
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.findings import FindingTheme
from qa_app.models.reviews import AnswerRow, Review
from qa_app.models.tables import metadata
from qa_app.services.audit_forms import publish_form


@dataclass(frozen=True)
class Council:
    """What the measures need: the app, a review in hand with a question of free words, and the busiest theme."""

    app: Flask
    review_id: int
    reviewer_id: int
    question: str
    theme_id: int
    director_id: int
    n_reviews: int

    def browser(self, user_id: int) -> FlaskClient:
        """A client in which somebody has signed in."""
        email = db.session.scalars(select(User.email).where(User.id == user_id)).one()
        db.session.rollback()
        client = self.app.test_client()
        reply = client.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert reply.status_code == 303, f"the sign-in failed with status {reply.status_code}"
        return client

    def long_review(self) -> tuple[int, int, str]:
        """A review on a form of 60 questions in six sections, longer than any that is shipped, with an answer to each.

        Gives the review, its auditor and a section.
        """
        version = publish_form(SYSTEM, AuditForm.from_data(long_form()), at=clock.now())
        review = db.session.scalars(
            select(Review).where(Review.state == ReviewState.IN_PROGRESS).order_by(Review.id.desc())
        ).first()
        assert review is not None
        review.form_version_id = version.id
        db.session.execute(delete(AnswerRow).where(AnswerRow.review_id == review.id))
        for section in range(6):
            for number in range(10):
                db.session.add(
                    AnswerRow(
                        review_id=review.id,
                        question_key=f"question_{section}_{number}",
                        state=AnswerState.ANSWERED,
                        value="partly",
                        revision=1,
                        saved_at=clock.now(),
                    )
                )
        found = review.id, review.reviewer_id, "section_3"
        db.session.commit()
        return found


def long_form() -> dict[str, object]:
    """A form of 60 questions in six sections, each offering a finding."""
    return {
        "form": "long-form",
        "title": "Long form",
        "cohort_kinds": ["monthly_audit"],
        "subject": "child",
        "plan_types": ["child_protection"],
        "sections": [
            {
                "section": f"section_{section}",
                "title": f"Section {section}",
                "graded": True,
                "questions": [
                    {
                        "question": f"question_{section}_{number}",
                        "text": f"Was thing {number} of section {section} done well for this child?",
                        "type": "yes_partly_no",
                        "required": True,
                        "guidance": "Look at the last three visits and at what was written after each of them.",
                        "finding": {"when": {"is": "no"}, "as": "weakness"},
                    }
                    for number in range(10)
                ],
            }
            for section in range(6)
        ],
    }


@contextmanager
def council() -> Iterator[Council]:
    """The demonstration council, built for this run and gone after it."""
    with TemporaryDirectory() as folder:
        settings = Settings(
            database_url=f"sqlite:///{Path(folder) / 'benchmark.sqlite3'}",
            secret_key="benchmark",
            secure_cookies=False,
            instance_folder=Path(folder),
        )
        app = create_app(settings)
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            metadata.create_all(db.engine)
            build_demonstration(lambda _words: None)
            db.session.commit()
            found = _find(app)
            db.session.rollback()
            yield found
            db.session.remove()
            db.engine.dispose()


def _find(app: Flask) -> Council:
    review, content = db.session.execute(
        select(Review, AuditFormVersion.content)
        .join(AuditFormVersion, AuditFormVersion.id == Review.form_version_id)
        .where(Review.state == ReviewState.IN_PROGRESS)
        .order_by(Review.id)
        .limit(1)
    ).one()
    answered = set(db.session.scalars(select(AnswerRow.question_key).where(AnswerRow.review_id == review.id)))
    questions = form_from_json(content).questions
    free = [key for key, question in questions.items() if question.type in ("short_text", "long_text")]
    question = next((key for key in free if key in answered), free[0])
    theme_id = db.session.scalars(
        select(FindingTheme.theme_id).group_by(FindingTheme.theme_id).order_by(func.count().desc()).limit(1)
    ).one()
    director_id = db.session.scalars(select(RoleGrant.user_id).where(RoleGrant.role == Role.DIRECTOR)).first()
    assert director_id is not None
    n_reviews = db.session.scalar(
        select(func.count()).select_from(Review).where(Review.state == ReviewState.SUBMITTED)
    )
    return Council(app, review.id, review.reviewer_id, question, theme_id, director_id, n_reviews or 0)
