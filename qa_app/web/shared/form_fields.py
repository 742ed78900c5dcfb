"""WTForms fields shown as GOV.UK components: one function for any field.

In a template: `{{ field_html(form.due_on, hint="For example, 30 10 2026") }}`. The errors gather in the error
summary of the base page when the view passes `form` or `errors`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from markupsafe import Markup
from wtforms import fields
from wtforms.fields.core import Field

from qa_app.web.shared.date_fields import DayField
from qa_app.web.shared.form_errors import form_errors, worded
from qa_app.web.shared.govuk import component


@dataclass(frozen=True)
class Appearance:
    """How one field is to be shown, where that is not the field's own business."""

    label: str | None = None
    hint: str | None = None
    size: str = "s"
    """Size of the label or legend: s, m, l."""
    label_hidden: bool = False
    """The label stays for screen readers only: for a filter whose column says what it is."""
    inline: bool = False
    """Radios beside one another."""
    small: bool = False
    """Small radios and checkboxes, for dense pages."""
    rows: int = 4
    width: int | None = None
    """Width of a text box in characters: 2, 3, 4, 5, 10, 20 or 30."""
    count: int | None = None
    """Longest text allowed, shown counting down."""
    item_hints: dict[str, str] | None = None
    autocomplete: str | None = None
    attributes: dict[str, str] | None = None
    disabled: bool = False
    classes: str = ""
    described_by: str | None = None


def field_html(field: Field, **appearance: Any) -> Markup:
    """Any field of a form as a GOV.UK component, with its label or legend, hint and error tied to it.

    Keyword arguments: see `Appearance`. Errors: TypeError for a field class that has no component here.
    """
    show = component_for(field)
    return show(field, Appearance(**appearance))


def component_for(field: Field) -> Callable[[Field, Appearance], Markup]:
    """The function that shows this class of field: the nearest class in the field's ancestry that has one."""
    for kind in type(field).__mro__:
        if kind in COMPONENTS:
            return COMPONENTS[kind]
    raise TypeError(
        f"{type(field).__name__} '{field.name}' has no component: use a field class listed in form_fields.py"
    )


def text_of(words: object, *, hidden: bool = False, size: str = "") -> dict[str, Any]:
    """A label or legend as the components take it."""
    classes = []
    kind = "label" if not size.startswith("legend-") else "fieldset__legend"
    if size:
        classes.append(f"govuk-{kind}--{size.removeprefix('legend-')}")
    if hidden:
        classes.append("govuk-visually-hidden")
    return {"text": words, "classes": " ".join(classes)}


def label_text(field: Field, look: Appearance) -> str:
    """The words of the label; a field without words is a fault of ours, so it fails at once."""
    words = look.label or str(field.label.text)
    if not words.strip():
        raise ValueError(f"Field '{field.name}' has no label")
    return words


def attributes_of(field: Field, look: Appearance) -> dict[str, Any]:
    """Attributes for the input itself: what the form class asks for, then what the page asks for."""
    given = {**(field.render_kw or {}), **(look.attributes or {})}
    kept = {
        str(key).replace("_", "-"): value
        for key, value in given.items()
        if value is not None and key != "class"
    }
    if (
        field.flags.required
        and "aria-required" not in kept
        and not isinstance(field, fields.RadioField | DayField)
    ):
        kept["aria-required"] = "true"
    return kept


def error_of(field: Field) -> dict[str, str] | None:
    """The first error of the field as the components take it; the summary lists all."""
    return {"text": worded(field, str(field.errors[0]))} if field.errors else None


def hint_of(field: Field, look: Appearance) -> dict[str, str] | None:
    """The hint: what the page says, otherwise the description the form class gives."""
    words = look.hint if look.hint is not None else str(field.description or "")
    return {"text": words} if words.strip() else None


def single(field: Field, look: Appearance, **more: Any) -> dict[str, Any]:
    """The parameters that every component with one input and one label shares."""
    return {
        "id": field.id,
        "name": field.name,
        "label": text_of(label_text(field, look), hidden=look.label_hidden, size=look.size),
        "hint": hint_of(field, look),
        "errorMessage": error_of(field),
        "attributes": attributes_of(field, look),
        "describedBy": look.described_by,
        "disabled": look.disabled or None,
        "classes": look.classes,
        **more,
    }


def grouped(field: Field, look: Appearance, **more: Any) -> dict[str, Any]:
    """The parameters that every component with a fieldset shares: the question is the legend."""
    legend = text_of(label_text(field, look), hidden=look.label_hidden, size=f"legend-{look.size}")
    return {
        "idPrefix": field.id,
        "name": field.name,
        "fieldset": {"legend": legend, "describedBy": look.described_by or ""},
        "hint": hint_of(field, look),
        "errorMessage": error_of(field),
        "classes": look.classes,
        **more,
    }


def text_value(field: Field) -> str:
    """What stands in the box: what was typed, faults included."""
    value = field._value()
    return "" if value is None else str(value)


def show_text(field: Field, look: Appearance, kind: str = "text", **more: Any) -> Markup:
    """A box for one line."""
    classes = " ".join(filter(None, (look.classes, f"govuk-input--width-{look.width}" if look.width else "")))
    given = {
        "type": kind,
        "value": text_value(field),
        "autocomplete": look.autocomplete,
        "classes": classes,
        **more,
    }
    return component("input", **single(field, look, **given))


def show_email(field: Field, look: Appearance) -> Markup:
    """A box for an e-mail address."""
    autocomplete = look.autocomplete or "email"
    return show_text(field, look, "email", autocomplete=autocomplete, spellcheck=False, inputmode="email")


def show_whole_number(field: Field, look: Appearance) -> Markup:
    """A box for a whole number, with digits on a phone's keyboard."""
    return show_text(field, look, inputmode="numeric", spellcheck=False)


def show_decimal_number(field: Field, look: Appearance) -> Markup:
    """A box for a number with decimals."""
    return show_text(field, look, inputmode="decimal", spellcheck=False)


def show_password(field: Field, look: Appearance) -> Markup:
    """A box for a password, never filled in by us."""
    return component("password_input", **single(field, look, autocomplete=look.autocomplete))


def show_textarea(field: Field, look: Appearance) -> Markup:
    """A box for several lines; with `count`, it says how many characters are left."""
    given = single(field, look, value=text_value(field), rows=look.rows)
    if look.count:
        return component("character_count", maxlength=look.count, **given)
    return component("textarea", **given)


def show_file(field: Field, look: Appearance) -> Markup:
    """A choice of one file, or of several."""
    return component(
        "file_upload", **single(field, look, multiple=isinstance(field, fields.MultipleFileField) or None)
    )


def show_select(field: Field, look: Appearance) -> Markup:
    """A list to choose one of. Groups are written before the names of their members."""
    items = [
        {"value": str(value), "text": words, "selected": selected, "disabled": disabled}
        for value, words, selected, disabled in choices_of(field)
    ]
    return component("select", **single(field, look, items=items))


def choices_of(field: Field) -> Iterable[tuple[object, str, bool, bool]]:
    """Each choice: value, words, whether chosen, whether it can't be chosen."""
    if field.has_groups():
        for group, choices in field.iter_groups():
            for choice in choices:
                value, label, selected, *more = choice
                yield value, f"{group}: {label}", selected, is_disabled(more)
        return
    for value, label, selected, *more in field.iter_choices():
        yield value, str(label), selected, is_disabled(more)


def is_disabled(render_kw: list[Any]) -> bool:
    """Whether a choice carries the wish to be shown and not chosen."""
    return bool(render_kw and render_kw[0] and render_kw[0].get("disabled"))


def choice_items(field: Field, look: Appearance) -> list[dict[str, Any]]:
    """The items of radios or checkboxes, each with its own hint if the page gives one."""
    hints = look.item_hints or {}
    attributes = attributes_of(field, look)
    attributes.pop("aria-required", None)
    return [
        {
            "value": str(value),
            "text": words,
            "checked": selected,
            "disabled": disabled or look.disabled,
            "hint": {"text": hints[str(value)]} if str(value) in hints else None,
            "attributes": attributes,
        }
        for value, words, selected, disabled in choices_of(field)
    ]


def show_radios(field: Field, look: Appearance) -> Markup:
    """A question with one answer."""
    classes = choice_classes("radios", look)
    return component("radios", **grouped(field, look, items=choice_items(field, look), classes=classes))


def show_checkboxes(field: Field, look: Appearance) -> Markup:
    """A question with any number of answers."""
    classes = choice_classes("checkboxes", look)
    return component("checkboxes", **grouped(field, look, items=choice_items(field, look), classes=classes))


def choice_classes(kind: str, look: Appearance) -> str:
    """The classes of a group of choices."""
    small = f"govuk-{kind}--small" if look.small else ""
    inline = f"govuk-{kind}--inline" if look.inline else ""
    return " ".join(filter(None, (look.classes, small, inline)))


def show_tick(field: Field, look: Appearance) -> Markup:
    """One box to tick; the words beside it are its label."""
    item = {
        "value": "y",
        "text": label_text(field, look),
        "checked": bool(field.data),
        "disabled": look.disabled,
        "attributes": attributes_of(field, look),
    }
    return component(
        "checkboxes",
        idPrefix=field.id,
        name=field.name,
        items=[item],
        hint=hint_of(field, look),
        errorMessage=error_of(field),
        describedBy=look.described_by,
        classes=choice_classes("checkboxes", look),
    )


def show_day(field: Field, look: Appearance) -> Markup:
    """A date in three boxes."""
    attributes = attributes_of(field, look)
    items = [
        {
            "id": field.box_id(part),
            "name": part,
            "label": part.capitalize(),
            "value": typed,
            "classes": f"govuk-input--width-{width}"
            + (" govuk-input--error" if part in field.faulty_parts else ""),
            "attributes": attributes,
        }
        for part, typed, width in field.boxes()
    ]
    group = grouped(field, look)
    return component(
        "date_input", id=field.id, namePrefix=field.name, items=items, **{**group, "idPrefix": None}
    )


def show_hidden(field: Field, look: Appearance) -> Markup:
    """A value that travels with the form, unseen."""
    del look
    return Markup(field())  # noqa: S704 - WTForms escapes


def show_button(field: Field, look: Appearance) -> Markup:
    """The button that sends the form."""
    words = look.label or str(field.label.text)
    return component(
        "button", text=words, name=field.name, value="y", preventDoubleClick=True, classes=look.classes,
        attributes={"id": field.id},
    )  # fmt: skip


def show_group(field: Field, look: Appearance) -> Markup:
    """A form inside a form, as a fieldset."""
    inner = Markup("").join(field_html(each) for each in field.form)
    legend = text_of(label_text(field, look), size=f"legend-{look.size}")
    return component("fieldset", legend=legend, html=inner)


COMPONENTS: dict[type[Field], Callable[[Field, Appearance], Markup]] = {
    fields.StringField: show_text,
    fields.EmailField: show_email,
    fields.IntegerField: show_whole_number,
    fields.DecimalField: show_decimal_number,
    fields.FloatField: show_decimal_number,
    fields.PasswordField: show_password,
    fields.TextAreaField: show_textarea,
    fields.FileField: show_file,
    fields.MultipleFileField: show_file,
    fields.SelectField: show_select,
    fields.RadioField: show_radios,
    fields.SelectMultipleField: show_checkboxes,
    fields.BooleanField: show_tick,
    fields.HiddenField: show_hidden,
    fields.SubmitField: show_button,
    fields.FormField: show_group,
    DayField: show_day,
}


def register(environment: Environment) -> None:
    """Make the bridge known to templates."""
    environment.globals.update(field_html=field_html, form_errors=form_errors)
