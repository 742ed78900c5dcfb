"""The theme tree: what lies below a theme, how a reader walks it, and what makes a list no tree."""

from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.themes import Taxonomy, ThemeDefinition, check_themes, unknown_themes


def theme(key: str, parent: str | None = None, title: str | None = None) -> ThemeDefinition:
    return ThemeDefinition(key, title or key.capitalize(), f"What belongs to {key}.", parent)


TREE = Taxonomy((theme("planning"), theme("smart", "planning"), theme("voice"), theme("words", "smart")))


def test_a_theme_counts_with_everything_below_it() -> None:
    assert TREE.with_descendants("planning") == {"planning", "smart", "words"}
    assert TREE.with_descendants("voice") == {"voice"}


def test_a_reader_meets_each_parent_before_its_children() -> None:
    assert [(one.theme.key, one.depth) for one in TREE.placed()] == [
        ("planning", 0),
        ("smart", 1),
        ("words", 2),
        ("voice", 0),
    ]
    assert [one.key for one in TREE.path_to("words")] == ["planning", "smart", "words"]


def test_keys_that_are_no_theme_are_named() -> None:
    assert unknown_themes(["voice", "zebra", "ant"], TREE) == ("ant", "zebra")


def test_every_fault_of_a_list_is_told_at_once() -> None:
    faults = check_themes(
        [
            theme("a", "b"),
            theme("b", "a"),
            theme("c", "nowhere"),
            theme("d"),
            theme("d", title="Other"),
            theme("e", title="other"),
        ]
    )
    assert [(fault.index, fault.part) for fault in faults] == [
        (4, "theme"),
        (5, "title"),
        (0, "parent"),
        (1, "parent"),
        (2, "parent"),
    ]
    assert "'nowhere'" in faults[-1].what


def test_a_theme_below_a_circle_is_no_circle_itself() -> None:
    faults = check_themes([theme("a", "a"), theme("b", "a")])
    assert [fault.index for fault in faults] == [0]


@st.composite
def trees(draw: st.DrawFn) -> Taxonomy:
    n = draw(st.integers(1, 15))
    parents = [draw(st.none() | st.integers(0, i - 1)) if i else None for i in range(n)]
    listed = [theme(f"t{i}", None if p is None else f"t{p}") for i, p in enumerate(parents)]
    return Taxonomy(tuple(draw(st.permutations(listed))))


@given(trees())
def test_a_tree_has_no_fault_and_is_walked_whole(tree: Taxonomy) -> None:
    assert check_themes(tree.themes) == ()
    walked = [one.theme.key for one in tree.placed()]
    assert sorted(walked) == sorted(tree.keys)
    for key in tree.keys:
        for below in tree.with_descendants(key):
            assert tree.by_key[key] in tree.path_to(below)
