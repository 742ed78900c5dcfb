"""One upload of the caseload beside the one before: who is new, who left, what changed, how long each list is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.caseload import CaseloadCase
from qa_app.domain.caseload_comparison import (
    CaseChange,
    CaseStanding,
    ChangedCase,
    Comparison,
    ListChange,
    compare_cases,
    compare_lists,
    falls_in,
)
from qa_app.domain.errors import NotFound
from qa_app.exchange.annex_a.spec import list_specs
from qa_app.extensions import db
from qa_app.models.caseload import CaseloadImport, CaseRecord, Child
from qa_app.models.organisation import Practitioner, Team

CASES_ON_A_PAGE = 100


@dataclass(frozen=True)
class ListChangeLine:
    """Rows of one list, before and now."""

    number: int
    name: str
    n_before: int
    n_now: int
    difference: int
    is_a_fall: bool


@dataclass(frozen=True)
class ChangeLine:
    """How many cases changed in one way, of how many."""

    change: CaseChange
    n: int
    total: int


@dataclass(frozen=True)
class ComparisonSummary:
    """What changed since the import before, in figures."""

    before_id: int
    before_as_at: date
    n_before: int
    n_now: int
    changes: tuple[ChangeLine, ...]
    lists: tuple[ListChangeLine, ...]
    n_but_for_zeros: int

    @property
    def falls(self) -> tuple[ListChangeLine, ...]:
        """The lists that fell by a fifth or more."""
        return tuple(line for line in self.lists if line.is_a_fall)


@dataclass(frozen=True)
class ChangedLine:
    """One case that changed, with the number under which its page is found."""

    child_id: int
    case: ChangedCase


@dataclass(frozen=True)
class ComparisonPage:
    """An import beside the one before; `before` is missing for the first. `lines` are the cases of one change."""

    import_id: int
    as_at: date
    before: ComparisonSummary | None
    change: CaseChange
    lines: tuple[ChangedLine, ...]
    page: int
    n_pages: int


def get_comparison_page(viewer: Viewer, import_id: int, change: CaseChange, page: int = 1) -> ComparisonPage:
    """An import beside the one before, with a page of the cases that changed in one way.

    Errors: NotAllowed, NotFound.
    """
    one, before, comparison = _compared(viewer, import_id)
    if before is None or comparison is None:
        return ComparisonPage(one.id, one.as_at, None, change, (), 1, 1)
    cases = comparison.having(change)
    n_pages = max(1, -(-len(cases) // CASES_ON_A_PAGE))
    page = min(max(page, 1), n_pages)
    some = cases[(page - 1) * CASES_ON_A_PAGE : page * CASES_ON_A_PAGE]
    ids = _child_ids([case.child_ref for case in some])
    return ComparisonPage(
        one.id,
        one.as_at,
        _summary(before, comparison, rows_by_list(before), rows_by_list(one)),
        change,
        tuple(ChangedLine(ids[case.child_ref], case) for case in some),
        page,
        n_pages,
    )


def get_changed_cases(viewer: Viewer, import_id: int) -> tuple[date, date | None, tuple[ChangedCase, ...]]:
    """The days of an import and of the one before, and every case that changed between them.

    Errors: NotAllowed, NotFound.
    """
    one, before, comparison = _compared(viewer, import_id)
    if before is None or comparison is None:
        return one.as_at, None, ()
    return one.as_at, before.as_at, comparison.changed


def compare_with_last(
    viewer: Viewer, as_at: date, cases: Iterable[CaseloadCase], rows: Mapping[int, int]
) -> ComparisonSummary | None:
    """What was read and is not stored yet, beside the newest import of that day or an earlier one.

    Errors: NotAllowed, NotFound.
    """
    _require_whole(viewer)
    before = _last(as_at)
    if before is None:
        return None
    teams, workers = _merged_names(Team), _merged_names(Practitioner)
    now = {
        case.child_ref: CaseStanding(
            case.plan_type,
            teams.get(case.team or "", case.team),
            workers.get(case.worker or "", case.worker),
        )
        for case in cases
        if case.plan_type is not None
    }
    return _summary(before, compare_cases(_standings(before.id), now), rows_by_list(before), rows)


def falls_against_last(viewer: Viewer, as_at: date, rows: Mapping[int, int]) -> tuple[ListChange, ...]:
    """The lists that fell by a fifth or more since the newest import of that day or an earlier one.

    Errors: NotAllowed, NotFound.
    """
    _require_whole(viewer)
    before = _last(as_at)
    return falls_in(compare_lists(rows_by_list(before), rows)) if before is not None else ()


def days_of_same_files(viewer: Viewer, sha256: str, but_not: date) -> tuple[date, ...]:
    """Other days for which the very same files were stored.

    Errors: NotAllowed, NotFound.
    """
    _require_whole(viewer)
    return tuple(
        db.session.scalars(
            select(CaseloadImport.as_at)
            .where(CaseloadImport.file_sha256 == sha256, CaseloadImport.as_at != but_not)
            .order_by(CaseloadImport.as_at)
        )
    )


def rows_by_list(one: CaseloadImport) -> dict[int, int]:
    """The rows that were used of each list of an import."""
    return {int(number): n for number, n in one.counts["rows_by_list"].items()}


def _compared(
    viewer: Viewer, import_id: int
) -> tuple[CaseloadImport, CaseloadImport | None, Comparison | None]:
    _require_whole(viewer)
    one = db.session.get(CaseloadImport, import_id)
    if one is None:
        raise NotFound
    before = db.session.scalar(
        select(CaseloadImport)
        .where(
            or_(
                CaseloadImport.as_at < one.as_at,
                and_(CaseloadImport.as_at == one.as_at, CaseloadImport.id < one.id),
            )
        )
        .order_by(CaseloadImport.as_at.desc(), CaseloadImport.id.desc())
        .limit(1)
    )
    if before is None:
        return one, None, None
    return one, before, compare_cases(_standings(before.id), _standings(one.id))


def _summary(
    before: CaseloadImport, comparison: Comparison, rows_before: Mapping[int, int], rows: Mapping[int, int]
) -> ComparisonSummary:
    return ComparisonSummary(
        before.id,
        before.as_at,
        comparison.n_before,
        comparison.n_now,
        tuple(ChangeLine(change, n, comparison.base(change)) for change, n in comparison.counts().items()),
        tuple(
            ListChangeLine(
                one.number,
                list_specs()[one.number].name,
                one.n_before,
                one.n_now,
                one.difference,
                one.is_a_fall,
            )
            for one in compare_lists(rows_before, rows)
        ),
        comparison.n_but_for_zeros,
    )


def _last(as_at: date) -> CaseloadImport | None:
    return db.session.scalar(
        select(CaseloadImport)
        .where(CaseloadImport.as_at <= as_at)
        .order_by(CaseloadImport.as_at.desc(), CaseloadImport.id.desc())
        .limit(1)
    )


def _standings(import_id: int) -> dict[str, CaseStanding]:
    rows = db.session.execute(
        select(Child.ref, CaseRecord.plan_type, Team.name, Practitioner.name)
        .join(Child, Child.id == CaseRecord.child_id)
        .outerjoin(Team, Team.id == CaseRecord.team_id)
        .outerjoin(Practitioner, Practitioner.id == CaseRecord.practitioner_id)
        .where(CaseRecord.caseload_import_id == import_id, CaseRecord.plan_type.is_not(None))
    )
    return {ref: CaseStanding(plan, team, worker) for ref, plan, team, worker in rows if plan is not None}


def _merged_names(table: type[Team] | type[Practitioner]) -> dict[str, str]:
    """By a name that was said to be another one, the name that is used instead."""
    into = aliased(table)
    rows = db.session.execute(select(table.name, into.name).join(into, into.id == table.merged_into_id))
    return {row[0]: row[1] for row in rows}


def _child_ids(refs: list[str]) -> dict[str, int]:
    return dict(db.session.execute(select(Child.ref, Child.id).where(Child.ref.in_(refs))).all())


def _require_whole(viewer: Viewer) -> None:
    viewer.require(Permission.SEE_CASELOAD)
    if not viewer.reach(Permission.SEE_CASELOAD).whole_service:
        raise NotFound
