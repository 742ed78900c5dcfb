"""Makes themes, submitted reviews and findings for tests, through the services that make them in life."""

from collections.abc import Sequence
from typing import Any

from qa_app.domain.access import SYSTEM
from qa_app.domain.answers import AnswerState
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.caseload import PlanType
from qa_app.domain.findings import finding_draft
from qa_app.domain.themes import Taxonomy, ThemeDefinition
from qa_app.models.accounts import User
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.cohorts import Cohort
from qa_app.models.organisation import Team
from qa_app.models.reviews import Review
from qa_app.services.audit_forms import publish_form
from qa_app.services.findings import raise_finding
from qa_app.services.reviews import SentAnswer, save_parts
from qa_app.services.reviews_submission import submit_review
from qa_app.services.taxonomy import load_taxonomy
from tests.builders import AT, viewer_of
from tests.builders_reviews import make_review

THEMES = Taxonomy(
    (
        ThemeDefinition("planning", "Planning", "Plans that turn what is known into change."),
        ThemeDefinition("smart_plans", "SMART plans", "Plans with people and dates.", "planning"),
        ThemeDefinition("contingency", "Contingency", "What happens if it fails.", "planning", True),
        ThemeDefinition("visits", "Visits", "Visits with a purpose.", None, True),
    )
)


def themed_form() -> dict[str, Any]:
    """A form that asks about visits twice, about SMART plans once, and about contingency never."""

    def question(key: str, themes: list[str]) -> dict[str, Any]:
        return {
            "question": key,
            "text": f"Is {key.replace('_', ' ')} right?",
            "type": "yes_partly_no",
            "themes": themes,
            "finding": {"when": {"is": "no"}, "as": "weakness"},
        }

    return {
        "form": "themed",
        "title": "Themed audit",
        "cohort_kinds": ["monthly_audit"],
        "subject": "child",
        "plan_types": [plan.value for plan in PlanType],
        "sections": [
            {
                "section": "work",
                "title": "The work",
                "questions": [
                    question("seen", ["visits"]),
                    question("purpose", ["visits"]),
                    question("plan_smart", ["smart_plans"]),
                ],
            }
        ],
        "overall": {"graded": False, "rationale": "optional"},
    }


def make_themes() -> None:
    """The four themes of these tests."""
    load_taxonomy(SYSTEM, THEMES, at=AT)


def make_themed_version() -> AuditFormVersion:
    """The themed form, published; the themes are loaded first."""
    make_themes()
    return publish_form(SYSTEM, AuditForm.from_data(themed_form()), at=AT)


def excused(question: str, excuse: AnswerState) -> SentAnswer:
    """A question put aside."""
    return SentAnswer(question, excuse=excuse, reason="Tested.")


def make_submitted(
    reviewer: User,
    cohort: Cohort,
    team: Team | None = None,
    *,
    answers: Sequence[SentAnswer] = (),
    findings: Sequence[tuple[str | None, str, Sequence[str]]] = (),
    submit: bool = True,
    plan_type: PlanType = PlanType.CHILD_PROTECTION,
) -> Review:
    """A review with these answers (the rest answered *yes*) and findings (question, kind, themes), handed in."""
    review = make_review(reviewer, cohort, team, plan_type)
    viewer = viewer_of(reviewer)
    given = {question: SentAnswer(question, "yes") for question in ("seen", "purpose", "plan_smart")}
    given.update({answer.question: answer for answer in answers})
    save_parts(viewer, review.id, list(given.values()), [], at=AT)
    for question, kind, themes in findings:
        draft = finding_draft(kind, "significant", f"What was found: {kind}.", list(themes))
        raise_finding(viewer, review.id, question, draft, at=AT)
    if submit:
        submit_review(viewer, review.id, at=AT)
    return review
