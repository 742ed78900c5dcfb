"""Lines of supervision: upwards to the end, and no circle goes unseen."""

from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.supervision import circles, line_of

LINES = st.dictionaries(st.integers(1, 8), st.none() | st.integers(1, 8), max_size=8)


def test_a_line_goes_up_to_whoever_nobody_supervises() -> None:
    assert line_of({1: 2, 2: 3, 3: None}, 1) == [1, 2, 3]
    assert circles({1: 2, 2: 3, 3: None}) == []
    assert circles({1: 2, 2: 1, 3: 1}) == [[1, 2]]


@given(LINES, st.integers(1, 8))
def test_every_line_ends_and_names_nobody_twice(lines: dict[int, int | None], person: int) -> None:
    line = line_of(lines, person)
    assert line[0] == person
    assert len(line) == len(set(line))


@given(LINES)
def test_a_circle_is_found_exactly_where_walking_up_comes_back(lines: dict[int, int | None]) -> None:
    def comes_back(person: int) -> bool:
        here: int | None = lines.get(person)
        for _ in range(10):
            if here is None:
                return False
            if here == person:
                return True
            here = lines.get(here)
        return False

    assert {one for circle in circles(lines) for one in circle} == {one for one in lines if comes_back(one)}
