"""Moving parts of a form about: what a button of the designer asks for, and where its author lands."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import url_for
from werkzeug.datastructures import MultiDict

from qa_app.domain.audit_forms import edits, edits_of_limits
from qa_app.domain.audit_forms.drafts import Edit, FormData, Part, find_question, find_section, sections_of
from qa_app.domain.errors import NotFound
from qa_app.web.form_designer.panels import short

SECTION: dict[str, tuple[Callable[..., FormData], dict[str, object], str]] = {
    "up": (edits.move_section, {"by": -1}, "Section moved up"),
    "down": (edits.move_section, {"by": 1}, "Section moved down"),
    "copy": (edits.copy_section, {}, "Section copied"),
    "hide": (edits.retire_section, {"retired": True}, "Section hidden"),
    "show": (edits.retire_section, {"retired": False}, "Section brought back"),
    "remove": (edits.remove_section, {}, "Section taken away"),
}
QUESTION: dict[str, tuple[Callable[..., FormData], dict[str, object], str]] = {
    "up": (edits.move_question, {"by": -1}, "Question moved up"),
    "down": (edits.move_question, {"by": 1}, "Question moved down"),
    "copy": (edits.copy_question, {}, "Question copied"),
    "hide": (edits.retire_question, {"retired": True}, "Question hidden"),
    "show": (edits.retire_question, {"retired": False}, "Question brought back"),
    "remove": (edits.remove_question, {}, "Question taken away"),
}
LIMIT: dict[str, tuple[Callable[..., FormData], dict[str, object], str]] = {
    "up": (edits_of_limits.move_limit, {"by": -1}, "Limit moved up"),
    "down": (edits_of_limits.move_limit, {"by": 1}, "Limit moved down"),
    "remove": (edits_of_limits.remove_limit, {}, "Limit taken away"),
}


@dataclass(frozen=True)
class Arrangement:
    """What a button asks for. `is_careful`: refused when somebody changed that part meanwhile."""

    edit: Edit
    what: str
    part: Part
    do: str
    holder: str = ""

    @property
    def is_careful(self) -> bool:
        """Whether somebody's fresh words could be lost by it."""
        return self.do == "remove" or self.part == ("limits",)

    def href(self, draft_id: int, data: FormData) -> str:
        """Where to go on: at the part itself, at its copy, or at what held it."""
        kind, key = self.part[0], self.part[-1]
        if kind == "limits":
            return url_for("form_designer.limits", draft_id=draft_id)
        if kind == "section":
            keys = [one["section"] for one in sections_of(data)]
            if key not in keys:
                return url_for("form_designer.show", draft_id=draft_id)
            at = keys.index(key) + (self.do == "copy")
            return url_for("form_designer.section", draft_id=draft_id, key=keys[min(at, len(keys) - 1)])
        holder = next(
            (one for one in sections_of(data) if any(each["question"] == key for each in one["questions"])),
            None,
        )
        if holder is None:
            back = url_for("form_designer.section", draft_id=draft_id, key=self.holder)
            return (
                back if find_section(data, self.holder) else url_for("form_designer.show", draft_id=draft_id)
            )
        keys = [one["question"] for one in holder["questions"]]
        at = keys.index(key) + (self.do == "copy")
        return url_for("form_designer.question", draft_id=draft_id, key=keys[min(at, len(keys) - 1)])


def arrangement(data: FormData, sent: "MultiDict[str, str]") -> Arrangement:
    """What was asked for. Errors: NotFound for what the designer has no button for."""
    kind, key, do = sent.get("kind", ""), sent.get("key", ""), sent.get("do", "")
    if kind == "section" and do in SECTION and find_section(data, key):
        change, more, what = SECTION[do]
        title = str((find_section(data, key) or {}).get("title", ""))
        return Arrangement(partial(change, key=key, **more), f"{what}: {short(title)}", (kind, key), do)
    if kind == "question" and (found := find_question(data, key)) is not None:
        holder = next(one["section"] for one in sections_of(data) if found in one["questions"])
        said = short(str(found.get("text", "")))
        if do == "to":
            target = sent.get("section", "")
            position = sent.get("position", "")
            at = int(position) if position.isdecimal() and len(position) < 4 else -1
            edit = partial(edits.place_question, key=key, section=target, position=at)
            return Arrangement(edit, f"Question moved: {said}", (kind, key), do, holder)
        if do in QUESTION:
            change, more, what = QUESTION[do]
            return Arrangement(partial(change, key=key, **more), f"{what}: {said}", (kind, key), do, holder)
    if kind == "limit" and do in LIMIT and key.isdecimal() and len(key) < 4:
        change, more, what = LIMIT[do]
        return Arrangement(partial(change, number=int(key), **more), what, ("limits",), do)
    raise NotFound
