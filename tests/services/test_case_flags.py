"""Flags on cases: by sheet and by hand, their kinds, and what a draw and a reviewing officer's tie rest on."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.case_flags import FlagValue
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.exchange.case_flags.reader import read_flags
from qa_app.models.caseload import CaseFlag, CaseFlagKind, CaseFlagUpload, CaseloadImport
from qa_app.models.history import HistoryEntry
from qa_app.models.organisation import Practitioner
from qa_app.queries.case_flags import (
    find_child,
    get_child_flags,
    get_flag_list,
    get_flags_page,
    list_kinds,
)
from qa_app.queries.cohorts_frame import get_caseload
from qa_app.queries.organisation_names import get_names_page
from qa_app.services.case_flag_sheets import FlagPreview, preview_flags, store_flags
from qa_app.services.case_flags import add_kind, change_kind, end_flag, name_officer, raise_flag
from tests.builders import make_user, viewer_of
from tests.builders_caseload import make_case, make_caseload
from tests.builders_flags import AS_AT, child_named, csv_sheet, make_flag, make_practitioner
from tests.query_counter import count_selects

pytestmark = pytest.mark.database
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def children(session: Session) -> None:
    make_caseload([make_case("0101"), make_case("0102"), make_case("0103", worker="Worker Two")])


def store(
    text: str,
    at: datetime,
    *,
    replaces: bool = False,
    said: dict[str, str] | None = None,
    as_at: date = AS_AT,
) -> tuple[CaseFlagUpload, FlagPreview]:
    sheet = read_flags(csv_sheet(text))
    return store_flags(
        SYSTEM, sheet.flags, as_at, replaces, said or {}, "a" * 64, at=at, n_faults=len(sheet.faults)
    )


def in_force(on: date = TODAY) -> dict[str, int]:
    return {line.kind.label: line.n_children for line in get_flags_page(SYSTEM, on).kinds if line.n_children}


def n_flags(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(CaseFlag)) or 0


def test_a_preview_keeps_nothing_and_storing_keeps_what_it_said(session: Session, at: datetime) -> None:
    text = "Child ID,Flag,Date\n0101,Complaint,1/10/2026\n0102,Closing,\n9999,Closing,\n"
    sheet = read_flags(csv_sheet(text))
    preview = preview_flags(SYSTEM, sheet.flags, AS_AT, False, {})
    assert (len(preview.changes.new), [one.row for one in preview.resolution.unknown]) == (2, [4])
    assert n_flags(session) == 0
    upload, stored = store(text, at)
    assert stored.fingerprint == preview.fingerprint
    assert (upload.n_new, upload.n_ended, upload.n_left_out) == (2, 0, 1)
    assert in_force() == {"Complaint open": 1, "Closing": 1}
    assert session.scalars(select(CaseFlag.starts_on).order_by(CaseFlag.starts_on)).all() == [
        date(2026, 10, 1),
        AS_AT,
    ]


def test_the_same_sheet_again_changes_nothing(session: Session, at: datetime) -> None:
    text = "Child ID,Flag,Date\n0101,Complaint,1/10/2026\n0102,Sibling group,\n"
    store(text, at, replaces=True)
    upload, preview = store(text, at, replaces=True)
    assert preview.changes.is_nothing
    assert upload.n_unchanged == 1
    assert n_flags(session) == 1


def test_replacing_ends_and_says_so_and_adding_does_not(session: Session, at: datetime) -> None:
    make_flag("0101", starts_on=date(2026, 9, 1))
    make_flag("0103", "closing", date(2026, 9, 1))
    store("Child ID,Flag\n0102,Complaint\n", at)
    assert in_force()["Complaint open"] == 2
    upload, _ = store("Child ID,Flag\n0102,Complaint\n", at, replaces=True)
    assert (upload.n_ended, upload.n_unchanged) == (1, 1)
    assert in_force() == {"Complaint open": 1, "Closing": 1}
    assert in_force(AS_AT - timedelta(days=1)) == {"Complaint open": 1, "Closing": 1}
    ended = session.scalars(select(CaseFlag).where(CaseFlag.ends_on.is_not(None))).one()
    assert (ended.ends_on, ended.end_reason) == (AS_AT, "It is not in the sheet that replaces it.")


def test_an_older_sheet_never_replaces_what_a_newer_one_said(session: Session, at: datetime) -> None:
    store("Child ID,Flag\n0101,Complaint\n", at, replaces=True)
    with pytest.raises(Conflict) as refused:
        store("Child ID,Flag\n0102,Complaint\n", at, replaces=True, as_at=date(2026, 9, 30))
    assert "30/10/2026" in refused.value.message
    store("Child ID,Flag\n0102,Complaint\n", at, as_at=date(2026, 9, 30))
    assert in_force() == {"Complaint open": 2}


def test_what_changed_since_one_looked_is_refused(session: Session, at: datetime) -> None:
    sheet = read_flags(csv_sheet("Child ID,Flag\n0101,Complaint\n"))
    seen = preview_flags(SYSTEM, sheet.flags, AS_AT, False, {}).fingerprint
    make_flag("0101")
    with pytest.raises(Conflict):
        store_flags(SYSTEM, sheet.flags, AS_AT, False, {}, "a" * 64, at=at, seen=seen)


def test_references_that_lost_their_zeros_are_found_and_told(session: Session, at: datetime) -> None:
    _, preview = store("Child ID,Flag\n101,Complaint\n", at)
    assert preview.resolution.re_read == [(2, "101", "0101")]
    assert in_force() == {"Complaint open": 1}


def test_a_kind_of_the_council_s_own_is_kept_with_its_label(session: Session, at: datetime) -> None:
    store("Child ID,Flag,Detail\n0101,Step-down plan,Agreed in panel\n", at)
    own = [kind for kind in list_kinds(SYSTEM) if not kind.is_shipped]
    assert [(kind.label, kind.excludes) for kind in own] == [("Step-down plan", False)]
    store("Child ID,Flag\n0102,step down PLAN\n", at)
    assert in_force() == {"Step-down plan": 2}
    assert "Agreed in panel" in set(session.scalars(select(CaseFlag.reason)))


def test_a_kind_a_letter_astray_is_asked_about_and_the_answer_remembered(
    session: Session, at: datetime
) -> None:
    text = "Child ID,Flag\n0101,Complant open\n"
    _, preview = store(text, at)
    (doubt,) = preview.resolution.doubts
    assert (doubt.is_open, n_flags(session)) == (True, 0)
    store(text, at, said={doubt.key: "complaint_open"})
    assert in_force() == {"Complaint open": 1}
    _, again = store("Child ID,Flag\n0102,Complant open\n", at)
    assert not again.resolution.doubts
    assert in_force() == {"Complaint open": 2}


def test_officers_are_matched_added_or_asked_about(session: Session, at: datetime) -> None:
    known = make_practitioner("Amara Okafor")
    text = "Child ID,Flag,IRO\n0101,IRO,Amara Okafor\n0102,IRO,Li Wen\n0103,IRO,A Okafor\n"
    _, preview = store(text, at)
    people = {flag.value: flag.practitioner_id for flag in session.scalars(select(CaseFlag))}
    new = session.scalars(select(Practitioner).where(Practitioner.name == "Li Wen")).one()
    assert people == {"Amara Okafor": known.id, "Li Wen": new.id, "A Okafor": None}
    (doubt,) = [one for one in preview.resolution.doubts if one.is_open]
    assert doubt.words == "A Okafor"
    assert get_flags_page(SYSTEM, TODAY).n_names_in_doubt == 1
    assert name_officer(SYSTEM, "a okafor", known.id, at=at) == 1
    assert get_flags_page(SYSTEM, TODAY).n_names_in_doubt == 0


def test_an_answer_about_an_officer_names_earlier_flags_too(session: Session, at: datetime) -> None:
    known = make_practitioner("Amara Okafor")
    text = "Child ID,Flag,IRO\n0103,IRO,A Okafor\n"
    _, preview = store(text, at)
    key = preview.resolution.doubts[0].key
    _, again = store(text, at, said={key: str(known.id)})
    assert again.changes.is_nothing
    assert session.scalars(select(CaseFlag.practitioner_id)).all() == [known.id]


def test_a_child_has_one_officer_at_a_time(session: Session, at: datetime) -> None:
    one, two = make_practitioner("Officer One"), make_practitioner("Officer Two")
    child = child_named("0101")
    raise_flag(SYSTEM, child.id, "reviewing_officer", date(2026, 9, 1), "Told", at=at, practitioner_id=one.id)
    raise_flag(
        SYSTEM, child.id, "reviewing_officer", date(2026, 11, 2), "Told", at=at, practitioner_id=two.id
    )
    page = get_child_flags(SYSTEM, child.id, TODAY)
    assert [flag.says for flag in page.in_force] == ["Officer Two"]
    assert [(flag.says, flag.ends_on) for flag in page.others] == [("Officer One", date(2026, 11, 2))]


def test_a_flag_is_raised_and_ended_by_hand_with_reasons_and_history(session: Session, at: datetime) -> None:
    child = child_named("0101")
    flag = raise_flag(SYSTEM, child.id, "complaint_open", date(2026, 11, 1), "  Told by phone ", at=at)
    assert flag.reason == "Told by phone"
    for wrong in (
        lambda: raise_flag(SYSTEM, child.id, "complaint_open", TODAY, "Again", at=at),
        lambda: end_flag(SYSTEM, flag.id, date(2026, 10, 1), "Why", at=at),
        lambda: end_flag(SYSTEM, flag.id, TODAY, " ", at=at),
        lambda: raise_flag(SYSTEM, child.id, "sibling_group", TODAY, "Why", at=at),
        lambda: raise_flag(
            SYSTEM, child.id, "reviewing_officer", TODAY, "Why", at=at, practitioner_id=987_654
        ),
        lambda: raise_flag(SYSTEM, child.id, "nothing", TODAY, "Why", at=at),
    ):
        with pytest.raises((Invalid, Conflict)):
            wrong()
    end_flag(SYSTEM, flag.id, TODAY, "Answered", at=at)
    with pytest.raises(Conflict):
        end_flag(SYSTEM, flag.id, TODAY, "Again", at=at)
    assert in_force() == {}
    assert in_force(TODAY - timedelta(days=1)) == {"Complaint open": 1}
    actions = session.scalars(
        select(HistoryEntry.action).where(HistoryEntry.subject_kind == "case_flag").order_by(HistoryEntry.id)
    ).all()
    assert actions == ["case_flag.raised", "case_flag.ended"]


def test_kinds_are_set_by_the_council(session: Session, at: datetime) -> None:
    change_kind(SYSTEM, "closing", "About to close", True, True, at=at)
    change_kind(SYSTEM, "closing", "About to close", True, True, at=at)
    change_kind(SYSTEM, "placed_at_home", "Placed at home", False, False, at=at)
    kinds = {kind.key: kind for kind in list_kinds(SYSTEM)}
    assert (kinds["closing"].label, kinds["closing"].excludes) == ("About to close", True)
    assert kinds["closing"].exclusion == "Flagged: about to close"
    store("Child ID,Flag\n0101,Closing\n0102,Placed at home\n", at)
    assert in_force() == {"About to close": 1}
    add_kind(SYSTEM, "Rapid review", FlagValue.NOTHING, True, at=at)
    for label in ("", "rapid REVIEW", "IRO", "x" * 81):
        with pytest.raises(Invalid):
            add_kind(SYSTEM, label, FlagValue.NOTHING, False, at=at)
    assert session.scalar(select(func.count()).select_from(CaseFlagKind)) == 3


def test_a_draw_sees_the_flags_in_force_on_the_day_of_the_lists(session: Session, at: datetime) -> None:
    make_flag("0101", starts_on=AS_AT)
    make_flag("0102", starts_on=AS_AT + timedelta(days=1))
    make_flag("0103", "sibling_group", AS_AT, value="G7")
    upload_id = session.scalars(select(CaseloadImport.id)).one()
    cases = {case.child_ref: case for case in get_caseload(SYSTEM, upload_id).cases}
    assert "complaint_open" in cases["0101"].flags
    assert "complaint_open" not in cases["0102"].flags
    assert cases["0103"].sibling_group == "G7"


def test_siblings_are_shown_beside_a_child(session: Session, at: datetime) -> None:
    make_flag("0101", "sibling_group", value="Group 7")
    make_flag("0102", "sibling_group", value="group 7")
    make_flag("0103", "sibling_group", value="Group 8")
    page = get_child_flags(SYSTEM, child_named("0101").id, TODAY)
    assert [ref for _, ref in page.siblings] == ["0102"]


def test_only_who_keeps_the_caseload_sees_or_changes_flags(session: Session, at: datetime) -> None:
    child = child_named("0101")
    for role in (Role.AUDITOR, Role.DIRECTOR, Role.MODERATOR, Role.ADMINISTRATOR):
        viewer = viewer_of(make_user(role.label, role))
        for wrong in (
            lambda: get_flags_page(viewer, TODAY),  # noqa: B023
            lambda: get_flag_list(viewer, "closing", TODAY),  # noqa: B023
            lambda: get_child_flags(viewer, child.id, TODAY),  # noqa: B023
            lambda: find_child(viewer, "0101"),  # noqa: B023
            lambda: preview_flags(viewer, (), AS_AT, False, {}),  # noqa: B023
            lambda: raise_flag(viewer, child.id, "closing", TODAY, "Why", at=at),  # noqa: B023
            lambda: add_kind(viewer, "New", FlagValue.NOTHING, False, at=at),  # noqa: B023
        ):
            with pytest.raises((NotAllowed, NotFound)):
                wrong()


def test_a_child_is_found_by_reference(session: Session) -> None:
    assert find_child(SYSTEM, " 0101 ") == child_named("0101").id
    with pytest.raises(NotFound):
        find_child(SYSTEM, "0")


def test_a_page_takes_as_many_statements_for_one_flag_as_for_fifty(session: Session, at: datetime) -> None:
    counts = []
    for n in (1, 50):
        refs = [f"9{number:03}" for number in range(n)]
        make_caseload([make_case(ref) for ref in refs], date(2026, 11, n % 28 + 1), f"{n:064}")
        store("Child ID,Flag\n" + "".join(f"{ref},Complaint\n" for ref in refs), at)
        with count_selects() as selects:
            get_flags_page(SYSTEM, TODAY)
            get_flag_list(SYSTEM, "complaint_open", TODAY)
            get_child_flags(SYSTEM, child_named("9000").id, TODAY)
            get_names_page(SYSTEM, TODAY)
        counts.append(len(selects))
    assert counts[0] == counts[1]


def test_storing_takes_no_statement_for_each_flag(session: Session, at: datetime) -> None:
    refs = [f"9{number:03}" for number in range(60)]
    make_caseload([make_case(ref) for ref in refs], date(2026, 11, 1), "c" * 64)
    counts = []
    for n in (2, 60):
        store("Child ID,Flag\n" + "".join(f"{ref},Complaint\n" for ref in refs[:n]), at)
        with count_selects() as selects:
            upload, _ = store(f"Child ID,Flag\n{refs[0]},Complaint\n", at, replaces=True)
        assert upload.n_ended == n - 1
        counts.append(len(selects))
    assert counts[0] == counts[1]
