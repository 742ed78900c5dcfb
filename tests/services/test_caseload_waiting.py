"""Uploads that wait: their sender's alone, for a day, stored once and on their word."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role, Viewer
from qa_app.domain.caseload import CaseloadExtract, Handling, ImportFault
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.exchange.caseload_packed import pack_extract, unpack_extract
from qa_app.models.caseload import CaseloadImport
from qa_app.models.history import HistoryDetail
from qa_app.models.waiting_uploads import WaitingUpload
from qa_app.queries.caseload_comparison import compare_with_last, days_of_same_files
from qa_app.queries.caseload_waiting import get_waiting, list_waiting
from qa_app.services.caseload_waiting import (
    KEPT_FOR,
    discard_waiting,
    keep_waiting,
    purge_waiting,
    store_waiting,
)
from tests.builders import make_user, viewer_of
from tests.builders_caseload import make_case, make_caseload, make_extract

pytestmark = pytest.mark.database
AS_AT = date(2026, 10, 30)


def lead() -> Viewer:
    return viewer_of(make_user("Lead One", Role.QA_LEAD))


def wait(viewer: Viewer, extract: CaseloadExtract, at: datetime, sha256: str = "c" * 64) -> int:
    return keep_waiting(viewer, extract.as_at, sha256, pack_extract(extract), at=at).id


def ten(n: int = 10) -> CaseloadExtract:
    return make_extract([make_case(str(one + 1)) for one in range(n)])


def test_what_waits_is_stored_once_on_its_senders_word(session: Session, at: datetime) -> None:
    viewer, extract = lead(), ten()
    number = wait(viewer, extract, at)
    found = get_waiting(viewer, number, at)
    assert unpack_extract(found.reading) == extract
    stored = store_waiting(viewer, number, unpack_extract(found.reading), accepts_falls=False, at=at)
    assert (stored.as_at, stored.file_sha256, stored.imported_by_id) == (AS_AT, "c" * 64, viewer.user_id)
    session.flush()
    with pytest.raises(NotFound):
        store_waiting(viewer, number, extract, accepts_falls=False, at=at)
    with pytest.raises(Conflict):
        wait(viewer, extract, at)
    assert session.scalar(select(func.count()).select_from(WaitingUpload)) == 0


def test_personal_words_do_not_wait(session: Session, at: datetime) -> None:
    fault = ImportFault(
        "date_in_words", Handling.FLAG, "List 6", 6, 3, "D", "dob", "born at home", is_personal=True
    )
    viewer = lead()
    number = wait(viewer, make_extract([make_case("1")], faults=[fault]), at)
    (kept,) = unpack_extract(get_waiting(viewer, number, at).reading).faults
    assert kept.sent == "withheld"


def test_nobody_else_sees_stores_or_discards_it(session: Session, at: datetime) -> None:
    number = wait(lead(), ten(), at)
    other = viewer_of(make_user("Lead Two", Role.QA_LEAD))
    assert list_waiting(other, at) == ()
    with pytest.raises(NotFound):
        get_waiting(other, number, at)
    with pytest.raises(NotFound):
        store_waiting(other, number, ten(), accepts_falls=True, at=at)
    with pytest.raises(NotFound):
        discard_waiting(other, number, at=at)
    auditor = viewer_of(make_user("Auditor One", Role.AUDITOR))
    with pytest.raises(NotAllowed):
        get_waiting(auditor, number, at)
    with pytest.raises(NotAllowed):
        wait(auditor, ten(), at)
    with pytest.raises(NotAllowed):
        wait(SYSTEM, ten(), at)


def test_it_is_gone_after_a_day(session: Session, at: datetime) -> None:
    viewer = lead()
    number = wait(viewer, ten(), at)
    late = at + KEPT_FOR
    assert get_waiting(viewer, number, late - timedelta(seconds=1)).line.waiting_id == number
    with pytest.raises(NotFound):
        get_waiting(viewer, number, late)
    with pytest.raises(NotFound):
        store_waiting(viewer, number, ten(), accepts_falls=True, at=late)
    purge_waiting(session, at=late - timedelta(seconds=1))
    assert session.scalar(select(func.count()).select_from(WaitingUpload)) == 1
    purge_waiting(session, at=late)
    assert session.scalar(select(func.count()).select_from(WaitingUpload)) == 0


def test_the_same_files_again_take_the_place_of_the_first(session: Session, at: datetime) -> None:
    viewer = lead()
    wait(viewer, ten(), at)
    again = wait(viewer, ten(), at)
    other = wait(viewer, ten(), at, "d" * 64)
    assert sorted(line.waiting_id for line in list_waiting(viewer, at)) == sorted({again, other})


def test_a_fall_needs_a_word_which_the_history_keeps(session: Session, at: datetime) -> None:
    make_caseload([make_case(str(n)) for n in range(20)], date(2026, 9, 30))
    viewer = lead()
    number = wait(viewer, ten(16), at)
    with pytest.raises(Invalid, match="List 6 had 20 rows and has 16 now"):
        store_waiting(viewer, number, ten(16), accepts_falls=False, at=at)
    assert session.scalar(select(func.count()).select_from(CaseloadImport)) == 1
    store_waiting(viewer, number, ten(16), accepts_falls=True, at=at)
    details = [one.after for one in session.scalars(select(HistoryDetail))]
    assert any(one.get("accepted_falls") == [6] for one in details)


def test_an_older_day_is_compared_with_the_one_before_it(session: Session, at: datetime) -> None:
    make_caseload([make_case(str(n)) for n in range(5)], date(2026, 8, 31), "1" * 64)
    make_caseload([make_case(str(n)) for n in range(50)], date(2026, 11, 20), "2" * 64)
    viewer, extract = lead(), ten(5)
    found = compare_with_last(viewer, AS_AT, extract.cases, extract.counts.rows_by_list)
    assert found is not None
    assert found.before_as_at == date(2026, 8, 31)
    assert found.falls == ()
    assert compare_with_last(viewer, date(2026, 1, 1), extract.cases, {}) is None
    assert days_of_same_files(viewer, "1" * 64, AS_AT) == (date(2026, 8, 31),)
    assert days_of_same_files(viewer, "1" * 64, date(2026, 8, 31)) == ()
