"""The theme tree as rows: loaded from its file, brought up to date, never thrown away."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.themes import Taxonomy
from qa_app.extensions import db
from qa_app.models.themes import Theme
from qa_app.services import history


@dataclass(frozen=True)
class TaxonomyLoaded:
    """What loading a taxonomy changed."""

    n_added: int
    n_changed: int
    n_unchanged: int


def load_taxonomy(viewer: Viewer, taxonomy: Taxonomy, *, at: datetime) -> TaxonomyLoaded:
    """Make the themes of a taxonomy known, and bring the wording and place of known ones up to date.

    A theme that the taxonomy leaves out stays: findings and published forms may carry it.
    Errors: NotAllowed.
    """
    viewer.require(Permission.MANAGE_FORMS)
    known = {theme.key: theme for theme in db.session.scalars(select(Theme))}
    before = {key: _kept(theme, known) for key, theme in known.items()}
    added = []
    for position, placed in enumerate(taxonomy.placed()):
        given = placed.theme
        theme = known.get(given.key)
        if theme is None:
            theme = Theme(key=given.key, created_at=at)
            known[given.key] = theme
            added.append(theme)
            db.session.add(theme)
        theme.title = given.title
        theme.definition = given.definition
        theme.is_safety_critical = given.safety_critical
        theme.position = position
    db.session.flush()
    for given in taxonomy.themes:
        known[given.key].parent_id = known[given.parent].id if given.parent else None
    db.session.flush()
    n_changed = 0
    for theme in added:
        history.record(viewer, "added", "theme", theme.id, at=at, after=_kept(theme, known))
    for key, was in before.items():
        now = _kept(known[key], known)
        if now != was:
            n_changed += 1
            history.record(viewer, "changed", "theme", known[key].id, at=at, before=was, after=now)
    return TaxonomyLoaded(len(added), n_changed, len(before) - n_changed)


def _kept(theme: Theme, known: dict[str, Theme]) -> dict[str, str | bool | None]:
    key_of = {one.id: key for key, one in known.items()}
    return {
        "key": theme.key,
        "title": theme.title,
        "definition": theme.definition,
        "parent": key_of.get(theme.parent_id) if theme.parent_id else None,
        "is_safety_critical": theme.is_safety_critical,
    }
