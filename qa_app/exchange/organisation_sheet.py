"""The organisation as a workbook: written to be filled in, and read back by its headings."""

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qa_app.domain.alike_names import name_key
from qa_app.domain.errors import Invalid
from qa_app.domain.organisation_structure import Person, SheetRow, Structure
from qa_app.domain.sheets import SheetFault
from qa_app.exchange.small_sheets import read_tables, text_of
from qa_app.exchange.uploads import UploadedFile

HEADINGS = {
    "area": ("service area", "service", "area", "directorate"),
    "head": ("head of service e-mail", "head of service email", "head of service"),
    "team": ("team name", "team"),
    "manager": ("team manager e-mail", "team manager email", "team manager", "manager e-mail", "manager"),
    "person": (
        "practitioner",
        "practitioner name",
        "worker",
        "worker name",
        "social worker",
        "name",
        "full name",
    ),
    "number": ("number", "our number", "practitioner number"),
    "supervisor": ("supervisor", "supervised by", "supervisor name", "line manager", "practice supervisor"),
    "email": (
        "e-mail",
        "email",
        "e-mail address",
        "email address",
        "user",
        "account",
        "work e-mail",
        "work email",
    ),
    "in_use": ("in use", "active", "works here"),
}
LONGEST = {"area": 120, "team": 160, "person": 160, "supervisor": 200}
LONGEST_OTHER = 254

AREAS_TAB, TEAMS_TAB, PEOPLE_TAB = "Service areas", "Teams", "People"


@dataclass(frozen=True)
class OrganisationSheet:
    """What a workbook says of the organisation, what could not be taken, and headings that were not read."""

    rows: tuple[SheetRow, ...]
    faults: tuple[SheetFault, ...]
    unused: tuple[str, ...]


def read_organisation(file: UploadedFile) -> OrganisationSheet:
    """Every row of a sheet of the organisation: tabs of areas, teams and people, or one tab of all.

    Errors: Invalid for a file that is no spreadsheet or CSV, and for one that names no area, team or practitioner.
    """
    tables = [table for table in read_tables(file, HEADINGS) if not table.is_hidden]
    usable = [table for table in tables if table.fields & {"area", "team", "person"}]
    if not any(len(table.fields) > 1 for table in usable):
        raise Invalid(
            "file",
            f"{file.name} has no columns of an organisation. It needs headings such as “Team” and “Service area”, "
            "or “Practitioner”, “Team” and “Supervisor”: download the template and fill that in.",
        )
    rows: list[SheetRow] = []
    faults: list[SheetFault] = []
    for table in usable:
        for row in table.rows:
            cells = {}
            for name, cell in row.cells.items():
                words = text_of(cell)
                if len(words) > LONGEST.get(name, LONGEST_OTHER):
                    what = f"This is longer than {LONGEST.get(name, LONGEST_OTHER)} characters. It was not taken."
                    faults.append(
                        SheetFault(tab=table.tab, row=row.number, column=table.letters[name], what=what)
                    )
                elif words:
                    cells[name] = words
            if cells:
                rows.append(SheetRow(tab=table.tab, row=row.number, cells=cells, letters=dict(table.letters)))
    unused = tuple(dict.fromkeys(words for table in tables for words in table.unused))
    return OrganisationSheet(tuple(rows), tuple(faults), unused)


def organisation_workbook(known: Structure) -> bytes:
    """The organisation as it is known, as a workbook to fill in. Read back unchanged, it changes nothing."""
    import xlsxwriter

    kept = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(kept, options) as book:
        looks = {
            "bold": book.add_format({"bold": True, "bottom": 1}),
            "text": book.add_format({"num_format": "@"}),
        }
        for name, headings, widths, rows in (
            (AREAS_TAB, ("Service area", "Head of service e-mail"), (40, 40), _area_rows(known)),
            (
                TEAMS_TAB,
                ("Team", "Service area", "Team manager e-mail", "In use"),
                (40, 36, 40, 8),
                _team_rows(known),
            ),
            (
                PEOPLE_TAB,
                ("Number", "Practitioner", "Team", "Supervisor", "E-mail", "In use"),
                (10, 36, 36, 36, 40, 8),
                _people_rows(known),
            ),
        ):
            sheet = book.add_worksheet(name)
            for place, (words, width) in enumerate(zip(headings, widths, strict=True)):
                sheet.set_column(place, place, width, looks["text"])
                sheet.write_string(0, place, words, looks["bold"])
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows, start=1):
                for place, words in enumerate(row):
                    if words:
                        sheet.write_string(number, place, words, looks["text"])
            if headings[-1] == "In use":
                last = len(headings) - 1
                sheet.data_validation(1, last, 5000, last, {"validate": "list", "source": ["yes", "no"]})
        _write_notes(book.add_worksheet("How to fill this in"), looks["bold"])
    return kept.getvalue()


_NOTES = (
    "A blank cell changes nothing. A dash (-) takes away what is known.",
    "Rows that you take out change nothing: nobody is deleted by a sheet.",
    "People who sign in are named by the e-mail of their account.",
    "Number tells two people of one name apart. Leave it blank for somebody new.",
    "A supervisor is written as in the column Practitioner, or by the number; without one it is the team manager.",
    "You are shown every change, and every row that was not understood, before anything is kept.",
)


def _write_notes(sheet: "object", bold: object) -> None:
    write = sheet.write_string  # type: ignore[attr-defined]
    write(0, 0, "Good to know", bold)
    for number, words in enumerate(_NOTES, start=1):
        write(number, 0, words)


def _area_rows(known: Structure) -> Iterable[Sequence[str]]:
    for area in sorted(known.areas.values(), key=lambda one: (name_key(one.name), one.area_id)):
        yield area.name, _email(known, area.head_id)


def _team_rows(known: Structure) -> Iterable[Sequence[str]]:
    for team in sorted(known.teams.values(), key=lambda one: (name_key(one.name), one.team_id)):
        area = known.areas[team.area_id].name if team.area_id is not None else ""
        yield team.name, area, _email(known, team.manager_id), "yes" if team.in_use else "no"


def _people_rows(known: Structure) -> Iterable[Sequence[str]]:
    n_named = Counter(name_key(one.name) for one in known.people.values())
    people = sorted(
        known.people.values(), key=lambda one: (_team(known, one), name_key(one.name), one.person_id)
    )
    for one in people:
        above = known.people.get(one.supervisor_id) if one.supervisor_id is not None else None
        supervisor = "" if above is None else _named_surely(above, n_named)
        in_use = "yes" if one.in_use else "no"
        yield one.number, one.name, _team(known, one), supervisor, _email(known, one.user_id), in_use


def _named_surely(person: Person, n_named: Mapping[str, int]) -> str:
    """The name if nobody else has it and nothing else could be meant by it; the number before it otherwise."""
    looks_like_number = person.name[:1].upper() == "P" and person.name[1:2].isdigit()
    is_plain = n_named[name_key(person.name)] == 1 and not looks_like_number
    return person.name if is_plain else f"{person.number} {person.name}"


def _team(known: Structure, person: Person) -> str:
    return known.teams[person.team_id].name if person.team_id is not None else ""


def _email(known: Structure, user_id: int | None) -> str:
    return known.accounts[user_id].email if user_id is not None else ""
