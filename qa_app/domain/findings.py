"""What a finding is: a strength or a weakness, how much it matters, and the words of it."""

from dataclasses import dataclass
from enum import StrEnum

from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.errors import Invalid

LONGEST_WORDS = 4000
"""Units: characters."""
NO_KIND = "Say whether this is a strength or a weakness."
NO_SEVERITY = "Choose how much this finding matters."
NO_WORDS = "Write the finding in a sentence or two: what you saw, and why it matters."
MOST_THEMES = 8
LONGEST_PLACE = 200


class Severity(StrEnum):
    """How much a finding matters for children."""

    SAFETY_CRITICAL = "safety_critical"
    SIGNIFICANT = "significant"
    MINOR = "minor"

    @property
    def label(self) -> str:
        """The severity as people read it."""
        return {
            Severity.SAFETY_CRITICAL: "Safety-critical",
            Severity.SIGNIFICANT: "Significant",
            Severity.MINOR: "Minor",
        }[self]

    @property
    def meaning(self) -> str:
        """One sentence that helps a reviewer to choose."""
        return {
            Severity.SAFETY_CRITICAL: "It bears on whether a child is safe from harm.",
            Severity.SIGNIFICANT: "It makes a real difference to the child or to the quality of the work.",
            Severity.MINOR: "Worth knowing, with little effect on the child so far.",
        }[self]

    @property
    def rank(self) -> int:
        """0 for what matters most: the order in which findings are listed."""
        return list(Severity).index(self)


@dataclass(frozen=True)
class FindingDraft:
    """A finding as a reviewer words it, checked."""

    kind: FindingKind
    severity: Severity
    words: str
    themes: tuple[str, ...]
    record_place: str = ""
    """Where the record shows it."""


def finding_draft(
    kind: str, severity: str, words: str, themes: list[str], record_place: str = ""
) -> FindingDraft:
    """What a reviewer sent, as a finding that can be kept.

    Errors: Invalid for the first part that is missing or unknown.
    """
    if kind not in set(FindingKind):
        raise Invalid("kind", NO_KIND)
    if severity not in set(Severity):
        raise Invalid("severity", NO_SEVERITY)
    tidy = "\n".join(line.rstrip() for line in words.replace("\r\n", "\n").split("\n")).strip()
    if not tidy:
        raise Invalid("words", NO_WORDS)
    if len(tidy) > LONGEST_WORDS:
        what = f"The finding is {len(tidy):,} characters long; the limit is {LONGEST_WORDS:,}."
        raise Invalid("words", what)
    chosen = tuple(dict.fromkeys(theme for theme in themes if theme))
    if len(chosen) > MOST_THEMES:
        raise Invalid(
            "themes", f"Choose {MOST_THEMES} themes at most: those that the finding is really about."
        )
    place = " ".join(record_place.split())
    if len(place) > LONGEST_PLACE:
        raise Invalid(
            "record_place", f"Up to {LONGEST_PLACE} characters: the kind of entry and its day are enough."
        )
    return FindingDraft(FindingKind(kind), Severity(severity), tidy, chosen, place)
