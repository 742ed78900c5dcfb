"""What a council told about its own way of writing is followed, and told at each place where it was."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.alike_names import name_key
from qa_app.domain.caseload import CaseloadExtract, CaseStatus, Handling
from qa_app.domain.house_words import HouseWords, NameDoubt, NameKind
from qa_app.exchange.annex_a.reader import read_caseload
from tests.exchange.test_annex_a_rows import AS_AT, case, csv_file

TEAMS = ["Family Team"] * 5 + ["Famly Team"]
SLIP = NameDoubt(NameKind.TEAM, "Famly Team", "Family Team", 1)


def read_teams(told: HouseWords) -> CaseloadExtract:
    return read_caseload(
        [csv_file(6, [case(str(n + 1), team=team) for n, team in enumerate(TEAMS)])], AS_AT, told
    )


def read_status(words: str, codes: Mapping[str, Mapping[str, str]]) -> CaseloadExtract:
    return read_caseload([csv_file(6, [case("1", status=words)])], AS_AT, HouseWords(codes=codes))


def test_a_spelling_of_our_own_is_understood_and_told() -> None:
    own = {"case_status": {"step down": "c) Child in need plan"}}
    unknown = read_status("Step Down", {})
    assert (unknown.cases[0].case_status, unknown.faults[0].kind) == (None, "code_unknown")
    known = read_status(" STEP  down ", own)
    assert known.cases[0].case_status is CaseStatus.CHILD_IN_NEED
    told = [fault for fault in known.faults if fault.field == "case_status"]
    assert [(fault.kind, fault.done, fault.understood) for fault in told] == [
        ("code_variant", Handling.NORMALISE, "c) Child in need plan")
    ]


def test_a_spelling_holds_for_its_code_set_only() -> None:
    read = read_status("Step Down", {"need": {"step down": "N1 - Abuse or neglect"}})
    assert read.cases[0].case_status is None


def test_what_is_alike_is_proposed_and_stays_two_until_somebody_says_so() -> None:
    read = read_teams(HouseWords())
    assert read.doubts == (SLIP,)
    assert read.teams == ("Family Team", "Famly Team")


def test_names_that_are_the_same_become_one_and_each_place_is_told() -> None:
    read = read_teams(HouseWords(same={NameKind.TEAM: {"FAMLY team": "family team"}}))
    assert (read.teams, read.doubts) == (("Family Team",), ())
    assert [(one.kind, one.sent, one.understood) for one in read.faults] == [
        ("team_variant", "Famly Team", "Family Team")
    ]


def test_names_that_are_two_are_not_proposed_again() -> None:
    read = read_teams(HouseWords(apart=frozenset({(NameKind.TEAM, "family team", "Famly Team")})))
    assert (read.teams, read.doubts, read.faults) == (("Family Team", "Famly Team"), (), ())


@given(st.dictionaries(st.sampled_from("ABCDE"), st.sampled_from("ABCDE")))
def test_chains_of_names_end_where_nothing_more_was_told(same: dict[str, str]) -> None:
    instead = HouseWords(same={NameKind.WORKER: same}).names_for(NameKind.WORKER)
    assert not {name_key(last) for last in instead.values()} & {name_key(name) for name in same}
