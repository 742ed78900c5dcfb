"""Publishing forms: one version for each content, and nothing unsound."""

import pytest
from sqlalchemy import func, select

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.errors import Invalid, NotAllowed
from qa_app.models.audit_forms import AuditFormVersion, AuditFormVersionQuestion
from qa_app.queries.audit_forms import latest_forms_by_plan_type, list_latest_forms
from qa_app.services.audit_forms import publish_form
from tests.builders import make_user, viewer_of
from tests.builders_reviews import SMALL_FORM, make_form

pytestmark = pytest.mark.database


def test_the_same_content_is_the_same_version(session):
    first = make_form()
    assert make_form().id == first.id
    second = make_form(title="Visits audit, revised")
    assert (first.number, second.number) == (1, 2)
    assert make_form().id == first.id


def test_a_version_lists_its_questions(session):
    version = make_form()
    rows = session.scalars(
        select(AuditFormVersionQuestion)
        .where(AuditFormVersionQuestion.version_id == version.id)
        .order_by(AuditFormVersionQuestion.position)
    ).all()
    assert [(row.section_key, row.question_key, row.measure) for row in rows][:2] == [
        ("voice", "seen_alone", "seen_alone"),
        ("voice", "why_not", None),
    ]


def test_a_question_keeps_its_type(session):
    make_form()
    changed = AuditForm.from_data(SMALL_FORM).to_data()
    changed["sections"][0]["questions"][2]["type"] = "short_text"
    with pytest.raises(Invalid, match="a question keeps its type"):
        publish_form(SYSTEM, AuditForm.from_data(changed), at=None)


def test_an_unknown_theme_is_refused_in_words(session, at):
    data = AuditForm.from_data(SMALL_FORM).to_data()
    data["sections"][0]["questions"][0]["themes"] = ["no_such_theme"]
    with pytest.raises(Invalid, match="'no_such_theme'"):
        publish_form(SYSTEM, AuditForm.from_data(data), at=at)
    assert session.scalar(select(func.count()).select_from(AuditFormVersion)) == 0


def test_auditors_do_not_publish(session, at):
    with pytest.raises(NotAllowed):
        publish_form(viewer_of(make_user("Auditor")), AuditForm.from_data(SMALL_FORM), at=at)


def test_the_latest_version_is_offered_by_plan_type(session):
    make_form()
    newest = make_form(title="Visits audit, revised")
    lead = viewer_of(make_user("Lead", Role.QA_LEAD))
    assert [one.version_id for one in list_latest_forms(lead)] == [newest.id]
    offered = {kind.value: len(forms) for kind, forms in latest_forms_by_plan_type(lead).items()}
    assert offered == {
        "looked_after": 0, "child_protection": 1, "child_in_need": 0, "open_assessment": 0, "care_leaver": 0
    }  # fmt: skip
