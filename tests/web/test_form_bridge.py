"""Every field of a form is a component with its label, hint and error; a date takes whatever is sent."""

from datetime import date
from typing import Any

import pytest
import wtforms
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms.validators import InputRequired, NumberRange, Optional

from qa_app.web.shared.date_fields import PARTS, DayField
from qa_app.web.shared.form_errors import form_errors
from qa_app.web.shared.form_fields import field_html
from tests.html_checks import check_html

YES_NO = {"yes": "Yes", "no": "No"}
TEAMS = {"North": {"1": "Team 1"}, "South": {"2": "Team 2"}}


class Visit(wtforms.Form):
    seen_by = wtforms.StringField(
        "Who saw the child?", [InputRequired()], description="Their role, not their name"
    )
    email = wtforms.EmailField("E-mail address", [InputRequired()])
    password = wtforms.PasswordField("Password", [InputRequired()])
    visits = wtforms.IntegerField("Number of visits", [InputRequired(), NumberRange(0, 99)])
    hours = wtforms.DecimalField("Hours", [InputRequired()])
    team = wtforms.SelectField("Team", [InputRequired()], choices=TEAMS)
    alone = wtforms.RadioField(
        "Was the child seen alone?", [InputRequired()], choices=YES_NO, description="All visits"
    )
    themes = wtforms.SelectMultipleField(
        "Themes", [InputRequired()], choices={"voice": "Voice", "risk": "Risk"}
    )
    seen_on = DayField(
        "When was the child last seen?", [InputRequired()], description="For example, 30 10 2026"
    )
    words = wtforms.TextAreaField("What did the child say?", [InputRequired()])
    file = wtforms.FileField("Evidence", [InputRequired()])
    sure = wtforms.BooleanField("I have read the file", [InputRequired()], description="All of it")
    token = wtforms.HiddenField()
    save = wtforms.SubmitField("Save")


def shown(form: wtforms.Form) -> str:
    return "<form>" + "".join(field_html(field) for field in form) + "</form>"


def test_every_kind_of_field_is_labelled_with_and_without_errors() -> None:
    empty = Visit(MultiDict({"words": ""}))
    assert check_html(shown(Visit())) == []
    assert not empty.validate()
    assert check_html(shown(empty)) == []


def test_each_error_leads_to_an_input_on_the_page() -> None:
    form = Visit(MultiDict({"words": ""}))
    form.validate()
    links = form_errors(form)
    assert {link.href for link in links} >= {
        "#seen_by",
        "#alone",
        "#themes",
        "#seen_on-day",
        "#sure",
        "#file",
    }
    html = shown(form)
    assert all(f'id="{link.href[1:]}"' in html for link in links)


def test_the_question_is_the_legend_and_hint_and_error_describe_it() -> None:
    form = Visit(MultiDict({"words": ""}))
    form.validate()
    html = str(field_html(form.alone, size="m"))
    assert "Was the child seen alone?" in html.split("</legend>")[0]
    assert 'aria-describedby="alone-hint alone-error"' in html


@pytest.mark.parametrize(
    ("name", "sent", "expected"),
    [
        ("visits", "many", "Number of visits: give a whole number, like 12"),
        ("hours", "long", "Hours: give a number, like 12.5"),
        ("alone", "perhaps", "Was the child seen alone: choose one of the answers shown"),
        ("themes", "weather", "Themes: choose one of the answers shown"),
        ("team", "", "Team: choose an answer"),
        ("seen_by", "", "Who saw the child: this must be filled in"),
    ],
)
def test_the_librarys_own_messages_are_put_in_words(name: str, sent: str, expected: str) -> None:
    form = Visit(MultiDict({name: sent}))
    form.validate()
    assert expected in [link.text for link in form_errors(form)]


def test_what_was_typed_is_shown_again_and_escaped_but_never_a_password() -> None:
    form = Visit(MultiDict({"words": "<b>quiet</b>", "password": "tea for two", "visits": "many"}))
    html = shown(form)
    assert "&lt;b&gt;quiet&lt;/b&gt;" in html
    assert "<b>quiet" not in html
    assert "tea for two" not in html
    assert 'value="many"' in html


def test_what_was_chosen_is_shown_again() -> None:
    html = shown(Visit(MultiDict([("alone", "no"), ("themes", "risk"), ("team", "2"), ("sure", "y")])))
    for value in ("no", "risk", "y"):
        assert f'value="{value}" checked' in html
    assert '<option value="2" selected>South: Team 2</option>' in html


def test_a_field_without_words_or_without_a_component_is_refused_at_once() -> None:
    class Odd(wtforms.Form):
        nameless = wtforms.StringField("")
        when = wtforms.DateField("When")

    with pytest.raises(ValueError, match="no label"):
        field_html(Odd().nameless)
    with pytest.raises(TypeError, match="no component"):
        field_html(Odd().when)


class Dated(wtforms.Form):
    on = DayField("Date of the visit?")


def sent_date(day: str, month: str, year: str) -> Dated:
    return Dated(MultiDict({"on-day": day, "on-month": month, "on-year": year}))


@pytest.mark.parametrize("month", ["2", "02", "Feb", "february", "FEBRUARY"])
def test_a_month_may_be_a_number_or_a_word(month: str) -> None:
    form = sent_date("29", month, "2024")
    assert form.validate()
    assert form.on.data == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("typed", "message", "faulty"),
    [
        (("31", "2", "2026"), "Date of the visit: give a real date; that month has fewer days", ("day",)),
        (("1", "13", "2026"), "Date of the visit: give a real date, like 30 10 2026", ("month",)),
        (("1", "2", "26"), "Date of the visit: give the year with four digits, like 2026", ("year",)),
        (("1", "", ""), "Date of the visit: give the month and the year too", ("month", "year")),
        (("²", "2", "2026"), "Date of the visit: give a real date, like 30 10 2026", ("day",)),
    ],
)
def test_a_wrong_date_says_what_is_wrong_and_in_which_box(
    typed: tuple[str, str, str], message: str, faulty: tuple[str, ...]
) -> None:
    form = sent_date(*typed)
    assert not form.validate()
    assert list(form.on.errors) == [message]
    assert form.on.faulty_parts == faulty
    assert form.on.data is None
    html = str(field_html(form.on))
    assert html.count("govuk-input--error") == len(faulty)
    assert form_errors(form)[0].href == f"#on-{faulty[0]}"


def test_an_optional_date_may_be_empty_but_not_half_filled() -> None:
    class Maybe(wtforms.Form):
        on = DayField("Closed on", [Optional()])

    assert Maybe(MultiDict({"on-day": "", "on-month": "", "on-year": ""})).validate()
    assert not Maybe(MultiDict({"on-day": "3", "on-month": "", "on-year": ""})).validate()


def test_a_stored_date_stands_in_the_boxes_until_another_is_sent() -> None:
    stored = Dated(None, data={"on": date(2026, 10, 30)})
    assert stored.on.boxes() == [("day", "30", 2), ("month", "10", 2), ("year", "2026", 4)]
    assert Dated(MultiDict({"other": "1"}), data={"on": date(2026, 10, 30)}).on.data == date(2026, 10, 30)
    emptied = Dated(MultiDict({"on-day": "", "on-month": "", "on-year": ""}), data={"on": date(2026, 10, 30)})
    assert emptied.on.data is None


@given(day=st.dates())
def test_any_date_comes_back_from_its_boxes(day: date) -> None:
    form = sent_date(str(day.day), str(day.month), f"{day.year:04d}")
    assert form.validate()
    assert form.on.data == day


ANY_TEXT = st.one_of(
    st.text(max_size=12), st.integers(-5, 99999).map(str), st.sampled_from(["", "Feb", "31", "٣", "1e1"])
)
NAMES = st.sampled_from(
    [*(f"seen_on-{part}" for part in PARTS), "seen_on", *Visit()._fields, "seen_on-", "other"]
)


@given(posted=st.lists(st.tuples(NAMES, ANY_TEXT), max_size=20))
@example(posted=[])
@example(posted=[("seen_on-day", "1")])
@example(posted=[("seen_on-year", "0000"), ("seen_on-day", "1"), ("seen_on-month", "1")])
def test_whatever_is_posted_the_form_answers_with_words_and_never_breaks(
    posted: list[tuple[str, str]],
) -> None:
    form = Visit(MultiDict(posted))
    form.validate()
    html = shown(form)
    assert all(link.text.strip() for link in form_errors(form))
    assert_only_plain_faults(html)


def assert_only_plain_faults(html: str) -> None:
    """Text may hold characters that HTML calls invalid; everything else must hold for any input."""
    faults = [fault for fault in check_html(html) if "codepoint" not in fault and "value=" not in fault]
    assert faults == []


def test_groups_of_fields_and_lists_of_fields_report_their_errors() -> None:
    class Address(wtforms.Form):
        lead = wtforms.StringField("Lead", [InputRequired()])

    class Plan(wtforms.Form):
        first: Any = wtforms.FormField(Address, "First action")
        rest: Any = wtforms.FieldList(
            wtforms.StringField("Success measure", [InputRequired()]), min_entries=2
        )

    form = Plan(MultiDict({"first-lead": "", "rest-0": "x", "rest-1": ""}))
    assert not form.validate()
    assert [link.href for link in form_errors(form)] == ["#first-lead", "#rest-1"]
    assert check_html(str(field_html(form.first))) == []
