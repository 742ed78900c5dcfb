"""The base page and the components: what is around every page, and how figures are worded on it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import wtforms
from flask import Flask, flash, render_template_string
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from qa_app.web.shared import template_filters as wording
from qa_app.web.shared.govuk import component
from qa_app.web.shared.page_furniture import NavigationItem, PageFurniture, set_up_templates
from tests.html_checks import check_html

PACKAGE = Path(wording.__file__).resolve().parents[2]
PAGE = '{% extends "base.html" %}{% import "components/kit.html" as kit %}{% set heading = "Themes" %}'
SIGNED_IN = PageFurniture(
    navigation=(NavigationItem("My reviews", "/reviews"), NavigationItem("Themes", "/themes", current=True)),
    pages=(NavigationItem("Themes", "/themes", current=True), NavigationItem("Measures", "/measures")),
    signed_in_as="head.of.service@example.org",
    role="Head of service",
    site_name="Demonstration council",
    sign_out_href="/sign-out",
    accessibility_href="/accessibility",
    notice="Everything here is invented.",
)


@pytest.fixture(params=["with GOV.UK style", "plain"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    app = Flask("qa_app", root_path=str(PACKAGE), instance_path=str(tmp_path))
    app.secret_key = "for this test only"
    app.furniture = PageFurniture()  # type: ignore[attr-defined]
    set_up_templates(app, lambda: app.furniture)  # type: ignore[attr-defined]
    if request.param == "plain":
        app.jinja_env.globals["has_govuk_style"] = False
    elif not app.jinja_env.globals["has_govuk_style"]:
        pytest.skip("the GOV.UK Frontend files are not here: `qa assets` fetches them")
    with app.test_request_context("/themes?team=4&page=2"):
        yield app


def page(content: str, **context: object) -> str:
    return render_template_string(f"{PAGE}{{% block content %}}{content}{{% endblock %}}", **context)


def test_the_title_begins_with_the_heading(app: Flask) -> None:
    html = page("<p>Words</p>")
    assert "<title>Themes – Line of Sight</title>" in html
    assert check_html(html) == []


def test_furniture_says_who_is_signed_in_where_they_are_and_how_to_leave(app: Flask) -> None:
    app.furniture = SIGNED_IN  # type: ignore[attr-defined]
    html = page("")
    assert check_html(html) == []
    assert "head.of.service@example.org" in html
    assert '<a href="/themes" aria-current="true">Themes</a>' in html
    assert html.count("<nav") == 2
    assert '<a href="/measures">Measures</a>' in html
    assert '<form method="post" action="/sign-out"' in html
    assert "Everything here is invented." in html
    assert 'href="/accessibility"' in html


def test_a_stranger_gets_no_navigation_no_sign_out_and_no_dead_links(app: Flask) -> None:
    html = page("")
    assert "<nav" not in html
    assert "Sign out" not in html
    assert "Accessibility statement" not in html


def test_the_errors_of_a_form_are_gathered_and_the_title_says_so(app: Flask) -> None:
    class Search(wtforms.Form):
        ref = wtforms.StringField("Reference", [wtforms.validators.InputRequired()])

    form = Search()
    form.validate()
    html = page("<form>{{ field_html(form.ref) }}</form>", form=form)
    assert "<title>Error: Themes" in html
    assert '<a href="#ref">Reference: this must be filled in</a>' in html
    assert check_html(html) == []


@pytest.mark.parametrize(
    ("category", "title"), [("success", "Done"), ("warning", "Take care"), ("message", "Note")]
)
def test_messages_are_shown_once_as_banners(app: Flask, category: str, title: str) -> None:
    flash("The cohort <b>was</b> drawn.", category)
    flash("Another.", category)
    html = page("")
    assert "The cohort &lt;b&gt;was&lt;/b&gt; drawn." in html
    assert title in html
    assert check_html(html) == []


def test_a_forgotten_name_in_a_template_of_ours_is_an_error(app: Flask) -> None:
    with pytest.raises(UndefinedError):
        page("{{ forgotten }}")


def test_component_macros_take_half_of_their_parameters_and_escape_text() -> None:
    html = component("button", text="<Save>")
    assert "&lt;Save&gt;" in html
    assert "None" not in html


KIT = """
{% call kit.stats(label="So far") %}
{{ kit.stat("Submitted", n=12, total=53) }}{{ kit.stat("Rate", n=0, total=0) }}
{{ kit.stat("As at", value="30 Oct 2026", note="by upload") }}{{ kit.stat("Left", value=none) }}
{% endcall %}
{% set columns = ["Case", {"text": "Findings", "numeric": true}] %}
{% call(row) kit.data_table(caption="Cases", columns=columns, rows=rows, empty="No case was drawn.") %}
<th scope="row">{{ kit.reference(row, "/r/" ~ row, what="Review") }}</th><td>1</td>
{% endcall %}
{{ kit.facts([("Team", none), ("Started", ""), ("Plan", "Child in need")]) }}
{{ kit.bar(3, 10) }}{{ kit.bar(0, 0, label="Good", words=false) }}
{{ kit.sparkline([0.1, none, 0.5], label="By month") }}
{{ kit.tag_grade(none) }}{{ kit.tag_grade("requires_improvement") }}
{{ kit.tag_rag("red") }}{{ kit.tag_rag(none) }}
{{ kit.tag_state("not_started") }}{{ kit.tag_finding("strength") }}{{ kit.tag_severity("safety_critical") }}
{{ kit.pagination(2, 7) }}{{ kit.warning("Take care.") }}{{ kit.save_state() }}
{{ kit.empty_state("Nothing yet", "It comes later.", action={"text": "Go on", "href": "/"}) }}
{% call kit.filters(clear_href="/themes") %}
{{ kit.filter_select("team", "Team", [(4, "Team 4")], value="4") }}
{{ kit.filter_text("month", "Month", type="month", value=none) }}
{% endcall %}
{% call(part) kit.two_panes(side_label="Known facts") %}<p>{{ part }}</p>{% endcall %}
"""


def test_every_component_is_sound(app: Flask) -> None:
    html = page(KIT, rows=["R1042", "R1043"])
    assert check_html(html) == []
    for words in (
        "23%",
        "12 of 53",
        "0 of 0",
        "Not recorded",
        "30% (3 of 10)",
        "Not graded",
        "Requires improvement",
    ):
        assert words in html
    assert '<option value="4" selected>Team 4</option>' in html
    assert "no rate" in html


def test_an_empty_table_says_so_in_words(app: Flask) -> None:
    html = page(KIT, rows=[])
    assert "<table" not in html
    assert "No case was drawn." in html
    assert check_html(html) == []


def test_pages_keep_the_other_filters(app: Flask) -> None:
    html = page("{{ kit.pagination(2, 7) }}")
    assert "/themes?team=4&amp;page=3" in html


def test_addresses_with_changed_filters_take_any_filter_name(app: Flask) -> None:
    with app.test_request_context("/themes?_scheme=javascript&endpoint=x&_external=1&q=a%26b"):
        html = page("{{ url_with(q=none, month='2026-11') }}")
        assert "/themes?_scheme=javascript&amp;endpoint=x&amp;_external=1&amp;month=2026-11" in html


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500])
def test_error_pages_say_what_to_do_next(app: Flask, status: int) -> None:
    html = app.jinja_env.get_template(f"errors/{status}.html").render(
        furniture=PageFurniture(), get_flashed_messages=lambda **_: []
    )
    assert check_html(html) == []
    assert 'href="/"' in html


def test_an_error_page_tells_the_message_it_is_given(app: Flask) -> None:
    template = '{% extends "errors/409.html" %}'
    html = render_template_string(template, message="Another reviewer has submitted R1042.")
    assert "Another reviewer has submitted R1042." in html
    assert check_html(html) == []


def test_no_template_or_style_reaches_outside_the_site() -> None:
    files = [
        *PACKAGE.glob("templates/**/*.html"),
        *PACKAGE.glob("static/css/*"),
        *PACKAGE.glob("static/js/*"),
    ]
    assert files
    for file in files:
        assert "//www." not in file.read_text(encoding="utf-8"), file
        assert "https://" not in file.read_text(encoding="utf-8"), file


@pytest.mark.parametrize(
    ("n", "total", "expected"),
    [
        (12, 53, "23% (12 of 53)"),
        (0, 0, "0 of 0"),
        (0, 9, "0% (0 of 9)"),
        (9, 9, "100% (9 of 9)"),
        (1, 8, "13% (1 of 8)"),
        (1, 500, "under 1% (1 of 500)"),
        (499, 500, "over 99% (499 of 500)"),
    ],
)
def test_a_share_carries_its_figures(n: int, total: int, expected: str) -> None:
    assert wording.share(n, total) == expected


@given(n=st.integers(0, 5000), total=st.integers(0, 5000))
def test_a_share_says_none_or_all_only_when_it_is(n: int, total: int) -> None:
    words = wording.per_cent(min(n, total), total)
    assert (words == "100%") == (total > 0 and n >= total)
    assert (words == "0%") == (total > 0 and n == 0)


@given(st.lists(st.one_of(st.none(), st.floats(-1, 2)), max_size=24))
def test_a_line_stays_inside_its_picture(shares: list[float | None]) -> None:
    points = [point.split(",") for line in wording.line_points(shares) for point in line.split()]
    assert all(0 <= float(across) <= 120 and 0 <= float(down) <= 28 for across, down in points)
    assert len(points) >= sum(share is not None for share in shares)


def test_moments_are_shown_in_london_time() -> None:
    assert wording.moment(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "2 July 2026 at 12.30am"
    assert wording.moment(datetime(2026, 12, 1, 12, 5, tzinfo=UTC)) == "1 December 2026 at 12.05pm"
    assert wording.day(date(2026, 10, 30)) == "30 October 2026"
    assert wording.month("2026-11") == "November 2026"


@pytest.mark.parametrize("wordless", [wording.day, wording.short_day, wording.month, wording.moment])
def test_no_date_is_said_to_be_not_recorded(wordless: object) -> None:
    assert wordless(None) == "Not recorded"  # type: ignore[operator]


@pytest.mark.parametrize("value", [None, "", "  ", float("nan")])
def test_nothing_is_said_to_be_not_recorded(value: object) -> None:
    assert wording.or_not_recorded(value) == "Not recorded"


def test_nought_and_no_are_values() -> None:
    assert wording.or_not_recorded(0) == 0
    assert wording.or_not_recorded(False) is False
