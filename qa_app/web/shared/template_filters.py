"""How figures, dates and states are worded on pages. Every wording of a number on a page comes from here."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from jinja2 import Environment

LONDON = ZoneInfo("Europe/London")
NOT_RECORDED = "Not recorded"

GRADE_WORDS = {
    "outstanding": "Outstanding",
    "good": "Good",
    "requires_improvement": "Requires improvement",
    "inadequate": "Inadequate",
}


def day(value: date | None) -> str:
    """`30 October 2026`, in London for a moment in time; *Not recorded* for no date."""
    if value is None:
        return NOT_RECORDED
    if isinstance(value, datetime):
        value = value.astimezone(LONDON)
    return f"{value.day} {value:%B %Y}"


def short_day(value: date | None) -> str:
    """`30 Oct 2026`, for tables."""
    if value is None:
        return NOT_RECORDED
    if isinstance(value, datetime):
        value = value.astimezone(LONDON)
    return f"{value.day} {value:%b %Y}"


def month(value: date | str | None) -> str:
    """`November 2026`, from a date or from `2026-11`."""
    if value is None or value == "":
        return NOT_RECORDED
    if isinstance(value, str):
        value = date.fromisoformat(f"{value[:7]}-01")
    return f"{value:%B %Y}"


def moment(value: datetime | None) -> str:
    """`30 October 2026 at 2.05pm`, London time."""
    if value is None:
        return NOT_RECORDED
    return f"{day(value)} at {time_of_day(value)}"


def time_of_day(value: datetime | None) -> str:
    """`2.05pm`, London time."""
    if value is None:
        return NOT_RECORDED
    local = value.astimezone(LONDON)
    hour = local.hour % 12 or 12
    return f"{hour}.{local:%M}{'am' if local.hour < 12 else 'pm'}"


def n_of_total(n: int, total: int) -> str:
    """`12 of 53`."""
    return f"{n:,} of {total:,}"


def per_cent(n: int, total: int) -> str:
    """`23%`, to the nearest whole number; no per cent for nothing out of nothing.

    Under 1% and over 99% are not rounded to none or all, since those would be other statements.
    """
    if total <= 0:
        return "no rate"
    share = 100 * n / total
    if 0 < share < 1:
        return "under 1%"
    if 99 < share < 100:
        return "over 99%"
    return f"{int(share + 0.5)}%"


def share(n: int, total: int) -> str:
    """`23% (12 of 53)`, or `0 of 0` when there is nothing to take a share of."""
    if total <= 0:
        return n_of_total(n, total)
    return f"{per_cent(n, total)} ({n_of_total(n, total)})"


def counted(n: int, singular: str, plural: str | None = None) -> str:
    """`1 review`, `1,204 reviews`; the plural is the singular and an s unless given."""
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"


def or_not_recorded(value: object) -> object:
    """The value, or *Not recorded* where there is none (nothing, empty text, not a number)."""
    if value is None or value != value or (isinstance(value, str) and not value.strip()):
        return NOT_RECORDED
    return value


def words(value: object) -> str:
    """A stored state in words: `in_progress` becomes `In progress`."""
    text = str(value).replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def grade_words(value: str | None) -> str:
    """A grade in words, or *Not graded*."""
    return GRADE_WORDS.get(str(value), words(value)) if value else "Not graded"


def bar_width(n: float, total: float, whole: int = 100) -> float:
    """How much of `whole` a bar fills for n of total: never less than nothing, never more than all."""
    if total <= 0:
        return 0.0
    return round(max(0.0, min(1.0, n / total)) * whole, 2)


def line_points(shares: Sequence[float | None], width: int = 120, height: int = 28) -> list[str]:
    """Points of a small line for shares between 0 and 1, as SVG polylines.

    A gap (None) breaks the line; a point between two gaps is a line of no length, drawn as a dot.
    """
    step = (width - 4) / max(1, len(shares) - 1)
    lines: list[list[str]] = [[]]
    for position, value in enumerate(shares):
        if value is None:
            lines.append([])
            continue
        across = 2 + step * position
        down = height - 2 - max(0.0, min(1.0, value)) * (height - 4)
        lines[-1].append(f"{across:.1f},{down:.1f}")
    return [" ".join(points if len(points) > 1 else points * 2) for points in lines if points]


def register(environment: Environment) -> None:
    """Make the wordings known to templates, as filters of the same name."""
    for wording in (
        day, short_day, month, moment, time_of_day, n_of_total, per_cent, share, counted, or_not_recorded,
        words, grade_words, bar_width, line_points,
    ):  # fmt: skip
        environment.filters[wording.__name__] = wording
