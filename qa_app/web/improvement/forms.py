"""The forms of the improvement plan: send a document, link what an action answers."""

import re

from wtforms import FileField, RadioField, SelectField, StringField, TextAreaField

from qa_app.domain.errors import Invalid
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField

NEW_PLAN = "new"


def _plain(typed: str | None) -> str | None:
    """What was typed, without the characters that no page and no database can hold."""
    return typed if typed is None else re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", typed)


class UploadForm(BaseForm):
    """A plan document, the day its statuses belong to, and the plan it makes or brings up to date."""

    file = FileField("The plan's document")
    as_at = DayField("Statuses as at")
    into = RadioField("What is this document?", choices={}, validate_choice=False)


class DecisionForm(BaseForm):
    """A decision taken by its button alone."""


class ThemeLinkForm(BaseForm):
    """A theme that the action answers, and why."""

    theme = SelectField("Theme", choices={}, validate_choice=False)
    theme_reason = TextAreaField("Why does this action answer it?", filters=[_plain])


class FindingLinkForm(BaseForm):
    """A finding that the action answers, and why."""

    finding = StringField("Finding", filters=[_plain])
    finding_reason = TextAreaField("Why does this action answer it?", filters=[_plain])


def finding_number(typed: str) -> int:
    """The number in a finding's reference: 310 for "F310", "f 310" or "310".

    Errors: Invalid("finding", ...) for anything else.
    """
    found = re.fullmatch(r"\s*[Ff]?\s*([0-9]{1,9})\s*", typed)
    if found is None:
        raise Invalid("finding", "Enter the finding's reference, such as F310.")
    return int(found.group(1))


def chosen_number(value: str | None, field: str, message: str) -> int:
    """A number picked from a list. Errors: Invalid with the message for anything else."""
    if value is None or not re.fullmatch(r"[0-9]{1,9}", value):
        raise Invalid(field, message)
    return int(value)
