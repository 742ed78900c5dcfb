"""The HTML checks find what they are for."""

import pytest

from tests.html_checks import check_html

SOUND = """<!DOCTYPE html><html lang="en-GB"><head><title>Themes – Line of Sight</title></head><body><main>
<h1>Themes</h1>{}</main></body></html>"""
TABLE = (
    "<table><caption>{}</caption><thead><tr><th{}>{}</th></tr></thead>"
    "<tbody><tr><td>{}</td></tr></tbody></table>"
)


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ('<p id="a"></p><p id="a"></p>', "is used 2 times"),
        ("<h1>Another</h1>", "one h1"),
        ('<input name="q" id="q">', "has no label"),
        ('<label for="q"></label><input name="q" id="q">', "has no label"),
        ('<label for="gone">Words</label>', "not on the page"),
        ('<label><input type="radio" name="a" value="1">One</label>', "not in a fieldset"),
        ('<label><input type="checkbox" name="a" value="1">One</label>' * 2, "not in a fieldset"),
        ("<fieldset><legend> </legend></fieldset>", "no legend with words"),
        ("<script>go()</script>", "inline script"),
        ("<style>p{}</style>", "inline style sheet"),
        ('<p style="color:red">x</p>', "inline style on"),
        ('<button onclick="go()">Go</button>', "inline onclick"),
        ('<a href="javascript:go()">Go</a>', "code in the address"),
        (TABLE.format("", ' scope="col"', "Case", "R1"), "has no caption"),
        (TABLE.format("Cases", "", "Case", "R1"), "has no scope"),
        (TABLE.format("Cases", ' scope="col"', "", "R1"), "empty header"),
        (TABLE.format("Cases", ' scope="col"', "Case", "None"), "says only 'None'"),
        (TABLE.format("Cases", ' scope="col"', "Case", " nan "), "says only 'nan'"),
        ("<dl><dt>Team</dt><dd>None</dd></dl>", "says only"),
        ('<p aria-describedby="gone">x</p>', "not on the page"),
        ('<p class="govuk-error-message" id="e">Wrong</p>', "not tied to a field"),
        ('<div class="govuk-error-summary"><a href="#gone">Wrong</a></div>', "leads to '#gone'"),
        ('<div class="govuk-error-summary"></div>', "begins with 'Error: '"),
        ('<a href="/x"></a>', "no words"),
        ('<a href="">Words</a>', "leads nowhere"),
        ('<a href="/reviews/None">Words</a>', "has href="),
        ('<img src="/x.png">', "no alt"),
        ("<svg></svg>", "an svg"),
        ("<p><div>x</div></p>", "not valid HTML"),
        ("<b><i>x</b></i>", "not valid HTML"),
    ],
)
def test_each_fault_is_found(part: str, fault: str) -> None:
    assert any(fault in found for found in check_html(SOUND.format(part))), check_html(SOUND.format(part))


@pytest.mark.parametrize(
    "part",
    [
        "",
        "<p>None of the reviews was late.</p>",
        TABLE.format("Cases", ' scope="col"', "Case", "R1042"),
        '<label for="q">Q</label><input id="q" aria-describedby="h"><p id="h">x</p>',
        '<fieldset><legend>Seen</legend><label><input type="radio" name="a" value="1">A</label></fieldset>',
        '<label><input type="checkbox" name="sure" value="y">I have read it</label>',
        '<svg aria-hidden="true"></svg><svg role="img" aria-label="12 of 53"></svg>',
        '<script src="/static/js/site.js" type="module"></script>',
    ],
)
def test_a_sound_page_has_no_fault(part: str) -> None:
    assert check_html(SOUND.format(part)) == []


@pytest.mark.parametrize(
    ("sound", "broken", "fault"),
    [
        ("<title>Themes", "<title>Line of Sight", "does not begin with the h1"),
        ("<title>Themes", "<title>Error: Themes", "exactly when there is an error summary"),
        (' lang="en-GB"', "", "has no lang"),
        ("<main>", "<div>", "one main"),
    ],
)
def test_title_main_and_language_are_checked(sound: str, broken: str, fault: str) -> None:
    assert any(fault in found for found in check_html(SOUND.format("").replace(sound, broken)))


def test_a_fragment_needs_no_title() -> None:
    assert check_html("<li><a href='/a57'>A57</a></li>") == []
    assert check_html("<input name='q'>") != []
