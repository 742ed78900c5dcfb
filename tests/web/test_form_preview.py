"""The preview of a form is what an auditor gets: the same words, fields and choices. No page slows with the shelf."""

import re

import pytest

from qa_app.bundled import bundled_folder
from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.caseload import PlanType
from qa_app.exchange.audit_form_files import read_form_folder
from qa_app.exchange.theme_files import read_theme_path
from qa_app.services.audit_form_drafts import start_draft
from qa_app.services.audit_forms import publish_form
from qa_app.services.taxonomy import load_taxonomy
from tests.builders import AT, make_user
from tests.builders_reviews import make_cohort, make_form, make_review
from tests.query_counter import count_selects

pytestmark = pytest.mark.database

FOLDER = bundled_folder("audit_templates")
FORMS = {read.form.key: read.form for read in read_form_folder(FOLDER)}


def question_html(page: str, key: str) -> str:
    """One question as a page draws it, without its links, revision and whether it is asked just now."""
    start = page.index(f'id="question-{key}"')
    end = page.find('<div class="los-question', start)
    html = page[start : end if end > 0 else None].split("</form>")[0].split("</section>")[0]
    html = re.sub(r'<a class="govuk-link[^>]*>.*?</a>', "", html, flags=re.DOTALL)
    html = re.sub(r'data-(save|revision)="[^"]*"|name="[a-z0-9_]*-revision" value="[^"]*"', "", html)
    html = re.sub(r'<p class="los-note">.*?</p>', "", html)
    cut = re.sub(r"\A([^>]*?) hidden>", r"\1>", html.split('<div class="los-previewed')[0])
    return re.sub(r"\s+", "", cut).rstrip("</div>")


@pytest.mark.parametrize("key", ["supervision", "neglect-exploitation-agency-return"])
def test_the_preview_draws_each_question_as_the_review_page_does(key, session, sign_in):
    form = FORMS[key]
    load_taxonomy(SYSTEM, read_theme_path(FOLDER / "themes.yaml").taxonomy, at=AT)
    version = publish_form(SYSTEM, form, at=AT)
    kind = form.plan_types[0] if form.plan_types else PlanType.LOOKED_AFTER
    auditor = make_user("Auditor One")
    review = make_review(auditor, make_cohort(version, plan_type=kind), plan_type=kind)
    draft = start_draft(SYSTEM, key, at=AT)
    session.commit()
    reviewing, designing = sign_in(auditor), sign_in(make_user("QA Lead", Role.QA_LEAD))
    session.commit()
    version_page = reviewing.get(f"/forms/{key}/versions/1").get_data(as_text=True)
    compared = 0
    for section in form.sections:
        shown = reviewing.get(f"/reviews/{review.id}/sections/{section.key}").get_data(as_text=True)
        previewed = designing.get(f"/forms/drafts/{draft.id}/sections/{section.key}").get_data(as_text=True)
        previewed = previewed.split('id="preview"', 1)[1]
        for question in section.questions:
            wanted = question_html(shown, question.key)
            assert len(wanted) > 200
            assert question_html(previewed, question.key) == wanted, question.key
            assert question_html(version_page, question.key) == wanted, question.key
            compared += 1
    assert compared == len(form.questions)


def test_every_shipped_form_can_be_put_on_the_bench(session, sign_in):
    load_taxonomy(SYSTEM, read_theme_path(FOLDER / "themes.yaml").taxonomy, at=AT)
    for form in FORMS.values():
        publish_form(SYSTEM, form, at=AT)
    session.commit()
    lead = sign_in(make_user("QA Lead", Role.QA_LEAD))
    for key in sorted(FORMS):
        home = lead.post(f"/forms/{key}/drafts").location
        page = lead.get(home).get_data(as_text=True)
        assert "Nothing to put right" in page, key
        assert lead.get(f"{home}/questions/{FORMS[key].sections[0].questions[0].key}").status_code == 200


def test_the_shelf_and_the_bench_ask_the_same_number_of_times_for_one_form_and_for_ten(session, sign_in):
    lead = sign_in(make_user("QA Lead", Role.QA_LEAD))
    make_form()
    session.commit()
    home = lead.post("/forms/visits/drafts").location

    def counts() -> list[int]:
        numbers = []
        for address in ("/forms", "/forms/visits", home, f"{home}/questions/seen_alone"):
            session.expire_all()
            with count_selects() as sent:
                lead.get(address)
            numbers.append(len(sent))
        return numbers

    counts()
    before = counts()
    for n in range(9):
        make_form(form=f"visits-{n}", title=f"Visits {n}")
        session.commit()
        lead.post(f"/forms/visits-{n}/drafts")
    assert counts() == before
    assert max(before) <= 20
