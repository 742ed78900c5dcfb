"""Where in the designer a part of a form's draft is put right."""

from flask import url_for

from qa_app.domain.audit_forms.checks import FormFault, Path
from qa_app.domain.audit_forms.draft_checks import Place, place_of
from qa_app.domain.audit_forms.drafts import FormData


def place_href(draft_id: int, data: FormData, path: Path) -> str:
    """The designer's page for a path in the form's data, such as a fault's."""
    return href_of(draft_id, place_of(data, path))


def href_of(draft_id: int, place: Place) -> str:
    """The designer's page for a place."""
    if place.kind == "question":
        return url_for("form_designer.question", draft_id=draft_id, key=place.key, _anchor="panel")
    if place.kind == "section":
        return url_for("form_designer.section", draft_id=draft_id, key=place.key, _anchor="panel")
    if place.kind == "limits":
        return url_for("form_designer.limits", draft_id=draft_id, _anchor="panel")
    return url_for("form_designer.show", draft_id=draft_id, _anchor="panel")


def fault_words(fault: FormFault) -> str:
    """A fault as a sentence."""
    said = fault.what[:1].upper() + fault.what[1:]
    return said if said.endswith((".", "!", "?")) else f"{said}."
