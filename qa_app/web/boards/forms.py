"""The forms about boards."""

from wtforms import StringField

from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.typed import plain


class BoardForm(BaseForm):
    """A board: its name and what it is for."""

    name = StringField("Name", filters=[plain])
    purpose = StringField("What is it for?", filters=[plain])
