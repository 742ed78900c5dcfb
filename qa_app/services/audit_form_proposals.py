"""Publishing a draft: alone where comparison over time holds, with a second person where it breaks."""

from datetime import datetime

from sqlalchemy import func, select, update

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.differences import Change, heaviest
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.proposals import ProposalState, may_decide
from qa_app.domain.audit_forms.versions import canonical_json, content_hash, form_from_json
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.extensions import db
from qa_app.models.audit_form_proposals import AuditFormProposal
from qa_app.models.audit_forms import AuditFormRow, AuditFormVersion
from qa_app.queries.audit_form_publishing import Publishing, get_publishing
from qa_app.services import history
from qa_app.services.audit_form_drafts import end_published_draft
from qa_app.services.audit_forms import publish_form

LONGEST_REASON = 4000


def publish_draft(
    viewer: Viewer, draft_id: int, *, revision: int, against: int | None, at: datetime
) -> AuditFormVersion:
    """Make a draft the next version of its form. Nothing else is needed when comparison over time holds.

    `revision` and `against` (the version in force) are what its publisher had in front of them.
    Errors: NotAllowed; NotFound; Invalid with every fault; Conflict when it changed meanwhile, is closed, changes
    nothing, or needs a second person.
    """
    viewer.require(Permission.MANAGE_FORMS)
    seen = _looked_at(viewer, draft_id, revision, against)
    form = _sound(seen)
    if seen.needs_second_person:
        raise Conflict(
            "This version breaks comparison with the one in force, so a second person has to agree. "
            "Put it before them."
        )
    _withdraw_waiting(viewer, draft_id, at)
    return _publish(viewer, seen.draft_id, form, seen.changes, at)


def propose_draft(
    viewer: Viewer, draft_id: int, reason: str, *, revision: int, against: int | None, at: datetime
) -> AuditFormProposal:
    """Put a draft that breaks comparison before a second person. An earlier proposal of the same draft is withdrawn.

    Errors: as `publish_draft`; Invalid without a reason; Conflict when nobody else has to agree.
    """
    viewer.require(Permission.MANAGE_FORMS)
    reason = _words(reason, "reason", "Say why the change is worth breaking comparison for.")
    seen = _looked_at(viewer, draft_id, revision, against)
    form = _sound(seen)
    if not seen.needs_second_person or seen.in_force is None or viewer.user_id is None:
        raise Conflict("This version needs no second person. Publish it.")
    _withdraw_waiting(viewer, draft_id, at)
    proposal = AuditFormProposal(
        draft_id=draft_id,
        form_key=seen.form_key,
        against_version_id=seen.in_force.version_id,
        content=canonical_json(form),
        content_sha256=content_hash(form),
        author_ids=sorted(seen.author_ids),
        reason=reason,
        state=ProposalState.WAITING,
        proposed_at=at,
        proposed_by_id=viewer.user_id,
    )
    db.session.add(proposal)
    db.session.flush()
    after = {"form": seen.form_key, "reason": reason, "content_sha256": proposal.content_sha256}
    history.record(viewer, "version_proposed", "audit_form_proposal", proposal.id, at=at, after=after)
    return proposal


def approve_proposal(viewer: Viewer, proposal_id: int, decision: str, *, at: datetime) -> AuditFormVersion:
    """Agree as the second person: the version is published as it was proposed.

    Errors: NotAllowed for its proposer and everybody who changed the draft; NotFound; Conflict when it was decided
    already, or the draft or the version in force changed since.
    """
    proposal = _waiting(viewer, proposal_id)
    seen = get_publishing(viewer, proposal.draft_id, for_writing=True)
    form = form_from_json(proposal.content)
    if seen.closed_as is not None or seen.form is None or content_hash(seen.form) != proposal.content_sha256:
        raise Conflict(
            "The draft was changed after it was put before you. Ask its author to put it before you again."
        )
    if seen.in_force is None or seen.in_force.version_id != proposal.against_version_id:
        raise Conflict("Another version was published meanwhile. Ask the author to look at the draft again.")
    version = _publish(
        viewer, proposal.draft_id, form, seen.changes, at, proposed_by_id=proposal.proposed_by_id
    )
    proposal.version_id = version.id
    _decide(viewer, proposal, ProposalState.APPROVED, decision.strip()[:LONGEST_REASON], at)
    return version


def refuse_proposal(viewer: Viewer, proposal_id: int, decision: str, *, at: datetime) -> AuditFormProposal:
    """Disagree as the second person, saying why. The draft stays open. Errors: as `approve_proposal`; Invalid."""
    proposal = _waiting(viewer, proposal_id)
    words = _words(decision, "decision", "Say what has to change before you can agree.")
    _decide(viewer, proposal, ProposalState.REFUSED, words, at)
    return proposal


def withdraw_proposal(viewer: Viewer, proposal_id: int, *, at: datetime) -> AuditFormProposal:
    """Take a proposal back. Errors: NotAllowed; NotFound; Conflict when it was decided already."""
    viewer.require(Permission.MANAGE_FORMS)
    proposal = _proposal_row(proposal_id)
    _decide(viewer, proposal, ProposalState.WITHDRAWN, "", at)
    return proposal


def _looked_at(viewer: Viewer, draft_id: int, revision: int, against: int | None) -> Publishing:
    """The draft as its publisher saw it. Errors: Conflict when it, or the version in force, is another by now."""
    form_key = get_publishing(viewer, draft_id, for_writing=True).form_key
    db.session.execute(select(AuditFormRow.id).where(AuditFormRow.key == form_key).with_for_update())
    seen = get_publishing(viewer, draft_id)
    if seen.closed_as is not None:
        raise Conflict(f"This draft was {seen.closed_as.value} already.")
    if seen.revision != revision:
        raise Conflict(
            f"{seen.updated_by} changed the draft after you opened this page. Look at it again before you go on."
        )
    if (seen.in_force.version_id if seen.in_force else None) != against:
        raise Conflict("Another version was published after you opened this page. Look at what changes now.")
    if seen.in_force is not None and seen.form is not None and not seen.changes:
        raise Conflict(
            f"Nothing has changed since version {seen.in_force.number}. There is nothing to publish."
        )
    return seen


def _sound(seen: Publishing) -> AuditForm:
    if seen.form is None:
        raise Invalid("form", "This form cannot be published: " + " · ".join(one.what for one in seen.faults))
    return seen.form


def _publish(
    viewer: Viewer,
    draft_id: int,
    form: AuditForm,
    changes: tuple[Change, ...],
    at: datetime,
    proposed_by_id: int | None = None,
) -> AuditFormVersion:
    newest = db.session.scalar(
        select(func.max(AuditFormVersion.number))
        .join(AuditFormRow, AuditFormRow.id == AuditFormVersion.form_id)
        .where(AuditFormRow.key == form.key)
    )
    version = publish_form(viewer, form, at=at, accepts_breaking=proposed_by_id is not None)
    if newest is not None and version.number <= newest:
        raise Conflict(
            f"This is word for word version {version.number}, and each version differs from all before it. Change at "
            "least a word, for example in the guidance, to publish it again."
        )
    end_published_draft(viewer, draft_id, at=at)
    kind = heaviest(changes)
    after = {
        "version": version.number,
        "class": kind.value if kind else "new",
        "changes": [
            f"{one.what}: {one.place or one.question or one.section or 'form'}"[:200] for one in changes
        ],
        "proposed_by": proposed_by_id,
    }
    history.record(viewer, "draft_became_version", "audit_form_draft", draft_id, at=at, after=after)
    return version


def _proposal_row(proposal_id: int) -> AuditFormProposal:
    proposal = db.session.scalar(
        select(AuditFormProposal).where(AuditFormProposal.id == proposal_id).with_for_update()
    )
    if proposal is None:
        raise NotFound
    if proposal.state is not ProposalState.WAITING:
        raise Conflict(f"This proposal was {proposal.state.value} already.")
    return proposal


def _waiting(viewer: Viewer, proposal_id: int) -> AuditFormProposal:
    viewer.require(Permission.APPROVE_FORMS)
    proposal = _proposal_row(proposal_id)
    if not may_decide(viewer.user_id, proposal.author_ids, proposal.proposed_by_id):
        raise NotAllowed(
            "You wrote part of this version, so somebody else has to agree. Ask another person who approves forms."
        )
    return proposal


def _withdraw_waiting(viewer: Viewer, draft_id: int, at: datetime) -> None:
    db.session.execute(
        update(AuditFormProposal)
        .where(AuditFormProposal.draft_id == draft_id, AuditFormProposal.state == ProposalState.WAITING)
        .values(state=ProposalState.WITHDRAWN, decided_at=at, decided_by_id=viewer.user_id)
        .execution_options(synchronize_session="fetch")
    )


def _decide(
    viewer: Viewer, proposal: AuditFormProposal, state: ProposalState, words: str, at: datetime
) -> None:
    proposal.state, proposal.decided_at = state, at
    proposal.decided_by_id, proposal.decision = viewer.user_id, words
    db.session.flush()
    after = {"state": state.value, "said": words, "form": proposal.form_key}
    history.record(viewer, f"version_{state.value}", "audit_form_proposal", proposal.id, at=at, after=after)


def _words(text: str, field: str, missing: str) -> str:
    words = text.strip()
    if not words:
        raise Invalid(field, missing)
    if len(words) > LONGEST_REASON:
        raise Invalid(field, f"This is too long: the limit is {LONGEST_REASON:,} characters.")
    return words
