"""Chance that is the same on every machine and in every year: lots drawn from words."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def lot(*words: object) -> float:
    """A number from 0 up to, not including, 1 that depends on the words alone."""
    text = "|".join(str(word) for word in words)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def one_of(choices: Sequence[T], *words: object) -> T:
    """One of the choices, each as likely as the others."""
    return choices[int(lot(*words) * len(choices))]


def weighed(choices: Sequence[tuple[T, float]], *words: object) -> T:
    """One of the choices, as likely as its weight says."""
    left = lot(*words) * sum(weight for _, weight in choices)
    for choice, weight in choices:
        left -= weight
        if left < 0:
            return choice
    return choices[-1][0]
