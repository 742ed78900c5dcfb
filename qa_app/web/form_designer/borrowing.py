"""Taking questions of another form: what is asked alike everywhere is worded once and joins in one trend."""

from dataclasses import dataclass

from flask import make_response, render_template
from flask.typing import ResponseReturnValue

from qa_app.domain.audit_forms.drafts import FormData
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.queries.audit_form_shelf import list_forms
from qa_app.web.form_designer.pages import Bench, page_of, type_title
from qa_app.web.shared.template_filters import words


@dataclass(frozen=True)
class Lent:
    """One question of another form that can be taken."""

    key: str
    text: str
    answered: str
    measure: str


@dataclass(frozen=True)
class LentSection:
    """The questions of one section of another form."""

    title: str
    questions: tuple[Lent, ...]


def show_borrowing(bench: Bench, section: str, form_key: str, error: str = "") -> ResponseReturnValue:
    """The forms to take from, and the questions of the one that is chosen."""
    shelf = {line.form_key: line.form for line in list_forms(bench.viewer).forms}
    chosen = shelf.get(form_key)
    context = {
        **page_of(bench, ("section", section)),
        "section": section,
        "forms": [(key, form.title) for key, form in shelf.items() if key != bench.draft.form_key],
        "chosen": form_key if chosen else "",
        "lent": _lent(chosen) if chosen else (),
        "error": error,
    }
    return make_response(render_template("form_designer/borrow.html", **context), 422 if error else 200)


def borrowed(bench: Bench, form_key: str, keys: list[str]) -> list[FormData]:
    """The chosen questions as plain data, in the order of their form."""
    form = next((line.form for line in list_forms(bench.viewer).forms if line.form_key == form_key), None)
    if form is None:
        return []
    wanted = set(keys)
    data = form.to_data()
    return [one for part in data["sections"] for one in part["questions"] if one["question"] in wanted]


def _lent(form: AuditForm) -> tuple[LentSection, ...]:
    return tuple(
        LentSection(
            section.title,
            tuple(
                Lent(one.key, one.text, type_title(one.type), words(one.measure) if one.measure else "")
                for one in section.questions
                if not one.retired
            ),
        )
        for section in form.sections
        if not section.retired
    )
