"""The designer's pages: a form is built, changed, undone; two authors are told; nothing typed is lost."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from qa_app.domain.access import Role
from qa_app.domain.audit_forms.drafts import find_question, find_section, read
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormDraft
from qa_app.services.audit_forms import publish_form
from tests.builders import AT, make_user, viewer_of
from tests.builders_reviews import SMALL_FORM, make_form

pytestmark = pytest.mark.database


@pytest.fixture
def lead(sign_in) -> FlaskClient:
    """A browser of a QA lead."""
    return sign_in(make_user("QA Lead", Role.QA_LEAD))


@pytest.fixture
def other(sign_in) -> FlaskClient:
    """A browser of another QA lead."""
    return sign_in(make_user("Second Lead", Role.QA_LEAD))


def only_draft() -> AuditFormDraft:
    return db.session.scalars(select(AuditFormDraft).execution_options(populate_existing=True)).one()


def content() -> dict:
    return read(only_draft().content)


def begun(browser: FlaskClient, published: bool = True) -> str:
    """The address of a draft of the small form."""
    if published:
        make_form()
        response = browser.post("/forms/visits/drafts")
    else:
        response = browser.post("/forms/new", data={"title": "Front door audit", "copy_of": "", "key": ""})
    assert response.status_code == 302
    return response.location


def marks(browser: FlaskClient, address: str) -> dict[str, str]:
    """The revision and digest that a panel was opened with."""
    page = browser.get(address).get_data(as_text=True)
    panel = page.split('id="panel"', 1)[1]
    panel = panel.split("data-panel", 1)[1] if "data-panel" in panel else panel
    return {name: re.search(rf'name="{name}" value="([^"]*)"', panel)[1] for name in ("revision", "digest")}


QUESTION = {
    "text": "Was the child seen alone at each visit?",
    "type": "yes_partly_no",
    "required": "y",
    "guidance": "Look at the last three visits.",
    "not_applicable": "required",
    "cannot_judge": "optional",
    "measure": "seen_alone",
    "finding_kind": "weakness",
    "do": "save",
}


def test_the_shelf_shows_forms_versions_and_whose_draft_is_open(lead, sign_in):
    begun(lead)
    page = lead.get("/forms").get_data(as_text=True)
    assert "Visits audit" in page
    assert "changed by QA Lead" in page
    form = lead.get("/forms/visits").get_data(as_text=True)
    assert "Version 1" in form
    assert "Open the draft" in form
    read_page = sign_in(make_user("Auditor", Role.AUDITOR)).get("/forms/visits/versions/1")
    text = read_page.get_data(as_text=True)
    assert "Was the child seen alone?" in text
    assert (
        "Asked only when ‘Was the child seen alone?’ is one of Partly or No." in text
        or "No or Partly" in text
    )
    assert "Offers a weakness when the answer is one of No or Partly." in text
    assert "No higher than inadequate" in text


def test_every_panel_opens(lead):
    home = begun(lead)
    for path in (
        "",
        "/sections/voice",
        "/questions/seen_alone",
        "/questions/why_not",
        "/limits",
        "/conditions/question/why_not",
        "/conditions/question/why_not?look=q:seen_alone",
        "/conditions/question/why_not?look=s:voice",
        "/conditions/question/why_not?look=q:seen_on",
        "/conditions/finding/seen_alone",
        "/conditions/limit/0",
        "/conditions/section/talk",
        "/preview",
        "/state",
    ):
        assert lead.get(home + path).status_code == 200, path


def test_a_form_is_built_from_nothing(lead):
    home = begun(lead, published=False)
    assert "to put right" in lead.get(home).get_data(as_text=True)
    saved = lead.post(
        home,
        data={
            **marks(lead, home),
            "title": "Front door audit",
            "cohort_kinds": ["thematic", "dip_sample"],
            "subject": "family",
            "look_back_months": "6",
            "judge_months": "3",
            "graded": "y",
            "rationale": "y",
            "do": "save",
        },
    )
    assert saved.status_code == 302
    section = lead.post(f"{home}/sections", data={"title": "Decision at the front door"}).location
    assert section.endswith("/sections/decision_front_door")
    question = lead.post(
        f"{section}/questions", data={"new_text": "Was the decision right?", "new_type": "yes_no"}
    ).location
    assert question.endswith("/questions/decision_right")
    form = AuditForm.from_data(content())
    assert form.look_back_months == 6
    assert form.subject.value == "family"
    assert "Nothing to put right" in lead.get(home).get_data(as_text=True)


def test_a_question_is_changed_and_the_change_undone(lead):
    home = begun(lead)
    before = content()
    address = f"{home}/questions/seen_alone"
    assert lead.post(address, data={**marks(lead, address), **QUESTION}).status_code == 302
    assert find_question(content(), "seen_alone")["text"] == QUESTION["text"]
    page = lead.get(address).get_data(as_text=True)
    assert "You, " in page
    revision = only_draft().revision
    assert lead.post(f"{home}/undo", data={"revision": revision, "back": address}).location == address
    assert content() == before
    again = lead.post(f"{home}/redo", data={"revision": only_draft().revision, "back": "/elsewhere"})
    assert again.location == home
    assert find_question(content(), "seen_alone")["text"] == QUESTION["text"]


def test_what_is_published_is_shown_as_fixed_with_the_reason(lead):
    home = begun(lead)
    page = lead.get(f"{home}/questions/seen_alone").get_data(as_text=True)
    assert "This is fixed: the question has been published" in page
    assert "The key is fixed" in page
    refused = lead.post(
        f"{home}/questions/seen_alone",
        data={**marks(lead, f"{home}/questions/seen_alone"), **QUESTION, "type": "number"},
    )
    assert refused.status_code == 422
    assert "keeps its answer type" in refused.get_data(as_text=True)
    gone = lead.post(
        f"{home}/arrange",
        data={
            **marks(lead, f"{home}/questions/seen_alone"),
            "kind": "question",
            "key": "seen_alone",
            "do": "remove",
        },
        follow_redirects=True,
    )
    assert "Hide it instead" in gone.get_data(as_text=True)
    assert find_question(content(), "seen_alone")


def test_the_second_save_of_the_same_question_is_refused_and_both_are_shown(lead, other):
    home = begun(lead)
    address = f"{home}/questions/seen_alone"
    opened = marks(other, address)
    lead.post(address, data={**marks(lead, address), **QUESTION})
    refused = other.post(address, data={**opened, **QUESTION, "text": "Seen by themselves?"})
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert "QA Lead changed this after you opened it" in page
    assert QUESTION["text"] in page
    assert page.count("Seen by themselves?") >= 2
    assert find_question(content(), "seen_alone")["text"] == QUESTION["text"]
    panel = page.split("data-panel", 1)[1]
    fresh = {name: re.search(rf'name="{name}" value="([^"]*)"', panel)[1] for name in ("revision", "digest")}
    assert other.post(address, data={**fresh, **QUESTION, "text": "Seen by themselves?"}).status_code == 302
    assert find_question(content(), "seen_alone")["text"] == "Seen by themselves?"


def test_two_authors_at_different_questions_do_not_disturb_one_another(lead, other):
    home = begun(lead)
    opened = marks(other, f"{home}/sections/talk")
    lead.post(
        f"{home}/questions/seen_alone", data={**marks(lead, f"{home}/questions/seen_alone"), **QUESTION}
    )
    saved = other.post(f"{home}/sections/talk", data={**opened, "title": "Talks", "do": "save"})
    assert saved.status_code == 302
    assert find_section(content(), "talk")["title"] == "Talks"
    assert find_question(content(), "seen_alone")["text"] == QUESTION["text"]
    assert "Second Lead, " in lead.get(home).get_data(as_text=True)


def test_the_same_save_twice_is_harmless(lead):
    home = begun(lead)
    address = f"{home}/questions/seen_alone"
    sent = {**marks(lead, address), **QUESTION}
    assert lead.post(address, data=sent).status_code == 302
    revision = only_draft().revision
    assert lead.post(address, data=sent).status_code == 302
    assert only_draft().revision == revision


def test_a_preview_shows_what_was_typed_and_saves_nothing(lead):
    home = begun(lead)
    address = f"{home}/questions/seen_alone"
    sent = {**marks(lead, address), **QUESTION, "text": "Typed and not saved?", "do": "preview"}
    page = lead.post(address, data=sent).get_data(as_text=True)
    assert "Not saved yet." in page
    assert "Typed and not saved?" in page.split('id="preview"', 1)[1]
    assert find_question(content(), "seen_alone")["text"] == "Was the child seen alone?"


def test_choices_are_added_ordered_and_disabled(lead):
    home = begun(lead, published=False)
    lead.post(f"{home}/sections", data={"title": "Threshold"})
    address = lead.post(
        f"{home}/sections/threshold/questions",
        data={"new_text": "Is the threshold right?", "new_type": "choice"},
    ).location
    sent = {
        **QUESTION,
        "text": "Is the threshold right?",
        "type": "choice",
        "measure": "",
        "choice-0-label": "Step up",
        "choice-0-key": "",
        "choice-1-label": "Right",
        "choice-1-key": "",
        "choice-2-label": " ",
        "choice-2-key": "",
    }
    moved = lead.post(address, data={**marks(lead, address), **sent, "do": "down-0"}).get_data(as_text=True)
    assert moved.index('value="Right"') < moved.index('value="Step up"')
    assert "choices" not in find_question(content(), "threshold_right")
    lead.post(address, data={**marks(lead, address), **sent})
    assert find_question(content(), "threshold_right")["choices"] == [
        {"choice": "step_up", "label": "Step up"},
        {"choice": "right", "label": "Right"},
    ]
    later = {**sent, "choice-0-key": "step_up", "choice-1-key": "right", "choice-0-disabled": "y"}
    lead.post(address, data={**marks(lead, address), **later, "choice-2-label": "Step down"})
    assert find_question(content(), "threshold_right")["choices"] == [
        {"choice": "step_up", "label": "Step up", "disabled": True},
        {"choice": "right", "label": "Right"},
        {"choice": "step_down", "label": "Step down"},
    ]


def test_a_published_choice_is_disabled_and_never_removed(lead):
    data = {**SMALL_FORM, "form": "threshold", "title": "Threshold", "limits": []}
    question = {"question": "right", "text": "Right?", "type": "choice",
                "choices": [{"choice": "up", "label": "Up"}, {"choice": "ok", "label": "Right"}]}  # fmt: skip
    data["sections"] = [{"section": "a", "title": "A", "questions": [question]}]
    publish_form(viewer_of(make_user("L", Role.QA_LEAD)), AuditForm.from_data(data), at=AT)
    home = lead.post("/forms/threshold/drafts").location
    address = f"{home}/questions/right"
    sent = {
        **QUESTION,
        "text": "Right?",
        "type": "choice",
        "measure": "",
        "choice-0-label": "Right",
        "choice-0-key": "ok",
    }
    refused = lead.post(address, data={**marks(lead, address), **sent})
    assert refused.status_code == 422
    assert "Disable it instead" in refused.get_data(as_text=True)


def test_a_condition_is_put_together_from_lists(lead):
    home = begun(lead)
    address = f"{home}/conditions/question/seen_on"
    page = lead.get(f"{address}?look=q:seen_alone").get_data(as_text=True)
    assert "Partly" in page

    def send(**more):
        return lead.post(address, data={**condition_marks(lead, address), **more})

    one = {"do": "add", "look": "q:seen_alone", "comparison": "is", "value": ["no", "partly"]}
    assert send(**one).status_code == 302
    assert find_question(content(), "seen_on")["show_when"] == {
        "question": "seen_alone",
        "is_one_of": ["no", "partly"],
    }
    two = {"do": "add", "look": "s:voice", "comparison": "at_most", "value": ["good"], "where": "new-any"}
    assert send(**two).status_code == 302
    assert send(do="add", look="q:practitioner", comparison="not_answered", where="1").status_code == 302
    assert find_question(content(), "seen_on")["show_when"] == {
        "all": [
            {"question": "seen_alone", "is_one_of": ["no", "partly"]},
            {
                "any": [
                    {"section": "voice", "at_most": "good"},
                    {"question": "practitioner", "answered": False},
                ]
            },
        ]
    }
    assert send(do="join", path="", join="none").status_code == 302
    assert list(find_question(content(), "seen_on")["show_when"]) == ["not"]
    assert send(do="drop", path="1").status_code == 302
    assert send(do="clear").status_code == 302
    assert "show_when" not in find_question(content(), "seen_on")
    wrong = send(do="add", look="q:seen_alone", comparison="is", value=["perhaps"])
    assert wrong.status_code == 422
    assert "Choose one of the answers shown" in wrong.get_data(as_text=True)


def condition_marks(browser, address):
    page = browser.get(f"{address}?look=q:seen_alone").get_data(as_text=True).split('id="panel"', 1)[1]
    return {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("revision", "digest")}


def test_a_circle_of_conditions_is_told_beside_its_place(lead):
    home = begun(lead)
    address = f"{home}/conditions/question/seen_alone"
    lead.post(
        address,
        data={**condition_marks(lead, address), "do": "add", "look": "q:why_not", "comparison": "answered"},
    )
    page = lead.get(f"{home}/questions/seen_alone").get_data(as_text=True)
    assert "1 thing to put right" in page
    assert "circle" in page or "wait" in page


def test_limits_are_added_changed_ordered_and_removed(lead):
    home = begun(lead)
    address = f"{home}/limits"
    assert lead.post(address, data={"new-ceiling": "good", "new-because": " "}).status_code == 422
    added = lead.post(address, data={"new-ceiling": "good", "new-because": "No plan."})
    assert added.location.endswith("/conditions/limit/1")
    assert "Say when this limit applies" in lead.get(address).get_data(as_text=True)
    changed = {"limit-1-ceiling": "requires_improvement", "limit-1-because": "There is no plan."}
    opened = marks(lead, address)
    assert lead.post(f"{address}/1", data={**opened, **changed}).status_code == 302
    stale = lead.post(f"{address}/1", data={**opened, **changed, "limit-1-because": "Other words."})
    assert stale.status_code == 409
    assert "Other words." in stale.get_data(as_text=True)
    lead.post(f"{home}/arrange", data={**marks(lead, address), "kind": "limit", "key": "1", "do": "up"})
    assert content()["limits"][0]["because"] == "There is no plan."
    lead.post(f"{home}/arrange", data={**marks(lead, address), "kind": "limit", "key": "0", "do": "remove"})
    assert [one["because"] for one in content()["limits"]] == ["Nobody saw the child."]


def test_parts_are_moved_copied_hidden_and_brought_back(lead):
    home = begun(lead)

    def do(kind, key, what, **more):
        return lead.post(
            f"{home}/arrange", data={**marks(lead, home), "kind": kind, "key": key, "do": what, **more}
        )

    do("question", "why_not", "up")
    assert find_section(content(), "voice")["questions"][0]["question"] == "why_not"
    assert do("question", "family", "copy").location.endswith("/questions/family_2")
    do("question", "family_2", "to", section="voice", position="0")
    assert find_section(content(), "voice")["questions"][0]["question"] == "family_2"
    do("question", "seen_on", "hide")
    assert find_question(content(), "seen_on")["retired"] is True
    do("question", "seen_on", "show")
    do("section", "talk", "up")
    assert content()["sections"][0]["section"] == "talk"
    do("section", "talk", "hide")
    assert AuditForm.from_data(content()).section_by_key["talk"].retired
    assert do("section", "voice", "copy").location.endswith("/sections/voice_2")
    assert do("section", "voice_2", "remove").location == home
    assert do("question", "nothing", "up").status_code == 404


def test_a_draft_is_put_away_and_taken_up_again(lead):
    home = begun(lead)
    draft_id = only_draft().id
    assert lead.post(f"{home}/discard").location == "/forms/visits"
    assert lead.get(home).status_code == 409
    assert "Take up again" in lead.get("/forms/visits").get_data(as_text=True)
    assert lead.post(f"/forms/drafts-put-away/{draft_id}").location == home
    assert lead.get(home).status_code == 200


def test_a_second_draft_of_a_form_leads_to_the_first(lead, other):
    home = begun(lead)
    assert other.post("/forms/visits/drafts").location == home


def test_what_was_undone_meanwhile_is_no_error(lead):
    home = begun(lead)
    assert lead.get(f"{home}/questions/not_there").location == home
    assert lead.get(f"{home}/sections/not_there").location == home
    assert lead.get(f"{home}/conditions/limit/9").location == home
    assert lead.get(f"{home}/conditions/weather/9").status_code == 404


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"title": " ", "copy_of": "", "key": ""}, "Give the form a title"),
        ({"title": "T", "copy_of": "", "key": "No Good"}, "small letters"),
        ({"title": "T", "copy_of": "", "key": "visits"}, "already"),
        ({"title": "T" * 201, "copy_of": "", "key": ""}, "too long"),
    ],
)
def test_a_new_form_that_cannot_be_is_told_at_its_field(lead, sent, words):
    make_form()
    response = lead.post("/forms/new", data=sent)
    assert response.status_code == 422
    assert words in response.get_data(as_text=True)


def test_a_copy_of_a_form_begins_with_its_content(lead):
    make_form()
    home = lead.post(
        "/forms/new", data={"title": "Visits, short", "copy_of": "visits", "key": "visits-short"}
    ).location
    assert only_draft().form_key == "visits-short"
    assert len(content()["sections"]) == 2
    assert "The key is fixed" not in lead.get(f"{home}/questions/seen_alone").get_data(as_text=True)
    address = f"{home}/questions/seen_alone"
    renamed = lead.post(address, data={**marks(lead, address), **QUESTION, "key": "seen_by_themselves"})
    assert renamed.location.endswith("/questions/seen_by_themselves")
    assert find_question(content(), "why_not")["show_when"]["question"] == "seen_by_themselves"


def test_a_finding_is_offered_by_ticking_answers(lead):
    home = begun(lead)
    address = f"{home}/questions/seen_alone"
    page = lead.get(address).get_data(as_text=True)
    assert "It offers a finding when the answer is" in page
    unchanged = {
        **QUESTION,
        "text": "Was the child seen alone?",
        "finding_shown": "y",
        "finding_answers": ["partly", "no"],
    }
    lead.post(address, data={**marks(lead, address), **unchanged})
    assert only_draft().revision == 1, "the same answers in another order are no change"
    one = {**unchanged, "finding_answers": ["yes"], "finding_kind": "strength"}
    lead.post(address, data={**marks(lead, address), **one})
    assert find_question(content(), "seen_alone")["finding"] == {"when": {"is": "yes"}, "as": "strength"}
    none = {name: value for name, value in one.items() if name != "finding_answers"}
    lead.post(address, data={**marks(lead, address), **none})
    assert "finding" not in find_question(content(), "seen_alone")


def test_an_offer_that_takes_more_than_ticking_is_left_alone(lead):
    home = begun(lead)
    address = f"{home}/conditions/finding/seen_alone"

    def send(**more):
        return lead.post(address, data={**condition_marks(lead, address), **more})

    send(do="clear")
    assert "finding" not in find_question(content(), "seen_alone")
    send(do="add", comparison="is_not", value=["yes"])
    offered = {"when": {"not": {"is": "yes"}}, "as": "weakness"}
    assert find_question(content(), "seen_alone")["finding"] == offered
    question = f"{home}/questions/seen_alone"
    assert "It offers a finding when the answer is" not in lead.get(question).get_data(as_text=True)
    lead.post(question, data={**marks(lead, question), **QUESTION, "finding_shown": "y"})
    assert find_question(content(), "seen_alone")["finding"] == offered


def test_a_form_s_page_leads_to_its_files_and_to_what_changed(lead):
    make_form()
    assert "/forms/visits/changes" not in lead.get("/forms/visits").get_data(as_text=True)
    make_form(title="Visits audit, again")
    db.session.commit()
    page = lead.get("/forms/visits").get_data(as_text=True)
    for address in (
        "/forms/visits/versions/1/file.xlsx",
        "/forms/visits/changes",
        "/forms/visits/cohorts",
    ):
        assert f'href="{address}"' in page
        assert lead.get(address).status_code == 200, address
    assert "Bring in a workbook" in lead.get("/forms").get_data(as_text=True)
    home = lead.post("/forms/visits/drafts").location
    assert "Take the draft out as a workbook" in lead.get(home).get_data(as_text=True)


def test_words_for_a_part_that_is_gone_are_given_back(lead, other):
    home = begun(lead, published=False)
    lead.post(f"{home}/sections", data={"title": "Threshold"})
    address = lead.post(
        f"{home}/sections/threshold/questions", data={"new_text": "Right?", "new_type": "yes_no"}
    ).location
    opened = marks(other, address)
    lead.post(f"{home}/undo", data={"revision": only_draft().revision})
    lost = other.post(address, data={**opened, **QUESTION, "guidance": "An hour of thought."})
    assert lost.status_code == 404
    assert "An hour of thought." in lost.get_data(as_text=True)
    lead.post(f"{home}/discard")
    late = other.post(home, data={**opened, "title": "Words for a closed draft"})
    assert late.status_code == 409
    assert "Words for a closed draft" in late.get_data(as_text=True)


def test_undoing_what_one_has_not_seen_is_told_on_the_page(lead, other):
    home = begun(lead)
    revision = only_draft().revision
    lead.post(f"{home}/sections", data={"title": "New"})
    told = other.post(f"{home}/undo", data={"revision": revision, "back": home}, follow_redirects=True)
    assert "QA Lead changed this after you opened it" in told.get_data(as_text=True)
    assert content()["sections"][-1]["title"] == "New"


def test_a_form_never_grows_beyond_what_a_person_writes(lead):
    home = begun(lead)
    address = f"{home}/sections/voice"
    huge = {**marks(lead, address), "title": "V", "guidance": "words " * 180_000, "do": "save"}
    refused = lead.post(address, data=huge)
    assert refused.status_code == 422
    assert "larger than" in refused.get_data(as_text=True)
    assert only_draft().revision == 1


def test_questions_of_another_form_are_taken_with_their_measure(lead):
    make_form(form="other", title="Other visits")
    home = begun(lead, published=False)
    lead.post(f"{home}/sections", data={"title": "Visits"})
    address = f"{home}/sections/visits/borrow"
    assert "Other visits" in lead.get(address).get_data(as_text=True)
    assert "Was the child seen alone?" in lead.get(f"{address}?form=other").get_data(as_text=True)
    none = lead.post(address, data={"form": "other"})
    assert none.status_code == 422
    assert "Choose at least one question" in none.get_data(as_text=True)
    taken = lead.post(address, data={"form": "other", "question": ["why_not", "seen_alone", "not_there"]})
    assert taken.location == f"{home}/sections/visits"
    first, second = find_section(content(), "visits")["questions"]
    assert (first["question"], first["measure"]) == ("seen_alone", "seen_alone")
    assert first["finding"]["as"] == "weakness"
    assert "show_when" not in second
    lead.post(address, data={"form": "other", "question": ["seen_alone"]})
    again = find_section(content(), "visits")["questions"][2]
    assert again["question"] == "seen_alone_2"
    assert "measure" not in again
