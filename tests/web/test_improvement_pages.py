"""The pages of the improvement plan: import with a preview, the plan, its exceptions, one action."""

import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_app.domain.access import Role
from qa_app.models.accounts import User
from qa_app.models.findings import Finding
from qa_app.models.improvement import ActionUpdate, PlanAction, PlanUpload
from qa_app.models.themes import Theme
from tests.builders import make_team, make_user
from tests.builders_findings import make_submitted, make_themed_version
from tests.builders_improvement import (
    PUBLISHED,
    action_of,
    keep_plan,
    lead_action,
    plan_file,
    published_plan,
)
from tests.builders_reviews import make_cohort

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]
SEPTEMBER = {"as_at-day": "30", "as_at-month": "9", "as_at-year": "2016"}


@pytest.fixture
def browser(sign_in: SignIn) -> FlaskClient:
    """The improvement team's browser."""
    return sign_in(make_user("Improver", Role.IMPROVEMENT_TEAM))


def sent(content: bytes, name: str = "plan.csv", into: str = "new", **changes: str) -> dict[str, object]:
    """The upload form, filled in."""
    return {**SEPTEMBER, "into": into, "file": (io.BytesIO(content), name), **changes}


def words(page: str) -> str:
    """A page's text with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_plan_is_looked_at_before_it_is_kept(browser: FlaskClient, session: Session) -> None:
    assert "There is no plan yet" in browser.get("/plan").text
    assert "There is no plan yet" in browser.get("/plan/exceptions").text
    assert browser.get("/plan/import").status_code == 200
    reply = browser.post("/plan/import", data=sent(PUBLISHED.read_bytes(), PUBLISHED.name))
    assert reply.status_code == 302
    assert session.scalar(select(func.count(PlanAction.id))) == 0

    preview = browser.get(reply.location)
    assert "Nothing has been kept yet" in preview.text
    assert "Partially completed (a - e done) 83% A" in preview.text
    sha256 = re.search(r'name="sha256" value="([0-9a-f]{64})"', preview.text)
    assert sha256 is not None
    kept = browser.post(reply.location, data={"sha256": sha256.group(1)}, follow_redirects=True)
    assert "The plan was kept: 69 new actions" in kept.text
    assert "69 actions shown of 69" in words(kept.text)
    assert session.scalar(select(func.count(PlanUpload.id))) == 0
    assert browser.get(reply.location).status_code == 404

    again = browser.post("/plan/import", data=sent(PUBLISHED.read_bytes(), PUBLISHED.name))
    assert again.status_code == 409
    assert "already, as at 30 September 2016" in again.text


def test_a_newer_copy_shows_what_it_changes(browser: FlaskClient, session: Session) -> None:
    plan_id = keep_plan(plan_file()).plan_id
    session.commit()  # a refusal in what follows must not take the plan with it
    newer = plan_file("Dec-16,1,1.1,Review the tools,DCS,N/A,Completed G", "Jan-17,2,2.1,New,DCS,N/A,A")
    december = {"as_at-month": "12", "as_at-day": "31"}
    reply = browser.post("/plan/import", data=sent(newer.content, into=str(plan_id), **december))
    page = browser.get(reply.location).text
    for expected in (
        "would bring",
        "Statuses to update",
        "Timescales that differ",
        "Words that differ",
        "Not there",
    ):
        assert expected in page
    browser.post(reply.location, data={"sha256": newer.sha256})
    assert session.scalar(select(func.count(ActionUpdate.id))) == 5


def test_a_document_other_than_the_one_looked_at_is_not_kept(browser: FlaskClient, session: Session) -> None:
    reply = browser.post("/plan/import", data=sent(plan_file().content))
    assert browser.post(reply.location, data={"sha256": "0" * 64}).status_code == 409
    assert session.scalar(select(func.count(PlanAction.id))) == 0


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({**SEPTEMBER, "into": "new"}, "Choose the plan’s document."),
        (sent(b"a,b\n1,2\n"), "no row of headings that we know"),
        (sent(b"\x89PNG\r\n\x1a\n" + b"0" * 50, "plan.xlsx"), "a picture"),
        (sent(plan_file().content, **{"as_at-day": "31"}), "Statuses as at"),
        (sent(plan_file().content, **{"as_at-year": "2099"}), "lies in the future"),
        (sent(plan_file().content, into=""), "Say whether this is a new plan"),
        (sent(plan_file().content, into="77777"), "There is no such improvement plan"),
        ({}, "Choose the plan’s document."),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(
    browser: FlaskClient, session: Session, data: dict[str, object], expected: str
) -> None:
    data = {
        key: (io.BytesIO(value[0].getvalue()), value[1]) if isinstance(value, tuple) else value
        for key, value in data.items()
    }
    reply = browser.post("/plan/import", data=data)
    assert reply.status_code in (404, 422)
    assert expected.replace("’", "&#39;") in reply.text or expected in words(reply.text)
    assert session.scalar(select(func.count(PlanUpload.id))) == 0


def test_the_plan_is_filtered_by_what_the_address_says(browser: FlaskClient, session: Session) -> None:
    plan_id = published_plan().plan_id
    session.commit()
    page = words(browser.get("/plan?priority=5&rating=red").text)
    assert "2 actions shown of 69" in page
    assert "5.3.5" in page
    assert "1 action shown of 69" in words(browser.get("/plan?standing=not_due&rating=green").text)
    assert "Completed early" in browser.get("/plan?standing=not_due&rating=green").text
    assert "No action matches these filters" in browser.get("/plan?rating=white").text
    assert "The date in the address is no date" in browser.get("/plan?as_at=yesterday").text
    for nobody in ("999", "99999999999999999999", "x", "-1", "%00"):
        assert browser.get(f"/plan?plan={nobody}").status_code == 404
        assert browser.get(f"/plan/exceptions?plan={nobody}").status_code == 404
    assert browser.get(f"/plan?plan={plan_id}&as_at=2016-01-01").status_code == 200


def test_the_exception_report_gives_the_published_rows_figures(browser: FlaskClient) -> None:
    """Source: appendix 2 of the monitoring report May to September 2016, rows counted by hand."""
    published_plan()
    reply = browser.get("/plan/exceptions?as_at=2016-09-30")
    page = words(reply.text)
    assert "Exception report as at 30 September 2016" in page
    assert "7 of 61" in page
    assert "This report counts rows of the plan" in page
    by_priority = reply.text.split("By priority")[1].split("</table>")[0]
    rows = [re.sub(r"\s+", " ", words(row)).strip() for row in by_priority.split("<tr>")[2:]]
    assert [row.split(" ")[:4] for row in rows if row.startswith("Priority")] == [
        ["Priority", str(number), str(due), str(red)]
        for number, (due, red) in enumerate(
            [(4, 0), (6, 2), (3, 0), (6, 0), (11, 2), (1, 0), (1, 1), (19, 2), (1, 0), (9, 0)], 1
        )
    ]
    red = reply.text.split('id="red"')[1].split('id="apart"')[0]
    assert re.findall(r"</span>(\d+\.\d+\.\d+)</a>", red) == [
        "2.1.3",
        "2.1.4",
        "5.3.3",
        "5.3.5",
        "7.4.1",
        "8.5.3",
        "8.7.3",
    ]
    assert "Police LBB (Education) Schools, Health, BSCB Partners" in red
    early = browser.get("/plan/exceptions?as_at=2016-01-01").text
    assert "no status as early as this date" in early


def test_an_action_is_linked_and_followed_down_to_the_answer(browser: FlaskClient, session: Session) -> None:
    action = action_of(keep_plan(plan_file()).plan_id, "1.1")
    team = make_team()
    review = make_submitted(
        make_user("Auditor"),
        make_cohort(make_themed_version()),
        team,
        findings=[("seen", "weakness", ["visits"])],
    )
    finding = session.scalars(select(Finding).where(Finding.review_id == review.id)).one()
    theme = session.scalars(select(Theme).where(Theme.key == "visits")).one()
    session.commit()
    address = f"/plan/actions/{action.id}"
    assert "No finding is linked to this action yet" in browser.get(address).text

    for data, expected in [
        ({"finding": "seven", "finding_reason": "Because."}, "Enter the finding"),
        ({"finding": "F999999", "finding_reason": "Because."}, "There is no finding F999999"),
        ({"finding": f"F{finding.id}", "finding_reason": " \x00 "}, "Say in a sentence why"),
        ({"finding": f"F{finding.id}", "finding_reason": "x" * 1001}, "1,001 characters"),
        ({}, "Enter the finding"),
    ]:
        refused = browser.post(f"{address}/findings", data=data)
        assert refused.status_code == 422
        assert expected in refused.text
    assert browser.post(f"{address}/themes", data={"theme": "", "theme_reason": "x"}).status_code == 422

    linked = browser.post(
        f"{address}/findings",
        data={"finding": f"f{finding.id}", "finding_reason": "The tool asks for it."},
        follow_redirects=True,
    )
    assert "The finding is linked to this action" in linked.text
    browser.post(f"{address}/themes", data={"theme": str(theme.id), "theme_reason": "Visits need it."})
    page = browser.get(address).text
    assert f'href="/reviews/{review.id}#question-seen"' in page
    assert f'href="/findings/{finding.id}"' in page
    assert f'href="/themes/{theme.id}"' in page
    assert "The tool asks for it." in page
    assert f"/plan/actions/{action.id}" in browser.get(f"/findings/{finding.id}").text
    assert f"/plan/actions/{action.id}" in browser.get(f"/themes/{theme.id}").text

    for where in re.findall(r'action="([^"]+/unlink)"', page):
        assert browser.post(where).status_code == 302
    page = browser.get(address).text
    assert "No finding is linked" in page
    assert "No theme is linked" in page


def test_a_theme_above_counts_what_is_linked_and_found_below_it(
    browser: FlaskClient, sign_in: SignIn, session: Session
) -> None:
    action = action_of(keep_plan(plan_file()).plan_id, "1.1")
    make_submitted(
        make_user("Auditor"),
        make_cohort(make_themed_version()),
        make_team(),
        findings=[("plan_smart", "weakness", ["smart_plans"])],
    )
    below, above = (
        session.scalars(select(Theme).where(Theme.key == key)).one() for key in ("smart_plans", "planning")
    )
    session.commit()
    address = f"/plan/actions/{action.id}"
    assert above.id == below.parent_id
    browser.post(f"{address}/themes", data={"theme": str(below.id), "theme_reason": "Plans need it."})
    counts = {
        theme_id: re.search(rf'href="/themes/{theme_id}#[^"]*"[^>]*>(\d+)<', browser.get("/themes/").text)
        for theme_id in (below.id, above.id)
    }
    assert {theme_id: found and found[1] for theme_id, found in counts.items()} == {
        below.id: "1",
        above.id: "1",
    }
    browser.post(f"{address}/themes", data={"theme": str(above.id), "theme_reason": "All planning needs it."})
    assert words(browser.get(address).text).count("1 finding") == 2

    person = make_user("Action lead", Role.ACTION_LEAD)
    lead_action(person, action)
    lead = sign_in(person)
    page = lead.get(address).text
    assert above.title in page
    assert "/themes/" not in page
    assert "1 finding" not in words(page)


def test_others_read_the_plan_and_change_nothing(sign_in: SignIn, session: Session) -> None:
    action = action_of(published_plan().plan_id, "1.1.1")
    address = f"/plan/actions/{action.id}"
    head = sign_in(make_user("Director", Role.DIRECTOR))
    page = head.get(address).text
    assert "Link a theme or a finding" not in page
    assert head.post(f"{address}/themes", data={"theme": "1", "theme_reason": "x"}).status_code == 403
    assert head.get("/plan/import").status_code == 403
    board = sign_in(make_user("Member", Role.BOARD_MEMBER))
    assert board.get("/plan").status_code == 403
    assert board.get("/plan/exceptions?as_at=2016-09-30").status_code == 403
    auditor = sign_in(make_user("Auditor", Role.AUDITOR))
    assert auditor.get("/plan").status_code == 403
    assert auditor.get("/plan/exceptions").status_code == 403
