"""The headings under which councils keep their plans, and which of our fields each one fills."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa_app.domain.plan_records import PlanMapping

# Source: headings read in published improvement plans, corporate parenting plans and board papers.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "ref": (
        "id", "action id", "ref", "reference", "ref no", "no", "nos", "number", "#", "action no",
        "action number", "action ref", "plan ref", "item", "item no",
    ),
    "priority": ("plan priority", "priority", "priority no", "priority number", "priority area"),
    "recommendation": (
        "recommendation", "recommendations", "ofsted finding", "ofsted recommendation", "finding",
        "area for improvement", "what needs to improve", "source",
    ),
    "text": (
        "key action", "key actions", "action", "actions", "what", "specific action", "specific actions",
        "action required", "actions required", "key future actions", "activity", "what will we do",
        "what we will do",
    ),
    "strategic_lead": ("strategic lead",),
    "operational_lead": ("operational lead",),
    "lead": (
        "lead", "leads", "who", "lead officer", "lead officers", "responsible officer", "responsible lead",
        "responsibility", "responsible", "owner", "owners", "action owner", "lead person", "by whom",
    ),
    "agencies": (
        "agency involvement", "agencies", "agency", "agencies involved", "partners", "partner agencies",
        "partner involvement", "multi agency involvement",
    ),
    "timescale": (
        "timescale", "timescales", "timescale target", "when", "by when", "date", "timeline", "timeframe",
        "deadline", "target date", "due", "due date", "due by", "completion date", "target completion date",
    ),
    "success_measure": (
        "success measure", "success measures", "success criteria", "output outcome measurement", "measure",
        "measures", "how will we know", "expected outcome", "outcome measure", "outcome measures",
    ),
    "status": (
        "status rag", "rag", "rag rating", "rag status", "brag", "brag rating", "brag status", "status",
        "current status", "action status", "assessment of progress", "progress rating",
    ),
    "progress": (
        "progress", "update", "updates", "progress update", "current position", "commentary", "comments",
        "progress and evidence", "progress evidence", "latest update",
    ),
    "evidence": ("evidence", "evidence of impact", "evidence of progress"),
}  # fmt: skip

HEADING_BEGINNINGS: Mapping[str, tuple[str, ...]] = {
    "progress": ("progress presented", "progress since", "progress to", "update as at", "position as at"),
    "status": ("rag ", "status as at", "assessment of progress"),
}

NEEDED: Mapping[str, str] = {
    "ref": "the action's number",
    "text": "the action",
    "timescale": "the timescale",
    "status": "the status or RAG rating",
}

_ACCEPTED = {heading: name for name, headings in HEADINGS.items() for heading in headings}


@dataclass(frozen=True)
class Columns:
    """Where each field stands in a table: field -> positions of its columns, and the headings left over."""

    heading_row: int
    positions: Mapping[str, tuple[int, ...]]
    headings: tuple[str, ...]
    not_used: tuple[str, ...]

    def headings_by_field(self) -> dict[str, tuple[str, ...]]:
        """Field -> the headings that were taken for it, as written."""
        return {
            name: tuple(self.headings[at] for at in positions) for name, positions in self.positions.items()
        }

    def missing(self, mapping: PlanMapping) -> list[str]:
        """Needed fields without a column, unless the mapping says that the document has none."""
        absent = {name for name, heading in mapping.columns.items() if heading is None}
        return [
            name for name in NEEDED if name not in self.positions and (name not in absent or name == "text")
        ]


def plain_heading(cell: object) -> str:
    """A heading reduced to its words: "Status (RAG)" and "STATUS  - rag" are the same."""
    text = str(cell if cell is not None else "").replace("\u00a0", " ").lower()
    if text.strip() == "#":
        return "#"
    text = re.sub(r"\(s\)", "s", text).replace("'", "").replace("’", "")
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())


def field_of(heading: str) -> str | None:
    """The field that a plain heading fills, if it is one we know."""
    if heading in _ACCEPTED:
        return _ACCEPTED[heading]
    for name, beginnings in HEADING_BEGINNINGS.items():
        if heading.startswith(beginnings):
            return name
    return None


def match_columns(row_number: int, row: Sequence[object], mapping: PlanMapping) -> Columns:
    """Match one row of cells to our fields by their words; the mapping's own headings come first."""
    named = {plain_heading(heading): name for name, heading in mapping.columns.items() if heading}
    absent = {name for name, heading in mapping.columns.items() if heading is None}
    fixed = set(named.values()) | absent
    positions: dict[str, list[int]] = {}
    not_used: list[str] = []
    headings = tuple(" ".join(str(cell if cell is not None else "").split()) for cell in row)
    for at, heading in enumerate(headings):
        plain = plain_heading(heading)
        if not plain:
            continue
        name = named.get(plain)
        if name is None:
            known = field_of(plain)
            name = known if known not in fixed else None
        if name is None:
            not_used.append(heading)
        else:
            positions.setdefault(name, []).append(at)
    return Columns(row_number, {name: tuple(at) for name, at in positions.items()}, headings, tuple(not_used))
