"""The invented council: its service areas, their teams, and who is who. No name belongs to a person."""

from dataclasses import dataclass

from qa_app.domain.access import Role
from qa_app.domain.caseload import PlanType

FRONT_DOOR = "Front door and assessment"
SAFEGUARDING = "Safeguarding and family support"
CARE = "Children looked after and leaving care"

TEAMS: dict[str, tuple[str, ...]] = {
    FRONT_DOOR: ("Assessment North", "Assessment South", "Assessment East"),
    SAFEGUARDING: tuple(f"Family Support {number}" for number in range(1, 7)),
    CARE: ("Looked After Children 1", "Looked After Children 2", "Court and Permanence", "Leaving Care"),
}
"""Teams by service area."""

TEAMS_OF_PLAN_TYPE: dict[PlanType, tuple[str, ...]] = {
    PlanType.OPEN_ASSESSMENT: TEAMS[FRONT_DOOR],
    PlanType.CHILD_IN_NEED: TEAMS[SAFEGUARDING],
    PlanType.CHILD_PROTECTION: TEAMS[SAFEGUARDING],
    PlanType.LOOKED_AFTER: TEAMS[CARE][:3],
    PlanType.CARE_LEAVER: TEAMS[CARE][3:],
}
WORKERS_IN_A_TEAM = 9
REVIEWED_TEAM = "Family Support 1"
"""The team whose manager and one of whose workers sign in."""
IMPROVEMENT_BOARD = "Improvement board"


@dataclass(frozen=True)
class Person:
    """Somebody who signs in to the demonstration. `area`, `team`, `board` or `agency` is where the role holds."""

    address: str
    name: str
    role: Role
    area: str = ""
    team: str = ""
    works_in: str = ""
    """The team whose cases this person may not review."""
    board: str = ""
    agency: str = ""

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.address}@council.example"


def workers_of(team: str) -> tuple[str, ...]:
    """The workers of a team as the caseload names them."""
    return tuple(f"Social worker {team} {number}" for number in range(1, WORKERS_IN_A_TEAM + 1))


def people() -> tuple[Person, ...]:
    """Everybody who can sign in: at least one for each role that has something to do."""
    known = [
        Person("admin", "Administrator", Role.ADMINISTRATOR),
        Person("qa.lead", "QA lead", Role.QA_LEAD),
        Person("director", "Director of children's services", Role.DIRECTOR),
        Person("improvement", "Improvement officer", Role.IMPROVEMENT_TEAM),
        Person("moderator", "Moderator", Role.MODERATOR),
        Person("board", "Board member", Role.BOARD_MEMBER, board=IMPROVEMENT_BOARD),
        Person("partner", "Partner in health", Role.PARTNER_AGENCY, agency="Health"),
        Person("action.lead", "Action lead", Role.ACTION_LEAD),
        Person("head.front.door", "Head of front door", Role.HEAD_OF_SERVICE, area=FRONT_DOOR),
        Person("head.safeguarding", "Head of safeguarding", Role.HEAD_OF_SERVICE, area=SAFEGUARDING),
        Person("head.care", "Head of care", Role.HEAD_OF_SERVICE, area=CARE),
        Person("manager", f"Manager of {REVIEWED_TEAM}", Role.TEAM_MANAGER, team=REVIEWED_TEAM),
        Person("practitioner", f"Practitioner of {REVIEWED_TEAM}", Role.PRACTITIONER),
        Person("reviewing.officer", "Reviewing officer", Role.REVIEWING_OFFICER),
    ]
    auditors = [
        Person(f"auditor{number}", f"Auditor {number}", Role.AUDITOR, works_in=team)
        for number, team in enumerate(AUDITORS_WORK_IN, start=1)
    ]
    return (*known, *auditors)


AUDITORS_WORK_IN = (
    "",
    "",
    "Assessment North",
    "Family Support 2",
    "Family Support 5",
    "Looked After Children 1",
    "Leaving Care",
    "Court and Permanence",
)
"""The team each auditor belongs to, in turn; the first two belong to none."""
