"""What boards receive: kinds of reports, their marking, and the rules before one is issued."""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from qa_app.domain.errors import Invalid

LONGEST_NAME = 120
LONGEST_STATEMENT = 6000
SHORTEST_STATEMENT = 20
"""Units: characters. A statement of a word or two says nothing about safeguarding."""


class ReportKind(StrEnum):
    """What a report is about."""

    EXCEPTION = "exception"

    @property
    def label(self) -> str:
        """The kind as people say it."""
        return {ReportKind.EXCEPTION: "Exception report"}[self]


class Marking(StrEnum):
    """Who may read a report: part 1 of a board's papers is public, part 2 is restricted."""

    PUBLIC = "public"
    RESTRICTED = "restricted"

    @property
    def label(self) -> str:
        """The marking as it stands on a paper."""
        return {Marking.PUBLIC: "Part 1: public", Marking.RESTRICTED: "Part 2: restricted"}[self]


def canonical_sha256(data: Mapping[str, Any]) -> str:
    """SHA-256 of data as canonical JSON: keys sorted, no spaces, ASCII; anybody can work it out again."""
    words = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(words.encode()).hexdigest()


def checked_statement(typed: str) -> str:
    """A safeguarding statement as it will be printed. Errors: Invalid("statement", ...)."""
    words = "\n".join(" ".join(line.split()) for line in typed.replace("\x00", "").strip().splitlines())
    if len(words) < SHORTEST_STATEMENT:
        raise Invalid(
            "statement",
            "Say in your own words what the red actions mean for the safety of children, "
            f"in at least {SHORTEST_STATEMENT} characters.",
        )
    if len(words) > LONGEST_STATEMENT:
        raise Invalid(
            "statement", f"Keep the statement to {LONGEST_STATEMENT} characters; this one has {len(words)}."
        )
    return words


def one_line(typed: str, field: str, what: str, longest: int, *, needed: bool = True) -> str:
    """Words in one line, as typed but without stray spaces. Errors: Invalid at the field."""
    words = " ".join(typed.replace("\x00", "").split())
    if needed and not words:
        raise Invalid(field, f"Enter {what}.")
    if len(words) > longest:
        raise Invalid(field, f"Keep {what} to {longest} characters; this has {len(words)}.")
    return words
