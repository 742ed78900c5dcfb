"""The year's programme: what is planned beside the cohorts that are drawn."""

from dataclasses import dataclass
from datetime import date, datetime

from qa_app.domain.access import Viewer
from qa_app.domain.cohort_rules import LARGEST_SIZE, require_whole_service
from qa_app.domain.cohorts import CohortKind, ProgrammeKind
from qa_app.domain.errors import Invalid, NotFound
from qa_app.extensions import db
from qa_app.models.cohorts import ProgrammeEntry
from qa_app.services import history

LONGEST_TITLE = 200
LONGEST_DAYS = 366


@dataclass(frozen=True)
class Planned:
    """One entry as it is asked for. `n_cases`: how many reviews it is to take."""

    kind: ProgrammeKind
    title: str
    starts_on: date
    ends_on: date
    n_cases: int = 0
    cohort_kind: CohortKind | None = None


def add_entry(viewer: Viewer, planned: Planned, *, at: datetime) -> ProgrammeEntry:
    """Put something into the programme. Errors: NotAllowed; Invalid for what cannot be meant."""
    require_whole_service(viewer)
    title = planned.title.strip()
    if not title or len(title) > LONGEST_TITLE:
        raise Invalid("title", f"Give it a title of up to {LONGEST_TITLE} characters.")
    if planned.ends_on < planned.starts_on:
        raise Invalid("ends_on", "It would end before it begins. Enter a later last day.")
    if (planned.ends_on - planned.starts_on).days > LONGEST_DAYS:
        raise Invalid("ends_on", "One entry covers a year at most. Enter an earlier last day.")
    if not 0 <= planned.n_cases <= LARGEST_SIZE:
        raise Invalid("n_cases", f"Enter 0 to {LARGEST_SIZE:,} reviews.")
    if planned.kind is ProgrammeKind.PLANNED_COHORT and planned.cohort_kind is None:
        raise Invalid("cohort_kind", "Choose the kind of cohort.")
    if planned.kind is ProgrammeKind.NO_AUDITS and planned.n_cases:
        raise Invalid("n_cases", "A month without audits takes no reviews. Enter 0.")
    entry = ProgrammeEntry(
        kind=planned.kind, title=title, starts_on=planned.starts_on, ends_on=planned.ends_on,
        n_cases=planned.n_cases, added_at=at, added_by_id=viewer.user_id,
        cohort_kind=planned.cohort_kind if planned.kind is ProgrammeKind.PLANNED_COHORT else None,
    )  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    history.record(
        viewer, "put something into the programme", "programme_entry", entry.id, at=at,
        after={
            "title": title, "kind": planned.kind.value, "from": planned.starts_on.isoformat(),
            "to": planned.ends_on.isoformat(), "reviews": planned.n_cases,
        },
    )  # fmt: skip
    return entry


def drop_entry(viewer: Viewer, entry_id: int, *, at: datetime) -> None:
    """Take something out of the programme. Errors: NotAllowed, NotFound."""
    require_whole_service(viewer)
    entry = db.session.get(ProgrammeEntry, entry_id)
    if entry is None:
        raise NotFound()
    history.record(
        viewer, "took something out of the programme", "programme_entry", entry.id, at=at,
        before={"title": entry.title, "from": entry.starts_on.isoformat(), "to": entry.ends_on.isoformat()},
    )  # fmt: skip
    db.session.delete(entry)
    db.session.flush()
