"""Forms to sign in, and to prove again who is there."""

from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.password_fields import storable


class SignInForm(BaseForm):
    """Address and password."""

    email = EmailField(
        "Email address", [InputRequired("Enter your email address"), Length(max=254)], filters=[storable]
    )
    password = PasswordField("Password", [InputRequired("Enter your password"), Length(max=1024)])
    next = HiddenField()


class ConfirmForm(BaseForm):
    """The password once more, of whoever is signed in; and a code, where they have a second factor."""

    password = PasswordField("Your password", [InputRequired("Enter your password"), Length(max=1024)])
    code = StringField(
        "Code from your app",
        [InputRequired("Enter the code that your app shows"), Length(max=80)],
        filters=[storable],
        description="Six digits, or one of your recovery codes.",
        render_kw={"spellcheck": "false"},
    )
    next = HiddenField()
