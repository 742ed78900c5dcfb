"""The theme tree as it stands in the database."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select

from qa_app.extensions import db
from qa_app.models.themes import Theme


@dataclass(frozen=True)
class ThemeNode:
    """One theme with its place. `merged_into_id`: it counts for that theme now, and is no longer chosen."""

    theme_id: int
    key: str
    title: str
    definition: str
    is_safety_critical: bool
    parent_id: int | None
    merged_into_id: int | None


@dataclass(frozen=True)
class ThemeTree:
    """All themes, in the order in which they are shown."""

    nodes: tuple[ThemeNode, ...]

    @cached_property
    def by_id(self) -> dict[int, ThemeNode]:
        """Every theme by its number."""
        return {node.theme_id: node for node in self.nodes}

    def counted_with(self, theme_id: int) -> frozenset[int]:
        """The theme, those below it, and those merged into any of them."""
        found = {theme_id}
        step = {theme_id}
        while step:
            step = {
                node.theme_id for node in self.nodes if node.parent_id in step or node.merged_into_id in step
            } - found
            found |= step
        return frozenset(found)

    def children_of(self, theme_id: int | None) -> tuple[ThemeNode, ...]:
        """The standing themes directly below one; with None, those at the top."""
        return tuple(
            node for node in self.nodes if node.parent_id == theme_id and node.merged_into_id is None
        )

    def above(self, theme_id: int) -> tuple[ThemeNode, ...]:
        """The themes over one, the top of its branch first."""
        path: list[ThemeNode] = []
        step = self.by_id[theme_id].parent_id
        while step is not None and len(path) < len(self.nodes):
            path.append(self.by_id[step])
            step = self.by_id[step].parent_id
        return tuple(reversed(path))

    def walked(self, parent: int | None = None, depth: int = 0) -> tuple[tuple[ThemeNode, int], ...]:
        """Every standing theme with its depth, each before those below it."""
        found: list[tuple[ThemeNode, int]] = []
        for node in self.children_of(parent):
            found += [(node, depth), *self.walked(node.theme_id, depth + 1)]
        return tuple(found)


def load_tree() -> ThemeTree:
    """The whole tree, in one statement. Themes are the same for everybody."""
    rows = db.session.execute(
        select(
            Theme.id,
            Theme.key,
            Theme.title,
            Theme.definition,
            Theme.is_safety_critical,
            Theme.parent_id,
            Theme.merged_into_id,
        ).order_by(Theme.position, Theme.id)
    )
    return ThemeTree(tuple(ThemeNode(*row) for row in rows))
