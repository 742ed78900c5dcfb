"""Every shipped form is published, shown, answered so that every branch is reached, handed in, read and exported."""

import csv
import io

import pytest

from qa_app.bundled import bundled_folder
from qa_app.domain.access import SYSTEM
from qa_app.domain.audit_forms.asked import asked
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.audit_forms.scores import scores_of
from qa_app.domain.caseload import PlanType
from qa_app.domain.completion import completion_of
from qa_app.exchange.audit_form_files import read_form_folder
from qa_app.exchange.form_export_files import export_csv
from qa_app.exchange.theme_files import read_theme_path
from qa_app.queries.form_exports import get_form_export
from qa_app.services.audit_forms import publish_form, publish_shipped
from qa_app.services.reviews import SentAnswer, SentJudgement, save_parts
from qa_app.services.reviews_submission import submit_review
from qa_app.services.taxonomy import load_taxonomy
from tests.builders import make_team, make_user, viewer_of
from tests.builders_reviews import make_cohort, make_review
from tests.form_answers import branches, sheets_for

pytestmark = pytest.mark.database

FOLDER = bundled_folder("audit_templates")
FORMS = {read.form.key: read.form for read in read_form_folder(FOLDER)}


def parts_of(sheet):
    """A review as its reviewer sends it."""
    answers = [
        SentAnswer(key, one.raw, excuse=one.excuse, reason=one.reason) for key, one in sheet.typed.items()
    ]
    judgements = [
        SentJudgement(place, grade, rationale="As read.", departure_reason="Put right since.")
        for place, grade in sheet.grades.items()
    ]
    return answers, judgements


@pytest.mark.parametrize("key", sorted(FORMS))
def test_a_shipped_form_goes_all_the_way_by_every_branch(key, session, sign_in, at):
    form = FORMS[key]
    sheets, missing = sheets_for(form)
    assert missing == set()
    reached = set().union(*(sheet.reaches for sheet in sheets))
    assert reached == {(name, truth) for name in branches(form) for truth in (True, False)}

    load_taxonomy(SYSTEM, read_theme_path(FOLDER / "themes.yaml").taxonomy, at=at)
    version = publish_form(SYSTEM, form, at=at)
    kind = form.plan_types[0] if form.plan_types else PlanType.LOOKED_AFTER
    auditor = make_user("Auditor One")
    cohort, team = make_cohort(version, plan_type=kind), make_team()
    viewer, browser = viewer_of(auditor), sign_in(auditor)
    reviews = [make_review(auditor, cohort, team, kind) for _ in sheets]
    session.commit()
    shown = set()
    for review, sheet in zip(reviews, sheets, strict=True):
        saved = save_parts(viewer, review.id, *parts_of(sheet), at=at).sheet
        assert saved.content.answers == sheet.content.answers
        assert completion_of(form, saved.content).gaps == ()
        session.commit()
        for section in (one for one in form.sections if one.key not in shown):
            page = browser.get(f"/reviews/{review.id}/sections/{section.key}")
            if page.status_code == 200:
                shown.add(section.key)
        if review is reviews[0]:
            assert browser.post(f"/reviews/{review.id}/submit").status_code == 302
        else:
            assert submit_review(viewer, review.id, at=at).is_done
            session.commit()
    assert shown == set(form.section_by_key)
    assert browser.get(f"/reviews/{reviews[0].id}").status_code == 200

    found = get_form_export(viewer, key)
    rows = list(csv.DictReader(io.StringIO(export_csv(found.columns, found.rows).decode("utf-8-sig"))))[1:]
    assert len(rows) == len(sheets)
    for row, sheet in zip(rows, sheets, strict=True):
        asked_for = {name.removesuffix(".standing") for name in row if name.endswith(".standing")}
        assert asked_for == set(form.questions)
        assert all(row[f"{question}.standing"] for question in form.questions)
        scores = scores_of(form, sheet.content)
        if scores:
            assert row["items_counted"] == str(scores[OVERALL].n_counted)
        sections = asked(form, sheet.content).sections | {OVERALL}
        for place, grade in sheet.grades.items():
            assert row[f"grade.{place}"] == (grade.label if place in sections else "")


def test_publishing_the_shipped_forms_again_makes_no_new_version(session, at):
    load_taxonomy(SYSTEM, read_theme_path(FOLDER / "themes.yaml").taxonomy, at=at)
    first = [one.id for one in publish_shipped(SYSTEM, at=at)]
    assert [one.id for one in publish_shipped(SYSTEM, at=at)] == first
