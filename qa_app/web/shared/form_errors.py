"""What is wrong with a form that was sent: in words that name the field and lead to it."""

from collections.abc import Iterator
from dataclasses import dataclass

from wtforms import Form, fields
from wtforms.fields.core import Field

from qa_app.web.shared.date_fields import DayField

REQUIRED_MESSAGES = ("This field is required.",)
NUMBER_MESSAGES = {
    "Not a valid integer": "give a whole number, like 12",
    "Not a valid decimal": "give a number, like 12.5",
    "Not a valid float": "give a number, like 12.5",
    "Number must": "give a number within the range asked for",
}


@dataclass(frozen=True)
class ErrorLink:
    """One line of the error summary: what is wrong, and where on the page it is put right."""

    text: str
    href: str


def form_errors(form: Form) -> list[ErrorLink]:
    """The error summary of a form: every error, in the order of the page, linked to its field."""
    links = [ErrorLink(str(message), "") for message in form.form_errors]
    for field in form:
        links.extend(errors_of(field))
    return links


def errors_of(field: Field) -> Iterator[ErrorLink]:
    """The errors of one field; of the fields inside it when it holds others."""
    if isinstance(field, fields.FormField):
        for inner in field.form:
            yield from errors_of(inner)
    elif isinstance(field, fields.FieldList):
        for inner in field:
            yield from errors_of(inner)
    else:
        href = "" if isinstance(field, fields.HiddenField) else f"#{first_input_id(field)}"
        for message in field.errors:
            yield ErrorLink(worded(field, str(message)), href)


def first_input_id(field: Field) -> str:
    """The id of the box that a link to this field should move to."""
    return field.box_id(field.faulty_part) if isinstance(field, DayField) else str(field.id)


def worded(field: Field, message: str) -> str:
    """The message in words of ours where the library's own say neither which field nor what to do."""
    name = str(field.label.text).strip().rstrip("?:.")
    if message in REQUIRED_MESSAGES:
        wanted = "choose an answer" if isinstance(field, fields.SelectField) else "this must be filled in"
        return f"{name}: {wanted}"
    if "valid choice" in message or message.startswith("Invalid "):
        return f"{name}: choose one of the answers shown"
    for kind, words in NUMBER_MESSAGES.items():
        if message.startswith(kind):
            return f"{name}: {words}"
    return (
        f"{name} {message.removeprefix('Field ').rstrip('.')}"
        if message.startswith("Field must ")
        else message
    )
