"""A workbook of the child-level lists as large as a big county's: the borough's lists, many times over."""

import datetime
import random
import zipfile
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

COPIES = 6
_EXCEL_EPOCH = datetime.date(1899, 12, 30)
_ID_COLUMNS = ("Child Unique ID", "Individual adopter identifier", "Family identifier")
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKED_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def write_large_workbook(source: Path, target: Path, copies: int = COPIES, keep_rows: float = 0.94) -> int:
    """Write the lists of one workbook many times over, each time under other references; gives the rows written.

    `keep_rows`: the share of rows of the last copy that is kept.
    """
    import python_calamine

    workbook = python_calamine.load_workbook(source)
    tabs: list[tuple[str, list[list[Any]]]] = []
    for name in workbook.sheet_names:
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        if name.startswith("List_"):
            tabs.append((name, rows))
    chance = random.Random(20261030)
    strings: dict[str, int] = {}
    n_rows = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for number, (_, rows) in enumerate(tabs, 1):
            many = list(_copied(rows, copies, keep_rows, chance))
            n_rows += len(many) - 2
            with packed.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
                part.write(
                    f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_MAIN}"><sheetData>'.encode()
                )
                for index, row in enumerate(many, 1):
                    part.write(_row(index, row, strings).encode())
                part.write(b"</sheetData></worksheet>")
        _write_rest(packed, [name for name, _ in tabs], strings)
    return n_rows


def _copied(
    rows: Sequence[Sequence[Any]], copies: int, keep_rows: float, chance: random.Random
) -> Iterator[Sequence[Any]]:
    headings = rows[1]
    ids = [index for index, heading in enumerate(headings) if str(heading).strip() in _ID_COLUMNS]
    yield rows[0]
    yield headings
    for copy in range(copies):
        for row in rows[2:]:
            if copy == copies - 1 and chance.random() > keep_rows:
                continue
            again = list(row)
            for index in ids:
                if isinstance(again[index], float | int):
                    again[index] += copy * 100_000_000
                elif again[index]:
                    again[index] = f"{again[index]}{copy}"
            yield again


def _row(number: int, row: Sequence[Any], strings: dict[str, int]) -> str:
    cells = []
    for index, cell in enumerate(row):
        place = f"{chr(65 + index) if index < 26 else 'A' + chr(65 + index - 26)}{number}"
        if cell == "" or cell is None:
            continue
        if isinstance(cell, datetime.date):
            cells.append(f'<c r="{place}" s="1"><v>{(cell - _EXCEL_EPOCH).days}</v></c>')
        elif isinstance(cell, float | int):
            cells.append(
                f'<c r="{place}"><v>{cell:g}</v></c>'
                if cell < 1e5
                else f'<c r="{place}"><v>{int(cell)}</v></c>'
            )
        else:
            cells.append(f'<c r="{place}" t="s"><v>{strings.setdefault(str(cell), len(strings))}</v></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def _write_rest(packed: zipfile.ZipFile, names: Sequence[str], strings: dict[str, int]) -> None:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    words = "".join(f'<si><t xml:space="preserve">{escape(one)}</t></si>' for one in strings)
    packed.writestr("xl/sharedStrings.xml", f'{head}<sst xmlns="{_MAIN}">{words}</sst>')
    packed.writestr(
        "xl/styles.xml",
        f'{head}<styleSheet xmlns="{_MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    )
    tabs = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1))
    packed.writestr(
        "xl/workbook.xml",
        f'{head}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{tabs}</sheets></workbook>',
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    relations += f'<Relationship Id="rIdS" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
    relations += f'<Relationship Id="rIdT" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
    packed.writestr(
        "xl/_rels/workbook.xml.rels",
        f'{head}<Relationships xmlns="{_PACKED_RELATIONS}">{relations}</Relationships>',
    )
    packed.writestr(
        "_rels/.rels",
        f'{head}<Relationships xmlns="{_PACKED_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    packed.writestr(
        "[Content_Types].xml",
        f'{head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="{_TYPES}.worksheet+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/></Types>',
    )
