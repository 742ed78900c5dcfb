"""Which tab holds which list: by number in its name first, by its headings where the name does not tell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa_app.domain.caseload import Handling, ImportFault
from qa_app.domain.errors import Invalid
from qa_app.exchange.annex_a.headings import Layout, find_layout, key_of, match_share, nearest_heading
from qa_app.exchange.annex_a.spec import LIST_NUMBERS, Column, ListSpec, list_specs
from qa_app.exchange.annex_a.tabs import Tab

_NUMBERED = re.compile(r"(?:^|[^a-z])(?:list|l)[\s_\-.]*0?(\d{1,2})(?!\d)", re.IGNORECASE)
# Tabs of the official template that hold no list.
_FURNITURE = frozenset({"frontsheet", "faqandchanges", "guidance", "codesused"})
_SURE_BY_HEADINGS = 0.8
_LIKE_THE_LIST = 0.5
_SEND_HEADINGS = {"uniqueid", "upn", "uln", "uniquelearnernumber", "ehcpstartdate", "ehcplan", "senprovision"}


@dataclass(frozen=True)
class Place:
    """A list, the tab that holds it, and its layout there."""

    spec: ListSpec
    tab: Tab
    layout: Layout


def find_lists(tabs: Sequence[Tab]) -> tuple[dict[int, Place], list[ImportFault]]:
    """The lists that the tabs hold, by number, and what was passed over.

    Errors: `Invalid` when nothing is a child-level list, List 6 is missing or hidden, two tabs hold one list,
    or a column without which a list cannot be used is not found.
    """
    candidates: dict[int, list[Tab]] = {}
    faults: list[ImportFault] = []
    for tab in tabs:
        number = _number_of(tab)
        if number is not None:
            candidates.setdefault(number, []).append(tab)
        elif key_of(tab.name) not in _FURNITURE:
            kind = (
                "tab_empty" if not any(any(cell != "" for cell in row) for row in tab.rows) else "tab_extra"
            )
            faults.append(ImportFault(kind, Handling.IGNORE, tab.name))
    faults += [ImportFault("macros", Handling.IGNORE, tab.name) for tab in tabs[:1] if tab.marks.has_macros]
    places: dict[int, Place] = {}
    for number, found in sorted(candidates.items()):
        seen = [tab for tab in found if not tab.is_hidden]
        faults += [
            ImportFault("tab_hidden", Handling.IGNORE_AND_FLAG, tab.name, number)
            for tab in found
            if tab.is_hidden
        ]
        # Beside the list itself, a tab with its number may hold notes about it, or nothing.
        holding = [tab for tab in seen if find_layout(list_specs()[number], tab.rows) is not None]
        if len(seen) > 1 and len(holding) == 1:
            faults += [
                ImportFault("tab_extra", Handling.IGNORE, tab.name, number)
                for tab in seen
                if tab not in holding
            ]
            seen = holding
        if len(seen) > 1:
            names = " and ".join(f"'{tab.name}'" for tab in seen)
            raise Invalid(
                "file",
                f"{names} both look like List {number}. Delete the one that is not meant, or send each list "
                "once, and upload again.",
            )
        if seen:
            layout = find_layout(list_specs()[number], seen[0].rows)
            if layout is None:
                faults.append(_without_headings(number, seen[0]))
            else:
                places[number] = Place(list_specs()[number], seen[0], layout)
    _check_enough(places, candidates, tabs)
    unusable = [number for number, place in places.items() if _is_unusable(place, faults)]
    return {number: place for number, place in places.items() if number not in unusable}, faults


def _number_of(tab: Tab) -> int | None:
    """The list that a tab holds, going by its name if the headings do not contradict it."""
    named = [int(number) for number in _NUMBERED.findall(tab.name) if int(number) in LIST_NUMBERS]
    if named and (not tab.rows or match_share(named[0], tab.rows) >= _LIKE_THE_LIST):
        return named[0]
    if not tab.rows:
        return named[0] if named else None
    shares = sorted(((match_share(number, tab.rows), number) for number in LIST_NUMBERS), reverse=True)
    if shares[0][0] >= _SURE_BY_HEADINGS and shares[0][0] > shares[1][0]:
        return shares[0][1]
    return named[0] if named else None


def _without_headings(number: int, tab: Tab) -> ImportFault:
    if number == 6 and any(any(cell != "" for cell in row) for row in tab.rows):
        first = next(row for row in tab.rows if any(cell != "" for cell in row))
        seen = ", ".join(f"'{str(cell)[:40]}'" for cell in first[:4] if cell != "")
        raise Invalid(
            "file",
            f"Tab '{tab.name}': no row holds the headings of List 6 (Child Unique ID, Case status, "
            f"Allocated Team and so on). The first row with words reads {seen}. "
            "Put the headings back above the list.",
        )
    kind = (
        "tab_empty" if not any(any(cell != "" for cell in row) for row in tab.rows) else "headings_not_found"
    )
    return ImportFault(kind, Handling.IGNORE_AND_FLAG, tab.name, number)


def _check_enough(places: dict[int, Place], candidates: dict[int, list[Tab]], tabs: Sequence[Tab]) -> None:
    if 6 in places:
        return
    if any(_is_send(tab) for tab in tabs):
        raise Invalid(
            "file",
            "This is the Annex A of an area SEND inspection (its first heading is 'Unique ID', with UPN or "
            "plan columns). Send the Annex A of children's social care, with List 1 to List 11.",
        )
    if candidates.get(6) and all(tab.is_hidden for tab in candidates[6]):
        raise Invalid(
            "file",
            f"List 6 is in a hidden tab only ('{candidates[6][0].name}'), which may be an old copy. Unhide "
            "it if it is the right one, or add the current list, and send the workbook again.",
        )
    if not places:
        names = ", ".join(f"'{tab.name}'" for tab in tabs[:8]) + (" and more" if len(tabs) > 8 else "")
        raise Invalid(
            "file",
            f"No child-level list was found in {names}. Tabs or file names should say List 1 to List 11, "
            "with headings such as Child Unique ID in one of the first rows.",
        )
    there = ", ".join(f"List {number} (tab '{place.tab.name}')" for number, place in places.items())
    raise Invalid(
        "file",
        f"List 6 (Children in Need) is missing: it says who is a current case. Found: {there}. Add List 6 "
        "and send everything together.",
    )


def _is_send(tab: Tab) -> bool:
    for row in tab.rows[:10]:
        keys = {key_of(cell) for cell in row if isinstance(cell, str)}
        if "childuniqueid" not in keys and "uniqueid" in keys and len(keys & _SEND_HEADINGS) >= 2:
            return True
    return False


def _is_unusable(place: Place, faults: list[ImportFault]) -> bool:
    """Whether a list of events lacks the column that says whose row it is. Lists of cases are refused."""
    for column in place.layout.missing:
        if column.is_needed:
            raise _column_missing(place, column)
    if any(column.field == place.spec.id_field for column in place.layout.missing):
        faults.append(
            ImportFault(
                "list_without_id",
                Handling.IGNORE_AND_FLAG,
                place.tab.name,
                place.spec.number,
                place.layout.heading_row + 1,
                field=place.spec.id_field,
            )
        )
        return True
    return False


def _column_missing(place: Place, column: Column) -> Invalid:
    sent = [str(cell) for cell in place.tab.rows[place.layout.heading_row] if cell != ""]
    near = nearest_heading(column.heading, sent)
    nearest = f" The nearest heading there is '{near}'." if near else ""
    return Invalid(
        "file",
        f"Tab '{place.tab.name}', row {place.layout.heading_row + 1}: the column '{column.heading}' of List "
        f"{place.spec.number} was not found, and the list cannot be used without it.{nearest} "
        "Add the column, or give it this heading, and send the file again.",
    )
