"""The forms of immediate concerns."""

from wtforms import RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from qa_app.domain.safeguarding_concerns import LONGEST_WORDS, ConcernKind
from qa_app.services.safeguarding_concerns import LONGEST_PHONED
from qa_app.web.shared.base_form import BaseForm


class ConcernForm(BaseForm):
    """A child who may not be safe now, or who is under the wrong threshold."""

    words = TextAreaField(
        "What are you worried about?",
        validators=[
            InputRequired("Say in a sentence what you are worried about."),
            Length(max=LONGEST_WORDS),
        ],
    )
    kind = RadioField(
        "What is it?",
        choices=[SelectChoice(each.value, each.label) for each in ConcernKind],
        default=ConcernKind.SAFEGUARDING.value,
        validators=[InputRequired("Choose what it is.")],
    )
    phoned = StringField(
        "Whom did you speak to? Leave it empty if nobody answered.", validators=[Length(max=LONGEST_PHONED)]
    )


class SafetyForm(BaseForm):
    """What makes the child safe, or what was decided about the threshold."""

    words = TextAreaField(
        "What was done?", validators=[InputRequired("Say what was done."), Length(max=LONGEST_WORDS)]
    )


class ClosingForm(BaseForm):
    """Why a concern can be closed."""

    words = TextAreaField(
        "Why can it be closed?",
        validators=[InputRequired("Say why it can be closed."), Length(max=LONGEST_WORDS)],
    )


def kind_hints() -> dict[str, str]:
    """What each kind means, by value."""
    return {each.value: each.meaning for each in ConcernKind}
