"""What the pages of publishing show: faults with their places, changes by class, and who has to agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, url_for

from qa_app.domain.access import Viewer
from qa_app.domain.audit_forms.differences import LIMITS, Change, ChangeClass, differences
from qa_app.domain.audit_forms.draft_checks import STAND_IN, Place, place_of
from qa_app.domain.audit_forms.proposals import ProposalState
from qa_app.domain.audit_forms.versions import content_hash
from qa_app.domain.word_differences import Run, word_runs
from qa_app.queries.audit_form_publishing import (
    Comparison,
    InForce,
    Proposal,
    Publishing,
    viewer_may_decide,
)

TONES = {ChangeClass.WORDING: "grey", ChangeClass.ADDITION: "teal", ChangeClass.BREAKING: "amber"}


@dataclass(frozen=True)
class FaultLine:
    """One thing to put right, and where."""

    place: str
    href: str
    what: str


@dataclass(frozen=True)
class ChangeLine:
    """One change: where, what, and both sides with the words that differ marked."""

    kind: str
    tone: str
    place: str
    href: str
    what: str
    before: tuple[Run, ...]
    after: tuple[Run, ...]


@dataclass(frozen=True)
class ChangeGroup:
    """The changes of one class, with what the class means."""

    kind: str
    tone: str
    meaning: str
    n: int
    lines: tuple[ChangeLine, ...]


@dataclass(frozen=True)
class ProposalLine:
    """A proposal in a list, or under a draft."""

    proposal_id: int
    href: str
    title: str
    state: str
    is_waiting: bool
    tone: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    decision: str
    authors: str
    may_decide: bool


@dataclass(frozen=True)
class CheckView:
    """The page on which a draft is checked and published."""

    draft_id: int
    title: str
    form_key: str
    is_open: bool
    closed_as: str
    last_change: str
    updated_at: datetime
    updated_by: str
    revision: int
    against: int | None
    in_force: int | None
    next_number: int
    faults: tuple[FaultLine, ...]
    groups: tuple[ChangeGroup, ...]
    n_changes: int
    was_overtaken: bool
    needs_second: bool
    may_publish: bool
    may_propose: bool
    waiting: ProposalLine | None
    earlier_proposals: tuple[ProposalLine, ...]
    second_people: tuple[str, ...]
    designer_href: str


@dataclass(frozen=True)
class ProposalView:
    """One proposal with what it changes."""

    line: ProposalLine
    form_key: str
    against: int
    draft_href: str
    groups: tuple[ChangeGroup, ...]
    n_changes: int
    is_stale: bool
    may_withdraw: bool


@dataclass(frozen=True)
class CompareView:
    """Two versions beside each other."""

    title: str
    form_key: str
    first: int
    last: int
    groups: tuple[ChangeGroup, ...]
    n_changes: int
    choices: tuple[tuple[str, str], ...]


def check_view(
    seen: Publishing, viewer: Viewer, second_people: tuple[str, ...], *, may_write: bool
) -> CheckView:
    """The page of a draft before it is published."""
    lines = [proposal_line(one, viewer) for one in seen.proposals]
    waiting = next((one for one in lines if one.is_waiting), None)
    is_open = seen.closed_as is None
    is_ready = is_open and may_write and seen.form is not None and (seen.is_new_form or bool(seen.changes))
    number = seen.in_force.number if seen.in_force else None
    return CheckView(
        draft_id=seen.draft_id,
        title=seen.title,
        form_key=seen.form_key,
        is_open=is_open,
        closed_as=seen.closed_as.value if seen.closed_as else "",
        last_change=seen.last_change,
        updated_at=seen.updated_at,
        updated_by=seen.updated_by,
        revision=seen.revision,
        against=seen.in_force.version_id if seen.in_force else None,
        in_force=number,
        next_number=(number or 0) + 1,
        faults=tuple(_fault_line(seen, one.path, one.what, may_write) for one in seen.faults),
        groups=change_groups(seen.changes, seen.draft_id if is_open and may_write else None),
        n_changes=len(seen.changes),
        was_overtaken=is_open and seen.was_overtaken,
        needs_second=seen.needs_second_person,
        may_publish=is_ready and not seen.needs_second_person,
        may_propose=is_ready and seen.needs_second_person and waiting is None,
        waiting=waiting,
        earlier_proposals=tuple(one for one in lines if not one.is_waiting),
        second_people=second_people,
        designer_href=designer_href(seen.draft_id) if may_write and is_open else "",
    )


def proposal_view(
    proposal: Proposal, seen: Publishing, against: InForce, viewer: Viewer, *, may_write: bool
) -> ProposalView:
    """One proposal as the second person reads it."""
    changes = differences(against.form, proposal.form)
    same = seen.form is not None and content_hash(seen.form) == proposal.content_sha256
    in_force = seen.in_force is not None and seen.in_force.version_id == proposal.against_version_id
    is_waiting = proposal.state is ProposalState.WAITING
    return ProposalView(
        line=proposal_line(proposal, viewer),
        form_key=proposal.form_key,
        against=against.number,
        draft_href=url_for("form_publishing.check", draft_id=proposal.draft_id),
        groups=change_groups(changes, None),
        n_changes=len(changes),
        is_stale=is_waiting and not (same and in_force),
        may_withdraw=is_waiting and may_write,
    )


def compare_view(found: Comparison) -> CompareView:
    """Two versions beside each other."""
    choices = tuple(
        (str(number), f"Version {number}, {at:%d %b %Y}, {name}") for number, at, name in found.all_versions
    )
    return CompareView(
        found.later.form.title,
        found.form_key,
        found.earlier.number,
        found.later.number,
        change_groups(found.changes, None),
        len(found.changes),
        choices,
    )


def proposal_line(proposal: Proposal, viewer: Viewer) -> ProposalLine:
    """One proposal in a list."""
    tones = {"waiting": "amber", "approved": "green", "refused": "red"}
    return ProposalLine(
        proposal_id=proposal.proposal_id,
        href=url_for("form_publishing.proposal", proposal_id=proposal.proposal_id),
        title=proposal.title,
        state=proposal.state.label,
        is_waiting=proposal.state is ProposalState.WAITING,
        tone=tones.get(proposal.state.value, "grey"),
        reason=proposal.reason,
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
        decided_by=proposal.decided_by,
        decided_at=proposal.decided_at,
        decision=proposal.decision,
        authors=", ".join(name for name in proposal.authors if name) or proposal.proposed_by,
        may_decide=viewer_may_decide(viewer, proposal),
    )


def change_groups(changes: Sequence[Change], draft_id: int | None) -> tuple[ChangeGroup, ...]:
    """The changes by class, the heaviest first; each leads to its place in the designer of an open draft."""
    groups = []
    for kind in reversed(ChangeClass):
        lines = tuple(_change_line(one, draft_id) for one in changes if one.kind is kind)
        if lines:
            groups.append(ChangeGroup(kind.label, TONES[kind], kind.meaning, len(lines), lines))
    return tuple(groups)


def designer_href(draft_id: int, place: Place | None = None) -> str:
    """Where something is put right in the designer; empty on a site without one."""
    if "form_designer.show" not in current_app.view_functions:
        return ""
    kind = place.kind if place else "form"
    if place and kind in ("section", "question"):
        return url_for(f"form_designer.{kind}", draft_id=draft_id, key=place.key)
    if kind == "limits":
        return url_for("form_designer.limits", draft_id=draft_id)
    return url_for("form_designer.show", draft_id=draft_id)


def _change_line(change: Change, draft_id: int | None) -> ChangeLine:
    before, after = word_runs(change.before, change.after)
    href = ""
    if draft_id is not None:
        kind = "question" if change.question else "section" if change.section else "form"
        kind = "limits" if change.place == LIMITS else kind
        href = designer_href(draft_id, Place(kind, change.question or change.section or ""))
    return ChangeLine(
        change.kind.label,
        TONES[change.kind],
        _place(change),
        href,
        change.what,
        before,
        after,
    )


def _place(change: Change) -> str:
    """Where a change is, as people know it; its key where its words are still to come."""
    key = change.question or change.section
    if change.place and change.place != STAND_IN:
        return change.place
    return key.replace("_", " ") if key else "The form"


def _fault_line(seen: Publishing, path: tuple[str | int, ...], what: str, may_write: bool) -> FaultLine:
    place = place_of(seen.content, path)
    words = {"form": "The form", "limits": "Limits of the overall grade"}.get(place.kind, place.key)
    for section in seen.content.get("sections", []):
        if place.kind == "section" and section.get("section") == place.key:
            words = str(section.get("title") or place.key)
        for question in section.get("questions", []):
            if place.kind == "question" and question.get("question") == place.key:
                words = str(question.get("text") or place.key)
    href = designer_href(seen.draft_id, place) if may_write else ""
    return FaultLine(words, href, f"{what[:1].upper()}{what[1:]}")


def form_href(form_key: str) -> str:
    """The page of a form; on a site without one, what its versions changed."""
    own = "audit_forms.form" in current_app.view_functions
    return url_for("audit_forms.form" if own else "form_publishing.changes", form_key=form_key)
