"""What the eleven lists hold, as data: their columns and headings, and the codes that may stand in them.

Source: Ofsted's child-level data template and guidance for Annex A, August 2019; the four columns that List 9
gained by January 2024 and the codes marked `later` are in use by councils. The facts lie in `lists.json` and
`codes.json`.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LIST_NUMBERS = range(1, 12)
CHILD_LISTS = range(1, 11)
CASE_LISTS = (6, 7, 8, 9)


@dataclass(frozen=True)
class Column:
    """One column of a list.

    `kind` is id, date, integer, code, text or postcode. `is_needed`: the list cannot be used without it.
    `is_withheld`: read in memory for checks and never kept. `since_2024`: older layouts do without it.
    """

    field: str
    heading: str
    kind: str
    codes: str | None = None
    may_be_blank: bool = False
    also: tuple[str, ...] = ()
    since_2024: bool = False
    is_withheld: bool = False
    is_needed: bool = False


@dataclass(frozen=True)
class ListSpec:
    """One list: its number, name and columns. `grain` is event, child or adopter: what a row stands for."""

    number: int
    name: str
    grain: str
    columns: tuple[Column, ...]

    @property
    def id_field(self) -> str:
        """The field that tells one person from another."""
        return "adopter_id" if self.grain == "adopter" else "child_id"

    @property
    def is_one_row_each(self) -> bool:
        """Whether a person may stand in this list once only."""
        return self.grain != "event"

    def column(self, field: str) -> Column:
        """The column of a field that this list has."""
        return next(column for column in self.columns if column.field == field)


@dataclass(frozen=True)
class Code:
    """One value of a code set: as the lists write it, its national code, and its meaning."""

    code: str
    dfe: str | None = None
    meaning: str | None = None


@cache
def list_specs() -> dict[int, ListSpec]:
    """The eleven lists by number."""
    stored = json.loads(files(__package__).joinpath("lists.json").read_text("utf-8"))
    return {
        int(number): ListSpec(
            int(number),
            one["name"],
            one["grain"],
            tuple(
                Column(
                    column["field"],
                    column["heading"],
                    column["kind"],
                    column.get("codes"),
                    column.get("may_be_blank", False),
                    tuple(column.get("also", ())),
                    column.get("since_2024", False),
                    column.get("withheld", False),
                    column.get("needed", False),
                )
                for column in one["columns"]
            ),
        )
        for number, one in stored.items()
    }


@cache
def code_sets() -> dict[str, tuple[Code, ...]]:
    """The code sets by name."""
    stored = json.loads(files(__package__).joinpath("codes.json").read_text("utf-8"))
    return {
        name: tuple(Code(one["code"], one.get("dfe"), one.get("meaning")) for one in codes)
        for name, codes in stored.items()
    }
