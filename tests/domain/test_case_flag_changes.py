"""What a sheet of flags changes: hand-worked cases, and rules that hold for any sheet."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.case_flag_changes import FlagChanges, changes_of
from qa_app.domain.case_flags import (
    SHIPPED_KINDS,
    FlagKind,
    FlagToKeep,
    FlagValue,
    KnownFlag,
    kind_named,
    new_key,
)

AS_AT = date(2026, 10, 30)
KINDS = {kind.key: kind for kind in SHIPPED_KINDS}
COMPLAINT, OFFICER, GROUP = KINDS["complaint_open"], KINDS["reviewing_officer"], KINDS["sibling_group"]


def row(
    number: int,
    child: int = 1,
    kind: FlagKind = COMPLAINT,
    value: str = "",
    start: date | None = None,
    end: date | None = None,
) -> FlagToKeep:
    return FlagToKeep(number, child, f"C{child}", kind, value, None, start, end, "")


def known(
    number: int,
    child: int = 1,
    kind: FlagKind = COMPLAINT,
    value: str = "",
    start: date = date(2026, 9, 1),
    end: date | None = None,
) -> KnownFlag:
    return KnownFlag(number, child, f"C{child}", kind, value, None, start, end)


def told(changes: FlagChanges) -> tuple[int, int, int, int, int]:
    return (
        len(changes.new),
        len(changes.ended),
        len(changes.dated),
        len(changes.unchanged),
        len(changes.left_out),
    )


def test_adding_leaves_what_the_sheet_does_not_hold() -> None:
    changes = changes_of([row(2, 2)], [known(1)], AS_AT, replaces=False, kinds={COMPLAINT.key})
    assert told(changes) == (1, 0, 0, 0, 0)


def test_replacing_ends_on_the_as_at_day_what_the_sheet_does_not_hold() -> None:
    changes = changes_of([row(2, 2)], [known(1)], AS_AT, replaces=True, kinds={COMPLAINT.key})
    assert told(changes) == (1, 1, 0, 0, 0)
    assert changes.ended[0].ends_on == AS_AT


def test_replacing_spares_other_kinds_what_ended_and_what_begins_later() -> None:
    stored = [
        known(1, kind=GROUP, value="G1"),
        known(2, end=date(2026, 10, 1)),
        known(3, child=3, start=date(2026, 11, 1)),
    ]
    assert changes_of([], stored, AS_AT, replaces=True, kinds={COMPLAINT.key}).is_nothing


@pytest.mark.parametrize("start", [None, date(2026, 9, 1)])
def test_the_same_flag_again_is_unchanged(start: date | None) -> None:
    changes = changes_of([row(2, start=start)], [known(1)], AS_AT, replaces=True, kinds={COMPLAINT.key})
    assert told(changes) == (0, 0, 0, 1, 0)


def test_another_date_is_told_as_such() -> None:
    changes = changes_of([row(2, start=date(2026, 9, 8))], [known(1)], AS_AT, replaces=False, kinds=())
    assert told(changes) == (0, 0, 1, 0, 0)
    assert changes.dated[0].starts_on == date(2026, 9, 8)


def test_an_end_in_the_sheet_ends_the_flag_that_runs() -> None:
    changes = changes_of([row(2, end=date(2026, 10, 9))], [known(1)], AS_AT, replaces=False, kinds=())
    assert [(one.flag.flag_id, one.ends_on) for one in changes.ended] == [(1, date(2026, 10, 9))]


def test_a_flag_that_is_over_is_kept_if_its_start_is_known_and_left_out_otherwise() -> None:
    over = date(2026, 10, 9)
    assert told(changes_of([row(2, end=over)], [], AS_AT, replaces=False, kinds=())) == (0, 0, 0, 0, 1)
    dated = row(2, start=date(2026, 9, 1), end=over)
    assert told(changes_of([dated], [], AS_AT, replaces=False, kinds=())) == (1, 0, 0, 0, 0)
    again = changes_of([dated], [known(1, end=over)], AS_AT, replaces=False, kinds=())
    assert told(again) == (0, 0, 0, 1, 0)


def test_a_child_has_one_officer_at_a_time() -> None:
    stored = [known(1, kind=OFFICER, value="Officer One")]
    new = row(2, kind=OFFICER, value="Officer Two", start=date(2026, 10, 12))
    changes = changes_of([new], stored, AS_AT, replaces=False, kinds=())
    assert told(changes) == (1, 1, 0, 0, 0)
    assert changes.ended[0].ends_on == date(2026, 10, 12)
    backdated = row(2, kind=OFFICER, value="Officer Two", start=date(2026, 1, 5))
    assert changes_of([backdated], stored, AS_AT, replaces=False, kinds=()).ended[0].ends_on == AS_AT


def test_two_officers_in_one_sheet_are_told_and_the_first_counts() -> None:
    rows = [row(3, kind=OFFICER, value="Officer Two"), row(2, kind=OFFICER, value="Officer One")]
    changes = changes_of(rows, [], AS_AT, replaces=False, kinds=())
    assert [one.value for one in changes.new] == ["Officer One"]
    assert [one.row for one in changes.left_out] == [3]


def test_kinds_are_known_by_their_label_key_and_other_words() -> None:
    for words in ("Complaint open", "complaint_open", "COMPLAINT", "Open  complaint"):
        assert kind_named(words, SHIPPED_KINDS) == COMPLAINT
    assert kind_named("I.R.O", SHIPPED_KINDS) is None
    assert kind_named("IRO", SHIPPED_KINDS) == OFFICER
    assert kind_named("", SHIPPED_KINDS) is None


def test_a_new_kind_gets_a_key_of_its_own() -> None:
    assert new_key("Step-down plan", []) == "step_down_plan"
    assert new_key("Step-down plan", ["step_down_plan"]) == "step_down_plan_2"
    assert new_key("???", []) == "flag"


DAYS = st.none() | st.integers(-60, 20).map(lambda n: AS_AT + timedelta(days=n))
ROWS = st.lists(
    st.tuples(
        st.integers(1, 4), st.sampled_from([COMPLAINT, OFFICER, GROUP]), st.sampled_from(["x", "y"]), DAYS
    ),
    max_size=12,
)


@settings(max_examples=150)
@given(ROWS, ROWS, st.booleans())
def test_after_storing_the_same_sheet_changes_nothing(first: list, second: list, replaces: bool) -> None:
    def rows(drawn: list) -> list[FlagToKeep]:
        return [
            row(
                number,
                child,
                kind,
                "" if kind.value_kind is FlagValue.NOTHING else value,
                start,
            )
            for number, (child, kind, value, start) in enumerate(drawn, start=2)
        ]

    stored: list[KnownFlag] = []
    for sheet in (rows(first), rows(second), rows(second)):
        kinds = {one.kind.key for one in sheet}
        changes = changes_of(sheet, stored, AS_AT, replaces=replaces, kinds=kinds)
        last = changes
        stored = _stored(stored, changes)
        for flag in stored:
            assert flag.ends_on is None or flag.ends_on >= flag.starts_on
    assert last.is_nothing
    for child in range(1, 5):
        for kind in (OFFICER, GROUP):
            running = [one for one in stored if (one.child_id, one.kind) == (child, kind)]
            assert sum(one.holds_on(AS_AT) for one in running) <= 1


def _stored(before: list[KnownFlag], changes: FlagChanges) -> list[KnownFlag]:
    flags = {one.flag_id: one for one in before}
    for end in changes.ended:
        one = flags[end.flag.flag_id]
        flags[one.flag_id] = known(one.flag_id, one.child_id, one.kind, one.value, one.starts_on, end.ends_on)
    for dated in changes.dated:
        one = flags[dated.flag.flag_id]
        flags[one.flag_id] = known(
            one.flag_id, one.child_id, one.kind, one.value, dated.starts_on, dated.ends_on
        )
    for new in changes.new:
        number = max(flags, default=0) + 1
        flags[number] = known(number, new.child_id, new.kind, new.value, new.starts_on or AS_AT, new.ends_on)
    return list(flags.values())
