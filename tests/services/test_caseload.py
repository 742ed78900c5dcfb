"""What is stored of an upload: everything that may be kept, once."""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.caseload import Handling, ImportFault, PlanType
from qa_app.domain.errors import Conflict, NotAllowed
from qa_app.exchange.annex_a.reader import read_caseload
from qa_app.exchange.uploads import UploadedFile, sha256_of
from qa_app.models.caseload import CaseloadImport, CaseRecord, Child, ImportFaultRow
from qa_app.models.history import HistoryDetail, HistoryEntry
from qa_app.models.organisation import Practitioner, Team
from qa_app.queries.caseload import get_import_page
from qa_app.services.caseload import store_extract
from tests.builders import make_user, viewer_of
from tests.builders_caseload import make_case, make_caseload, make_extract

pytestmark = pytest.mark.database
DATA = Path(__file__).parent.parent / "data" / "annexa"


def count(session: Session, table: type[object]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def read(name: str) -> tuple[list[UploadedFile], date]:
    return [UploadedFile(name, (DATA / name).read_bytes())], date(2026, 10, 30)


def test_a_real_upload_is_stored_whole(session: Session, at: datetime) -> None:
    files, as_at = read("small_clean.xlsx")
    extract = read_caseload(files, as_at)
    stored = store_extract(SYSTEM, extract, sha256_of(files), at=at)
    page = get_import_page(SYSTEM, stored.id)
    assert page.read.counts == extract.counts
    assert {line.plan_type: line.n for line in page.read.plan_types} == {
        PlanType.LOOKED_AFTER: 22,
        PlanType.CHILD_PROTECTION: 17,
        PlanType.CHILD_IN_NEED: 104,
        PlanType.OPEN_ASSESSMENT: 45,
        PlanType.CARE_LEAVER: 12,
    }
    assert [line.rows_read for line in page.read.lists] == [667, 67, 186, 152, 39, 254, 27, 26, 17, 2, 3]
    assert (count(session, Team), count(session, Practitioner)) == (8, 22)
    assert count(session, CaseRecord) == count(session, Child) == len(extract.cases)
    record = session.scalars(
        select(CaseRecord).join(Child).where(CaseRecord.plan_type == PlanType.LOOKED_AFTER).limit(1)
    ).one()
    assert record.facts["cla_start"]
    assert record.team is not None
    assert record.practitioner is not None


def test_a_faulty_upload_keeps_no_word_of_columns_that_are_not_kept(session: Session, at: datetime) -> None:
    files, as_at = read("small_dirty.xlsx")
    extract = read_caseload(files, as_at)
    stored = store_extract(SYSTEM, extract, sha256_of(files), at=at)
    rows = session.scalars(select(ImportFaultRow).where(ImportFaultRow.field == "dob")).all()
    assert rows
    assert {row.sent for row in rows if row.kind.startswith("date")} == {"withheld"}
    everything = " ".join(f"{row.sent} {row.understood}" for row in session.scalars(select(ImportFaultRow)))
    assert "Testchild" not in everything
    assert "ZZ1" not in everything
    n_places = session.scalar(select(func.sum(ImportFaultRow.n_times)))
    assert stored.n_faults == extract.n_faults == n_places
    assert count(session, ImportFaultRow) < n_places


def test_the_same_files_for_the_same_day_are_refused_and_nothing_is_stored(
    session: Session, at: datetime
) -> None:
    make_caseload([make_case("1")])
    with pytest.raises(Conflict) as refused:
        make_caseload([make_case("2")])
    assert "24 November 2026" in refused.value.message
    assert (count(session, CaseloadImport), count(session, Child)) == (1, 1)
    make_caseload([make_case("1")], as_at=date(2026, 11, 6))
    make_caseload([make_case("1")], sha256="b" * 64)
    assert (count(session, CaseloadImport), count(session, Child), count(session, CaseRecord)) == (3, 1, 3)


def test_two_at_once_with_the_same_files_are_one_upload(
    session: Session, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_caseload([make_case("1")])
    monkeypatch.setattr("qa_app.services.caseload.refuse_repeated", lambda *_: None)
    with pytest.raises(Conflict):
        make_caseload([make_case("1")])


def test_a_worker_moves_with_the_newest_upload_only(session: Session) -> None:
    make_caseload([make_case("1", team="Team North", worker="Worker One")])
    make_caseload([make_case("1", team="Team South", worker="Worker One")], as_at=date(2026, 11, 6))
    make_caseload([make_case("1", team="Team West", worker="Worker One")], as_at=date(2026, 9, 4))
    worker = session.scalars(select(Practitioner)).one()
    assert worker.team is not None
    assert worker.team.name == "Team South"
    assert count(session, Team) == 3


def test_an_upload_leaves_a_history_entry_without_children(session: Session, at: datetime) -> None:
    lead = make_user("Lead One", Role.QA_LEAD)
    stored = store_extract(viewer_of(lead), make_extract([make_case("77123")]), "c" * 64, at=at)
    entry = session.scalars(select(HistoryEntry).where(HistoryEntry.subject_kind == "caseload_import")).one()
    detail = session.get(HistoryDetail, entry.id)
    assert (entry.actor_id, entry.subject_id, entry.action) == (lead.id, stored.id, "caseload.imported")
    assert detail is not None
    assert detail.after["n_cases"] == 1
    assert "77123" not in str(detail.after)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DIRECTOR, Role.ADMINISTRATOR, Role.IMPROVEMENT_TEAM])
def test_only_the_qa_lead_uploads(session: Session, at: datetime, role: Role) -> None:
    viewer = viewer_of(make_user("Person One", role))
    with pytest.raises(NotAllowed):
        store_extract(viewer, make_extract([make_case("1")]), "d" * 64, at=at)


def test_long_and_odd_words_of_faults_fit_every_database(session: Session, at: datetime) -> None:
    fault = ImportFault("extra_column", Handling.IGNORE, "T\x00" * 300, 6, 1, "A", None, "x\x00" * 900)
    extract = make_extract([make_case("1")], faults=[fault])
    store_extract(SYSTEM, extract, "e" * 64, at=at)
    row = session.scalars(select(ImportFaultRow)).one()
    assert (len(row.tab), len(row.sent or "")) == (120, 500)
