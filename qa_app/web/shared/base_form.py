"""The form that every form of the site inherits from."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto, _is_submitted
from werkzeug.datastructures import MultiDict
from wtforms import FileField, Form

from qa_app.web.shared.typed import plain


class BaseForm(FlaskForm):
    """A form with its CSRF token. Errors are shown by the field bridge and the error summary.

    A field for a file takes files and nothing else, any other field takes text and nothing else: what is sent
    under the name of the other kind is as if it were not sent. Text comes without the characters that no page and
    no database can hold.
    """

    class Meta(FlaskForm.Meta):
        """How what was sent reaches the fields."""

        def wrap_formdata(self, form: Form, formdata: Any) -> Any:
            """What was sent, each part for the kind of field that it is for; nothing of a JSON body."""
            if formdata is not _Auto:
                return formdata
            if not _is_submitted() or not (request.form or request.files):
                return None
            of_files = {field.name for field in form if isinstance(field, FileField)}
            sent: MultiDict[str, Any] = MultiDict(
                (name, plain(text)) for name, text in request.form.items(multi=True) if name not in of_files
            )
            for name, file in request.files.items(multi=True):
                if name in of_files:
                    sent.add(name, file)
            return sent
