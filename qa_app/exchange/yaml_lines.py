"""YAML 1.2 read with the line of every part, and with everything refused that a plain file does not need.

Anchors, tags, several documents and repeated keys are refused; `no` stays a word. The reader walks events
without recursion, so a deep or endless file is refused quickly.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]

LARGEST = 1_000_000
"""Units: bytes."""
DEEPEST = 24
MOST_PARTS = 20_000

_NULL = re.compile(r"^(~|null|Null|NULL|)$")
_TRUE = re.compile(r"^(true|True|TRUE)$")
_FALSE = re.compile(r"^(false|False|FALSE)$")
_WHOLE = re.compile(r"^[-+]?(0|[1-9][0-9]{0,14})$")
_DECIMAL = re.compile(r"^[-+]?[0-9]{1,15}\.[0-9]{1,15}$")


@dataclass(frozen=True)
class LineFault:
    """One thing wrong with a file: the line (the first is 1; 0 means the whole file), and what in words."""

    line: int
    what: str


@dataclass
class YamlDocument:
    """What a file holds as plain data, the line of each part, and its faults."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[LineFault] = field(default_factory=list)
    is_whole: bool = True
    """Whether the file could be read to its end: of a part nothing can be said but where it ends."""

    def line_of(self, path: Path) -> int:
        """The line of a part, or of the nearest part around it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 0


class _Refused(Exception):
    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.fault = LineFault(line, what)


@dataclass
class _Open:
    """A mapping or list that is still being read."""

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None
    wants_key: bool = True
    skipping: bool = False


def read_yaml(content: bytes) -> YamlDocument:
    """Read a file into plain data with lines; what is wrong is in `faults`, as much as can be told."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    document = YamlDocument()
    if len(content) > LARGEST:
        what = f"the file is larger than {LARGEST // 1000:,} kB, which no form needs; is it the right one?"
        document.faults.append(LineFault(0, what))
        return document
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        document.faults.append(LineFault(line, "this is not UTF-8 text; save the file as UTF-8"))
        return document
    try:
        _build(YAML(typ="safe", pure=True).parse(text), document)
    except _Refused as refusal:
        document.is_whole = False
        document.faults.append(refusal.fault)
    except MarkedYAMLError as error:
        document.is_whole = False
        mark = error.problem_mark or error.context_mark
        what = f"this is not YAML: {error.problem or error.context or 'it cannot be read'}"
        document.faults.append(LineFault(mark.line + 1 if mark else 0, what))
    except (YAMLError, RecursionError, ValueError) as error:
        document.is_whole = False
        first = str(error).splitlines()[0] if str(error) else "it cannot be read"
        document.faults.append(LineFault(0, f"this is not YAML: {first}"))
    return document


def _build(events: Iterator[Any], document: YamlDocument) -> None:
    stack: list[_Open] = []
    n_documents = 0
    for n_parts, event in enumerate(events, 1):
        kind = type(event).__name__
        line = event.start_mark.line + 1
        if n_parts > MOST_PARTS:
            raise _Refused(line, f"the file has more than {MOST_PARTS:,} parts, which no form needs")
        if kind == "DocumentStartEvent":
            n_documents += 1
            if n_documents > 1:
                raise _Refused(line, "a second document begins here; keep one form in one file")
        elif kind == "AliasEvent":
            raise _Refused(line, f"'*{event.anchor}' points to another part; write it out in full")
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            stack.pop()
        elif kind in ("ScalarEvent", "MappingStartEvent", "SequenceStartEvent"):
            _refuse_extras(event, line)
            _take(event, kind, line, stack, document)
            if len(stack) > DEEPEST:
                raise _Refused(line, f"the file is nested more than {DEEPEST} deep, which no form needs")


def _refuse_extras(event: Any, line: int) -> None:
    if event.anchor is not None:
        raise _Refused(line, f"'&{event.anchor}' names a part for use elsewhere; write each part out in full")
    if event.ctag is not None and event.tag is not None:
        raise _Refused(line, f"the tag '{event.tag}' is not allowed; write plain values")


def _take(event: Any, kind: str, line: int, stack: list[_Open], document: YamlDocument) -> None:
    """Put one part into the list or mapping that is open, and open it in turn if it holds others."""
    parent = stack[-1] if stack else None
    if parent is not None and isinstance(parent.value, dict) and parent.wants_key:
        if kind != "ScalarEvent":
            raise _Refused(line, "a key must be a plain word")
        parent.key, parent.wants_key = str(event.value), False
        path = (*parent.path, parent.key)
        parent.skipping = parent.key in parent.value
        if parent.skipping:
            what = f"'{parent.key}' stands twice here, first on line {document.lines.get(path, 0)}; keep one"
            document.faults.append(LineFault(line, what))
        else:
            document.lines[path] = line
        return
    value: Any = {} if kind == "MappingStartEvent" else [] if kind == "SequenceStartEvent" else _scalar(event)
    if parent is None:
        path = ()
        document.data = value
    elif isinstance(parent.value, list):
        path = (*parent.path, len(parent.value))
        parent.value.append(value)
    else:
        path = (*parent.path, str(parent.key))
        if parent.skipping:
            path = (*path, "(second)")
        else:
            parent.value[str(parent.key)] = value
        parent.wants_key = True
    document.lines.setdefault(path, line)
    if kind != "ScalarEvent":
        stack.append(_Open(value, path))


def _scalar(event: Any) -> str | int | float | bool | None:
    text: str = event.value
    if not event.implicit[0]:
        return text
    if _NULL.match(text):
        return None
    if _TRUE.match(text) or _FALSE.match(text):
        return bool(_TRUE.match(text))
    if _WHOLE.match(text):
        return int(text)
    return float(text) if _DECIMAL.match(text) else text
