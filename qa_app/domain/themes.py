"""The practice themes that findings gather into, as a tree."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class ThemeDefinition:
    """One theme: its name, what belongs to it, and whether weak practice can leave a child in danger."""

    key: str
    title: str
    definition: str
    parent: str | None = None
    safety_critical: bool = False


@dataclass(frozen=True)
class PlacedTheme:
    """A theme with its place in the tree. `depth` is 0 for a theme without a parent."""

    theme: ThemeDefinition
    depth: int


@dataclass(frozen=True)
class TaxonomyFault:
    """One thing wrong with a list of themes: which theme by its place, the part at fault, and what."""

    index: int
    part: str
    what: str


@dataclass(frozen=True)
class Taxonomy:
    """All themes in the order of the list, each with its parent.

    Errors: a list with faults must not become a taxonomy; ask `check_themes` first.
    """

    themes: tuple[ThemeDefinition, ...]

    @cached_property
    def by_key(self) -> dict[str, ThemeDefinition]:
        """Every theme by its key."""
        return {theme.key: theme for theme in self.themes}

    @property
    def keys(self) -> frozenset[str]:
        """The keys that a question or a finding may carry."""
        return frozenset(self.by_key)

    def children_of(self, key: str | None) -> tuple[ThemeDefinition, ...]:
        """The themes directly below one theme; with None, those at the top."""
        return tuple(theme for theme in self.themes if theme.parent == key)

    def with_descendants(self, key: str) -> frozenset[str]:
        """A theme and everything below it: what counts when somebody asks about that theme."""
        below = {key}
        for child in self.children_of(key):
            below |= self.with_descendants(child.key)
        return frozenset(below)

    def path_to(self, key: str) -> tuple[ThemeDefinition, ...]:
        """The themes from the top of the tree down to this one, itself included."""
        path: list[ThemeDefinition] = []
        step: str | None = key
        while step is not None:
            theme = self.by_key[step]
            path.append(theme)
            step = theme.parent
        return tuple(reversed(path))

    def placed(self) -> tuple[PlacedTheme, ...]:
        """Every theme as a reader walks the tree: each parent before its children."""
        return tuple(self._below(None, 0))

    def _below(self, parent: str | None, depth: int) -> Iterator[PlacedTheme]:
        for theme in self.children_of(parent):
            yield PlacedTheme(theme, depth)
            yield from self._below(theme.key, depth + 1)


def check_themes(themes: Iterable[ThemeDefinition]) -> tuple[TaxonomyFault, ...]:
    """Every reason why a list of themes is not a tree: keys used twice, parents that are missing, circles."""
    listed = list(themes)
    first: dict[str, int] = {}
    titles: dict[str, int] = {}
    faults: list[TaxonomyFault] = []
    for index, theme in enumerate(listed):
        if theme.key in first:
            faults.append(TaxonomyFault(index, "theme", f"theme '{theme.key}' is listed twice; keep one"))
        first.setdefault(theme.key, index)
        title = theme.title.casefold()
        if title in titles:
            what = f"the title '{theme.title}' is used twice; people could not tell the two themes apart"
            faults.append(TaxonomyFault(index, "title", what))
        titles.setdefault(title, index)
    parents = {theme.key: theme.parent for theme in listed}
    for index, theme in enumerate(listed):
        if theme.parent is not None and theme.parent not in first:
            what = f"parent '{theme.parent}' of theme '{theme.key}' is not in the list"
            faults.append(TaxonomyFault(index, "parent", what))
        elif _is_own_ancestor(theme.key, parents):
            what = f"theme '{theme.key}' lies below itself; give it another parent"
            faults.append(TaxonomyFault(index, "parent", what))
    return tuple(faults)


def _is_own_ancestor(key: str, parents: dict[str, str | None]) -> bool:
    seen: set[str] = set()
    step = parents.get(key)
    while step is not None and step not in seen:
        if step == key:
            return True
        seen.add(step)
        step = parents.get(step)
    return False


def unknown_themes(keys: Collection[str], taxonomy: Taxonomy) -> tuple[str, ...]:
    """Those of the given keys that are no theme, in order of the alphabet."""
    return tuple(sorted(set(keys) - taxonomy.keys))
