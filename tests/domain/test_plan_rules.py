"""Ratings, parts, references and priorities of plan actions."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.plan_records import Rating, leads_in_one_line
from qa_app.domain.plan_rules import (
    declared_rating,
    parts_of,
    priority_of_ref,
    priority_title,
    ref_order,
    unique_refs,
    window_has_ended,
)


@pytest.mark.parametrize(
    ("status", "rating"),
    [
        ("Completed G", Rating.GREEN),
        ("On track G", Rating.GREEN),
        ("Not started R", Rating.RED),
        ("Partially completed (a - e done) 83% A", Rating.AMBER),
        ("Partially completed (a, b, c, d done) 57% (e - h outstanding) A", Rating.AMBER),
        ("TOR completed but under review for 6 months A", Rating.AMBER),
        ("Ongoing A", Rating.AMBER),
        ("A", Rating.AMBER),
        ("g", Rating.GREEN),
        ("W", Rating.WHITE),
        ("Amber", Rating.AMBER),
        ("RED - overdue", Rating.RED),
        ("In progress (A)", Rating.AMBER),
        ("G - complete", Rating.GREEN),
    ],
)
def test_a_status_declares_its_colour(status: str, rating: Rating) -> None:
    assert declared_rating(status) == (rating, None)


@pytest.mark.parametrize("status", ["In progress", "Completed", "amber or red", "83%"])
def test_words_without_one_colour_declare_nothing_and_say_so(status: str) -> None:
    rating, doubt = declared_rating(status)
    assert rating is None
    assert status in (doubt or "")


def test_the_documents_own_key_gives_words_their_colour() -> None:
    key = {"in progress": Rating.AMBER, "in progress, late": Rating.RED}
    assert declared_rating("In progress.", key) == (Rating.AMBER, None)
    assert declared_rating("In progress, late: the tool is delayed", key) == (Rating.RED, None)
    assert declared_rating("In progressive talks", key)[0] is None


def test_words_that_contradict_the_colour_raise_a_doubt() -> None:
    assert declared_rating("Not started G") == (
        Rating.GREEN,
        "The status “Not started G” says not started, and green: the colour is taken.",
    )
    rating, doubt = declared_rating("Completed R")
    assert rating is Rating.RED
    assert doubt is not None


def test_a_blank_status_declares_nothing() -> None:
    assert declared_rating("  ") == (None, None)


def test_lettered_parts_are_found_in_order() -> None:
    parts = parts_of(
        "Review the policy to set out: a) Threshold, b) Process and e) not yet, c)Reporting; (d) Themes."
    )
    assert [(part.letter, part.text) for part in parts] == [
        ("a", "Threshold"),
        ("b", "Process and e) not yet"),
        ("c", "Reporting"),
        ("d", "Themes."),
    ]


@pytest.mark.parametrize("text", ["No parts here.", "See appendix a) for this.", "Steps (a - e) done", ""])
def test_one_letter_alone_is_no_part(text: str) -> None:
    assert parts_of(text) == ()


def test_references_sort_as_people_count() -> None:
    refs = ["1.10.1", "10.1.1", "1.9.1", "2", "1.9", "1.9.1 (2)", "A1"]
    assert sorted(refs, key=ref_order) == ["1.9", "1.9.1", "1.9.1 (2)", "1.10.1", "2", "10.1.1", "A1"]


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_two_references_can_be_ordered(one: str, other: str) -> None:
    assert (ref_order(one) < ref_order(other)) or (ref_order(one) >= ref_order(other))


@given(st.lists(st.sampled_from(["5.1", "5.1 (2)", "5.2", "5.1 (3)"]), max_size=12))
def test_references_are_made_unique_and_first_ones_stay(refs: list[str]) -> None:
    unique = unique_refs(refs)
    assert len(set(unique)) == len(refs)
    assert all(new == old or new.startswith(f"{old} (") for new, old in zip(unique, refs, strict=True))
    assert all(unique[refs.index(ref)] == ref for ref in set(refs))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Priority 4 - Safeguarding", ("4", "Safeguarding")),
        ("PRIORITY FIVE: Children looked after", ("5", "Children looked after")),
        ("Priority 10", ("10", None)),
        ("Priority actions", None),
        ("4.1.1", None),
    ],
)
def test_a_priority_line_is_told_from_others(text: str, expected: tuple[str, str | None] | None) -> None:
    assert priority_title(text) == expected


def test_a_reference_carries_its_priority() -> None:
    assert [priority_of_ref(ref) for ref in ("1.7.2", "10.1", "08.2", "", "A3")] == ["1", "10", "8", "", ""]


def test_leads_are_named_once() -> None:
    assert leads_in_one_line("DCS", "HOS QI") == "DCS; HOS QI"
    assert leads_in_one_line("DCS", "DCS") == "DCS"
    assert leads_in_one_line(None, None) is None


@given(st.dates(min_value=date(2000, 1, 2), max_value=date(2100, 1, 1)))
def test_a_window_ends_on_its_last_day_and_stays_ended(ends_on: date) -> None:
    assert not window_has_ended(ends_on, ends_on - timedelta(days=1))
    assert window_has_ended(ends_on, ends_on)
    assert window_has_ended(ends_on, ends_on + timedelta(days=400))
    assert not window_has_ended(None, ends_on)
