"""The forms of publishing: a decision with its words, and what its sender had in front of them."""

import re

from wtforms import HiddenField, TextAreaField

from qa_app.web.shared.base_form import BaseForm


def plain(typed: str | None) -> str | None:
    """What was typed, without the characters that no page and no database can hold."""
    return typed if typed is None else re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", typed)


class PublishForm(BaseForm):
    """Publish a draft, or put it before a second person. `revision` and `against`: what its sender saw."""

    revision = HiddenField()
    against = HiddenField()
    reason = TextAreaField("Why is this worth breaking comparison for?", filters=[plain])


class DecisionForm(BaseForm):
    """What a second person says to a version."""

    decision = TextAreaField("What do you say to it?", filters=[plain])


class MoveForm(BaseForm):
    """Agreeing to what a review would lose. `agreed`: the mark of exactly that."""

    agreed = HiddenField()


def number_or_none(value: str | None) -> int | None:
    """A number from a hidden field; nothing for anything else."""
    return int(value) if value and re.fullmatch(r"[0-9]{1,9}", value) else None
