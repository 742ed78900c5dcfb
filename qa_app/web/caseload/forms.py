"""The form with which the child-level lists are uploaded."""

from wtforms import BooleanField, MultipleFileField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField


class UploadForm(BaseForm):
    """The day the lists were taken, and the files."""

    as_at = DayField(
        "As at", [InputRequired("As at: enter the day the lists were taken from the case system")]
    )
    files = MultipleFileField("Files")


class StoreForm(BaseForm):
    """The word that a list which is much shorter than before is right."""

    accepts_falls = BooleanField("Yes, these lists are shorter and that is right")


class FindChildForm(BaseForm):
    """The reference of a child in the case system."""

    ref = StringField(
        "Child's reference",
        [InputRequired("Child's reference: enter it as the case system writes it"), Length(max=80)],
    )


class SpellingForm(BaseForm):
    """What a spelling of the council's own means."""

    code = SelectField("It means", [InputRequired("It means: choose one of the values")])
