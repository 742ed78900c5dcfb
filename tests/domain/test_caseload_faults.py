"""Faults gathered so that a person can read them."""

from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.caseload import Handling, ImportFault
from qa_app.domain.caseload_faults import FAULT_WORDS, group_faults, place_of

FAULTS = st.builds(
    ImportFault,
    kind=st.sampled_from(sorted(FAULT_WORDS)),
    done=st.sampled_from(Handling),
    tab=st.just("List 6"),
    list_number=st.none() | st.integers(1, 11),
)


@given(st.lists(FAULTS))
def test_groups_hold_every_fault_once(faults: list[ImportFault]) -> None:
    groups = group_faults(faults)
    assert sum(group.n_faults for group in groups) == len(faults)
    assert len({(group.kind, group.done) for group in groups}) == len(groups)
    rejected = [group.done is Handling.REJECT_ROW for group in groups]
    assert rejected == sorted(rejected, reverse=True)


def test_a_place_reads_like_the_spreadsheet() -> None:
    fault = ImportFault("date_as_text", Handling.NORMALISE, "list 3", 3, 169, "D", "dob")
    assert place_of(fault) == "tab list 3, row 169, column D"
    assert place_of(ImportFault("tab_extra", Handling.IGNORE, "Pivot")) == "tab Pivot"
