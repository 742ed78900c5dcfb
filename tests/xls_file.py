"""Writes a workbook in the old binary format (.xls): one stream of BIFF8 records in a compound file.

Source: Microsoft's open specifications [MS-XLS] and [MS-CFB], version 3 files. No library at hand writes it.
"""

import datetime
import struct
from collections.abc import Mapping, Sequence

Cell = str | float | bool | datetime.date

SECTOR = 512
FREE, END, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SMALLEST_STREAM = 4096
PLAIN_CELL, DATE_CELL = 0, 1
DATE_FORMAT = 14
FIRST_DAY = datetime.date(1899, 12, 30)


def xls_of(tabs: Mapping[str, Sequence[Sequence[Cell]]], *, has_password: bool = False) -> bytes:
    """A workbook with these tabs; dates are serial numbers in a date format, as Excel keeps them.

    `has_password`: it says that it is protected; its cells are left as they are.
    """
    return _compound_file("Workbook", _workbook(tabs, has_password))


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _begin(what: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, what, 0x0DBB, 0x07CC, 0, 6))


def _style(number_format: int) -> bytes:
    return _record(0x00E0, struct.pack("<HHH", 0, number_format, 0).ljust(20, b"\0"))


def _workbook(tabs: Mapping[str, Sequence[Sequence[Cell]]], has_password: bool) -> bytes:
    sheets = [_sheet(rows) for rows in tabs.values()]
    password = _record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48)) if has_password else b""
    start = (
        _begin(0x0005) + password + _record(0x0042, struct.pack("<H", 1200)) + _style(0) + _style(DATE_FORMAT)
    )
    end = _record(0x000A, b"")
    names = [name.encode("utf-16-le") for name in tabs]
    length = len(start) + sum(4 + 8 + len(name) for name in names) + len(end)
    places = b""
    for name, sheet in zip(names, sheets, strict=True):
        places += _record(0x0085, struct.pack("<IBBBB", length, 0, 0, len(name) // 2, 1) + name)
        length += len(sheet)
    return start + places + end + b"".join(sheets)


def _sheet(rows: Sequence[Sequence[Cell]]) -> bytes:
    width = max((len(row) for row in rows), default=0)
    cells = [_cell(r, c, cell) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell != ""]
    size = _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    return _begin(0x0010) + size + b"".join(cells) + _record(0x000A, b"")


def _cell(row: int, column: int, cell: Cell) -> bytes:
    if isinstance(cell, str):
        words = cell.encode("utf-16-le")
        place = struct.pack("<HHH", row, column, PLAIN_CELL)
        return _record(0x0204, place + struct.pack("<HB", len(words) // 2, 1) + words)
    style = PLAIN_CELL
    if isinstance(cell, datetime.datetime):
        cell = cell.date()
    if isinstance(cell, datetime.date):
        style, cell = DATE_CELL, (cell - FIRST_DAY).days
    return _record(0x0203, struct.pack("<HHHd", row, column, style, float(cell)))


def _compound_file(name: str, stream: bytes) -> bytes:
    """A compound file whose only stream lies in whole sectors: table of sectors, directory, stream."""
    stream = stream.ljust(SMALLEST_STREAM, b"\0")
    n_stream = -(-len(stream) // SECTOR)
    n_tables = 1
    while n_tables * SECTOR // 4 < n_tables + 1 + n_stream:
        n_tables += 1
    first = n_tables + 1
    table = [FAT_SECTOR] * n_tables + [END]
    table += [first + n + 1 for n in range(n_stream - 1)] + [END]
    table += [FREE] * (n_tables * SECTOR // 4 - len(table))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, n_tables, n_tables, 0, SMALLEST_STREAM, END, 0, END, 0
    )
    tables = [*range(n_tables), *[FREE] * (109 - n_tables)]
    folder = _entry("Root Entry", 5, END, 0, child=1) + _entry(name, 2, first, len(stream))
    parts = [
        head + struct.pack("<109I", *tables),
        struct.pack(f"<{len(table)}I", *table),
        folder + _entry("", 0, 0, 0) * 2,
        stream.ljust(n_stream * SECTOR, b"\0"),
    ]
    return b"".join(parts)


def _entry(name: str, kind: int, start: int, size: int, child: int = FREE) -> bytes:
    words = name.encode("utf-16-le")
    length = len(words) + 2 if name else 0
    links = struct.pack("<HBBIII", length, kind, 1, FREE, FREE, child)
    return words.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)
