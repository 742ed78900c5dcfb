"""Which words differ between two texts, so that a reader sees the change and not only that there is one."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

LONGEST = 6000
"""Units: characters. Longer texts are shown whole, as comparing them word by word takes too long."""


@dataclass(frozen=True)
class Run:
    """Words in a row that are the same on both sides, or that are not."""

    text: str
    differs: bool


def word_runs(before: str, after: str) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """Both texts as runs of words. Nothing is marked when hardly a word is the same: then all is new."""
    if not before or not after or len(before) + len(after) > LONGEST:
        return _whole(before, not after), _whole(after, not before)
    left, right = (re.findall(r"\s+|[^\s]+", text) for text in (before, after))
    matcher = SequenceMatcher(a=left, b=right, autojunk=False)
    if matcher.ratio() < 0.3:
        return _whole(before, True), _whole(after, True)
    sides: tuple[list[Run], list[Run]] = ([], [])
    for kind, a1, a2, b1, b2 in matcher.get_opcodes():
        for side, words in zip(sides, (left[a1:a2], right[b1:b2]), strict=True):
            if words:
                side.append(Run("".join(words), kind != "equal"))
    return tuple(sides[0]), tuple(sides[1])


def _whole(text: str, differs: bool) -> tuple[Run, ...]:
    return (Run(text, differs),) if text else ()
