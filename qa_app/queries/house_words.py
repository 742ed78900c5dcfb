"""What the council told about its own way of writing, and what of the newest upload waits to be told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.caseload import WITHHELD
from qa_app.domain.errors import NotFound
from qa_app.domain.house_words import HouseWords, NameKind, NameVerdict
from qa_app.exchange.annex_a.codes import plain
from qa_app.exchange.annex_a.spec import code_sets, list_specs
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseloadImport, CodeSpelling, ImportFaultRow, NameDoubtRow

# Read by a rule of its own and not by a table of spellings.
_NOT_TOLD = frozenset({"la_out_of_england"})


@dataclass(frozen=True)
class UnknownCode:
    """A value of the newest upload that no code was found for. `fault_id` is its first place."""

    fault_id: int
    code_set: str
    column: str
    words: str
    n: int


@dataclass(frozen=True)
class SpellingLine:
    """One spelling that was told, and what it means."""

    spelling_id: int
    columns: str
    words: str
    code: str
    added_at: datetime
    added_by: str


@dataclass(frozen=True)
class HouseWordsPage:
    """What waits and what was told. `as_at` is the day of the newest upload, or none before the first."""

    as_at: date | None
    unknown: tuple[UnknownCode, ...]
    spellings: tuple[SpellingLine, ...]


def get_house_words(viewer: Viewer) -> HouseWords:
    """What was told so far, as the reader takes it.

    Errors: NotAllowed; NotFound where the permission does not reach over the whole service.
    """
    _require_whole(viewer)
    codes: dict[str, dict[str, str]] = {}
    for one in db.session.scalars(select(CodeSpelling).order_by(CodeSpelling.id)):
        codes.setdefault(one.code_set, {})[one.key] = one.code
    same: dict[NameKind, dict[str, str]] = {}
    apart: set[tuple[NameKind, str, str]] = set()
    for doubt in db.session.scalars(select(NameDoubtRow).order_by(NameDoubtRow.id)):
        if doubt.verdict is NameVerdict.SAME:
            same.setdefault(doubt.kind, {})[doubt.name] = doubt.other
        elif doubt.verdict is NameVerdict.DIFFERENT:
            apart.add((doubt.kind, doubt.name, doubt.other))
    return HouseWords(codes, same, frozenset(apart))


def get_house_words_page(viewer: Viewer) -> HouseWordsPage:
    """What of the newest upload waits to be told, and what was told before.

    Errors: NotAllowed; NotFound where the permission does not reach over the whole service.
    """
    _require_whole(viewer)
    newest = db.session.execute(
        select(CaseloadImport.id, CaseloadImport.as_at)
        .order_by(CaseloadImport.as_at.desc(), CaseloadImport.id.desc())
        .limit(1)
    ).one_or_none()
    spellings = db.session.execute(
        select(CodeSpelling, User.name)
        .outerjoin(User, User.id == CodeSpelling.added_by_id)
        .order_by(CodeSpelling.code_set, CodeSpelling.key)
    ).all()
    told = {(one.code_set, one.key) for one, _ in spellings}
    return HouseWordsPage(
        newest.as_at if newest else None,
        tuple(one for one in _unknown(newest.id) if (one.code_set, plain(one.words)) not in told)
        if newest
        else (),
        tuple(
            SpellingLine(one.id, columns_of(one.code_set), one.words, one.code, one.added_at, name or "")
            for one, name in spellings
        ),
    )


def get_unknown_code(viewer: Viewer, fault_id: int) -> UnknownCode:
    """A value of an upload that no code was found for, by one of its places.

    Errors: NotAllowed; NotFound also for a fault of another kind.
    """
    _require_whole(viewer)
    fault = db.session.get(ImportFaultRow, fault_id)
    if fault is None or fault.kind != "code_unknown":
        raise NotFound
    line = _unknown_code(fault.id, fault.list_number, fault.field, fault.sent, 1)
    if line is None:
        raise NotFound
    return line


def codes_to_choose(code_set: str) -> tuple[str, ...]:
    """The values of a code set, as the return writes them."""
    return tuple(one.code for one in code_sets()[code_set])


def columns_of(code_set: str) -> str:
    """The headings of the columns that hold the codes of one set."""
    headings = {
        column.heading: None
        for spec in list_specs().values()
        for column in spec.columns
        if column.codes == code_set
    }
    return ", ".join(headings)


def _unknown(import_id: int) -> Iterable[UnknownCode]:
    """What is not understood in one upload: one line for each spelling and code set, commonest first."""
    rows = db.session.execute(
        select(
            func.min(ImportFaultRow.id),
            ImportFaultRow.list_number,
            ImportFaultRow.field,
            ImportFaultRow.sent,
            func.sum(ImportFaultRow.n_times),
        )
        .where(ImportFaultRow.caseload_import_id == import_id, ImportFaultRow.kind == "code_unknown")
        .group_by(ImportFaultRow.list_number, ImportFaultRow.field, ImportFaultRow.sent)
    )
    found: dict[tuple[str, str], UnknownCode] = {}
    for fault_id, number, field, sent, n in sorted(rows, key=lambda row: row[0]):
        line = _unknown_code(fault_id, number, field, sent, n)
        if line is None:
            continue
        key = (line.code_set, plain(line.words))
        first = found.get(key)
        found[key] = (
            line
            if first is None
            else UnknownCode(first.fault_id, first.code_set, first.column, first.words, first.n + n)
        )
    return sorted(found.values(), key=lambda one: (-one.n, one.fault_id))


def _unknown_code(
    fault_id: int, number: int | None, field: str | None, sent: str | None, n: int
) -> UnknownCode | None:
    if number is None or not field or not sent or sent == WITHHELD:
        return None
    column = next((one for one in list_specs()[number].columns if one.field == field), None)
    if column is None or column.codes is None or column.codes in _NOT_TOLD or not plain(sent):
        return None
    return UnknownCode(fault_id, column.codes, column.heading, sent, n)


def _require_whole(viewer: Viewer) -> None:
    viewer.require(Permission.IMPORT_CASELOAD)
    if not viewer.reach(Permission.IMPORT_CASELOAD).whole_service:
        raise NotFound
