"""Forms to sign in, and to prove again who is there."""

from wtforms import EmailField, HiddenField, PasswordField
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
    """The password once more, of whoever is signed in."""

    password = PasswordField("Your password", [InputRequired("Enter your password"), Length(max=1024)])
    next = HiddenField()


class ConfirmCodeForm(BaseForm):
    """A code once more, of whoever is signed in and has no password here."""

    password = PasswordField(
        "Code from your app",
        [InputRequired("Enter the code that your app shows"), Length(max=40)],
        filters=[storable],
    )
    next = HiddenField()
