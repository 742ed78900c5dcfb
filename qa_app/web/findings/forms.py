"""The form in which a finding is raised."""

from collections.abc import Collection
from dataclasses import dataclass

from wtforms import RadioField, SelectChoice, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.findings import NO_KIND, NO_SEVERITY, NO_WORDS, Severity
from qa_app.domain.themes import Taxonomy
from qa_app.web.shared.base_form import BaseForm

SEVERITY_HINTS = {severity.value: severity.meaning for severity in Severity}


class FindingForm(BaseForm):
    """One strength or one weakness: what is missing is said all at once, the rest decided by `domain.findings`."""

    kind = RadioField(
        "Is this a strength or a weakness?",
        choices=[SelectChoice(kind.value, kind.label) for kind in FindingKind],
        validate_choice=False,
        validators=[InputRequired(NO_KIND)],
    )
    words = TextAreaField("What did you find?", validators=[DataRequired(NO_WORDS)])
    record_place = StringField("Where does the record show it? (optional)")
    severity = RadioField(
        "How much does it matter?",
        choices=[SelectChoice(severity.value, severity.label) for severity in Severity],
        validate_choice=False,
        validators=[InputRequired(NO_SEVERITY)],
    )
    themes = SelectMultipleField("Themes", choices=[], validate_choice=False)


@dataclass(frozen=True)
class ThemeTick:
    """One theme to tick."""

    key: str
    title: str
    definition: str
    is_chosen: bool


@dataclass(frozen=True)
class ThemeGroup:
    """Themes under one heading of the tree; open when one of them is ticked."""

    title: str
    themes: tuple[ThemeTick, ...]

    @property
    def n_chosen(self) -> int:
        """How many of the group are ticked."""
        return sum(theme.is_chosen for theme in self.themes)

    @property
    def is_open(self) -> bool:
        """Whether the group is shown unfolded."""
        return self.n_chosen > 0


def theme_groups(taxonomy: Taxonomy, chosen: Collection[str]) -> tuple[ThemeGroup, ...]:
    """Every theme by the heading at the top of its branch, those chosen ticked."""
    groups = []
    for top in taxonomy.children_of(None):
        below = taxonomy.with_descendants(top.key)
        themes = tuple(
            ThemeTick(
                placed.theme.key, placed.theme.title, placed.theme.definition, placed.theme.key in chosen
            )
            for placed in taxonomy.placed()
            if placed.theme.key in below
        )
        groups.append(ThemeGroup(top.title, themes))
    return tuple(groups)
