"""What somebody asks the register of actions for children, and the bands in which it counts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from qa_app.domain.case_actions import Ageing, Priority
from qa_app.domain.working_days import day_in_london, end_of_day

PAGE = 50
MOST_IN_A_FILE = 20_000
LARGEST = 2**31 - 1


class Show(StrEnum):
    """Which actions are listed."""

    OPEN = "open"
    LATE = "late"
    TO_VERIFY = "to_verify"
    TO_CHECK = "to_check"
    CLOSED = "closed"
    ALL = "all"

    @property
    def label(self) -> str:
        """The choice as people read it."""
        return {
            Show.OPEN: "Open",
            Show.LATE: "Late",
            Show.TO_VERIFY: "Done, to be verified",
            Show.TO_CHECK: "Verified, effect to be checked",
            Show.CLOSED: "Closed",
            Show.ALL: "All",
        }[self]


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of the register. Numbers name records; none is no filter."""

    show: Show = Show.OPEN
    ageing: Ageing | None = None
    priority: Priority | None = None
    mine: bool = False
    team_id: int | None = None
    area_id: int | None = None
    cohort_id: int | None = None
    theme_id: int | None = None
    page: int = 1

    @property
    def in_address(self) -> dict[str, str]:
        """The filters as they stand in an address; only those that are set."""
        given = {
            "show": "" if self.show is Show.OPEN else self.show.value,
            "ageing": self.ageing.value if self.ageing else "",
            "priority": self.priority.value if self.priority else "",
            "mine": "yes" if self.mine else "",
            "team": str(self.team_id or ""),
            "area": str(self.area_id or ""),
            "cohort": str(self.cohort_id or ""),
            "theme": str(self.theme_id or ""),
        }
        return {name: value for name, value in given.items() if value}

    def with_ageing(self, ageing: Ageing | None) -> "Asked":
        """The same for open actions of one band."""
        return replace(self, show=Show.OPEN, ageing=ageing, page=1)

    def with_show(self, show: Show) -> "Asked":
        """The same for actions of one stage."""
        return replace(self, show=show, ageing=None, page=1)


def read_asked(given: Mapping[str, str]) -> Asked:
    """The filters of an address; what is not understood is no filter."""
    show, ageing, priority = given.get("show", ""), given.get("ageing", ""), given.get("priority", "")
    return Asked(
        show=Show(show) if show in set(Show) else Show.OPEN,
        ageing=Ageing(ageing) if ageing in set(Ageing) else None,
        priority=Priority(priority) if priority in set(Priority) else None,
        mine=given.get("mine") == "yes",
        team_id=_number(given.get("team", "")),
        area_id=_number(given.get("area", "")),
        cohort_id=_number(given.get("cohort", "")),
        theme_id=_number(given.get("theme", "")),
        page=_number(given.get("page", "")) or 1,
    )


def ageing_bounds(at: datetime) -> dict[Ageing, tuple[datetime | None, datetime | None]]:
    """Between which moments the due moment of each band lies: after the first, up to and with the second."""
    today = day_in_london(at)
    week_ago, four_weeks_ago = (end_of_day(today - timedelta(days=days + 1)) for days in (7, 28))
    in_a_week = end_of_day(today + timedelta(days=7))
    # Just late is what became due before this very moment, be it minutes ago.
    just_before = at - timedelta(microseconds=1)
    return {
        Ageing.VERY_LATE: (None, four_weeks_ago),
        Ageing.LATE: (four_weeks_ago, week_ago),
        Ageing.JUST_LATE: (week_ago, just_before),
        Ageing.THIS_WEEK: (just_before, in_a_week),
        Ageing.LATER: (in_a_week, None),
    }


def _number(written: str) -> int | None:
    if not (written.isascii() and written.isdigit() and len(written) <= 10):
        return None
    number = int(written)
    return number if 0 < number <= LARGEST else None
