"""Fields for passwords and codes, the same wherever they are asked for."""

from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from qa_app.web.shared.base_form import BaseForm


def storable(text: str | None) -> str:
    """What was typed without the one character that no database takes."""
    return (text or "").replace("\x00", "")


class ChoosePasswordForm(BaseForm):
    """A password, typed twice."""

    password = PasswordField(
        "New password",
        [InputRequired("Enter a password"), Length(max=1024)],
        description="At least 12 characters. A few words that only you put together are easy to keep in mind.",
    )
    again = PasswordField(
        "New password again",
        [
            InputRequired("Enter the password again"),
            EqualTo("password", "The two passwords are not the same"),
        ],
    )


class CodeForm(BaseForm):
    """The six digits that an authenticator app shows."""

    code = StringField(
        "Code from your app",
        [InputRequired("Enter the code that your app shows"), Length(max=40)],
        filters=[storable],
        description="Six digits. They change every 30 seconds.",
        render_kw={"inputmode": "numeric", "spellcheck": "false"},
    )


class RecoveryCodeForm(BaseForm):
    """One of the codes kept for when the phone is lost."""

    code = StringField(
        "Recovery code",
        [InputRequired("Enter one of your recovery codes"), Length(max=80)],
        filters=[storable],
        description="16 letters and digits in groups of four. Each works once.",
        render_kw={"spellcheck": "false", "autocapitalize": "none"},
    )
