"""Sealing secrets, and marks that stand for words."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.adapters.secret_box import SecretBox
from qa_app.domain.errors import Conflict


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=80))
def test_what_was_sealed_is_opened_again_and_not_told(text: str) -> None:
    box = SecretBox("key")
    sealed = box.seal(text)
    assert box.open(sealed) == text
    assert sealed != box.seal(text)
    assert len(text) < 4 or text not in sealed


def test_another_key_opens_nothing_unless_it_is_known_from_before() -> None:
    sealed = SecretBox("old").seal("secret")
    with pytest.raises(Conflict, match="secret key has changed"):
        SecretBox("new").open(sealed)
    assert SecretBox("new", "old").open(sealed) == "secret"
    assert SecretBox("new", "").mark("a", "b") == SecretBox("new", "old").mark("a", "b")


@pytest.mark.parametrize(
    "sealed",
    ["", "x", "gAAAAA", Fernet(Fernet.generate_key()).encrypt(b"x").decode()],
    ids=["empty", "a letter", "a beginning", "another's"],
)
def test_what_was_not_sealed_here_is_refused_in_words(sealed: str) -> None:
    with pytest.raises(Conflict):
        SecretBox("key").open(sealed)


def test_an_altered_seal_is_refused() -> None:
    box = SecretBox("key")
    sealed = box.seal("12 SECRET")
    for place in range(10, len(sealed) - 2, 7):
        other = "A" if sealed[place] != "A" else "B"
        with pytest.raises(Conflict):
            box.open(sealed[:place] + other + sealed[place + 1 :])


def test_marks_depend_on_the_words_the_kind_and_the_key() -> None:
    marks = {
        SecretBox(key).mark(kind, words) for key in ("a", "b") for kind in ("c", "d") for words in ("e", "f")
    }
    assert len(marks) == 8
    assert {len(mark) for mark in marks} == {64}
