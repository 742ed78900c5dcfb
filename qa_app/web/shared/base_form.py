"""The form that every form of the site inherits from."""

from flask_wtf import FlaskForm


class BaseForm(FlaskForm):
    """A form with its CSRF token. Errors are shown by the field bridge and the error summary."""
