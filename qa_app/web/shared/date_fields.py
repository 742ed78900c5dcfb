"""A date typed in three boxes: day, month, year. Whatever is sent, the answer is a date or a sentence."""

from calendar import month_abbr, month_name, monthrange
from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms.fields.core import Field
from wtforms.utils import unset_value

PARTS = ("day", "month", "year")
WIDTHS = {"day": 2, "month": 2, "year": 4}


class DayField(Field):
    """A date as day, month and year boxes named `<field>-day`, `<field>-month`, `<field>-year`.

    The month may be a number or a word. An empty date is None; add InputRequired to insist on one.
    """

    data: date | None
    raw_data: list[str] | None
    process_errors: list[str]

    def __init__(
        self, label: str | None = None, validators: Sequence[Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.typed: dict[str, str] = {}
        self.faulty_parts: tuple[str, ...] = ()

    @property
    def faulty_part(self) -> str:
        """The box that a link in the error summary leads to."""
        return self.faulty_parts[0] if self.faulty_parts else PARTS[0]

    def box_id(self, part: str) -> str:
        """The id of one of the three boxes."""
        return f"{self.id}-{part}"

    def boxes(self) -> list[tuple[str, str, int]]:
        """Part, what stands in its box, and its width."""
        return [(part, self.typed.get(part, ""), WIDTHS[part]) for part in PARTS]

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take the default or the stored date, then what the form sent, if it sent any of the boxes."""
        super().process(None, data, extra_filters)
        self.typed = {}
        if isinstance(self.data, date):
            self.typed = {
                "day": str(self.data.day),
                "month": str(self.data.month),
                "year": str(self.data.year),
            }
        self.faulty_parts = ()
        names = {part: f"{self.name}-{part}" for part in PARTS}
        if formdata is None or not any(name in formdata for name in names.values()):
            self.raw_data = [] if formdata is not None else None
            return
        self.typed = {
            part: str(formdata.getlist(name)[0]).strip() if name in formdata else ""
            for part, name in names.items()
        }
        said = " ".join(filter(None, self.typed.values()))
        self.raw_data = [said] if said else []
        self.process_errors = []
        self.data = None
        if said:
            self.read_typed()

    def read_typed(self) -> None:
        """Make a date of what was typed, or say which part is missing or wrong."""
        missing = tuple(part for part in PARTS if not self.typed[part])
        if missing:
            return self.refuse(missing, f"give the {' and the '.join(missing)} too")
        numbers = {part: whole(self.typed[part]) for part in PARTS} | {
            "month": month_number(self.typed["month"])
        }
        wrong = tuple(part for part in PARTS if not is_possible(part, numbers[part], self.typed[part]))
        if wrong == ("year",):
            return self.refuse(wrong, "give the year with four digits, like 2026")
        if wrong:
            return self.refuse(wrong, "give a real date, like 30 10 2026")
        if numbers["day"] > monthrange(numbers["year"], numbers["month"])[1]:
            return self.refuse(("day",), "give a real date; that month has fewer days")
        self.data = date(numbers["year"], numbers["month"], numbers["day"])
        return None

    def refuse(self, parts: tuple[str, ...], what: str) -> None:
        """Note the fault and the boxes that it lies in."""
        self.faulty_parts = parts
        self.process_errors.append(f"{self.label.text.rstrip('?:. ')}: {what}")

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """When the whole date is refused by a validator, all three boxes are at fault."""
        super().post_validate(form, validation_stopped)
        if self.errors and not self.faulty_parts:
            self.faulty_parts = PARTS


def whole(text: str) -> int:
    """A short number of plain digits, or -1."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else -1


def month_number(text: str) -> int:
    """The month from a number, a name, or its first three letters; -1 if it is none."""
    names = [*(name.lower() for name in month_name), *(name.lower() for name in month_abbr)]
    lowered = text.lower()
    return names.index(lowered) % 13 if lowered in names and lowered else whole(text)


def is_possible(part: str, number: int, typed: str) -> bool:
    """Whether the number can stand in that box at all."""
    highest = {"day": 31, "month": 12, "year": 9999}[part]
    return 1 <= number <= highest and (part != "year" or len(typed) == 4)
