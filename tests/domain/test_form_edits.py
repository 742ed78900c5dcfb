"""Edits of a form's draft: whatever is done in whatever order, what was published stays, and keys stay apart."""

from copy import deepcopy
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.audit_forms import edits, edits_of_limits
from qa_app.domain.audit_forms.condition_tree import (
    Comparison,
    Group,
    Join,
    Subject,
    added,
    comparison,
    condition_of,
    condition_words,
    joined_by,
    options_of,
    tree_of,
    type_of,
    without,
)
from qa_app.domain.audit_forms.draft_checks import check_draft, place_of
from qa_app.domain.audit_forms.drafts import (
    Published,
    digest_of,
    find_question,
    find_section,
    form_key_from,
    key_from,
    part_of,
    questions_of,
    read,
    sections_of,
    shaped,
    written,
)
from qa_app.domain.audit_forms.edits import ChoiceWords, QuestionWords
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.conditions import Condition, holds
from qa_app.domain.errors import Invalid, NotFound
from tests.builders_reviews import SMALL_FORM
from tests.form_strategies import LINES, conditions, forms

NOTHING = Published()
CALM = settings(suppress_health_check=list(HealthCheck), max_examples=40, deadline=None)


def small() -> dict:
    return shaped(AuditForm.from_data(SMALL_FORM).to_data())


def words(question: dict, **changes) -> QuestionWords:
    """The panel of a question as it stands, with changes."""
    given = {
        "text": question["text"],
        "type": question["type"],
        "choices": [
            ChoiceWords(one["label"], one["choice"], one.get("disabled", False))
            for one in question.get("choices", [])
        ],
    }
    return QuestionWords(**{**given, **changes})


@st.composite
def any_edit(draw, data):
    """One edit that the designer offers for this form, sensible or not."""
    sections = [one["section"] for one in sections_of(data)]
    keys = [one["question"] for _, one in questions_of(data)]
    section = draw(st.sampled_from(sections)) if sections else "gone"
    key = draw(st.sampled_from([*keys, "gone"]))
    by = draw(st.sampled_from([-1, 1]))
    kind = draw(st.sampled_from(sorted(ANSWER_TYPES)))
    line = draw(LINES)
    found = find_question(data, key) or {"text": "", "type": "yes_no"}
    kept = [ChoiceWords(one["label"], one["choice"]) for one in found.get("choices", [])]
    choices = draw(st.sampled_from([(), (ChoiceWords(line),), (*kept, ChoiceWords(line)), tuple(kept[1:])]))
    new_type = draw(st.sampled_from([kind, found["type"]]))
    changed = words(found, text=line, type=new_type, choices=choices)
    offered = [
        partial(edits.add_section, title=line),
        partial(edits.add_question, section=section, text=line, kind=kind),
        partial(edits.change_section, key=section, words={"title": line, "graded": draw(st.booleans())}),
        partial(edits.change_question, key=key, words=changed),
        partial(edits.rename_question, key=key, new=draw(st.sampled_from(["renamed", "Renamed!", *keys]))),
        partial(edits.rename_section, key=section, new=draw(st.sampled_from(["renamed", "overall", *sections]))),
        partial(edits.move_section, key=section, by=by),
        partial(edits.move_question, key=key, by=by),
        partial(edits.place_question, key=key, section=section, position=draw(st.integers(-1, 3))),
        partial(edits.copy_section, key=section),
        partial(edits.copy_question, key=key),
        partial(edits.retire_section, key=section, retired=draw(st.booleans())),
        partial(edits.retire_question, key=key, retired=draw(st.booleans())),
        partial(edits.remove_section, key=section),
        partial(edits.remove_question, key=key),
        partial(edits_of_limits.add_limit, ceiling="good", because=line),
        partial(edits_of_limits.move_limit, number=draw(st.integers(0, 2)), by=by),
        partial(edits_of_limits.remove_limit, number=draw(st.integers(0, 2))),
        partial(edits_of_limits.set_condition, place=("question", key), condition=None),
        partial(edits.change_settings, settings={"title": line}),
    ]  # fmt: skip
    return draw(st.sampled_from(offered))


@CALM
@given(forms(), st.data())
def test_whatever_is_done_what_was_published_stays_and_keys_stay_apart(form, data):
    published = Published.of([form])
    draft = shaped(form.to_data())
    for _ in range(data.draw(st.integers(1, 12))):
        edit = data.draw(any_edit(draft))
        before = deepcopy(draft)
        try:
            draft_after = edit(draft, published)
        except (Invalid, NotFound):
            assert draft == before, "a refused edit changed the form all the same"
            continue
        assert draft == before, "an edit changed the form that it was given"
        draft = draft_after
        assert shaped(read(written(draft))) == draft
    for key, fixed in published.questions.items():
        question = find_question(draft, key)
        assert question is not None
        assert question["type"] == fixed.type
        assert {one["choice"] for one in question.get("choices", [])} >= fixed.choices
    assert published.sections <= {one["section"] for one in sections_of(draft)}
    assert draft["form"] == form.key


@CALM
@given(forms(), st.data())
def test_faults_of_any_draft_are_told_with_a_place_and_a_sound_draft_is_a_form(form, data):
    draft = shaped(form.to_data())
    for _ in range(data.draw(st.integers(0, 8))):
        try:
            draft = data.draw(any_edit(draft))(draft, NOTHING)
        except (Invalid, NotFound):
            continue
    checked = check_draft(draft)
    assert checked.is_sound == (not checked.faults)
    if checked.is_sound:
        assert AuditForm.from_data(draft) == checked.form
    assert checked.as_far_as_possible is not None
    for fault in checked.faults:
        place = place_of(draft, fault.path)
        assert fault.what
        part = (place.kind, place.key) if place.kind in ("section", "question") else (place.kind,)
        assert part_of(draft, part) is not None


class Answers:
    """Answers drawn as they are asked for, the same ones each time."""

    def __init__(self, form, data):
        self.form, self.data, self.given = form, data, {}

    def __call__(self, condition):
        name = (condition.question, condition.section)
        kind = (
            ANSWER_TYPES["grade"]
            if condition.section
            else self.form.questions[condition.question].answer_type
        )
        if name not in self.given:
            choices = () if condition.section else self.form.questions[condition.question].choices
            keys = [one.key for one in kind.options(choices)]
            some = st.sampled_from(keys) if keys else st.integers(0, 10)
            if kind.name in ("number", "scale_0_10"):
                some = st.integers(0, 10)
            if kind.name == "date":
                some = st.dates().map(lambda day: day.isoformat())
            self.given[name] = tuple(self.data.draw(st.lists(some, max_size=1)))
        return kind, self.given[name]


@CALM
@given(forms(), st.data())
def test_a_condition_taken_apart_and_put_together_says_the_same(form, data):
    plain = form.to_data()
    earlier = [one for _, one in questions_of(plain)]
    graded = [one["section"] for one in sections_of(plain) if one.get("graded")]
    condition = Condition.model_validate(data.draw(conditions(earlier, graded, depth=3)))
    again = condition_of(tree_of(condition))
    look = Answers(form, data)
    assert holds(condition, look) == holds(again, look)
    assert condition_of(tree_of(again)) is not None
    assert condition_words(plain, condition)


def test_keys_are_made_once_from_the_words():
    assert (
        key_from("Was the child seen alone at the last three visits?", ())
        == "child_seen_alone_last_three_visits"
    )
    assert key_from("Is it?", ()) == "is_it"
    assert key_from("12 months", ()) == "question_12_months"
    assert key_from("?!", ()) == "question"
    assert key_from("Seen", {"seen", "seen_2"}) == "seen_3"
    assert len(key_from("extraordinarily " * 30, ())) < 50
    assert form_key_from("Front door audit", {"front-door-audit"}) == "front-door-audit-2"


def test_conditions_follow_a_new_key():
    changed = edits.rename_question(small(), NOTHING, "seen_alone", "seen")
    assert find_question(changed, "why_not")["show_when"]["question"] == "seen"
    assert changed["limits"][0]["when"]["question"] == "seen"
    assert check_draft(changed).is_sound


@pytest.mark.parametrize("new", ["Seen", "1seen", "seen alone", "a" * 61, "why_not", ""])
def test_a_key_that_cannot_be_is_refused(new):
    with pytest.raises(Invalid):
        edits.rename_question(small(), NOTHING, "seen_alone", new)


def test_a_published_key_is_never_renamed():
    published = Published.of([AuditForm.from_data(SMALL_FORM)])
    with pytest.raises(Invalid, match="its key stays"):
        edits.rename_question(small(), published, "seen_alone", "seen")
    with pytest.raises(Invalid, match="its key stays"):
        edits.rename_section(small(), published, "voice", "heard")


def test_a_key_once_used_is_not_given_out_again():
    """A question that an earlier version asked keeps its key, though the draft has lost it."""
    published = Published.of([AuditForm.from_data(SMALL_FORM)])
    bare = {**small(), "sections": [{"section": "talk", "title": "T", "questions": []}], "limits": []}
    changed = edits.add_question(bare, published, "talk", "Seen alone", "yes_no")
    assert changed["sections"][0]["questions"][0]["question"] == "seen_alone_2"
    assert any("is missing; hide it" in fault.what for fault in check_draft(bare, published=published).faults)


def test_a_copied_section_asks_its_own_questions():
    changed = edits.copy_section(small(), NOTHING, "voice")
    twin = find_section(changed, "voice_2")
    assert [one["question"] for one in twin["questions"]] == ["seen_alone_2", "why_not_2", "seen_on_2"]
    assert twin["questions"][1]["show_when"]["question"] == "seen_alone_2"
    assert "measure" not in twin["questions"][0]
    assert check_draft(changed).is_sound


def test_a_hidden_section_and_a_hidden_question_are_not_asked_and_are_sound():
    hidden = edits.retire_section(small(), NOTHING, "talk", True)
    assert check_draft(hidden).is_sound
    alone = edits.retire_question(small(), NOTHING, "seen_alone", True)
    told = [fault.what for fault in check_draft(alone).faults]
    assert len(told) == 2
    assert all("retired and never asked" in what for what in told)


def test_a_part_knows_whether_it_was_changed():
    before = small()
    after = edits.change_section(before, NOTHING, "talk", {"title": "Talks"})
    assert digest_of(before, ("section", "talk")) != digest_of(after, ("section", "talk"))
    assert digest_of(before, ("section", "voice")) == digest_of(after, ("section", "voice"))
    moved = edits.move_question(before, NOTHING, "family", -1)
    assert digest_of(before, ("section", "talk")) == digest_of(moved, ("section", "talk"))


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        {"form": "No good"},
        {"form": "a", "sections": "x"},
        {"form": "a", "sections": [{"section": "S"}]},
        {"form": "a", "sections": [{"section": "s"}, {"section": "s"}]},
        {"form": "a", "sections": [{"section": "s", "questions": [{"question": None}]}]},
        {"form": "a", "sections": [{"section": "s", "questions": [{"question": "q", "choices": [{}]}]}]},
        {"form": "a", "limits": [1]},
        {"form": "a", "title": 3},
        {"form": "a", "cohort_kinds": "thematic"},
        {"form": "a", "sections": [{"section": "s", "show_when": "never"}]},
        {"form": "a", "sections": [{"section": "s", "questions": [{"question": "q", "themes": 5}]}]},
        {"form": "a", "title": "x" * 1_100_000},
    ],
)
def test_what_cannot_be_told_apart_is_no_draft(given):
    with pytest.raises(Invalid):
        shaped(given)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["is", "all", "any", "not", "question", "section", "grade", "answered", "when", "as", "good", "allowed", "x"]
    ), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


SPOILT = [
    "title",
    "guidance",
    "show_when",
    "finding",
    "descriptors",
    "overall",
    "themes",
    "because",
    "when",
    "text",
    "type",
    "measure",
    "graded",
    "retired",
    "look_back_months",
    "subject",
    "junk",
    "required",
]


@CALM
@given(forms(), st.data())
def test_junk_in_a_draft_is_refused_or_told_and_never_breaks_the_checks(form, data):
    draft = form.to_data()
    for _ in range(data.draw(st.integers(1, 4))):
        holders = [
            draft,
            *sections_of(draft),
            *(one for _, one in questions_of(draft)),
            *draft.get("limits", []),
        ]
        data.draw(st.sampled_from(holders))[data.draw(st.sampled_from(SPOILT))] = data.draw(JUNK)
    try:
        given_shape = shaped(draft)
    except Invalid:
        return
    checked = check_draft(given_shape)
    assert checked.is_sound == (not checked.faults)
    for fault in checked.faults:
        place_of(given_shape, fault.path)


def test_every_fault_at_once_each_at_its_place():
    data = {
        "form": "x",
        "title": "",
        "cohort_kinds": [],
        "subject": "child",
        "sections": [
            {"section": "a", "title": "A", "questions": []},
            {
                "section": "b",
                "title": "",
                "questions": [
                    {"question": "q", "text": "", "type": "choice", "choices": [{"choice": "x", "label": ""}],
                     "show_when": {"question": "gone", "is": "no"}, "measure": "seen"},
                ],
            },
        ],
        "limits": [{"ceiling": "good", "because": ""}],
    }  # fmt: skip
    faults = check_draft(data, measures={"seen": "yes_no"}).faults
    places = {(place_of(data, fault.path).kind, place_of(data, fault.path).key) for fault in faults}
    assert places == {("form", ""), ("section", "a"), ("section", "b"), ("question", "q"), ("limits", "")}
    told = " ".join(fault.what for fault in faults)
    for said in (
        "Choose what kinds of audit", "has no question yet", "Write the question", "Write the words of this choice",
        "Give at least two choices", "'gone', which is not on this form", "Say when this limit applies",
        "Say why this limit holds", "keeps one answer type",
    ):  # fmt: skip
        assert said in told, said


def test_a_comparison_is_picked_from_what_there_is():
    data = small()
    seen = Subject(question="seen_alone")
    assert type_of(data, seen) == "yes_partly_no"
    assert [one.key for one in options_of(data, seen)] == ["yes", "partly", "no"]
    operator = ANSWER_TYPES["yes_no"].operators
    picked = comparison(data, seen, next(one for one in operator if one == "is"), False, ["no"])
    assert condition_of(Group(Join.ALL, (picked,))).model_dump(exclude_none=True, by_alias=True) == {
        "question": "seen_alone",
        "is": "no",
    }
    with pytest.raises(Invalid, match="Choose one of the answers shown"):
        comparison(data, seen, picked.operator, False, ["perhaps"])
    with pytest.raises(Invalid, match="Choose what the answer"):
        comparison(data, seen, picked.operator, False, [])
    with pytest.raises(Invalid, match="on the form"):
        comparison(data, Subject(question="gone"), picked.operator, False, ["no"])


def test_groups_grow_and_shrink():
    one = Comparison(Subject(question="a"), next(iter(ANSWER_TYPES["short_text"].operators)))
    tree = added(Group(Join.ALL), (), one)
    tree = added(tree, (), Group(Join.ANY, (one,)))
    tree = added(tree, (1,), one)
    assert len(tree.items[1].items) == 2
    tree = joined_by(tree, (1,), Join.NONE)
    assert condition_of(tree).all_[1].not_ is not None
    tree = without(without(tree, (1, 0)), (1, 0))
    assert tree == Group(Join.ALL, (one,))
    assert condition_of(without(tree, (0,))) is None
    with pytest.raises(NotFound):
        without(tree, (5,))
    with pytest.raises(NotFound):
        added(tree, (0,), one)
