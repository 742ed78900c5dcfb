"""The demonstration council: the same everywhere, made through the services, with something for every role."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_app.bundled import bundled_folder
from qa_app.cli import demo as command
from qa_app.demo import council, lots
from qa_app.demo.caseload import N_BY_PLAN_TYPE, demonstration_caseload
from qa_app.demo.places import TEAMS, people
from qa_app.demo.rounds import ROUNDS
from qa_app.demo.sheets import filled_in, findings_of
from qa_app.domain.access import Permission, Role
from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.caseload import PlanType, cases_by_plan_type
from qa_app.domain.completion import completion_of
from qa_app.domain.errors import Conflict
from qa_app.exchange.audit_form_files import read_form_folder
from qa_app.models.accounts import User
from qa_app.models.cohorts import CohortCase
from qa_app.models.findings import Finding
from qa_app.models.improvement import FindingLink, ThemeLink
from qa_app.models.organisation import Practitioner
from qa_app.models.reviews import Review, ReviewSnapshot
from qa_app.queries.accounts import get_viewer

DAY = date(2026, 10, 30)
FORMS = [read.form for read in read_form_folder(bundled_folder("audit_templates")) if read.form is not None]


def test_lots_are_the_same_on_every_machine() -> None:
    assert lots.lot("R1042", "quality") == pytest.approx(0.980154, abs=1e-6)
    assert lots.one_of("abc", 1) == lots.one_of("abc", 1)
    drawn = [lots.lot(number) for number in range(2000)]
    assert all(0 <= each < 1 for each in drawn)
    assert sum(drawn) / len(drawn) == pytest.approx(0.5, abs=0.03)
    weighed = [lots.weighed((("often", 9.0), ("rarely", 1.0)), number) for number in range(2000)]
    assert weighed.count("rarely") == pytest.approx(200, abs=50)


def test_the_caseload_is_whole_and_counts_itself() -> None:
    extract = demonstration_caseload(DAY)
    assert cases_by_plan_type(extract.cases) == {kind: N_BY_PLAN_TYPE[kind] for kind in PlanType}
    assert len({case.child_ref for case in extract.cases}) == sum(N_BY_PLAN_TYPE.values())
    assert set(extract.teams) == {team for teams in TEAMS.values() for team in teams}
    assert extract.counts.rows_by_list[6] == sum(extract.counts.list6_by_case_status.values())
    assert extract == demonstration_caseload(DAY)
    assert all(case.started_on is not None and case.started_on < DAY for case in extract.cases)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.key)
def test_every_shipped_form_is_filled_in_without_a_gap(form: object) -> None:
    raised = []
    for number in range(25):
        ref = f"case {number}"
        sheet = filled_in(form, ref, lots.lot(ref), DAY)  # type: ignore[arg-type]
        assert completion_of(form, sheet.content).gaps == ()  # type: ignore[arg-type]
        raised += findings_of(form, sheet, ref)  # type: ignore[arg-type]
    assert {each.kind for each in raised} == {FindingKind.STRENGTH, FindingKind.WEAKNESS}
    assert all(each.themes for each in raised)


def test_every_role_that_may_do_something_has_somebody() -> None:
    later = {Role.TRIPLE_LOCK_CONSULTANT, Role.EXTERNAL_REVIEWER}
    assert {person.role for person in people()} == set(Role) - later
    assert len({person.email for person in people()}) == len(people())


@pytest.fixture
def small(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The demonstration with fewer reviews; gives what it told while it was made."""
    monkeypatch.setattr(council, "ROUNDS", tuple(replace(each, size=16) for each in ROUNDS))
    told: list[str] = []
    council.build_demonstration(told.append)
    session.commit()
    return told


@pytest.mark.database
def test_the_line_is_whole_from_case_to_plan_and_never_mixed_in(session: Session, small: list[str]) -> None:
    assert len(small) == 3 + len(ROUNDS) + 4
    n_submitted = session.scalar(select(func.count()).where(Review.submitted_at.is_not(None)))
    assert n_submitted == session.scalar(select(func.count(ReviewSnapshot.id)))
    assert n_submitted is not None
    assert n_submitted > 25
    assert session.scalar(select(func.count(CohortCase.id))) == 16 * len(ROUNDS)
    for link in (FindingLink, ThemeLink):
        assert session.scalar(select(func.count(link.id)))
    own_team = (
        select(func.count())
        .select_from(Review)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Practitioner, Practitioner.user_id == Review.reviewer_id)
        .where(Practitioner.team_id == CohortCase.team_id)
    )
    assert session.scalar(own_team) == 0
    assert session.scalar(select(func.count(Practitioner.id)).where(Practitioner.user_id.is_not(None)))
    with pytest.raises(Conflict, match="not empty"):
        council.build_demonstration(small.append)


@pytest.mark.database
def test_everybody_finds_their_way_from_the_first_page(
    session: Session, small: list[str], sign_in: Callable[[User], FlaskClient]
) -> None:
    for role, words in {
        Role.AUDITOR: ["Your reviews"],
        Role.QA_LEAD: ["Rounds of review", "Monthly audit, November 2026", "30 October 2026"],
        Role.HEAD_OF_SERVICE: ["What reviews have found", "The exception report"],
        Role.TEAM_MANAGER: ["What reviews have found"],
        Role.IMPROVEMENT_TEAM: ["The plan: 69 actions"],
        Role.BOARD_MEMBER: ["Reports issued to your board", "Exception report, September 2016"],
        Role.PARTNER_AGENCY: ["Your part of the plan: 12 actions"],
        Role.ADMINISTRATOR: [f"{len(people())} people may sign in"],
    }.items():
        address = next(person.email for person in people() if person.role is role)
        user = session.scalars(select(User).where(User.email == address)).one()
        page = sign_in(user).get("/").text
        for each in words:
            assert each in page, (role, each)


@pytest.mark.database
def test_a_head_of_service_counts_their_own_area_alone(session: Session, small: list[str]) -> None:
    from qa_app.queries.home import get_home_page

    seen = {}
    for address in ("director", "head.safeguarding", "head.front.door", "head.care"):
        user_id = session.scalar(select(User.id).where(User.email == f"{address}@council.example"))
        viewer = get_viewer(user_id or 0)
        at = council.BEGUN_AT.replace(month=11, day=24)
        page = get_home_page(viewer, today=date(2026, 11, 24), at=at)
        seen[address] = page.n_recent_findings or 0
        assert viewer.may(Permission.SEE_FINDINGS)
    assert seen["director"] == sum(n for address, n in seen.items() if address != "director")
    assert seen["head.safeguarding"] < seen["director"]
    assert seen["director"] <= (session.scalar(select(func.count(Finding.id))) or 0)


@pytest.mark.database
def test_the_command_makes_it_once_and_says_how_to_sign_in(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def database(as_json: bool = False) -> Iterator[None]:
        yield

    monkeypatch.setattr(command, "database", database)
    monkeypatch.setattr(council, "ROUNDS", (replace(ROUNDS[0], size=9),))
    first = json.loads(CliRunner().invoke(command.demo, ["--json"]).stdout)
    assert (first["made"], first["reviews"]) == (True, 9)
    assert first["sign_ins"]["qa.lead@council.example"] == "QA lead"
    again = CliRunner().invoke(command.demo, [])
    assert again.exit_code == 0
    assert "here already" in again.stderr
    assert council.PASSWORD in again.stdout
    assert json.loads(CliRunner().invoke(command.demo, ["--json"]).stdout)["made"] is False
