"""What the pages of measures show: each share with its n and N, and where a new version began."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import url_for

from qa_app.domain.answer_types import Summary
from qa_app.domain.answers import JsonValue
from qa_app.domain.choices import ChoiceLike
from qa_app.domain.measure_figures import NOT_ANSWERED, Share, Spread, shares_of, spread_of
from qa_app.queries.measure_trends import AskedIn, Cell, MeasureLine, MeasureSlice, MeasureTrend

TONES = 6
"""How many shades the parts of a bar have; more answers begin again."""


@dataclass(frozen=True)
class MeasureRow:
    """One measure in the list."""

    text: str
    href: str
    measure: str
    answer_type: str
    forms: str
    n_versions: int
    n_reviews: int


@dataclass(frozen=True)
class MeasureListView:
    """The list of measures. Without words looked for, those that nobody has answered yet stand apart."""

    words: str
    rows: tuple[MeasureRow, ...]
    unanswered: tuple[MeasureRow, ...]
    n_all: int


@dataclass(frozen=True)
class BarPart:
    """One part of a stacked bar, from `start` over `width` hundredths."""

    start: float
    width: float
    tone: str


@dataclass(frozen=True)
class TrendRow:
    """One month, on one version or on all. `began`: the newer versions that begin with this month."""

    month: date
    version: str
    began: tuple[str, ...]
    n_base: int
    n_out: int
    shares: tuple[Share, ...]
    spread: Spread | None
    bar: tuple[BarPart, ...]


@dataclass(frozen=True)
class VersionColumn:
    """One version beside the others: how the question reads there, and what was answered."""

    label: str
    form_title: str
    text: str
    question_key: str
    is_retired: bool
    months: str
    n_base: int
    shares: tuple[Share, ...]
    spread: Spread | None
    changed_from: str
    is_used: bool


@dataclass(frozen=True)
class TrendView:
    """The page of one measure."""

    title: str
    measure: str
    answer_type: str
    answers: tuple[tuple[str, str, str], ...]
    """Each answer: key, words, tone."""
    is_several: bool
    is_spread: bool
    months: tuple[TrendRow, ...]
    """Every month, all versions of all forms together."""
    rows: tuple[TrendRow, ...]
    """Every month on every version; none when there is one version only."""
    unused: str
    """Versions that ask it and have no review yet."""
    versions: tuple[VersionColumn, ...]
    several_forms: bool
    first: str
    last: str
    form: str
    forms: tuple[tuple[str, str], ...]
    clear_href: str


def measure_list_view(lines: tuple[MeasureLine, ...], words: str) -> MeasureListView:
    """The list of measures, those only whose question or forms hold the words looked for."""
    wanted = words.casefold().split()
    rows = [
        MeasureRow(
            one.text,
            url_for("measures.show", measure=one.measure),
            one.measure,
            one.answer_type,
            ", ".join(one.forms),
            one.n_versions,
            one.n_reviews,
        )
        for one in lines
        if all(word in f"{one.text} {one.measure} {' '.join(one.forms)}".casefold() for word in wanted)
    ]
    answered = [row for row in rows if row.n_reviews or words]
    return MeasureListView(
        words, tuple(answered), tuple(row for row in rows if row not in answered), len(lines)
    )


def trend_view(trend: MeasureTrend, chosen: MeasureSlice) -> TrendView:
    """One measure, by month and version."""
    newest = trend.newest.question
    summary = newest.answer_type.summary
    known = _Answers(trend)
    several_forms = len({one.form_key for one in trend.versions}) > 1
    rows: list[TrendRow] = []
    months: list[TrendRow] = []
    last_of_form: dict[str, int] = {}
    order = {one.version_id: n for n, one in enumerate(trend.versions)}
    for month, cells in groupby(
        sorted(trend.cells, key=lambda one: (one.month, order[one.version_id])), key=_month_of
    ):
        here = list(cells)
        begins = []
        for cell in here:
            asked = known.by_version[cell.version_id]
            label = _label(asked, several_forms)
            before = last_of_form.get(asked.form_key)
            if before is not None and before < asked.number:
                begins.append(label)
            last_of_form[asked.form_key] = max(before or 0, asked.number)
            rows.append(_row(month, (cell,), label, (), known, summary))
        labels = list(
            dict.fromkeys(_label(known.by_version[cell.version_id], several_forms) for cell in here)
        )
        label = ", ".join(labels) if len(labels) < 3 else f"{len(labels)} versions of forms"
        months.append(_row(month, here, label, begins, known, summary))
    columns = _version_columns(trend, known, several_forms)
    return TrendView(
        title=newest.text,
        measure=trend.measure,
        answer_type=newest.answer_type.title,
        answers=known.listed,
        is_several=summary is Summary.SHARES_OF_SEVERAL,
        is_spread=summary is Summary.SPREAD,
        months=tuple(months),
        rows=tuple(rows) if len({row.version for row in rows}) > 1 else (),
        unused="; ".join(one.label for one in columns if not one.is_used),
        versions=tuple(one for one in columns if one.is_used),
        several_forms=several_forms,
        first=f"{chosen.first:%Y-%m}" if chosen.first else "",
        last=f"{chosen.last:%Y-%m}" if chosen.last else "",
        form=chosen.form_key,
        forms=trend.all_forms,
        clear_href=url_for("measures.show", measure=trend.measure),
    )


class _Answers:
    """Every answer that any version offers or any review gave, in one order and with one shade each."""

    def __init__(self, trend: MeasureTrend) -> None:
        self.by_version: dict[int, AskedIn] = {}
        for one in trend.versions:
            known = self.by_version.get(one.version_id)
            if known is None or known.question.retired:
                self.by_version[one.version_id] = one
        self.options: dict[str, ChoiceLike] = {}
        for one in sorted(trend.versions, key=lambda one: one.published_at, reverse=True):
            for option in one.question.options:
                self.options.setdefault(option.key, option)
        self.summary = trend.newest.question.answer_type.summary
        given: Counter[str] = Counter()
        blanks = False
        for cell in trend.cells:
            for share in shares_of(cell.given(), cell.n_base, list(self.options.values()), self.summary):
                given[share.key] += share.n
                blanks = blanks or (share.key == NOT_ANSWERED)
        labels = {key: option.label for key, option in self.options.items()}
        if self.summary in (Summary.WORDS, Summary.DATES):
            labels = {"answered": "Answered"}
        if self.summary is Summary.SPREAD:
            labels = {}
        if blanks:
            labels[NOT_ANSWERED] = "Not answered"
        self.labels = labels
        self.tones = {key: f"{n % TONES + 1}" for n, key in enumerate(labels) if key != NOT_ANSWERED}
        self.tones[NOT_ANSWERED] = "none"

    @property
    def listed(self) -> tuple[tuple[str, str, str], ...]:
        """Each answer: key, words, shade."""
        return tuple((key, label, self.tones[key]) for key, label in self.labels.items())

    def shares(self, given: list[tuple[JsonValue, int]], n_base: int, summary: Summary) -> tuple[Share, ...]:
        """The share of every answer, in the order of the columns."""
        if summary is Summary.SPREAD:
            n_given = sum(n for _, n in given)
            found = {NOT_ANSWERED: n_base - n_given}
        else:
            counted = shares_of(given, n_base, list(self.options.values()), summary)
            found = {share.key: share.n for share in counted}
        return tuple(Share(key, label, found.get(key, 0), n_base) for key, label in self.labels.items())


def _version_columns(trend: MeasureTrend, known: _Answers, several_forms: bool) -> tuple[VersionColumn, ...]:
    columns = []
    before: dict[str, str] = {}
    summary = trend.newest.question.answer_type.summary
    for version_id, asked in known.by_version.items():
        cells = [cell for cell in trend.cells if cell.version_id == version_id]
        given = [pair for cell in cells for pair in cell.given()]
        n_base = sum(cell.n_base for cell in cells)
        was = before.get(asked.form_key, "")
        columns.append(
            VersionColumn(
                label=_label(asked, several_forms),
                form_title=asked.form_title,
                text=asked.question.text,
                question_key=asked.question.key,
                is_retired=asked.question.retired,
                months=_months(cells),
                n_base=n_base,
                shares=known.shares(given, n_base, summary),
                spread=spread_of(given) if summary is Summary.SPREAD else None,
                changed_from=was if was and was != asked.question.text else "",
                is_used=bool(cells) or not trend.cells,
            )
        )
        before[asked.form_key] = asked.question.text
    return tuple(columns)


def _months(cells: list[Cell]) -> str:
    months = sorted({cell.month for cell in cells})
    if not months:
        return "No review yet"
    first, last = f"{months[0]:%b %Y}", f"{months[-1]:%b %Y}"
    return first if first == last else f"{first} to {last}"


def _label(asked: AskedIn, several_forms: bool) -> str:
    return f"{asked.form_title}, version {asked.number}" if several_forms else f"Version {asked.number}"


def _bar(shares: tuple[Share, ...], tones: dict[str, str]) -> tuple[BarPart, ...]:
    parts, start = [], 0.0
    for share in shares:
        width = 100 * share.n / share.total if share.total else 0.0
        if width:
            parts.append(BarPart(round(start, 2), round(width, 2), tones[share.key]))
        start += width
    return tuple(parts)


def _month_of(cell: Cell) -> date:
    return cell.month


def _row(
    month: date,
    cells: Sequence[Cell],
    label: str,
    begins: Sequence[str],
    known: _Answers,
    summary: Summary,
) -> TrendRow:
    """One row of figures over the cells of a month."""
    given = [pair for cell in cells for pair in cell.given()]
    n_base = sum(cell.n_base for cell in cells)
    shares = known.shares(given, n_base, summary)
    is_pictured = summary not in (Summary.SHARES_OF_SEVERAL, Summary.SPREAD)
    return TrendRow(
        month,
        label,
        tuple(begins),
        n_base,
        sum(cell.n_out for cell in cells),
        shares,
        spread_of(given) if summary is Summary.SPREAD else None,
        _bar(shares, known.tones) if is_pictured else (),
    )
