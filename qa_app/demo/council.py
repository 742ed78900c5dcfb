"""Builds the demonstration council through the services that people use: nothing is put in behind their back."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from qa_app.bundled import bundled_folder
from qa_app.demo.board_reports import issue_reports
from qa_app.demo.case_work import carry_out, raise_concerns
from qa_app.demo.caseload import demonstration_caseload
from qa_app.demo.flags import flag_cases, supervise_teams
from qa_app.demo.places import IMPROVEMENT_BOARD, REVIEWED_TEAM, TEAMS, Person, people
from qa_app.demo.plan import import_demonstration_plan, link_to_plan, match_people
from qa_app.demo.practice import hold_one_back, match_practice, release_round
from qa_app.demo.rounds import ROUNDS, Kept, run_round
from qa_app.domain.access import DEFAULT_SCOPES, SYSTEM, Grant, Role, ScopeKind, Viewer
from qa_app.domain.errors import Conflict
from qa_app.exchange.theme_files import THEMES_FILE, read_theme_path
from qa_app.queries.accounts import get_viewer, list_accounts
from qa_app.queries.cohorts_population import list_import_choices
from qa_app.queries.organisation import get_organisation_page
from qa_app.queries.organisation_people import get_practitioners_page
from qa_app.services import accounts, audit_forms, boards, caseload, organisation, taxonomy

PASSWORD = "a clear line of sight"  # noqa: S105 - printed on purpose: everything behind it is invented
BEGUN_AT = datetime(2026, 8, 28, 9, 0, tzinfo=UTC)
MATCHED_AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CASELOAD_DAYS = (date(2026, 8, 28), date(2026, 10, 30))

Tell = Callable[[str], None]


@dataclass
class Council:
    """What has been built so far: ids by the names the demonstration gives."""

    user_ids: dict[str, int] = field(default_factory=dict)
    team_ids: dict[str, int] = field(default_factory=dict)
    area_ids: dict[str, int] = field(default_factory=dict)
    import_ids: dict[date, int] = field(default_factory=dict)

    def viewer(self, address: str) -> Viewer:
        """One of the people, as the services know them."""
        return get_viewer(self.user_ids[address])


def build_demonstration(tell: Tell) -> Kept:
    """The whole demonstration, in the caller's transaction: the same on every machine but for salts and hashes.

    Errors: Conflict when the database holds people or a caseload already: a demonstration is never mixed in.
    """
    if not is_empty():
        raise Conflict("This database is not empty, so no demonstration was added to it.")
    council = Council()
    tell("Themes and forms")
    load_forms()
    tell("The caseload of an invented council, twice")
    for day in CASELOAD_DAYS:
        load_caseload(council, day)
    tell("People, service areas and teams")
    add_people(council)
    add_structure(council)
    kept = Kept()
    for round_ in ROUNDS:
        tell(f"Reviews of {round_.month:%B %Y}")
        run_round(council.viewer, council.import_ids[round_.caseload_day], round_, kept)
        if round_.due_on < MATCHED_AT.date():
            release_round(round_.due_on)
    match_practice(
        council.viewer, REVIEWED_TEAM, council.team_ids[REVIEWED_TEAM], CASELOAD_DAYS, at=MATCHED_AT
    )
    hold_one_back(council.viewer("qa.lead"), at=MATCHED_AT)
    tell("Actions for children, and concerns")
    carry_out(council.viewer, at=MATCHED_AT)
    raise_concerns(kept.begun, council.viewer, at=MATCHED_AT)
    tell("The improvement plan, and what its actions answer")
    improver = council.viewer("improvement")
    plan_id = import_demonstration_plan(improver)
    link_to_plan(improver, plan_id, kept)
    match_people(improver, plan_id, council.user_ids)
    tell("Flags on cases, and who supervises whom")
    flag_cases(council.viewer("qa.lead"), CASELOAD_DAYS[-1], at=MATCHED_AT)
    supervise_teams(council.viewer("qa.lead"), at=MATCHED_AT)
    tell("Reports for the board")
    issue_reports(council.viewer, plan_id, council.user_ids["director"])
    return kept


def is_empty() -> bool:
    """Whether the database holds neither people nor a caseload."""
    return not (list_accounts(SYSTEM) or list_import_choices(SYSTEM))


def is_demonstration() -> bool:
    """Whether the people of the demonstration are here already."""
    known = {account.email for account in list_accounts(SYSTEM)}
    return {person.email for person in people()} <= known


def load_forms() -> None:
    """The theme tree, then the shipped forms."""
    themes = read_theme_path(bundled_folder("audit_templates") / THEMES_FILE)
    if themes.taxonomy is None:
        raise Conflict(f"The file of themes has faults: {themes.faults}")
    taxonomy.load_taxonomy(SYSTEM, themes.taxonomy, at=BEGUN_AT)
    audit_forms.publish_shipped(SYSTEM, at=BEGUN_AT)


def load_caseload(council: Council, day: date) -> None:
    """One upload of the invented caseload."""
    extract = demonstration_caseload(day)
    sha256 = hashlib.sha256(f"demonstration caseload {day}".encode()).hexdigest()
    at = datetime(day.year, day.month, day.day, 10, 0, tzinfo=UTC)
    council.import_ids[day] = caseload.store_extract(SYSTEM, extract, sha256, at=at).id


def add_people(council: Council) -> None:
    """The board, and everybody who signs in, with the roles that hold over no particular place."""
    board_id = boards.add_board(SYSTEM, IMPROVEMENT_BOARD, "Follows the plan each month", at=BEGUN_AT).id
    for person in people():
        user = accounts.add_user(
            SYSTEM,
            email=person.email,
            name=person.name,
            password=PASSWORD,
            grants=[] if person.area or person.team else [grant_of(person, board_id)],
            at=BEGUN_AT,
        )
        council.user_ids[person.address] = user.id


def grant_of(person: Person, board_id: int) -> Grant:
    """The role over what it usually holds."""
    return Grant(
        person.role,
        DEFAULT_SCOPES.get(person.role, ScopeKind.WHOLE_SERVICE),
        agency=person.agency or None,
        board_id=board_id if person.board else None,
    )


def add_structure(council: Council) -> None:
    """Service areas and their heads, teams and their managers, and which auditor works in which team."""
    heads = {person.area: person for person in people() if person.role is Role.HEAD_OF_SERVICE}
    managers = {person.team: person for person in people() if person.role is Role.TEAM_MANAGER}
    council.team_ids = {team.name: team.team_id for team in get_organisation_page(SYSTEM).teams}
    for area, teams in TEAMS.items():
        head = heads[area]
        row = organisation.add_service_area(SYSTEM, area, council.user_ids[head.address], at=BEGUN_AT)
        council.area_ids[area] = row.id
        give_place(council, head, Grant(head.role, ScopeKind.SERVICE_AREA, service_area_id=row.id))
        for team in teams:
            manager = managers.get(team)
            manager_id = council.user_ids[manager.address] if manager else None
            organisation.place_team(SYSTEM, council.team_ids[team], row.id, manager_id, at=BEGUN_AT)
            if manager:
                give_place(
                    council, manager, Grant(manager.role, ScopeKind.TEAM, team_id=council.team_ids[team])
                )
    for person in people():
        if person.works_in:
            match_worker(council, person)


def give_place(council: Council, person: Person, grant: Grant) -> None:
    """A role that holds over a place."""
    accounts.give_role(SYSTEM, council.user_ids[person.address], grant, at=BEGUN_AT)


def match_worker(council: Council, person: Person) -> None:
    """Say that an auditor is one of the workers of a team: then the team's cases go to somebody else."""
    team_id = council.team_ids[person.works_in]
    free = [
        worker
        for worker in get_practitioners_page(SYSTEM, team_id=team_id).practitioners
        if worker.user_id is None
    ]
    organisation.match_practitioner(
        SYSTEM, free[0].practitioner_id, team_id, council.user_ids[person.address], at=BEGUN_AT
    )
