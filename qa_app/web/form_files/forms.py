"""The form by which a form's file comes in."""

from wtforms import FileField

from qa_app.web.shared.base_form import BaseForm


class FormFileForm(BaseForm):
    """A workbook, or a form as YAML or JSON."""

    file = FileField("The form's file")
