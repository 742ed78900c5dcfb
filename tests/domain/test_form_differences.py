"""What changed between two versions of a form, how much it matters, and what must not change at all."""

from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings

from qa_app.domain.audit_forms.differences import ChangeClass, differences, frozen_faults, heaviest
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.conditions import Condition
from qa_app.domain.conditions_in_words import condition_words
from qa_app.domain.word_differences import word_runs
from tests.builders_reviews import SMALL_FORM
from tests.form_strategies import forms

BASE = AuditForm.from_data(
    {
        **SMALL_FORM,
        "sections": [
            *SMALL_FORM["sections"],
            {
                "section": "people",
                "title": "People",
                "questions": [
                    {
                        "question": "who",
                        "text": "Who was there?",
                        "type": "choice",
                        "choices": [
                            {"choice": "mother", "label": "Mother"},
                            {"choice": "father", "label": "Father"},
                        ],
                        "themes": ["voice"],
                    }
                ],
            },
        ],
    }
)
W, A, B = ChangeClass.WORDING, ChangeClass.ADDITION, ChangeClass.BREAKING


def later(change):
    data = deepcopy(BASE.to_data())
    change(data)
    return AuditForm.from_data(data)


def question(data, section, number):
    return data["sections"][section]["questions"][number]


def new_question(data):
    data["sections"][1]["questions"].append({"question": "more", "text": "More?", "type": "yes_no"})


@pytest.mark.parametrize(
    ("change", "kind", "what", "before", "after"),
    [
        (lambda d: d.update(title="Visits"), W, "Title of the form", "Visits audit", "Visits"),
        (
            lambda d: question(d, 0, 0).update(text="Seen alone?"),
            W,
            "Words of the question",
            "Was the child seen alone?",
            "Seen alone?",
        ),
        (
            lambda d: question(d, 0, 0).update(guidance="Look."),
            W,
            "Guidance",
            "Look at the last three visits.",
            "Look.",
        ),
        (
            lambda d: d["sections"][0]["descriptors"].update(good="Heard."),
            W,
            "Descriptor of good",
            "The child is heard.",
            "Heard.",
        ),
        (
            lambda d: question(d, 2, 0)["choices"][0].update(label="Mum"),
            W,
            "Words of a choice",
            "Mother",
            "Mum",
        ),
        (
            lambda d: d["limits"][0].update(because="Unseen."),
            W,
            "Why a limit applies",
            "Nobody saw the child.",
            "Unseen.",
        ),
        (lambda d: d["sections"].reverse(), W, "Order of the sections", None, None),
        (lambda d: d["sections"][0]["questions"].reverse(), W, "Order of the questions", None, None),
        (
            lambda d: (
                d["overall"].update(rationale="optional")
                if "overall" in d
                else d.update(overall={"rationale": "optional"})
            ),
            W,
            "Rationale of the overall grade",
            "required",
            "optional",
        ),
        (new_question, A, "New question", "", "More? (Yes or no)"),
        (
            lambda d: question(d, 2, 0)["choices"].append({"choice": "aunt", "label": "Aunt"}),
            A,
            "New choice",
            "",
            "Aunt",
        ),
        (lambda d: question(d, 2, 0).update(measure="who_there"), A, "Measure", "none", "who_there"),
        (lambda d: question(d, 2, 0).update(themes=["voice", "plan"]), A, "Themes", "voice", "voice, plan"),
        (
            lambda d: question(d, 2, 0).update(required=True),
            A,
            "Must it be answered?",
            "Optional",
            "Required",
        ),
        (lambda d: d["sections"][1].update(graded=True), A, "Grade of the section", "Not graded", "Graded"),
        (
            lambda d: d.update(plan_types=["child_protection", "child_in_need"]),
            A,
            "Plan types: more",
            None,
            None,
        ),
        (
            lambda d: question(d, 0, 2).update(retired=True),
            B,
            "Retired",
            "Asked",
            "Kept, and no longer asked",
        ),
        (
            lambda d: d["sections"][1].update(retired=True),
            B,
            "Section retired",
            "Asked",
            "Kept, and no longer asked",
        ),
        (
            lambda d: question(d, 2, 0)["choices"][0].update(disabled=True),
            B,
            "Choice disabled",
            "Mother",
            "No longer offered",
        ),
        (lambda d: question(d, 0, 0).pop("measure"), B, "Measure", "seen_alone", "none"),
        (lambda d: question(d, 2, 0).update(themes=[]), B, "Themes", "voice", "none"),
        (lambda d: question(d, 0, 0).pop("required"), B, "Must it be answered?", "Required", "Optional"),
        (
            lambda d: question(d, 0, 1).update(show_when={"question": "seen_alone", "is": "no"}),
            B,
            "When it is asked",
            "'Was the child seen alone?' is no or partly",
            "'Was the child seen alone?' is no",
        ),
        (
            lambda d: question(d, 0, 0)["finding"].update(when={"is": "no"}),
            B,
            "Offers a finding",
            "Weakness when the answer is no or partly",
            "Weakness when the answer is no",
        ),
        (
            lambda d: question(d, 0, 0).update(not_applicable={"allowed": False}),
            B,
            "'Not applicable'",
            "Offered, with a reason",
            "Not offered",
        ),
        (lambda d: d.update(limits=[]), B, "Limit of the overall grade taken away", None, ""),
        (lambda d: d.update(judge_months=3), B, "Months that the grade is about", "6", "3"),
        (
            lambda d: d["sections"][1]["questions"].append(d["sections"][0]["questions"].pop()),
            B,
            "Moved to another section",
            "The child's voice",
            "Conversations",
        ),
    ],
)
def test_each_change_has_its_class_and_both_sides(change, kind, what, before, after):
    found = differences(BASE, later(change))
    one = next(one for one in found if one.what == what)
    assert one.kind is kind
    assert heaviest(found) is kind
    assert before is None or one.before == before
    assert after is None or one.after == after


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: question(d, 0, 2).update(type="short_text"), "was published as date"),
        (
            lambda d: question(d, 0, 0).update(measure="seen_by_self"),
            "was published with measure 'seen_alone'",
        ),
        (lambda d: d["sections"][0]["questions"].pop(), "question 'seen_on' was published and is gone"),
        (lambda d: d["sections"].pop(), "section 'people' was published and is gone"),
        (
            lambda d: question(d, 2, 0).update(
                choices=[{"choice": "a", "label": "A"}, {"choice": "b", "label": "B"}]
            ),
            "choice 'mother' of question 'who' was published and is gone",
        ),
        (lambda d: d.update(subject="family"), "was published with subject 'child'"),
    ],
)
def test_what_is_frozen_is_refused(change, words):
    faults = frozen_faults([BASE], later(change))
    assert any(words in fault.what for fault in faults), faults


def test_what_an_older_version_froze_stays_frozen():
    middle = later(new_question)
    faults = frozen_faults([BASE, middle], BASE)
    assert ["question 'more' was published and is gone" in one.what for one in faults] == [True]


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40, deadline=None)
@given(forms(), forms())
def test_different_forms_differ_and_the_same_form_does_not(one, other):
    assert differences(one, one) == ()
    assert frozen_faults([one], one) == ()
    assert bool(differences(one, other)) is (one.to_data() | {"form": ""} != other.to_data() | {"form": ""})
    assert all(change.what for change in differences(one, other))


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40, deadline=None)
@given(forms())
def test_retiring_everything_that_may_be_retired_is_breaking_and_never_frozen(form):
    data = form.to_data()
    for section in data["sections"]:
        for one in section["questions"]:
            one["retired"] = True
    after = AuditForm.from_data(data)
    assert frozen_faults([form], after) == ()
    if after != form:
        assert heaviest(differences(form, after)) is ChangeClass.BREAKING


def test_conditions_are_sentences():
    condition = Condition.model_validate(
        {
            "all": [
                {"question": "a", "is": "no"},
                {"any": [{"section": "s", "at_most": "good"}, {"not": {"question": "n", "answered": True}}]},
            ]
        }
    )
    words = condition_words(condition)
    assert words == "'a' is no and (the grade of 's' is at most good or not ('n' is answered))"
    assert condition_words(None) == "always"


def test_the_words_that_differ_are_marked():
    before, after = word_runs("Was the child seen alone?", "Was the child seen and heard alone?")
    assert [run.text for run in before if run.differs] == []
    assert "".join(run.text for run in after if run.differs).split() == ["and", "heard"]
    assert "".join(run.text for run in after) == "Was the child seen and heard alone?"
    assert word_runs("", "New.")[1][0].differs
    assert all(run.differs for side in word_runs("One two three", "Four five") for run in side)
