"""The history as people read it: who did what, and what was there before."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from qa_app.domain.references import action_ref, case_action_ref, concern_ref, finding_ref, review_ref


@dataclass(frozen=True)
class KindWords:
    """A kind of record: what one of it is called, and whether it tells of a child."""

    noun: str
    about_children: bool = False


KINDS: dict[str, KindWords] = {
    "review": KindWords("Review", about_children=True),
    "finding": KindWords("Finding", about_children=True),
    "case_action": KindWords("Action for a child", about_children=True),
    "safeguarding_concern": KindWords("Concern", about_children=True),
    "case_flag": KindWords("Flag on a case", about_children=True),
    "case_flag_upload": KindWords("Upload of flags", about_children=True),
    "cohort": KindWords("Cohort"),
    "panel_meeting": KindWords("Panel meeting", about_children=True),
    "programme_entry": KindWords("Entry of the audit programme"),
    "theme": KindWords("Theme"),
    "plan": KindWords("Improvement plan"),
    "plan_action": KindWords("Plan action"),
    "board": KindWords("Board"),
    "issued_report": KindWords("Issued report"),
    "report_draft": KindWords("Report in preparation"),
    "agency": KindWords("Agency"),
    "audit_form": KindWords("Form"),
    "audit_form_draft": KindWords("Form in preparation"),
    "audit_form_proposal": KindWords("Form to be approved"),
    "caseload_import": KindWords("Caseload upload"),
    "code_spelling": KindWords("Own spelling"),
    "name_doubt": KindWords("Names in doubt"),
    "case_flag_kind": KindWords("Kind of flag"),
    "organisation": KindWords("Organisation sheet"),
    "service_area": KindWords("Service area"),
    "team": KindWords("Team"),
    "practitioner": KindWords("Practitioner"),
    "user": KindWords("Account"),
    "history_entry": KindWords("History"),
    "job": KindWords("Background work"),
}
"""Every kind of record that the history knows, in the order in which people look for them."""

REFS = {
    "review": review_ref,
    "finding": finding_ref,
    "plan_action": action_ref,
    "case_action": case_action_ref,
    "safeguarding_concern": concern_ref,
}
PREFIXES = {
    "R": "review",
    "F": "finding",
    "A": "plan_action",
    "C": "case_action",
    "S": "safeguarding_concern",
}


def kind_words(kind: str) -> KindWords:
    """What a kind of record is called; one that is not known is held to tell of a child."""
    return KINDS.get(kind, KindWords(_sentence(kind), about_children=True))


def record_words(kind: str, subject_id: int) -> str:
    """A record as people name it: `Review R1042`, `Team 12`."""
    ref = REFS[kind](subject_id) if kind in REFS else str(subject_id)
    return f"{kind_words(kind).noun} {ref}"


def read_reference(written: str) -> tuple[str | None, int] | None:
    """What somebody typed to find a record: `R1042` gives its kind and number, `1042` a number alone.

    Nothing when it is neither.
    """
    found = re.fullmatch(r"([A-Za-z]?)\s*(\d{1,9})", written.strip(), re.ASCII)
    if found is None:
        return None
    letter, digits = found[1].upper(), int(found[2])
    if not letter:
        return None, digits
    return (PREFIXES[letter], digits) if letter in PREFIXES else None


DID: dict[str, str] = {
    "add_user": "opened the account",
    "give_role": "gave a role",
    "take_role": "took a role away",
    "suspend_role": "suspended a role that the council account no longer carries",
    "resume_role": "resumed a role that the council account carries again",
    "close_account": "closed the account",
    "reopen_account": "opened the account again",
    "unlock_account": "unlocked the account",
    "make_password_link": "made a link to choose a password",
    "choose_password": "chose a password by a link",
    "change_password": "changed their password",
    "end_sign_ins": "ended sign-ins",
    "add_second_factor": "set up a second factor",
    "remove_second_factor": "removed the second factor",
    "reset_second_factor": "reset the second factor",
    "make_recovery_codes": "made recovery codes",
    "use_recovery_code": "signed in with a recovery code",
    "prepare_council_account": "prepared the tie to a council account",
    "tie_council_account": "tied the council account",
    "untie_council_account": "untied the council account",
    "set_break_glass": "changed whether the account is kept for emergencies",
    "marked as leaving": "marked as leaving",
    "changed the last day": "changed the last day",
    "stays after all": "noted that they stay after all",
    "left": "closed the account of somebody who left",
    "handed over": "handed work over",
    "handed over work": "handed work over",
    "took over work": "took work over",
    "form_published": "published a version of the form",
    "draft_started": "began a new version",
    "draft_changed": "changed the form in preparation",
    "draft_taken_up": "took the form in preparation up",
    "draft_discarded": "put the form in preparation away",
    "draft_published": "closed the form in preparation, which is published",
    "version_proposed": "proposed a version",
    "version_approved": "agreed to the version, which is published",
    "version_refused": "did not agree to the version",
    "version_withdrawn": "took the proposed version back",
    "draft_became_version": "made a version of the form in preparation",
    "cohort_moved_to_version": "moved the cohort to another version of the form",
    "review_moved_to_version": "moved the review to another version of the form",
    "earlier_reviews_scored": "scored earlier reviews",
    "replaced a case": "replaced a case",
    "closed a cohort": "closed the cohort",
    "took back a review": "took the review back",
    "organisation.imported": "stored an organisation sheet",
    "caseload.imported": "stored a caseload upload",
    "code_spelling.added": "explained a spelling",
    "code_spelling.removed": "took a spelling away",
    "name_doubt.decided": "decided whether two names are one",
    "case_flag.raised": "raised a flag",
    "case_flag.ended": "ended a flag",
    "case_flag.officer_named": "named the officer of a flag",
    "case_flags.uploaded": "uploaded flags",
    "case_flag_kind.added": "added a kind of flag",
    "case_flag_kind.changed": "changed a kind of flag",
    "drew a cohort": "drew the cohort",
    "allocated a cohort": "gave the cases to reviewers",
    "allocated a review": "gave the review to a reviewer",
    "reallocated a review": "gave the review to another reviewer",
    "answers_saved": "saved answers",
    "review_submitted": "handed the review in",
    "review_returned": "returned the review with reasons",
    "review_reopened": "opened the review again",
    "review_point_stands": "said why a returned answer stands",
    "review_replied": "replied to the review",
    "challenge_answered": "answered a challenge",
    "supervision_noted": "noted that it was talked over in supervision",
    "supervision_untick": "took back that it was talked over in supervision",
    "released a review": "released the review",
    "held back the release": "held the release back",
    "let the release go on": "let the release go on",
    "raised": "raised the finding",
    "withdrawn": "took the finding back",
    "case_action.raised": "added the action",
    "case_action.updated": "wrote how it is going",
    "case_action.done": "said it is done",
    "case_action.verified": "verified it",
    "case_action.sent_back": "sent it back",
    "case_action.checked_the_impact": "said whether it helped",
    "case_action.named_the_owner": "named who does it",
    "case_action.withdrawn": "took the action back",
    "case_action.chased": "reminded whoever has to do it",
    "concern.raised": "raised the concern",
    "concern.acknowledged": "acknowledged the concern",
    "concern.made_safe": "recorded what was done for the child",
    "concern.closed": "closed the concern",
    "concern.climbed": "told the director, because a clock ran out",
    "plan.imported": "stored an improvement plan",
    "action.updated": "brought the action up to date",
    "finding.linked": "linked a finding",
    "finding.unlinked": "took the link to a finding away",
    "theme.linked": "linked a theme",
    "theme.unlinked": "took the link to a theme away",
    "action.linked": "linked a plan action",
    "action.unlinked": "took the link to a plan action away",
    "lead.assigned": "named a lead",
    "lead.removed": "took a lead away",
    "words.set_aside": "set written words aside",
    "agency.added": "added the agency",
    "agency.named": "named an agency",
    "agency.removed": "took an agency away",
    "board.added": "added the board",
    "board.changed": "changed the board",
    "board.closed": "closed the board",
    "board.reopened": "opened the board again",
    "report.prepared": "prepared the report",
    "report.statement_made": "made the statement on safeguarding",
    "report.changed": "changed the report",
    "report.dropped": "dropped the report",
    "report.issued": "issued the report",
    "service_area.added": "added the service area",
    "service_area.changed": "changed the service area",
    "team.added": "added the team",
    "team.placed": "placed the team",
    "practitioner.added": "added the practitioner",
    "practitioner.matched": "matched the practitioner",
    "practitioner.supervised": "named the supervisor",
    "added": "added it",
    "changed": "changed it",
    "words_erased": "erased the words of a change by order",
}
"""What each action is called in a sentence that begins with who did it."""


def did_words(action: str) -> str:
    """An action in words; one that is not in the list is read from its own name."""
    if action in DID:
        return DID[action]
    return action.replace(".", ": ").replace("_", " ")


@dataclass(frozen=True)
class ChangeLine:
    """One thing that changed: what it is, what it was, what it is now. Empty words: there was nothing."""

    label: str
    before: str
    after: str


LABELS = {
    "head_user_id": "Head of service",
    "manager_user_id": "Manager",
    "reviewer_id": "Reviewer",
    "auditor_id": "Reviewer",
    "user_id": "Account",
    "from_user_id": "From",
    "to_user_id": "To",
    "successor_id": "Successor",
    "service_area_id": "Service area",
    "review_id": "Review",
    "as_at": "As at",
    "due_on": "Due on",
    "file_sha256": "File (SHA-256)",
    "sha256": "SHA-256",
    "content_sha256": "Content (SHA-256)",
    "snapshot_sha256": "As handed in (SHA-256)",
    "question_key": "Question",
    "plan_type": "Plan type",
}
STATE_KEYS = frozenset(
    {"grade", "overall_grade", "state", "kind", "severity", "role", "scope", "rating", "verdict", "purpose"}
    | {"plan_type", "outcome", "status"}
)
"""Whose values are states stored by name: `requires_improvement` is read as *Requires improvement*."""
LONGEST = 600
NO_NAMES: Mapping[tuple[str, int], str] = {}


def change_lines(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[tuple[str, int], str] = NO_NAMES
) -> tuple[ChangeLine, ...]:
    """What changed, line by line; what stayed the same is left out.

    `names`: what a number under a key stands for, by (key, number), as far as it is known.
    """
    was, now = dict(_flat(before)), dict(_flat(after))
    lines = []
    for key in [*was, *(key for key in now if key not in was)]:
        old, new = was.get(key), now.get(key)
        if old != new or key not in was or key not in now:
            words = (_value(key, old, names), _value(key, new, names))
            if words[0] != words[1]:
                lines.append(ChangeLine(label_of(key), *words))
    return tuple(lines)


def label_of(key: str) -> str:
    """The name of something kept, in words."""
    head, _, last = key.rpartition(": ")
    words = LABELS.get(last) or _sentence(re.sub(r"(_user)?_id$", "", last.removeprefix("n_")))
    return f"{head}: {words[:1].lower() + words[1:]}" if head else words


def numbered_keys(*details: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Every number that stands for a record, with the key under which it stands."""
    for detail in details:
        for key, value in _flat(detail):
            last = key.rpartition(": ")[2]
            if last.endswith("_id") and isinstance(value, int) and not isinstance(value, bool):
                yield last, value


def _flat(detail: Mapping[str, Any], head: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in detail.items():
        named = f"{head}: {key}" if head else str(key)
        if isinstance(value, dict) and value:
            yield from _flat(value, named)
        else:
            yield named, value


def _value(key: str, value: Any, names: Mapping[tuple[str, int], str]) -> str:
    last = key.rpartition(": ")[2]
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int) and last.endswith("_id"):
        return names.get((last, value)) or (review_ref(value) if last == "review_id" else f"number {value}")
    if isinstance(value, list):
        return _short(", ".join(_value("", each, names) for each in value))
    if isinstance(value, dict):
        return _short("; ".join(f"{label_of(k)}: {_value(k, each, names)}" for k, each in value.items()))
    text = str(value)
    if last in STATE_KEYS:
        return _sentence(text)
    return _short(_day(text) or (f"{text[:12]}..." if re.fullmatch(r"[0-9a-f]{64}", text) else text))


def _day(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return ""
    return f"{day.day} {day:%B %Y}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3].rstrip()}..."


def _sentence(name: str) -> str:
    words = name.replace("_", " ").replace(".", " ").strip()
    return words[:1].upper() + words[1:]


@dataclass(frozen=True)
class Told:
    """One change, ready to be read. `n` changes of the same kind, one soon after another, are told as one.

    `words`: shown, withheld (the reader may know that something changed, and not what), or erased by order.
    """

    entry_id: int
    at: datetime
    until: datetime
    who: str
    did: str
    changes: tuple[ChangeLine, ...]
    words: str
    n: int = 1
