"""The same lists written in the many ways in which councils write them, all legitimate: any must read the same."""

import csv
import datetime
import io
import random
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import python_calamine
import xlsxwriter

from qa_app.exchange.annex_a.codes import without_letter
from qa_app.exchange.annex_a.spec import Column, code_sets, list_specs
from qa_app.exchange.uploads import UploadedFile

SOURCE = Path(__file__).parent.parent / "data" / "annexa" / "small_clean.xlsx"
LISTS = (3, 6, 7, 8, 9)
ROWS = 25
AS_AT = datetime.date(2026, 10, 30)
NBSP = "\u00a0"
Records = dict[int, list[dict[str, Any]]]

TAB_NAMES: tuple[Callable[[int], str], ...] = (
    lambda n: f"List {n}",
    lambda n: f"List_{n}",
    lambda n: f"LIST{n}",
    lambda n: f"list-{n}",
    lambda n: f"List {n} {list_specs()[n].name}"[:31],
    lambda n: f"Annex A List {n} (30.10.26)",
    lambda n: f"L{n}",
    lambda n: f" List  {n} ",
    lambda n: f"{n:02} {list_specs()[n].name}"[:31],
)
HEADING_WAYS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    str.lower,
    lambda words: words.replace(" ", NBSP),
    lambda words: words.replace(" ", "\n", 1),
    lambda words: words.replace(" ", "_"),
    lambda words: f" {words}  ",
    lambda words: f"{words}\u200b",
    lambda words: words.replace("’", "'").replace("‘", "'"),
    lambda words: words.replace("'", "’"),
)
DATE_WAYS: tuple[Callable[[datetime.date], Any], ...] = (
    lambda day: day,
    lambda day: datetime.datetime.combine(day, datetime.time(9, 30)),
    lambda day: (day - datetime.date(1899, 12, 30)).days,
    lambda day: str((day - datetime.date(1899, 12, 30)).days),
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"{day.day}/{day.month}/{day.year}",
    lambda day: f"{day:%d.%m.%y}",
    lambda day: f"{day:%d-%m-%Y}",
    lambda day: f"{day:%d %m %Y}",
    lambda day: f" {day:%d/%m/%Y}{NBSP}",
    lambda day: f"{day:%d/%m/%Y} 00:00:00",
    lambda day: f"{day:%d/%m/%Y %H:%M}",
    lambda day: day.isoformat(),
    lambda day: f"{day.isoformat()}T00:00:00",
    lambda day: f"{day.isoformat()} 00:00:00.000",
    lambda day: f"{day.isoformat()}T00:00:00+00:00",
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day:%Y/%m/%d}",
    lambda day: f"{day:%d-%b-%Y}",
    lambda day: f"{day:%d-%b-%y}".upper(),
    lambda day: f"{day.day} {day:%B %Y}",
    lambda day: f"{day.day}th {day:%B %Y}",
    lambda day: f"{day:%A} {day.day} {day:%B %Y}",
    lambda day: f"{day:%B} {day.day}, {day.year}",
)
ID_WAYS: tuple[Callable[[str], Any], ...] = (
    str,
    lambda ref: f" {ref} ",
    lambda ref: f"{ref}{NBSP}",
    lambda ref: f"'{ref}",
    lambda ref: f"\u200b{ref}",
)
CODE_SPACES: tuple[Callable[[str], str], ...] = (
    str,
    lambda words: f" {words} ",
    lambda words: words.replace(" ", NBSP),
    lambda words: words.replace(" ", "  "),
    str.upper,
    str.lower,
    lambda words: words.replace(") ", ")"),
    lambda words: words.replace("’", "'"),
)
CSV_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "mac_roman")
EXTRA_COLUMNS = ("Notes", "Forename", "Ward", "NHS Number", "Home address")


@cache
def clean_records() -> Records:
    """Some rows of the clean lists, by list and field."""
    workbook = python_calamine.load_workbook(SOURCE)
    records: Records = {}
    for name in workbook.sheet_names:
        digits = "".join(filter(str.isdigit, name))
        if not digits or int(digits) not in LISTS:
            continue
        number = int(digits)
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        by_heading = {column.heading.strip(): column.field for column in list_specs()[number].columns}
        fields = [by_heading[str(heading).strip()] for heading in rows[0]]
        records[number] = [dict(zip(fields, row, strict=True)) for row in rows[1 : ROWS + 1]]
    return records


class Mangler:
    """Writes the lists in ways that are drawn by lot. `is_text`: for CSV, where every cell is words."""

    def __init__(self, chance: random.Random, *, is_text: bool) -> None:
        self.chance = chance
        self.is_text = is_text

    def tabs(self, records: Records) -> list[tuple[str, list[list[Any]]]]:
        """Every list as a tab, in any order, among tabs that are no lists."""
        tabs = [
            (self.chance.choice(TAB_NAMES)(number), self.tab(number, rows))
            for number, rows in records.items()
        ]
        if not self.is_text:
            tabs += [
                ("Guidance", [["How to fill in the lists"]]),
                ("Sheet9", []),
                ("Front_Sheet", [["A council"]]),
            ]
        self.chance.shuffle(tabs)
        return tabs

    def tab(self, number: int, rows: Sequence[dict[str, Any]]) -> list[list[Any]]:
        """One list: its columns in any order, titles above, blank rows between, a total below."""
        columns: list[Column | str] = [one for one in list_specs()[number].columns if one.field in rows[0]]
        columns += self.chance.sample(EXTRA_COLUMNS, self.chance.randrange(3))
        self.chance.shuffle(columns)
        ways = {
            one.field: self.chance.choice(DATE_WAYS)
            for one in columns
            if isinstance(one, Column) and one.kind == "date"
        }
        written: list[list[Any]] = []
        for _ in range(self.chance.randrange(3)):
            written.append(
                self.chance.choice(
                    [[f"List {number}: as at 30/10/2026"], [""], ["", "Prepared by performance"]]
                )
            )
        written.append([one if isinstance(one, str) else self.heading(one) for one in columns])
        for row in rows:
            if self.chance.random() < 0.1:
                written.append([self.chance.choice(["", " ", NBSP])] * len(columns))
            written.append(
                [
                    "Testchild" if isinstance(one, str) else self.cell(one, row[one.field], ways)
                    for one in columns
                ]
            )
        if self.chance.random() < 0.3:
            total: list[Any] = [""] * len(columns)
            total[0] = "Total"
            written.append(total)
        width = max(map(len, written))
        return [[*row, *[""] * (width - len(row))] for row in written]

    def heading(self, column: Column) -> str:
        """Any spelling of a heading."""
        words = self.chance.choice([column.heading, *column.also])
        return self.chance.choice(HEADING_WAYS)(words)

    def cell(self, column: Column, value: Any, ways: dict[str, Callable[[datetime.date], Any]]) -> Any:
        """A cell that says the same in another way."""
        if value == "":
            return self.chance.choice(["", "", " ", NBSP])
        if isinstance(value, datetime.date):
            return ways[column.field](value)
        if column.kind == "id":
            return self.chance.choice(ID_WAYS)(str(value))
        if column.kind == "integer":
            return self.chance.choice(
                [value, int(value), str(int(value)), f" {int(value)} ", f"{int(value)}.0"]
            )
        if column.codes and column.codes != "la_out_of_england":
            return self.chance.choice(CODE_SPACES)(self.code(column.codes, str(value)))
        if column.kind == "text":
            return self.chance.choice([value, f" {value}", f"{value}{NBSP}", value.replace(" ", "  ", 1)])
        return value

    def code(self, code_set: str, value: str) -> str:
        """Any way to write a code: whole, without its letter, as the national code alone or with a label."""
        code = next(one for one in code_sets()[code_set] if one.code == value)
        ways = [code.code, without_letter(code.code)]
        bare = [without_letter(one.code).casefold() for one in code_sets()[code_set]]
        if bare.count(ways[1].casefold()) > 1:
            ways.pop()
        if code.dfe:
            ways += [code.dfe, f"{code.dfe} - {code.meaning or 'as recorded'}"]
        return self.chance.choice(ways)


def as_workbook(tabs: Sequence[tuple[str, list[list[Any]]]]) -> UploadedFile:
    """The tabs as an .xlsx file."""
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True, "strings_to_numbers": False}) as workbook:
        day = workbook.add_format({"num_format": "dd/mm/yyyy"})
        moment = workbook.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        for name, rows in tabs:
            sheet = workbook.add_worksheet(name)
            for at, row in enumerate(rows):
                for across, cell in enumerate(row):
                    if isinstance(cell, datetime.datetime):
                        sheet.write_datetime(at, across, cell, moment)
                    elif isinstance(cell, datetime.date):
                        sheet.write_datetime(at, across, cell, day)
                    elif isinstance(cell, int | float):
                        sheet.write_number(at, across, cell)
                    elif cell != "":
                        sheet.write_string(at, across, cell)
    return UploadedFile("lists.xlsx", packed.getvalue())


def as_csv_files(tabs: Sequence[tuple[str, list[list[Any]]]], chance: random.Random) -> list[UploadedFile]:
    """The tabs as CSV files in an encoding and with a separator drawn by lot; sometimes zipped."""
    files = []
    for name, rows in tabs:
        separator = chance.choice(",;\t|")
        out = io.StringIO(newline="")
        if chance.random() < 0.2:
            out.write(f"sep={separator}\r\n")
        line_end = chance.choice(["\r\n", "\n", "\r"])
        quoting = csv.QUOTE_ALL if line_end == "\r" else chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
        writer = csv.writer(out, delimiter=separator, lineterminator=line_end, quoting=quoting)
        writer.writerows([[_as_words(cell) for cell in row] for row in rows])
        encoding = chance.choice(CSV_ENCODINGS)
        text = out.getvalue() if encoding.startswith("utf") else out.getvalue().replace("\u200b", "")
        files.append(UploadedFile(f"{name.strip()}.csv", text.encode(encoding, "replace")))
    if chance.random() < 0.3:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for file in files:
                archive.writestr(f"lists/{file.name}", file.content)
            archive.writestr("__MACOSX/._List 6.csv", b"\x00\x05\x16\x07")
        return [UploadedFile("lists.zip", packed.getvalue())]
    return files


def _as_words(cell: Any) -> str:
    if isinstance(cell, datetime.datetime):
        return f"{cell:%d/%m/%Y %H:%M}"
    if isinstance(cell, datetime.date):
        return f"{cell:%d/%m/%Y}"
    return (
        f"{cell:g}"
        if isinstance(cell, float) and cell < 1e5
        else str(int(cell) if isinstance(cell, float) else cell)
    )


def as_opendocument(tabs: Sequence[tuple[str, list[list[Any]]]]) -> UploadedFile:
    """The tabs as an .ods file."""
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    book = OpenDocumentSpreadsheet()
    for name, rows in tabs:
        table = Table(name=name.strip())
        for row in rows:
            line = TableRow()
            for cell in row:
                if isinstance(cell, datetime.date):
                    held = TableCell(valuetype="date", datevalue=cell.isoformat())
                elif isinstance(cell, int | float):
                    held = TableCell(valuetype="float", value=str(cell))
                elif cell == "":
                    held = TableCell()
                else:
                    held = TableCell(valuetype="string")
                    held.addElement(P(text=cell))
                line.addElement(held)
            table.addElement(line)
        book.spreadsheet.addElement(table)
    out = io.BytesIO()
    book.save(out)
    return UploadedFile("lists.ods", out.getvalue())
