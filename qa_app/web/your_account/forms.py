"""Forms about one's own account."""

from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from qa_app.web.shared.password_fields import ChoosePasswordForm


class OwnPasswordForm(ChoosePasswordForm):
    """Another password for oneself, with the present one."""

    current = PasswordField(
        "Present password", [InputRequired("Enter your present password"), Length(max=1024)]
    )
