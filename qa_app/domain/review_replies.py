"""Replies of those whose practice was reviewed: comments, and challenges of a fact."""

from enum import StrEnum

LONGEST_WORDS = 2000
"""Units: characters."""


class ReplyKind(StrEnum):
    """What a reply asks for. Stored by value."""

    COMMENT = "comment"
    CHALLENGE = "challenge"

    @property
    def label(self) -> str:
        """The kind as people say it."""
        return {ReplyKind.COMMENT: "Comment", ReplyKind.CHALLENGE: "Challenge of a fact"}[self]


class ChallengeOutcome(StrEnum):
    """What became of a challenge. Stored by value."""

    CORRECTED = "corrected"
    PARTLY = "partly"
    STANDS = "stands"

    @property
    def label(self) -> str:
        """The outcome as people say it."""
        return {
            ChallengeOutcome.CORRECTED: "Right: the review is corrected",
            ChallengeOutcome.PARTLY: "Partly right",
            ChallengeOutcome.STANDS: "The review stands",
        }[self]
