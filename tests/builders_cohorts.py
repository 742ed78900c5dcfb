"""Makes cohorts for tests, through the services that make them in life."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.caseload import CaseloadCase, PlanType
from qa_app.domain.cohort_plan import CohortRules
from qa_app.domain.cohorts import CohortKind
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.caseload import CaseloadImport
from qa_app.models.cohorts import Cohort
from qa_app.models.organisation import Practitioner, Team
from qa_app.services.audit_forms import publish_form
from qa_app.services.cohorts import CohortPlan, draw_cohort
from tests.builders import make_user
from tests.builders_caseload import make_case, make_caseload

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
NOVEMBER = date(2026, 11, 1)


def make_form_version(title: str = "Case audit") -> AuditFormVersion:
    """A short form for every plan type, published."""
    form = AuditForm.from_data(
        {
            "form": "case-audit",
            "title": title,
            "cohort_kinds": ["monthly_audit"],
            "subject": "child",
            "plan_types": [plan.value for plan in PlanType],
            "sections": [
                {
                    "section": "voice",
                    "title": "The child's voice",
                    "questions": [{"question": "seen", "text": "Was the child seen?", "type": "yes_no"}],
                }
            ],
        }
    )
    return publish_form(SYSTEM, form, at=AT)


def mixed_cases(n_each: int = 10, teams: Sequence[str] = ("Team North", "Team South")) -> list[CaseloadCase]:
    """So many cases of every plan type, spread over teams, and two that are closed."""
    cases = [
        make_case(f"{plan.value}-{n}", plan, teams[n % len(teams)], f"Worker of {teams[n % len(teams)]}")
        for plan in PlanType
        for n in range(n_each)
    ]
    return [*cases, make_case("closed-1", None), make_case("closed-2", None)]


def make_plan(upload: CaseloadImport, **changes: object) -> CohortPlan:
    """A plan for ten cases of an upload, in November 2026; `changes` of its rules or of the plan itself."""
    version = make_form_version()
    rules: dict[str, object] = {"kind": CohortKind.MONTHLY_AUDIT, "month": NOVEMBER, "size": 10}
    rules |= {name: changes.pop(name) for name in list(changes) if name in CohortRules.model_fields}
    asked: dict[str, object] = {
        "due_on": date(2026, 11, 30),
        "caseload_import_id": upload.id,
        "form_versions": dict.fromkeys(PlanType, version.id),
        "seed": "20261101",
    }
    return CohortPlan(CohortRules.model_validate(rules), **{**asked, **changes})  # type: ignore[arg-type]


def make_cohort(upload: CaseloadImport | None = None, **changes: object) -> Cohort:
    """A cohort, drawn."""
    upload = upload or make_caseload(mixed_cases())
    return draw_cohort(SYSTEM, make_plan(upload, **changes), at=AT)


def make_auditor_of(team: str, name: str = "Auditor North") -> User:
    """An auditor who is a practitioner of a team."""
    user = make_user(name, Role.AUDITOR)
    row = db.session.query(Team).filter_by(name=team).one()
    db.session.add(Practitioner(name=name, team_id=row.id, user_id=user.id, created_at=AT))
    db.session.flush()
    return user
