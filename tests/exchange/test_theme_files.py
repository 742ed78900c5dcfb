"""The taxonomy file: what is read, and every fault with its line."""

from pathlib import Path

from qa_app.exchange.theme_files import read_theme_path, read_themes

SOUND = b"""themes:
  - theme: planning
    title: Planning
    definition: Plans.
  - theme: smart_plans
    parent: planning
    title: SMART plans
    definition: Plans with people and dates.
    safety_critical: true
"""


def test_a_sound_file_gives_the_tree() -> None:
    read = read_themes(SOUND)
    assert read.faults == ()
    assert read.taxonomy is not None
    assert read.taxonomy.by_key["smart_plans"].parent == "planning"
    assert read.taxonomy.by_key["smart_plans"].safety_critical is True
    assert read.taxonomy.by_key["planning"].safety_critical is False


def test_faults_of_shape_are_told_together_each_with_its_line() -> None:
    read = read_themes(
        b"themes:\n  - theme: Planning!\n    title: Planning\n    definition: Plans.\n    colour: red\n"
        b"  - theme: voice\n    title: ''\n    safety_critical: no\n  - just words\n"
    )
    assert read.taxonomy is None
    assert [fault.line for fault in read.faults] == [2, 5, 6, 7, 8, 9]
    words = " | ".join(fault.what for fault in read.faults)
    for said in (
        "'Planning!' is not a key",
        "'colour' is not a key of a theme; allowed here: theme, title, definition, parent, safety_critical",
        "this theme has no 'definition'; add it",
        "'title' is empty",
        "'safety_critical' must be true or false",
        "a theme must hold keys and values of its own",
    ):
        assert said in words


def test_faults_of_the_tree_are_told_with_their_lines() -> None:
    read = read_themes(
        SOUND + b"  - theme: lost\n    title: Lost\n    definition: x\n    parent: nowhere\n"
        b"  - theme: planning\n    title: Plans again\n    definition: x\n"
    )
    assert read.taxonomy is None
    assert [(fault.line, fault.what) for fault in read.faults] == [
        (13, "parent 'nowhere' of theme 'lost' is not in the list"),
        (14, "theme 'planning' is listed twice; keep one"),
    ]


def test_a_repeated_key_and_what_is_no_list_are_refused() -> None:
    twice = read_themes(SOUND.replace(b"    definition: Plans.\n", b"    title: Again\n    definition: P.\n"))
    assert [(fault.line, "twice" in fault.what) for fault in twice.faults] == [(4, True)]
    assert read_themes(b"themes: []\n").taxonomy is None
    assert "must be a list" in read_themes(b"themes: words\n").faults[0].what
    assert "begins with 'themes:'" in read_themes(b"- planning\n").faults[0].what
    assert any("this is not YAML" in fault.what for fault in read_themes(b"themes: [\n").faults)


def test_a_file_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    read = read_theme_path(tmp_path / "themes.yaml")
    assert read.taxonomy is None
    assert read.faults[0].what.startswith("the file cannot be opened")
