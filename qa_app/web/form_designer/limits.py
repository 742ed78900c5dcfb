"""The page of a form's limits on the overall grade."""

from typing import Any

from flask import make_response, render_template
from flask.typing import ResponseReturnValue

from qa_app.web.form_designer.forms import LimitForm
from qa_app.web.form_designer.pages import Bench, page_of, when_words


def limits_page(bench: Bench, status: int = 200, **more: Any) -> ResponseReturnValue:
    """The limits, each in a form of its own."""
    new = LimitForm(formdata=None, prefix="new-")
    context = {**page_of(bench, ("limits",)), "limits": limit_forms(bench), "new": new, "form": new, **more}
    return make_response(render_template("form_designer/limits.html", **context), status)


def limit_forms(bench: Bench) -> list[tuple[int, LimitForm, str]]:
    """Each limit: its number, its form as the draft has it, and when it applies."""
    forms = []
    for number, limit in enumerate(bench.data.get("limits", [])):
        form = LimitForm(formdata=None, prefix=f"limit-{number}-")
        form.fill(limit)
        forms.append((number, form, when_words(bench.data, ("limit", str(number)))))
    return forms
