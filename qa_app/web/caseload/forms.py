"""The form with which the child-level lists are uploaded."""

from wtforms import MultipleFileField, SelectField
from wtforms.validators import InputRequired

from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField


class UploadForm(BaseForm):
    """The day the lists were taken, and the files."""

    as_at = DayField(
        "As at", [InputRequired("As at: enter the day the lists were taken from the case system")]
    )
    files = MultipleFileField("Files")


class SpellingForm(BaseForm):
    """What a spelling of the council's own means."""

    code = SelectField("It means", [InputRequired("It means: choose one of the values")])
