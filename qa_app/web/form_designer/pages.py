"""What the designer's pages show around the panel: the outline, who changed what, the faults, the preview."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, url_for

from qa_app import clock
from qa_app.domain.access import Permission, Viewer
from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.audit_forms.checks import FormFault
from qa_app.domain.audit_forms.condition_tree import condition_words
from qa_app.domain.audit_forms.draft_checks import (
    DraftChecked,
    Place,
    check_draft,
    faults_by_place,
    place_of,
)
from qa_app.domain.audit_forms.drafts import (
    FormData,
    Part,
    Published,
    digest_of,
    part_of,
    questions_of,
    sections_of,
)
from qa_app.domain.audit_forms.edits_of_limits import condition_at
from qa_app.domain.errors import Invalid, NotFound
from qa_app.queries.audit_form_drafts import Draft, get_draft, published_parts
from qa_app.queries.audit_form_shelf import MeasureInUse, measures_in_use
from qa_app.queries.themes.tree import ThemeTree, load_tree
from qa_app.web.shared.form_places import fault_words, href_of
from qa_app.web.shared.form_preview import FormPreview, ending_of, preview_of

FRESH_MINUTES = 30
"""So long somebody else's change is told as news."""


@dataclass(frozen=True)
class Entry:
    """One line of the outline."""

    title: str
    href: str
    n_faults: int
    is_current: bool
    is_hidden: bool
    note: str = ""
    key: str = ""
    inner: tuple["Entry", ...] = ()


@dataclass(frozen=True)
class FaultLine:
    """One fault, and the place where it is put right."""

    where: str
    words: str
    href: str


@dataclass(frozen=True)
class Bench:
    """A draft on the bench: everything that its pages need to know about it."""

    draft: Draft
    data: FormData
    published: Published
    measures: dict[str, MeasureInUse]
    themes: ThemeTree
    checked: DraftChecked
    viewer: Viewer

    @property
    def faults(self) -> dict[tuple[str, str], list[FormFault]]:
        """The faults of each panel."""
        return faults_by_place(self.data, self.checked.faults)


def bench_of(viewer: Viewer, draft_id: int) -> Bench:
    """A draft with all that its pages need. Errors: NotAllowed; NotFound."""
    viewer.require(Permission.MANAGE_FORMS)
    draft = get_draft(viewer, draft_id)
    published = published_parts(viewer, draft.form_key)
    measures = measures_in_use(viewer)
    themes = load_tree()
    return bench_with(viewer, draft, draft.content, published, measures, themes)


def bench_with(
    viewer: Viewer,
    draft: Draft,
    data: FormData,
    published: Published,
    measures: dict[str, MeasureInUse],
    themes: ThemeTree,
) -> Bench:
    """A bench on which other data lie than the draft's own: what somebody typed and has not saved."""
    checked = check_draft(
        data,
        theme_keys={node.key for node in themes.nodes},
        published=published,
        measures={key: one.answer_type for key, one in measures.items()},
    )
    return Bench(draft, data, published, measures, themes, checked, viewer)


def page_of(bench: Bench, part: Part, *, whole: bool = False) -> dict[str, Any]:
    """What every page of the designer hands to its template, for the panel of one part."""
    draft, kind = bench.draft, part[0]
    key = part[-1] if kind in ("section", "question") else ""
    faults = bench.faults
    return {
        "draft": draft,
        "heading": draft.title,
        "caption": _caption(draft),
        "outline": _outline(bench, kind, key, faults),
        "faults": [_fault_line(bench, fault) for fault in bench.checked.faults],
        "panel_faults": [fault_words(fault) for fault in faults.get((kind, key), ())],
        "presence": presence(draft, bench.viewer, clock.now()),
        "is_news": _is_news(draft, bench.viewer, clock.now()),
        "preview": _preview(bench, kind, key, whole),
        "revision": draft.revision,
        "digest": digest_of(draft.content, part),
        "check_href": _check_href(draft),
        "current_kind": kind,
        "current_key": key,
        "conflict": None,
        "is_unsaved": False,
    }


def presence(draft: Draft, viewer: Viewer, now: datetime) -> str:
    """Who changed the draft last, when, and what."""
    who = "You" if draft.updated_by_id == viewer.user_id else draft.updated_by
    return f"{who}, {ago(draft.updated_at, now)}: {draft.last_change}"


def _is_news(draft: Draft, viewer: Viewer, now: datetime) -> bool:
    minutes = (now - draft.updated_at).total_seconds() / 60
    return draft.updated_by_id != viewer.user_id and minutes < FRESH_MINUTES


def ago(then: datetime, now: datetime) -> str:
    """`just now`, `2 minutes ago`, `3 hours ago`, `5 days ago`."""
    seconds = max(0, (now - then).total_seconds())
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        n = int(seconds // size)
        if n:
            return f"{n} {unit}{'' if n == 1 else 's'} ago"
    return "just now"


def _caption(draft: Draft) -> str:
    begun = f"begun from version {draft.base.number}" if draft.base else "not published yet"
    return f"Draft of form {draft.form_key}, {begun}"


def _check_href(draft: Draft) -> str:
    if "form_publishing.check" in current_app.view_functions:
        return url_for("form_publishing.check", draft_id=draft.draft_id)
    return ""


def _outline(
    bench: Bench, kind: str, key: str, faults: dict[tuple[str, str], list[FormFault]]
) -> tuple[Entry, ...]:
    draft_id = bench.draft.draft_id
    entries = [
        Entry(
            "The form as a whole",
            href_of(draft_id, Place("form")),
            len(faults.get(("form", ""), ())),
            kind == "form",
            False,
        )
    ]
    for section in sections_of(bench.data):
        questions = tuple(_question_entry(bench, one, kind, key, faults) for one in section["questions"])
        is_here = kind == "section" and section["section"] == key
        is_open = is_here or any(one.is_current for one in questions)
        own = len(faults.get(("section", section["section"]), ()))
        entries.append(
            Entry(
                str(section.get("title") or "Section without a title"),
                href_of(draft_id, Place("section", section["section"])),
                own + (0 if is_open else sum(one.n_faults for one in questions)),
                is_here,
                section.get("retired") is True,
                f"{len(questions)}",
                section["section"],
                questions if is_open else (),
            )
        )
    n_limits = len(bench.data.get("limits", []))
    n_wrong = len(faults.get(("limits", ""), ()))
    href = href_of(draft_id, Place("limits"))
    entries.append(
        Entry("Limits on the overall grade", href, n_wrong, kind == "limits", False, f"{n_limits}")
    )
    return tuple(entries)


def _question_entry(
    bench: Bench, question: FormData, kind: str, key: str, faults: dict[tuple[str, str], list[FormFault]]
) -> Entry:
    own = question["question"]
    return Entry(
        str(question.get("text") or "Question without words"),
        href_of(bench.draft.draft_id, Place("question", own)),
        len(faults.get(("question", own), ())),
        kind == "question" and own == key,
        question.get("retired") is True,
        key=own,
    )


def _fault_line(bench: Bench, fault: FormFault) -> FaultLine:
    place = place_of(bench.data, fault.path)
    named = {"form": "The form as a whole", "limits": "Limits"}.get(place.kind, "")
    if not named:
        found = part_of(bench.data, (place.kind, place.key))
        holder = found if isinstance(found, dict) else {}
        named = str(holder.get("text") or holder.get("title") or place.key)
    return FaultLine(named, fault_words(fault), href_of(bench.draft.draft_id, place))


def _preview(bench: Bench, kind: str, key: str, whole: bool) -> FormPreview | None:
    form = bench.checked.as_far_as_possible
    if form is None:
        return None
    if whole:
        return preview_of(form)
    if kind == "form":
        return ending_of(form)
    if kind == "question":
        return preview_of(form, question=key)
    if kind == "section":
        return preview_of(form, section=key)
    return None


@dataclass(frozen=True)
class Difference:
    """One thing that two people gave different words: theirs are saved, yours are in the boxes."""

    name: str
    theirs: str
    yours: str


def differences(theirs: object, yours: object) -> list[Difference]:
    """What differs between the saved part and the one that was sent, in words."""
    if not isinstance(theirs, dict) or not isinstance(yours, dict):
        return [Difference("All of it", _shown(theirs), _shown(yours))]
    names = [name for name in {**theirs, **yours} if theirs.get(name) != yours.get(name)]
    return [
        Difference(name.replace("_", " ").capitalize(), _shown(theirs.get(name)), _shown(yours.get(name)))
        for name in names
    ]


def _shown(value: object) -> str:
    if value is None or value in ("", [], {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        said = value.get("label")
        if isinstance(said, str):
            return said + (" (disabled)" if value.get("disabled") else "")
        return "; ".join(f"{str(name).replace('_', ' ')}: {_shown(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return "; ".join(_shown(one) for one in value)
    return str(value)


def when_words(data: FormData, place: Part) -> str:
    """A condition of the draft in words; empty when there is none, and a note when it can't be read."""
    try:
        condition = condition_at(data, place)
    except (Invalid, NotFound):
        return "something that can't be read; put it together afresh"
    return condition_words(data, condition, itself=place[1] if place[0] == "finding" else "")


def type_title(name: object) -> str:
    """How a question is answered, in words."""
    kind = ANSWER_TYPES.get(str(name))
    return kind.title if kind else "Not chosen"


def other_measures(data: FormData, key: str) -> set[str]:
    """The measures that other questions of the form carry."""
    return {
        str(one["measure"])
        for _, one in questions_of(data)
        if one.get("measure") and one["question"] != key and not one.get("retired")
    }


def section_choices(data: FormData) -> Sequence[tuple[str, str]]:
    """Every section by key and title, to move a question to."""
    return [(one["section"], str(one.get("title") or one["section"])) for one in sections_of(data)]
