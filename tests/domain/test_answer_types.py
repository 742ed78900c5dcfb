"""Answers as people type them, and as they are kept, shown and exported."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.answer_catalogue import ANSWER_TYPES, read_answer
from qa_app.domain.answer_types import AnswerType, Operator, ParseFailure
from qa_app.domain.answers import LONGEST_TYPED, AnswerState
from qa_app.domain.choices import FixedChoice
from qa_app.domain.errors import Invalid

CHOICES = (FixedChoice("right", "Right"), FixedChoice("step_up", "Step up"), FixedChoice("old", "Old", True))
RAW = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.sampled_from(["yes", "no", "good", "met", "right", "7", "3/11/2026", "2026-11-03"]),
    st.lists(st.sampled_from(["right", "step_up", "old", "", "x"]), max_size=4),
    st.dictionaries(
        st.sampled_from(
            ["held", "held_on", "said", "gathered", "heard_from", "why_not", "day", "month", "year"]
        ),
        st.one_of(
            st.text(max_size=10), st.sampled_from(["yes", "no", "2026-11-03"]), st.lists(st.text(max_size=5))
        ),
    ),
)


@pytest.mark.parametrize(
    ("kind", "typed", "kept", "words"),
    [
        ("grade", "requires_improvement", "requires_improvement", "Requires improvement"),
        ("yes_no", " yes ", "yes", "Yes"),
        ("yes_partly_no", "partly", "partly", "Partly"),
        ("timescale", "met_late", "met_late", "Met late"),
        ("choice", "step_up", "step_up", "Step up"),
        ("choices", ["step_up", "right"], ["right", "step_up"], "Right; Step up"),
        ("scale_0_10", "0", 0, "0"),
        ("number", "1,200", 1200, "1200"),
        ("number", "2.50", 2.5, "2.5"),
        ("date", "3 Nov 2026", "2026-11-03", "3 November 2026"),
        ("date", "29/2/2028", "2028-02-29", "29 February 2028"),
        ("date", {"day": "3", "month": "11", "year": "2026"}, "2026-11-03", "3 November 2026"),
        ("short_text", "  seen at home ", "seen at home", "seen at home"),
        ("long_text", "one\r\ntwo", "one\ntwo", "one\ntwo"),
        (
            "practitioner_conversation",
            {"held": "yes", "held_on": "2026-11-03", "said": "We agreed."},
            {"held": "yes", "held_on": "2026-11-03", "said": "We agreed."},
            "Did you talk with the practitioner? Yes\nWhen did you talk? 3 November 2026\n"
            "What did the practitioner say about this work? We agreed.",
        ),
        (
            "family_feedback",
            {"gathered": "yes", "heard_from": ["parent", "child"]},
            {"gathered": "yes", "heard_from": ["child", "parent"]},
            "Did you hear from the child or family? Yes\n"
            "Who did you hear from? The child or young person; A parent",
        ),
    ],
)
def test_a_typed_answer_is_kept_and_shown(kind, typed, kept, words):
    answer = read_answer(kind, typed, CHOICES)
    assert answer.state is AnswerState.ANSWERED
    assert answer.value == kept
    assert ANSWER_TYPES[kind].display(answer.value, CHOICES) == words


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("grade", "fine"),
        ("yes_no", "partly"),
        ("choice", "old"),
        ("choices", ["right", "x"]),
        ("scale_0_10", "11"),
        ("scale_0_10", "2.5"),
        ("number", "about five"),
        ("number", "nan"),
        ("number", "inf"),
        ("date", "31/2/2026"),
        ("date", "soon"),
        ("date", {"day": "3", "month": "", "year": "2026"}),
        ("short_text", "x" * 301),
        ("practitioner_conversation", {"held": "yes", "held_on": "soon"}),
    ],
)
def test_what_cannot_be_read_is_kept_as_typed_with_the_reason(kind, typed):
    answer = read_answer(kind, typed, CHOICES)
    assert answer.state is AnswerState.UNREADABLE
    assert answer.as_typed == typed
    assert answer.fault.endswith(".")


@pytest.mark.parametrize("kind", sorted(ANSWER_TYPES))
def test_nothing_typed_is_blank(kind):
    nothings = (
        [None, {}, {"held": "", "heard_from": []}] if ANSWER_TYPES[kind].parts else [None, "", "  ", [], [""]]
    )
    for nothing in nothings:
        assert read_answer(kind, nothing, CHOICES).state is AnswerState.BLANK


@given(st.sampled_from(sorted(ANSWER_TYPES)), RAW)
def test_any_typing_gives_an_answer_that_can_be_stored_shown_and_exported(name, raw):
    answer = read_answer(name, raw, CHOICES)
    kind = ANSWER_TYPES[name]
    if answer.state is AnswerState.ANSWERED:
        assert json.loads(json.dumps(answer.value)) == answer.value
        assert kind.display(answer.value, CHOICES)
        columns = kind.export(answer.value, CHOICES)
        assert set(columns) == ({part.key for part in kind.parts} or {""})
        if not kind.parts and not isinstance(answer.value, list):
            again = kind.parse(str(answer.value), CHOICES)
            assert again == answer.value
    elif answer.state is AnswerState.UNREADABLE:
        assert answer.as_typed == raw
    else:
        assert answer.state is AnswerState.BLANK


def test_more_text_than_anyone_types_is_refused():
    with pytest.raises(Invalid):
        read_answer("long_text", "x" * (LONGEST_TYPED + 1))


def test_a_conversation_says_what_is_still_missing():
    kind = ANSWER_TYPES["practitioner_conversation"]
    assert kind.unfinished({"said": "x"}) == ("answer 'Did you talk with the practitioner?'",)
    assert kind.unfinished({"held": "no"}) == ("choose why there was no conversation",)
    assert kind.unfinished({"held": "yes", "held_on": "2026-11-03", "said": "x"}) == ()


@pytest.mark.parametrize("kind", list(ANSWER_TYPES.values()), ids=lambda kind: kind.name)
def test_every_type_owns_all_that_depends_on_it(kind: AnswerType):
    for owned in ("title", "operators", "summary", "xlsform_type"):
        assert getattr(kind, owned)
    assert Operator.ANSWERED in kind.operators
    assert not isinstance(kind.parse(None, CHOICES), ParseFailure)
