"""What makes a password good enough."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.common_passwords import WORDS, is_common
from qa_app.domain.errors import Invalid
from qa_app.domain.passwords import LONGEST, SHORTEST, check_password

_COMMON = """
123456789012 passwordpassword password123456 qwertyuiop12 1q2w3e4r5t6y 1qaz2wsx3edc administrator administrator1
Liverpool2024! Summer2025!! P@ssw0rd12345 iloveyou1234 Welcome12345 changemechangeme lineofsight12 childrensservices
socialworker12 abcdefghijkl qwertyqwerty manchester123 manchesterunited christopher1 alexander1990 letmeinletmein
zaq12wsxcde3 qazwsxedcrfv Password2026! arsenalarsenalarsenal 111111111111 jordan23jordan23 asdfghjkl123
trustno1trustno1 microsoft123 charlie12345 dragondragon unbelievable1 Monday-Monday-12 L0nd0n-L0nd0n-7
"""
COMMON = _COMMON.split()
GOOD = (
    "a long walk to the sea",
    "hills and a slow river",
    "violet kettle barge",
    "tk7#qv9zpLw2",
    "Ünïcode ist auch schön",
)


@pytest.mark.parametrize("password", COMMON)
def test_what_many_people_choose_is_refused(password: str) -> None:
    with pytest.raises(Invalid, match="among the first tried"):
        check_password(password, email="a@example.org", name="Nobody")


@pytest.mark.parametrize("password", GOOD)
def test_some_words_of_ones_own_are_taken_as_they_are(password: str) -> None:
    check_password(password, email="marigold@example.org", name="Marigold Reed")


@pytest.mark.parametrize("password", ["marigold.reed", "Reed Marigold 1", "marigoldmarigold"])
def test_ones_own_name_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        check_password(password, email="marigold.reed@example.org", name="Marigold Reed")


def test_length_counts_from_both_sides() -> None:
    with pytest.raises(Invalid, match="at least 12"):
        check_password("x7#kd93lq2", email="a@example.org", name="A")
    assert LONGEST >= 64
    check_password("k7 w" * (LONGEST // 4 - 4) + "violet kettle ba", email="a@example.org", name="A")
    with pytest.raises(Invalid, match="at most"):
        check_password("violet kettle " * 20, email="a@example.org", name="A")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(word for word in WORDS if len(word) > 4)),
    st.sampled_from(["", "1", "12", "123", "2026", "!", "1234567890", "abc123"]),
    st.integers(1, 3),
)
def test_a_well_known_word_dressed_up_is_common(word: str, more: str, times: int) -> None:
    assert is_common((word.capitalize() + more) * times)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=LONGEST))
def test_any_text_is_judged_without_a_fault(text: str) -> None:
    too_short = len(text) < SHORTEST
    try:
        check_password(text, email="a@example.org", name="A")
    except Invalid:
        return
    assert not too_short


@pytest.mark.parametrize("password", ["mailcreated5240", "sojdlg123aljg", "GHHH47HJ7649"])
def test_what_stands_in_the_list_of_the_commonest_is_refused_whatever_it_is_made_of(password):
    with pytest.raises(Invalid, match="among the first tried"):
        check_password(password, email="somebody@example.org", name="Some Body")
