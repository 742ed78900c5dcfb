"""From a cell to a value: references, numbers, dates and words, and what was in doubt about each."""

import datetime
import math
import re
import unicodedata
from dataclasses import dataclass

from qa_app.domain.caseload import Handling
from qa_app.exchange.annex_a.tabs import Cell

Value = str | int | datetime.date | None

LONGEST_NAME = 150
LONGEST_ID = 64
# A spreadsheet keeps fifteen digits of a number: of a longer reference the last ones are lost.
MOST_EXACT = 10**15
OLDEST_AGE = 120
HIGHEST_COUNT = 1000
OLDEST_YEARS = 32
ADOPTER_OLDEST_YEARS = 100

_SPACES = re.compile(r"[^\S\t\n\r\v\f\x1c-\x1f\x85\u2028\u2029]+")
_ANY_SPACES = re.compile(r"\s+")
_INVISIBLE = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f")
_APOSTROPHE = re.compile(r"^['\u2018\u2019](?=\S)")
_DATE_NUMBERS = re.compile(r"(\d{1,2})(?: ?[/.\-] ?| )(\d{1,2})(?: ?[/.\-] ?| )(\d{4}|\d{2})")
_DATE_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DATE_CLOSED = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_WEEKDAY = re.compile(
    r"(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?[.,]? +", re.IGNORECASE
)
_DATE_MONTH_WORD = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?(?: of)?[ \-/.]?([a-z]{3,9})\.?,?[ \-/.]?(\d{4}|\d{2})", re.IGNORECASE
)
_DATE_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})", re.IGNORECASE)
_TIME = re.compile(
    r"(?:[ T]+(?:at )?|(?<=\d),? )\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]\.?m\.?)?"
    r"(?: ?(?:Z|GMT|BST|UTC|[+-]\d{2}:?\d{2}))?$",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_WHOLE = re.compile(r"[+-]?\d+(?:\.0+)?")
_DECIMAL = re.compile(r"\d+\.\d+")
_NO_ID = frozenset(
    {"", "n/a", "na", "none", "null", "nan", "-", "--", "tbc", "unknown", "not known", "n/k", "?", "0"}
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Words that a spreadsheet or a web page could take for an instruction.
_ACTIVE = re.compile(r"^\s*[=+\-@|%]|<|\{\{|\{%|\$\{|\.\./|javascript:|%[sn]|;\s*--|\x00", re.IGNORECASE)
_EXCEL_EPOCH = datetime.date(1899, 12, 30)


def bare(words: str) -> str:
    """Words without invisible signs, an apostrophe in front, and more than one plain space between two of them."""
    return _APOSTROPHE.sub("", _ANY_SPACES.sub(" ", words.translate(_INVISIBLE)).strip()).strip()


@dataclass(frozen=True)
class Reading:
    """What a cell was understood to say. `kind` and `done` are set when that is worth telling."""

    value: Value = None
    kind: str | None = None
    done: Handling | None = None


EMPTY = Reading()


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing but spaces."""
    return isinstance(cell, str) and not cell.strip()


def shown(cell: Cell | Value) -> str:
    """A cell in words, for a fault: whole numbers without a decimal point, dates as YYYY-MM-DD."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ") if cell.time() != datetime.time() else cell.date().isoformat()
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return "" if cell is None else without_controls(str(cell))[:LONGEST_NAME]


def without_controls(words: str) -> str:
    """Words with control characters written as Excel writes them in a file: none is stored or shown."""
    if words.isprintable():
        return words
    return "".join(
        f"_x{ord(letter):04X}_" if unicodedata.category(letter) == "Cc" and letter not in "\t\n" else letter
        for letter in words
        if unicodedata.category(letter) != "Cs"
    )


def read_id(cell: Cell, *, ids_are_numbers: bool) -> Reading:
    """A person's reference as text, zeros in front kept.

    `ids_are_numbers`: most references in this tab are numbers, so one in words is worth telling.
    """
    if isinstance(cell, bool):
        return Reading(None, "id_missing", Handling.REJECT_ROW)
    if isinstance(cell, float | int):
        if cell > MOST_EXACT:
            return Reading(None, "id_in_scientific_notation", Handling.REJECT_ROW)
        if math.isfinite(cell) and float(cell).is_integer() and cell > 0:
            return Reading(str(int(cell)))
        return Reading(None, "id_not_whole", Handling.REJECT_ROW)
    if not isinstance(cell, str):
        return Reading(None, "id_is_a_date", Handling.REJECT_ROW)
    words = bare(cell)
    if _GROUPED.fullmatch(words):
        words = words.replace(",", "")
    if words.casefold() in _NO_ID:
        return Reading(None, "id_missing", Handling.REJECT_ROW)
    if _SCIENTIFIC.fullmatch(words):
        return Reading(None, "id_in_scientific_notation", Handling.REJECT_ROW)
    if len(words) > LONGEST_ID or not words.isprintable() or words.startswith("#"):
        return Reading(None, "id_not_readable", Handling.REJECT_ROW)
    if re.fullmatch(r"\d+\.0+", words):
        words = words.split(".")[0]
    changed = words != cell or (ids_are_numbers and words.isdigit())
    return Reading(words, "id_format", Handling.NORMALISE) if changed else Reading(words)


def age_on(day: datetime.date, born: datetime.date) -> int:
    """Whole years at the last birthday; -1 while a birth is expected."""
    before = (day.month, day.day) < (born.month, born.day)
    return -1 if born > day else day.year - born.year - before


def read_integer(cell: Cell, *, is_age: bool, is_text: bool) -> Reading:
    """A whole number. An age may come with decimals, which are cut, or as *Unborn*, which is -1."""
    kind = "age" if is_age else "count"
    least, most = (-1, OLDEST_AGE) if is_age else (0, HIGHEST_COUNT)
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if not math.isfinite(cell):
            return Reading(None, f"{kind}_not_a_number", Handling.FLAG)
        whole = math.floor(cell)
        if whole < least or whole > most:
            return Reading(None, f"{kind}_not_possible", Handling.FLAG)
        if whole == cell:
            return Reading(whole)
        return (
            Reading(whole, "age_with_decimals", Handling.NORMALISE)
            if is_age
            else Reading(None, "count_not_whole", Handling.FLAG)
        )
    words = bare(str(cell))
    if not words:
        return EMPTY
    if is_age and words.casefold().rstrip(".") in ("unborn", "unborn baby", "pre-birth", "not born"):
        return Reading(-1, "age_in_words", Handling.NORMALISE)
    if _WHOLE.fullmatch(words) and least <= int(float(words)) <= most:
        plain = is_text and words == cell
        return (
            Reading(int(float(words)))
            if plain
            else Reading(int(float(words)), f"{kind}_as_text", Handling.NORMALISE)
        )
    if is_age and _DECIMAL.fullmatch(words):
        return Reading(math.floor(float(words)), "age_with_decimals", Handling.NORMALISE)
    return Reading(None, f"{kind}_not_a_number", Handling.FLAG)


@dataclass(frozen=True)
class DateRule:
    """What a date of one column may be. `may_be_ahead`: a birth that is expected."""

    as_at: datetime.date
    oldest_years: int = OLDEST_YEARS
    may_be_ahead: bool = False

    def check(self, found: datetime.date, kind: str | None) -> Reading:
        """The date if it can be true; otherwise why not. `kind` tells that it had to be worked out."""
        if found == datetime.date(1900, 1, 1):
            return Reading(None, "date_placeholder", Handling.FLAG)
        if found.year < self.as_at.year - self.oldest_years:
            return Reading(None, "date_too_long_ago", Handling.FLAG)
        ahead = self.as_at + datetime.timedelta(days=400) if self.may_be_ahead else self.as_at
        if found > ahead:
            return Reading(None, "date_in_future", Handling.FLAG)
        return Reading(found, kind, Handling.NORMALISE if kind else None)


def read_date(cell: Cell, rule: DateRule, *, is_text: bool) -> Reading:
    """A date, day before month. Words, serial numbers and times of day are understood and told."""
    if isinstance(cell, datetime.datetime):
        is_midnight = cell.time() == datetime.time()
        return rule.check(cell.date(), None if is_midnight else "date_with_time")
    if isinstance(cell, datetime.date):
        return rule.check(cell, None)
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return _from_serial(float(cell), rule, "date_as_number")
    if not isinstance(cell, str):
        return Reading(None, "date_not_understood", Handling.FLAG)
    words = bare(cell)
    if not words:
        return EMPTY
    if _SERIAL.fullmatch(words):
        return _from_serial(float(words), rule, "date_as_number_in_text")
    day = _TIME.sub("", words)
    found = _from_words(day, rule.as_at)
    if isinstance(found, str):
        return Reading(None, found, Handling.FLAG)
    is_expected = is_text and day == cell and re.fullmatch(r"\d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d", day)
    return rule.check(found, None if is_expected else "date_as_text")


def _from_serial(number: float, rule: DateRule, kind: str) -> Reading:
    if math.isfinite(number) and (closed := _DATE_CLOSED.fullmatch(f"{number:.0f}")):
        try:
            return rule.check(datetime.date(*(int(part) for part in closed.groups())), kind)
        except ValueError:
            return Reading(None, "date_not_real", Handling.FLAG)
    if not math.isfinite(number) or not 1 <= number < 100_000:
        return Reading(None, "date_not_understood", Handling.FLAG)
    return rule.check(_EXCEL_EPOCH + datetime.timedelta(days=int(number)), kind)


def _from_words(words: str, as_at: datetime.date) -> datetime.date | str:
    """The date that words give, or the kind of fault they are."""
    words = _WEEKDAY.sub("", words, count=1) if words[:1].isalpha() else words
    if match := _DATE_ISO.fullmatch(words) or _DATE_CLOSED.fullmatch(words):
        year, month, day = (int(part) for part in match.groups())
    elif match := _DATE_NUMBERS.fullmatch(words):
        day, month, year = int(match[1]), int(match[2]), _full_year(match[3], as_at)
    elif match := _DATE_MONTH_WORD.fullmatch(words):
        name = match[2].casefold()[:3]
        if name not in _MONTHS:
            return "date_in_words"
        day, month, year = int(match[1]), _MONTHS.index(name) + 1, _full_year(match[3], as_at)
    elif (match := _DATE_MONTH_FIRST.fullmatch(words)) and match[1].casefold()[:3] in _MONTHS:
        day, month, year = int(match[2]), _MONTHS.index(match[1].casefold()[:3]) + 1, int(match[3])
    else:
        return "date_in_words" if re.search(r"[^\W\d]", words) else "date_not_understood"
    try:
        found = datetime.date(year, month, day)
    except ValueError:
        # 10/15/2026 can only be month first, but then 10/08/2026 beside it may be too: nothing is guessed.
        return "date_month_first" if month > 12 >= day and month <= 31 else "date_not_real"
    return "date_year_not_possible" if year < 1900 else found


def _full_year(digits: str, as_at: datetime.date) -> int:
    if len(digits) == 4:
        return int(digits)
    year = as_at.year // 100 * 100 + int(digits)
    return year if year <= as_at.year + 2 else year - 100


def read_text(cell: Cell) -> Reading:
    """Free words: a team, a worker, an organisation. What looks like an instruction stays inert words."""
    if not isinstance(cell, str):
        return Reading(shown(cell))
    if cell.isascii() and cell.isprintable() and not _ACTIVE.search(cell):
        words = " ".join(cell.split())
        return _text(words, None if words == cell else "text_with_odd_spaces")
    if not _ACTIVE.search(cell) and not _has_odd_letters(cell):
        words = _SPACES.sub(" ", cell).strip()
        return _text(words, None if words == cell else "text_with_odd_spaces")
    words = without_controls(cell)
    if not words.strip():
        return EMPTY
    return _text(words, "text_kept_as_sent", Handling.KEEP_AS_TEXT)


def _text(words: str, kind: str | None, done: Handling = Handling.NORMALISE) -> Reading:
    if not words:
        return EMPTY
    if len(words) > LONGEST_NAME:
        return Reading(None, "text_too_long", Handling.FLAG)
    return Reading(words, kind, done if kind else None)


def _has_odd_letters(words: str) -> bool:
    """Whether words hold line breaks, invisible, unjoined or picture characters, which are kept and told."""
    categories = {unicodedata.category(letter) for letter in words}
    return bool(categories & {"Cc", "Cf", "Co", "Cn", "Cs", "So", "Zl", "Zp"}) or (
        unicodedata.normalize("NFC", words) != words
    )
