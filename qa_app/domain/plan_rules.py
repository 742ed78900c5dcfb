"""The rules of a plan: what a status declares, which parts an action has, how actions are ordered."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from qa_app.domain.errors import Invalid
from qa_app.domain.plan_records import ActionPart, Rating

LONGEST_REASON = 1000
"""Units: characters."""

_LETTERS = {"g": Rating.GREEN, "a": Rating.AMBER, "r": Rating.RED, "w": Rating.WHITE}
_WORDS = {rating.value: rating for rating in Rating}
_LAST_LETTER = re.compile(r"(?:^|[\s(\[:;,/-])([GARW])[)\].]*$")
_FIRST_LETTER = re.compile(r"^([GARW])\s*[-:–—]\s*\S")
_COLOUR = re.compile(r"\b(green|amber|red|white)\b", re.IGNORECASE)
_NOT_DONE = re.compile(r"\bnot (?:yet )?(?:started|progressed|begun)\b", re.IGNORECASE)
_DONE = re.compile(r"(?<!not )(?<!partially )(?<!partly )\bcompleted?\b", re.IGNORECASE)

_PART = re.compile(r"(?<![\w(])\(?([a-z])\)\s*")
_REF_PIECES = re.compile(r"[0-9]{1,18}|[^\W0-9_]+")

PRIORITY_TITLE = re.compile(
    r"^\s*priority\s+(?P<number>[0-9]{1,6}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
    r"\s*(?:[-–—:.]\s*(?P<title>\S.*))?$",
    re.IGNORECASE,
)
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
}


def declared_rating(
    status_text: str, words: Mapping[str, Rating] | None = None
) -> tuple[Rating | None, str | None]:
    """The colour that a status declares, and a doubt where the status leaves one.

    A colour is a letter at the end ("Completed G"), a letter alone, or the word. Words without a colour
    ("In progress") mean different colours in different plans: they count only when the document's own key
    (`words`, lower case) says which.
    """
    text = " ".join(status_text.split())
    if not text:
        return None, None
    keyed = _by_key(text, words or {})
    if keyed is not None:
        return keyed, None
    rating = _letter(text) or _colour_word(text)
    if rating is None:
        return None, (
            f"The status “{text}” names no colour. Say which colour it stands for in this document, "
            "or add the letter G, A, R or W."
        )
    if rating is Rating.GREEN and _NOT_DONE.search(text):
        return rating, f"The status “{text}” says not started, and green: the colour is taken."
    if rating is Rating.RED and _DONE.search(text) and not _NOT_DONE.search(text):
        return rating, f"The status “{text}” says complete, and red: the colour is taken."
    return rating, None


def _by_key(text: str, words: Mapping[str, Rating]) -> Rating | None:
    lower = text.lower().rstrip(".")
    if lower in words:
        return words[lower]
    starts = [known for known in words if re.match(rf"{re.escape(known)}(?!\w)", lower)]
    return words[max(starts, key=len)] if starts else None


def _letter(text: str) -> Rating | None:
    if len(text) == 1:
        return _LETTERS.get(text.lower())
    match = _LAST_LETTER.search(text) or _FIRST_LETTER.search(text)
    return _LETTERS[match.group(1).lower()] if match else None


def _colour_word(text: str) -> Rating | None:
    colours = {found.lower() for found in _COLOUR.findall(text)}
    return _WORDS[colours.pop()] if len(colours) == 1 else None


def parts_of(text: str) -> tuple[ActionPart, ...]:
    """The lettered parts inside an action's text, in order: a), b), c) ... Fewer than two are no parts."""
    marks: list[re.Match[str]] = []
    for mark in _PART.finditer(text):
        if mark.group(1) == chr(ord("a") + len(marks)):
            marks.append(mark)
    if len(marks) < 2:
        return ()
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return tuple(
        ActionPart(mark.group(1), _trimmed(text[mark.end() : end]))
        for mark, end in zip(marks, ends, strict=True)
    )


def _trimmed(text: str) -> str:
    return re.sub(r"[\s,;]+(?:and)?[\s,;]*$", "", re.sub(r"\band\s*$", "", text.strip())).strip()


def ref_order(ref: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts references as people count: 1.9.1 before 1.10.1, and 2 before 10."""
    return tuple(
        (0, int(piece), "") if piece[0] in "0123456789" else (1, 0, piece.lower())
        for piece in _REF_PIECES.findall(ref)
    )


def unique_refs(refs: Iterable[str]) -> list[str]:
    """References made unique beside the reference as written: the second "5.1" becomes "5.1 (2)"."""
    written = list(refs)
    taken = set(written)
    seen: set[str] = set()
    unique: list[str] = []
    for ref in written:
        candidate, number = ref, 1
        while candidate in seen or (number > 1 and candidate in taken):
            number += 1
            candidate = f"{ref} ({number})"
        seen.add(candidate)
        unique.append(candidate)
    return unique


def priority_of_ref(ref: str) -> str:
    """The priority that a reference carries in front: 1.7.2 belongs to priority 1."""
    match = re.match(r"\s*([0-9]{1,6})", ref)
    return str(int(match.group(1))) if match else ""


def priority_title(text: str) -> tuple[str, str | None] | None:
    """The number and the title in a line such as "Priority 4 - Safeguarding"; nothing for other lines."""
    match = PRIORITY_TITLE.match(" ".join(text.split()))
    if match is None:
        return None
    number = match.group("number").lower()
    return str(int(_NUMBER_WORDS.get(number, number))), match.group("title")


def checked_reason(reason: str) -> str:
    """Why an action answers a finding or a theme: nothing is linked without it.

    Errors: Invalid("reason", ...) when it is missing or too long.
    """
    words = " ".join(reason.replace("\x00", " ").split())
    if not words:
        raise Invalid("reason", "Say in a sentence why this action answers it.")
    if len(words) > LONGEST_REASON:
        raise Invalid(
            "reason", f"The reason is {len(words):,} characters long; the limit is {LONGEST_REASON:,}."
        )
    return words


def window_has_ended(window_ends_on: date | None, as_at: date) -> bool:
    """Whether an action is due: its published window ends on or before the as-at date."""
    return window_ends_on is not None and window_ends_on <= as_at
