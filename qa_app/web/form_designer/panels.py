"""The panels of the designer: what each needs beside its form, and what a sent one changes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice

from qa_app import clock
from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.audit_forms.condition_tree import Subject, options_of
from qa_app.domain.audit_forms.drafts import (
    Edit,
    FormData,
    Part,
    Published,
    find_question,
    key_from,
    part_of,
    question_at,
    section_at,
)
from qa_app.domain.audit_forms.edits import change_question, plain_offer, rename_question, rename_section
from qa_app.domain.errors import Invalid, NotFound, QaError
from qa_app.extensions import db
from qa_app.services.audit_form_drafts import ChangedMeanwhile, Seen, change_draft
from qa_app.web.form_designer.forms import (
    ChoiceRow,
    QuestionForm,
    choice_rows,
    choices_in,
    measure_choices,
    rearranged,
    sent_rows,
)
from qa_app.web.form_designer.pages import (
    Bench,
    bench_with,
    differences,
    other_measures,
    page_of,
    section_choices,
    type_title,
    when_words,
)
from qa_app.web.shared.answer_fields import storable
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.error_pages import show_refusal

Extras = Callable[[Bench], dict[str, Any]]
SAVE = "save"
CONTROLS = frozenset(
    {
        *("form", "question", "section", "position", "kind", "key", "do", "back"),
        *("csrf_token", "revision", "digest", "finding_shown"),
    }
)
"""Fields that nobody types into."""


@dataclass(frozen=True)
class Panel:
    """One panel: its template, the part of the form that it changes, and what the template needs besides."""

    template: str
    part: Part
    extras: Extras


def show_panel(
    bench: Bench, panel: Panel, form: BaseForm, status: int = 200, **more: Any
) -> ResponseReturnValue:
    """The designer with one panel open."""
    context = {**page_of(bench, panel.part), **panel.extras(bench), "form": form, **more}
    return make_response(render_template(f"form_designer/{panel.template}", **context), status)


def take_panel(
    bench: Bench,
    panel: Panel,
    form: BaseForm,
    edit: Edit,
    what: str,
    to: Callable[[], str],
    also: Edit | None = None,
) -> ResponseReturnValue:
    """Save what a panel sent, or show it again: unsaved, refused, or beside what somebody else saved meanwhile.

    `also`: a further edit that is only made when saving, such as a new key.
    """
    seen = seen_of_request()
    try:
        typed = edit(bench.data, bench.published)
        whole = both(edit, also) if also else edit
        whole(bench.data, bench.published)
    except Invalid as refusal:
        refuse(form, refusal)
        return show_panel(bench, panel, form, 422, **unsaved(seen))
    shown = bench_with(bench.viewer, bench.draft, typed, bench.published, bench.measures, bench.themes)
    sound = form.validate()
    if not sound or request.form.get("do", SAVE) != SAVE:
        return show_panel(shown, panel, form, 200 if sound else 422, **unsaved(seen))
    try:
        change_draft(
            bench.viewer,
            bench.draft.draft_id,
            whole,
            what=what,
            at=clock.now(),
            seen=seen,
            part=panel.part,
        )
    except ChangedMeanwhile as clash:
        told = differences(part_of(bench.data, panel.part), part_of(typed, panel.part))
        conflict = {"message": clash.message, "differences": told}
        again = {**unsaved(Seen(clash.revision, clash.digest)), "conflict": conflict}
        return show_panel(shown, panel, form, 409, **again)
    except Invalid as refusal:
        refuse(form, refusal)
        return show_panel(shown, panel, form, 422, **unsaved(seen))
    return redirect(to())


def unsaved(seen: Seen) -> dict[str, Any]:
    """What a page says while it shows words that are not saved: compared with what they were typed over."""
    return {"is_unsaved": True, "revision": seen.revision, "digest": seen.digest}


def give_back(error: QaError) -> ResponseReturnValue:
    """A refusal that keeps what was typed in sight, to be copied: the draft or the part is not there any more."""
    typed = typed_words() if request.method == "POST" and error.status in (404, 409) else []
    if not typed:
        return show_refusal(error)
    db.session.rollback()
    page = render_template("form_designer/lost.html", message=error.message, typed=typed)
    return make_response(page, error.status)


def typed_words() -> list[tuple[str, str]]:
    """What was typed into the boxes of a request, by the name of the box: to be given back when it can't be kept."""
    return [
        (name.replace("_", " ").replace("-", " ").capitalize(), value)
        for name, value in request.form.items(multi=True)
        if name not in CONTROLS and not name.endswith("-key") and value.strip()
    ]


def seen_of_request() -> Seen:
    """What somebody had in front of them when they sent this."""
    revision = request.form.get("revision", "")
    return Seen(
        int(revision) if revision.isdecimal() and len(revision) < 10 else 0, request.form.get("digest", "")
    )


def both(first: Edit, second: Edit) -> Edit:
    """Two edits as one step."""

    def edit(data: FormData, published: Published) -> FormData:
        return second(first(data, published), published)

    return edit


def refuse(form: BaseForm, refusal: Invalid) -> None:
    """Put a refusal at its field, or over the form when it has none."""
    form.validate()
    if refusal.field in form:
        field = form[refusal.field]
        field.errors = [*field.errors, refusal.message]
    else:
        form.form_errors = [*form.form_errors, refusal.message]


def rename_from(kind: str, key: str, new: str | None) -> Edit | None:
    """The edit that gives a part another key, if one was typed."""
    wanted = (new or "").strip()
    if not wanted or wanted == key:
        return None
    return partial(rename_section if kind == "section" else rename_question, key=key, new=wanted)


def section_panel(bench: Bench, key: str, error: str = "") -> Panel:
    """The panel of one section. `error`: what is wrong with a question that was to be added."""

    def extras(bench: Bench) -> dict[str, Any]:
        section = section_at(bench.data, key)
        return {
            "section": section,
            "is_published": key in bench.published.sections,
            "when": when_words(bench.data, ("section", key)),
            "new_error": error,
            "new_text": storable(request.form.get("new_text", "")),
            "new_type": request.form.get("new_type", "yes_partly_no"),
            "types": ANSWER_TYPES,
        }

    return Panel("section.html", ("section", key), extras)


def question_panel(bench: Bench, key: str, rows: list[ChoiceRow] | None = None) -> Panel:
    """The panel of one question. Errors: NotFound."""
    fixed = bench.published.questions.get(key)

    def extras(bench: Bench) -> dict[str, Any]:
        question = question_at(bench.data, key)
        holder = next(section for section in bench.data["sections"] if question in section["questions"])
        return {
            "question": question,
            "rows": rows if rows is not None else choice_rows(question, fixed.choices if fixed else ()),
            "is_published": fixed is not None,
            "type_title": type_title(question.get("type")),
            "when": when_words(bench.data, ("question", key)),
            "finding": when_words(bench.data, ("finding", key)),
            "sections": section_choices(bench.data),
            "ticks_offer": bool(offering_answers(bench, question)),
            "holder": holder["section"],
            "theme_titles": [
                node.title for node in bench.themes.nodes if node.key in question.get("themes", [])
            ],
        }

    return Panel("question.html", ("question", key), extras)


def question_form(bench: Bench, question: FormData, *, is_sent: bool) -> QuestionForm:
    """The form of one question, offering what its answer type allows."""
    form = QuestionForm() if is_sent else QuestionForm(formdata=None)
    key = question["question"]
    kind = str(form.type.data or "") if is_sent else str(question.get("type"))
    fixed = bench.published.questions.get(key)
    if fixed:
        kind = fixed.type
        form.type.data = kind if is_sent and not request.form.get("type") else form.type.data
    form.offer(
        measure_choices(
            question, kind, bench.measures, other_measures(bench.data, key), new_measure(bench, question)
        ),
        [SelectChoice(node.key, f"{'– ' * depth}{node.title}") for node, depth in bench.themes.walked()],
        [SelectChoice(key, label) for key, label in offering_answers(bench, question)],
    )
    if not is_sent:
        form.fill(question)
    return form


def offering_answers(bench: Bench, question: FormData) -> list[tuple[str, str]]:
    """The answers by which a question can offer a finding; none where that takes more than ticking answers."""
    if plain_offer(question) is None or question.get("type") == "scale_0_10":
        return []
    itself = question["question"]
    return [
        (one.key, one.label) for one in options_of(bench.draft.content, Subject(), itself) if not one.disabled
    ]


def new_measure(bench: Bench, question: FormData) -> str:
    """The name of a measure made from a question: its own key, unless that is somebody else's measure."""
    own = str(question.get("measure") or "")
    taken = (set(bench.measures) | other_measures(bench.data, question["question"])) - {own}
    return key_from(question["question"], taken)


def take_question(bench: Bench, key: str, to: Callable[[], str]) -> ResponseReturnValue:
    """Save a question's panel, or show it again."""
    question = find_question(bench.data, key)
    if question is None:
        raise NotFound
    fixed = bench.published.questions.get(key)
    do = request.form.get("do", SAVE)
    rows = sent_rows(request.form, fixed.choices if fixed else ())
    rows = rearranged(rows, do)
    form = question_form(bench, question, is_sent=True)
    words = form.words(choices_in(rows), question, new_measure(bench, question))
    edit = partial(change_question, key=key, words=words)
    panel = question_panel(bench, key, rows)
    also = rename_from("question", key, form.key.data)
    return take_panel(bench, panel, form, edit, f"Question changed: {short(words.text)}", to, also)


def short(text: str) -> str:
    """The first words of a text, for a line in a list."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59].rstrip()}…"
