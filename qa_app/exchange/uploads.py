"""Files as people send them: what they are by their content, whatever their name says."""

import hashlib
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath

from qa_app.domain.errors import Invalid

MEGABYTE = 1024 * 1024
MAX_FILE_BYTES = 60 * MEGABYTE
MAX_UNPACKED_BYTES = 600 * MEGABYTE
MAX_PACKED_PARTS = 5_000
BOMB_BYTES, BOMB_RATIO = 100 * MEGABYTE, 150
"""What unpacks to more than this, at more than so many times its size, holds next to nothing but size."""
PROLOG_BYTES = 64 * 1024
MANIFEST = "META-INF/manifest.xml"
"""Old OpenDocument files name a document type in this part, which nobody reads as XML here."""
LONGEST_NAME = 120

OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names inside an OLE container are UTF-16; a protected workbook keeps its content in this stream.
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
XLS_STREAMS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
# The FILEPASS record of an old .xls with a password to open: record 0x002F, six to two hundred bytes long.
FILEPASS_SEARCH_BYTES = 4096


class FileKind(StrEnum):
    """What a file is, told from its first bytes."""

    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"
    DOCX = "docx"
    PDF = "pdf"
    IMAGE = "image"
    HTML = "html"
    XML = "xml"
    ZIP = "zip"
    PROTECTED = "protected"
    EMPTY = "empty"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """The kind in words, with its article, for a sentence."""
        return KIND_WORDS[self]


KIND_WORDS = {
    FileKind.XLSX: "an Excel workbook (.xlsx)",
    FileKind.XLS: "an Excel workbook (.xls)",
    FileKind.ODS: "an OpenDocument spreadsheet (.ods)",
    FileKind.CSV: "plain text or CSV",
    FileKind.DOCX: "a Word document",
    FileKind.PDF: "a PDF",
    FileKind.IMAGE: "a picture",
    FileKind.HTML: "a web page",
    FileKind.XML: "an XML file",
    FileKind.ZIP: "a zip file",
    FileKind.PROTECTED: "protected with a password",
    FileKind.EMPTY: "empty",
    FileKind.UNKNOWN: "of a kind that we do not know",
}

SPREADSHEETS = frozenset({FileKind.XLSX, FileKind.XLS, FileKind.ODS, FileKind.CSV})
_ENDINGS = {
    ".xlsx": {FileKind.XLSX},
    ".xlsm": {FileKind.XLSX},
    ".xls": {FileKind.XLS},
    ".ods": {FileKind.ODS},
    ".csv": {FileKind.CSV},
    ".txt": {FileKind.CSV},
    ".tsv": {FileKind.CSV},
}


@dataclass(frozen=True)
class UploadedFile:
    """A file as it was sent: the name it had and its bytes. A path in the name is cut off."""

    name: str
    content: bytes = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", clean_name(self.name))

    @property
    def sha256(self) -> str:
        """The hash of the bytes: the same file under another name has the same hash."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def kind(self) -> FileKind:
        """What the file is, told from its content."""
        return kind_of(self.content)


def clean_name(name: str) -> str:
    """A file's name fit to be shown: its path cut off, nothing invisible in it, its ending kept when it is very long.

    Signs that turn the direction of writing are taken out: they make `fdp.xlsx` of what ends in `xslx.pdf`.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    if len(seen) > LONGEST_NAME:
        ending = PurePath(seen).suffix[:10]
        seen = seen[: LONGEST_NAME - len(ending) - 3] + "..." + ending
    return seen if seen.strip(". ") else "file"


def sha256_of(files: Sequence[UploadedFile]) -> str:
    """One hash for what was sent together, whatever the order: for one file, its own hash."""
    hashes = sorted(file.sha256 for file in files)
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def kind_of(content: bytes) -> FileKind:
    """What bytes are, from their content alone."""
    if not content.strip(b"\x00\r\n\t "):
        return FileKind.EMPTY
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(content)
    if content.startswith(OLE_MARK):
        return _ole_kind(content)
    if content[:1024].lstrip().startswith(b"%PDF"):
        return FileKind.PDF
    if content.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM6", b"II*\x00", b"MM\x00*")):
        return FileKind.IMAGE
    head = content[:512].lstrip(b"\xef\xbb\xbf\r\n\t ").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<style")):
        return FileKind.HTML
    if head.startswith(b"<?xml"):
        return FileKind.HTML if b"<html" in head else FileKind.XML
    return FileKind.CSV if _looks_like_text(content) else FileKind.UNKNOWN


def _zip_kind(content: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = set(packed.namelist())
            if "mimetype" in names and packed.getinfo("mimetype").file_size < 200:
                mimetype = packed.read("mimetype")
                if b"opendocument.spreadsheet" in mimetype:
                    return _ods_kind(packed)
            if any(info.flag_bits & 0x1 for info in packed.infolist()):
                return FileKind.PROTECTED
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError):
        return FileKind.UNKNOWN
    if any(name.lower().startswith("xl/") for name in names):
        return FileKind.XLSX
    if any(name.lower().startswith("word/") for name in names):
        return FileKind.DOCX
    return FileKind.ZIP


def _ods_kind(packed: zipfile.ZipFile) -> FileKind:
    """An OpenDocument file with a password says so in its manifest; the parts themselves are not readable."""
    if MANIFEST in packed.namelist() and packed.getinfo(MANIFEST).file_size < MEGABYTE:
        text = packed.read(MANIFEST)
        if b"encryption-data" in text or b"encrypted-package" in text:
            return FileKind.PROTECTED
    return FileKind.ODS


def _ole_kind(content: bytes) -> FileKind:
    if ENCRYPTED_STREAM in content:
        return FileKind.PROTECTED
    if any(stream in content for stream in XLS_STREAMS):
        return FileKind.PROTECTED if _xls_has_password(content) else FileKind.XLS
    return FileKind.UNKNOWN


def _xls_has_password(content: bytes) -> bool:
    """Whether the first records of an old workbook hold a FILEPASS record (0x002F)."""
    start = content.find(b"\x09\x08\x10\x00")
    if start < 0:
        return False
    position, end = start, min(len(content), start + FILEPASS_SEARCH_BYTES)
    while position + 4 <= end:
        record = int.from_bytes(content[position : position + 2], "little")
        length = int.from_bytes(content[position + 2 : position + 4], "little")
        if record == 0x002F:
            return True
        if record == 0x0085:  # the first tab's entry: a password record would have come before it
            return False
        position += 4 + length
    return False


def _looks_like_text(content: bytes) -> bool:
    if content.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return True
    head = content[:8192]
    if b"\x00" in head:
        # UTF-16 without its mark: every second byte of Western text is zero.
        return head[1::2].count(0) > len(head) * 0.3 or head[0::2].count(0) > len(head) * 0.3
    controls = sum(byte < 9 or 13 < byte < 32 for byte in head)
    return controls <= len(head) // 100


def check_file(file: UploadedFile, accepted: Iterable[FileKind] = SPREADSHEETS) -> FileKind:
    """Refuse a file that is not what it says, cannot be opened or is too big; give its kind.

    Errors: `Invalid("file", ...)` naming the file, what it really is and what to send instead.
    """
    accepted = frozenset(accepted)
    if len(file.content) > MAX_FILE_BYTES:
        raise Invalid(
            "file",
            f"{file.name} is {len(file.content) // MEGABYTE} MB. The most that can be read is "
            f"{MAX_FILE_BYTES // MEGABYTE} MB. Remove the tabs that are not needed and send it again.",
        )
    kind = file.kind
    if kind is FileKind.EMPTY:
        raise Invalid("file", f"{file.name} is empty. Export it again, check that it opens, and send that.")
    if kind is FileKind.PROTECTED:
        raise Invalid(
            "file",
            f"{file.name} is protected with a password, so it cannot be read. "
            "Open it, save a copy without a password, and send the copy.",
        )
    if kind not in accepted:
        wanted = ", ".join(sorted(one.value for one in accepted))
        raise Invalid("file", f"{_what_it_is(file, kind)}. Send one of these instead: {wanted}.")
    said = _ENDINGS.get(PurePath(file.name.lower()).suffix)
    if said is not None and kind not in said and FileKind.CSV in (*said, kind):
        raise Invalid(
            "file",
            f"{_what_it_is(file, kind)}. Save it again from the program that made it, "
            "with the ending that belongs to it.",
        )
    if kind in (FileKind.XLSX, FileKind.ODS, FileKind.DOCX, FileKind.ZIP):
        check_packed_size(file)
    return kind


def check_packed_size(file: UploadedFile) -> None:
    """Refuse a packed file whose content would fill the machine, or is made to fool whoever reads it.

    It is judged from its directory before anything is unpacked; the readers hold it to the sizes named there.
    Errors: `Invalid("file", ...)` when it would unpack to more than 600 MB or cannot be unpacked at all.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as packed:
            parts = packed.infolist()
            is_sound = len(parts) > MAX_PACKED_PARTS or _parts_are_sound(packed, parts)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        raise Invalid(
            "file", f"{file.name} is damaged and cannot be opened. Save it again and send that."
        ) from error
    if not is_sound:
        raise Invalid(
            "file",
            f"{file.name} is not put together as a spreadsheet program does it, so it is not read. "
            "Open it in one, save it as a new workbook, and send that.",
        )
    unpacked = sum(part.file_size for part in parts)
    is_bomb = unpacked > BOMB_BYTES and unpacked > BOMB_RATIO * len(file.content)
    if unpacked > MAX_UNPACKED_BYTES or len(parts) > MAX_PACKED_PARTS or is_bomb:
        raise Invalid(
            "file",
            f"{file.name} would unpack to {unpacked // MEGABYTE:,} MB in {len(parts):,} parts, which is more "
            "than a workbook of this kind ever needs. Copy the tabs into a new workbook and send that.",
        )


def _parts_are_sound(packed: zipfile.ZipFile, parts: Sequence[zipfile.ZipInfo]) -> bool:
    """Whether no part is there twice, leads out of the file, or brings definitions of its own for a reader of XML."""
    names = [part.filename for part in parts]
    if len(set(names)) != len(names):
        return False
    if any(name.startswith(("/", "\\")) or ".." in PurePath(name.replace("\\", "/")).parts for name in names):
        return False
    for part in parts:
        is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml")) and part.filename != MANIFEST
        if is_xml and not part.flag_bits & 0x1:
            with packed.open(part) as opened:
                if not _begins_plainly(opened.read(PROLOG_BYTES)):
                    return False
    return True


def _begins_plainly(xml: bytes) -> bool:
    """Whether an XML document comes to its first element without a document type, where entities are defined."""
    if xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        xml = xml.decode("utf-16", errors="replace").encode()
    elif b"\x00" in xml[:4]:
        return False
    prolog = re.match(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->)*", xml, re.DOTALL)
    rest = xml[prolog.end() :] if prolog else xml
    return not rest.startswith(b"<!") and (len(xml) < PROLOG_BYTES or bool(rest))


def _what_it_is(file: UploadedFile, kind: FileKind) -> str:
    ending = PurePath(file.name).suffix
    says = f" Its name ends in {ending}, but its" if ending.lower() in _ENDINGS else " Its"
    return f"{file.name} cannot be read here.{says} content is {kind.words}"
