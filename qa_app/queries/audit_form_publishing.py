"""A draft on its way to becoming a version: its faults, what it changes, and who has to agree."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from qa_app.domain.access import ROLE_PERMISSIONS, Permission, Viewer
from qa_app.domain.audit_forms.checks import FormFault
from qa_app.domain.audit_forms.differences import Change, differences, frozen_faults
from qa_app.domain.audit_forms.draft_checks import check_draft
from qa_app.domain.audit_forms.drafts import FormData, Published, read
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.kinds import DraftEnd
from qa_app.domain.audit_forms.proposals import ProposalState, may_decide, needs_second_person
from qa_app.domain.audit_forms.versions import form_from_json, published_form
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.audit_form_proposals import AuditFormProposal
from qa_app.models.audit_forms import (
    AuditFormDraft,
    AuditFormDraftAuthor,
    AuditFormRow,
    AuditFormVersion,
    AuditFormVersionQuestion,
)
from qa_app.models.themes import Theme


@dataclass(frozen=True)
class InForce:
    """The newest version of a form: what a draft is compared with."""

    version_id: int
    number: int
    form: AuditForm


@dataclass(frozen=True)
class Proposal:
    """A version put before a second person: by whom and why, and what became of it."""

    proposal_id: int
    draft_id: int
    form_key: str
    title: str
    reason: str
    state: ProposalState
    proposed_at: datetime
    proposed_by: str
    proposed_by_id: int
    decided_at: datetime | None
    decided_by: str
    decision: str
    author_ids: frozenset[int]
    authors: tuple[str, ...]
    content_sha256: str
    against_version_id: int
    form: AuditForm


@dataclass(frozen=True)
class Publishing:
    """A draft as it stands before it is published. `form` is there when nothing is wrong with it."""

    draft_id: int
    form_key: str
    title: str
    content: FormData
    revision: int
    closed_as: DraftEnd | None
    last_change: str
    updated_at: datetime
    updated_by: str
    base_version_id: int | None
    in_force: InForce | None
    form: AuditForm | None
    shown: AuditForm | None
    """The form as far as it can be read, to be compared although something is wrong with it."""
    faults: tuple[FormFault, ...]
    changes: tuple[Change, ...]
    author_ids: frozenset[int]
    proposals: tuple[Proposal, ...]

    @property
    def needs_second_person(self) -> bool:
        """Whether somebody else has to agree before it is published."""
        return needs_second_person(self.changes)

    @property
    def is_new_form(self) -> bool:
        """Whether this will be the form's first version."""
        return self.in_force is None

    @property
    def waiting(self) -> Proposal | None:
        """The proposal that waits for a second person, if one does."""
        return next((one for one in self.proposals if one.state is ProposalState.WAITING), None)

    @property
    def was_overtaken(self) -> bool:
        """Whether somebody published another version after this draft began."""
        return self.in_force is not None and self.in_force.version_id != self.base_version_id


def get_publishing(viewer: Viewer, draft_id: int, *, for_writing: bool = False) -> Publishing:
    """A draft with everything that decides whether it can be published.

    Errors: NotFound for who may neither write nor approve forms.
    """
    _require_some_part(viewer)
    statement = (
        select(AuditFormDraft, User.name)
        .outerjoin(User, User.id == AuditFormDraft.updated_by_id)
        .where(AuditFormDraft.id == draft_id)
    )
    if for_writing:
        statement = statement.with_for_update(of=AuditFormDraft)
    row = db.session.execute(statement).first()
    if row is None:
        raise NotFound
    draft, updated_by = row
    versions = _versions(draft.form_key)
    content = read(draft.content)
    earlier = [one.form for one in versions]
    checked = check_draft(
        content,
        theme_keys=frozenset(db.session.scalars(select(Theme.key))),
        published=Published.of(earlier),
        measures=_measures(),
    )
    shown = checked.form or checked.as_far_as_possible
    told = {fault.path for fault in checked.faults}
    more = [fault for fault in frozen_faults(earlier, shown) if fault.path not in told] if shown else []
    authors = db.session.scalars(
        select(AuditFormDraftAuthor.user_id).where(AuditFormDraftAuthor.draft_id == draft_id)
    )
    return Publishing(
        draft_id=draft.id,
        form_key=draft.form_key,
        title=draft.title,
        content=content,
        revision=draft.revision,
        closed_as=draft.closed_as,
        last_change=draft.last_change,
        updated_at=draft.updated_at,
        updated_by=updated_by or "The system",
        base_version_id=draft.base_version_id,
        in_force=versions[-1] if versions else None,
        form=None if more else checked.form,
        shown=shown,
        faults=(*checked.faults, *more),
        changes=differences(versions[-1].form, shown) if versions and shown else (),
        author_ids=frozenset(authors),
        proposals=_proposals(AuditFormProposal.draft_id == draft_id),
    )


def get_proposal(viewer: Viewer, proposal_id: int) -> Proposal:
    """One proposal. Errors: NotFound."""
    _require_some_part(viewer)
    found = _proposals(AuditFormProposal.id == proposal_id)
    if not found:
        raise NotFound
    return found[0]


def list_waiting_proposals(viewer: Viewer) -> tuple[Proposal, ...]:
    """What waits for a second person, the oldest first: those first that the viewer may decide on."""
    _require_some_part(viewer)
    waiting = _proposals(AuditFormProposal.state == ProposalState.WAITING)
    return tuple(
        sorted(
            waiting, key=lambda one: (not viewer_may_decide(viewer, one), one.proposed_at, one.proposal_id)
        )
    )


def count_to_agree(viewer: Viewer) -> int:
    """How many versions wait for this viewer to agree as the second person."""
    if not viewer.may(Permission.APPROVE_FORMS):
        return 0
    rows = db.session.execute(
        select(AuditFormProposal.author_ids, AuditFormProposal.proposed_by_id).where(
            AuditFormProposal.state == ProposalState.WAITING
        )
    )
    return sum(may_decide(viewer.user_id, authors, proposer) for authors, proposer in rows)


def viewer_may_decide(viewer: Viewer, proposal: Proposal) -> bool:
    """Whether the viewer is a second person to a proposal, and may approve forms."""
    return viewer.may(Permission.APPROVE_FORMS) and may_decide(
        viewer.user_id, proposal.author_ids, proposal.proposed_by_id
    )


def _require_some_part(viewer: Viewer) -> None:
    if not (viewer.may(Permission.MANAGE_FORMS) or viewer.may(Permission.APPROVE_FORMS)):
        raise NotFound


def _versions(form_key: str) -> list[InForce]:
    rows = db.session.scalars(
        select(AuditFormVersion)
        .join(AuditFormRow, AuditFormRow.id == AuditFormVersion.form_id)
        .where(AuditFormRow.key == form_key)
        .order_by(AuditFormVersion.number)
    )
    return [
        InForce(row.id, row.number, published_form(row.content_sha256, lambda row=row: row.content))  # type: ignore[misc]
        for row in rows
    ]


def _measures() -> dict[str, str]:
    """The answer type of every measure that any published version uses."""
    rows = db.session.execute(
        select(AuditFormVersionQuestion.measure, AuditFormVersionQuestion.answer_type)
        .where(AuditFormVersionQuestion.measure.is_not(None))
        .distinct()
    )
    return {str(measure): answer_type for measure, answer_type in rows}


def _proposals(condition: Any) -> tuple[Proposal, ...]:
    """Proposals with the names of everybody concerned, the newest first."""
    proposer, decider = aliased(User), aliased(User)
    rows = db.session.execute(
        select(AuditFormProposal, proposer.name, decider.name)
        .join(proposer, proposer.id == AuditFormProposal.proposed_by_id)
        .outerjoin(decider, decider.id == AuditFormProposal.decided_by_id)
        .where(condition)
        .order_by(AuditFormProposal.id.desc())
    ).all()
    everybody = {user_id for row, *_ in rows for user_id in row.author_ids}
    names = dict(
        db.session.execute(select(User.id, User.name).where(User.id.in_(sorted(everybody)))).all()
        if everybody
        else ()
    )
    found = []
    for row, proposed_by, decided_by in rows:
        form = form_from_json(row.content)
        found.append(
            Proposal(
                proposal_id=row.id,
                draft_id=row.draft_id,
                form_key=row.form_key,
                title=form.title,
                reason=row.reason,
                state=row.state,
                proposed_at=row.proposed_at,
                proposed_by=proposed_by,
                proposed_by_id=row.proposed_by_id,
                decided_at=row.decided_at,
                decided_by=decided_by or "",
                decision=row.decision,
                author_ids=frozenset(row.author_ids),
                authors=tuple(sorted(names.get(user_id, "") for user_id in row.author_ids)),
                content_sha256=row.content_sha256,
                against_version_id=row.against_version_id,
                form=form,
            )
        )
    return tuple(found)


def list_second_people(viewer: Viewer, not_these: frozenset[int]) -> tuple[str, ...]:
    """The names of those who may agree to a version: everybody who approves forms, without its authors."""
    _require_some_part(viewer)
    roles = [
        role for role, permissions in ROLE_PERMISSIONS.items() if Permission.APPROVE_FORMS in permissions
    ]
    rows = db.session.execute(
        select(User.id, User.name)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(RoleGrant.role.in_(roles), RoleGrant.suspended_at.is_(None), User.is_active.is_(True))
        .distinct()
        .order_by(User.name)
    )
    return tuple(name for user_id, name in rows if user_id not in not_these)


@dataclass(frozen=True)
class Comparison:
    """Two versions of a form beside each other. `all_versions`: number, day and publisher of each."""

    form_key: str
    earlier: InForce
    later: InForce
    changes: tuple[Change, ...]
    all_versions: tuple[tuple[int, datetime, str], ...]


def compare_versions(viewer: Viewer, form_key: str, first: int | None, last: int | None) -> Comparison:
    """What changed between two versions; without numbers the newest and the one before. Errors: NotFound."""
    if not viewer.may(Permission.SEE_FORMS):
        _require_some_part(viewer)
    versions = {one.number: one for one in _versions(form_key)}
    if not versions:
        raise NotFound
    later = versions.get(last if last is not None else max(versions))
    if later is None:
        raise NotFound
    earlier = versions.get(first if first is not None else max(later.number - 1, 1))
    if earlier is None:
        raise NotFound
    listed = db.session.execute(
        select(AuditFormVersion.number, AuditFormVersion.published_at, User.name)
        .outerjoin(User, User.id == AuditFormVersion.published_by_id)
        .where(AuditFormVersion.id.in_([one.version_id for one in versions.values()]))
        .order_by(AuditFormVersion.number.desc())
    )
    return Comparison(
        form_key,
        earlier,
        later,
        differences(earlier.form, later.form),
        tuple((number, at, name or "The system") for number, at, name in listed),
    )


def get_version(viewer: Viewer, version_id: int) -> InForce:
    """One published version. Errors: NotFound."""
    if not viewer.may(Permission.SEE_FORMS):
        _require_some_part(viewer)
    row = db.session.get(AuditFormVersion, version_id)
    if row is None:
        raise NotFound
    return InForce(row.id, row.number, published_form(row.content_sha256, lambda: row.content))


def theme_keys(viewer: Viewer) -> frozenset[str]:
    """The keys of every theme that a question may carry."""
    if not viewer.may(Permission.SEE_FORMS):
        _require_some_part(viewer)
    return frozenset(db.session.scalars(select(Theme.key)))
