"""What a council tells about its own way of writing is kept once, and the reader is given it."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.house_words import HouseWords, NameDoubt, NameKind, NameVerdict
from qa_app.exchange.annex_a.reader import read_caseload
from qa_app.models.caseload import NameDoubtRow
from qa_app.models.history import HistoryEntry
from qa_app.queries.house_words import get_house_words, get_house_words_page, get_unknown_code
from qa_app.services.caseload import store_extract
from qa_app.services.house_words import add_spelling, forget_spelling, note_doubts
from qa_app.services.organisation_merges import decide_doubt
from tests.builders import make_user, viewer_of
from tests.builders_caseload import make_case, make_caseload
from tests.exchange.test_annex_a_rows import AS_AT, case, csv_file

pytestmark = pytest.mark.database

MEANS = "c) Child in need plan"
TEAMS = ["Family Team"] * 5 + ["Famly Team"]


def store_cases(at: datetime, told: HouseWords | None = None, sha256: str = "b" * 64) -> int:
    """An upload with a status of the council's own on two rows, and a team that may be another."""
    rows = [case(str(n + 1), team=team) for n, team in enumerate(TEAMS)]
    rows[0]["case_status"], rows[1]["case_status"] = "Step Down", "step  down"
    extract = read_caseload([csv_file(6, rows)], AS_AT, told or HouseWords())
    return store_extract(SYSTEM, extract, sha256, at=at).id


def test_a_spelling_told_once_is_followed_by_the_next_upload(session: Session, at: datetime) -> None:
    store_cases(at)
    (unknown,) = get_house_words_page(SYSTEM).unknown
    assert (unknown.code_set, unknown.words, unknown.n) == ("case_status", "Step Down", 2)
    assert get_unknown_code(SYSTEM, unknown.fault_id).words == "Step Down"
    add_spelling(SYSTEM, unknown.code_set, unknown.words, MEANS, at=at)
    page = get_house_words_page(SYSTEM)
    assert page.unknown == ()
    assert [(one.words, one.code) for one in page.spellings] == [("Step Down", MEANS)]
    assert "Case status" in page.spellings[0].columns
    told = get_house_words(SYSTEM)
    assert told.codes == {"case_status": {"step down": MEANS}}
    extract = read_caseload([csv_file(6, [case("1", status="STEP DOWN")])], AS_AT, told)
    assert [fault.kind for fault in extract.faults] == ["code_variant"]


def test_a_spelling_means_one_thing_until_it_is_taken_away(session: Session, at: datetime) -> None:
    kept = add_spelling(SYSTEM, "case_status", "Step Down", MEANS, at=at)
    session.commit()
    with pytest.raises(Conflict, match="told already"):
        add_spelling(SYSTEM, "case_status", " STEP down", "e) Closed episode", at=at)
    session.rollback()
    assert forget_spelling(SYSTEM, kept.id, at=at) == "Step Down"
    assert get_house_words(SYSTEM) == HouseWords()
    with pytest.raises(NotFound):
        forget_spelling(SYSTEM, kept.id, at=at)
    actions = session.scalars(select(HistoryEntry.action).order_by(HistoryEntry.id)).all()
    assert actions[-2:] == ["code_spelling.added", "code_spelling.removed"]


def test_a_spelling_of_nothing_is_refused(session: Session, at: datetime) -> None:
    with pytest.raises(Invalid):
        add_spelling(SYSTEM, "case_status", "Step Down", "z) Something else", at=at)
    with pytest.raises(Invalid):
        add_spelling(SYSTEM, "case_status", " ' ", MEANS, at=at)
    with pytest.raises(NotFound):
        add_spelling(SYSTEM, "no_such_set", "Step Down", MEANS, at=at)


@pytest.mark.parametrize("verdict", ["same", "different"])
def test_what_was_said_of_two_names_is_remembered(session: Session, at: datetime, verdict: str) -> None:
    store_cases(at)
    doubt = session.scalars(select(NameDoubtRow)).one()
    assert (doubt.kind, doubt.name, doubt.other, doubt.n_rows) == (
        NameKind.TEAM,
        "Famly Team",
        "Family Team",
        1,
    )
    decide_doubt(SYSTEM, doubt.kind, doubt.name, doubt.other, NameVerdict(verdict), at=at)
    store_cases(at, get_house_words(SYSTEM), "c" * 64)
    assert [row.verdict.value for row in session.scalars(select(NameDoubtRow))] == [verdict]
    extract = read_caseload([csv_file(6, [case("1", team="Famly Team")])], AS_AT, get_house_words(SYSTEM))
    assert extract.teams == (("Family Team",) if verdict == "same" else ("Famly Team",))
    decide_doubt(SYSTEM, doubt.kind, doubt.name, doubt.other, NameVerdict.OPEN, at=at)
    assert get_house_words(SYSTEM) == HouseWords()


def test_a_doubt_that_arises_again_is_one_doubt(session: Session, at: datetime) -> None:
    stored = make_caseload([make_case("1")])
    for n in (3, 5):
        note_doubts([NameDoubt(NameKind.WORKER, "Two Worker", "Worker Two", n)], stored.id)
        session.flush()
    assert [row.n_rows for row in session.scalars(select(NameDoubtRow))] == [5]


def test_only_who_uploads_tells(session: Session, at: datetime) -> None:
    viewer = viewer_of(make_user("Director One", Role.DIRECTOR))
    with pytest.raises(NotAllowed):
        add_spelling(viewer, "case_status", "Step Down", MEANS, at=at)
    with pytest.raises(NotAllowed):
        decide_doubt(viewer, NameKind.TEAM, "A", "B", NameVerdict.SAME, at=at)
    with pytest.raises(NotAllowed):
        get_house_words_page(viewer)
