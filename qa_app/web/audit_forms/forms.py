"""The form that begins a new audit form."""

import re

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from qa_app.web.shared.base_form import BaseForm

FORM_KEY = re.compile(r"[a-z][a-z0-9-]{0,59}")


class NewForm(BaseForm):
    """A title, what to begin with, and perhaps a key."""

    title = StringField(
        "Title",
        validators=[
            InputRequired("Give the form a title."),
            Length(max=200, message="The title is too long: 200 characters at most."),
        ],
    )
    copy_of = SelectField("Begin with the content of")
    key = StringField(
        "Key",
        description="Names the form in files and exports, and never changes once it is published. "
        "Leave empty to have it made from the title.",
    )
