"""Raising findings: one strength or one weakness, from a question or from the whole file."""

from datetime import datetime

from sqlalchemy import select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.findings import FindingDraft
from qa_app.extensions import db
from qa_app.models.findings import Finding, FindingTheme
from qa_app.models.reviews import Review
from qa_app.models.themes import Theme
from qa_app.queries.scope import findings_within
from qa_app.services import history
from qa_app.services.reviewed_cases import get_reviewed_case, section_of


def raise_finding(
    viewer: Viewer, review_id: int, question_key: str | None, draft: FindingDraft, *, at: datetime
) -> int:
    """Keep a finding on a review, with its themes, and give its number. Without a question: the whole file.

    Team, service area and plan type are copied from the case as it was drawn.
    Errors: NotAllowed; NotFound for a review out of reach or a question that its form does not ask;
    Invalid for an unknown theme.
    """
    viewer.require(Permission.RAISE_FINDINGS)
    if viewer.user_id is None:
        raise NotAllowed("A finding is raised by a person: sign in first.")
    case = get_reviewed_case(viewer, review_id)
    section_key = section_of(case.version_id, question_key) if question_key else None
    theme_ids = _theme_ids(draft.themes)
    finding = Finding(
        review_id=case.review_id,
        question_key=question_key or None,
        section_key=section_key,
        kind=draft.kind,
        severity=draft.severity,
        words=draft.words,
        record_place=draft.record_place,
        team_id=case.team_id,
        service_area_id=case.service_area_id,
        plan_type=case.plan_type,
        raised_at=at,
        raised_by_id=viewer.user_id,
    )
    db.session.add(finding)
    db.session.flush()
    for theme_id in theme_ids:
        db.session.add(
            FindingTheme(finding_id=finding.id, theme_id=theme_id, tagged_at=at, tagged_by_id=viewer.user_id)
        )
    history.record(viewer, "raised", "finding", finding.id, at=at, after=_kept(finding, draft.themes))
    db.session.flush()
    return finding.id


def withdraw_finding(viewer: Viewer, finding_id: int, *, at: datetime) -> int:
    """Take back a finding raised by oneself, before the review is handed in. Returns the review's number.

    Errors: NotFound; NotAllowed for somebody else's; Conflict once the review has been submitted.
    """
    viewer.require(Permission.RAISE_FINDINGS)
    found = db.session.execute(
        select(Finding, Review.state)
        .join(Review, Review.id == Finding.review_id)
        .where(Finding.id == finding_id, findings_within(viewer, Permission.RAISE_FINDINGS))
    ).one_or_none()
    if found is None:
        raise NotFound
    finding, state = found
    if finding.raised_by_id != viewer.user_id:
        raise NotAllowed("Only the person who raised a finding can take it back.")
    if state is ReviewState.SUBMITTED:
        raise Conflict(
            "The review has been submitted, and its findings stand. Ask the QA lead to correct one."
        )
    finding.withdrawn_at = at
    history.record(viewer, "withdrawn", "finding", finding.id, at=at, before={"words": finding.words})
    db.session.flush()
    return finding.review_id


def _theme_ids(keys: tuple[str, ...]) -> list[int]:
    if not keys:
        return []
    rows = db.session.execute(
        select(Theme.key, Theme.id).where(Theme.key.in_(keys), Theme.merged_into_id.is_(None))
    )
    known = {row.key: row.id for row in rows}
    if missing := [key for key in keys if key not in known]:
        raise Invalid("themes", f"There is no theme '{missing[0]}' any more. Choose another.")
    return [known[key] for key in keys]


def _kept(finding: Finding, themes: tuple[str, ...]) -> dict[str, object]:
    return {
        "review_id": finding.review_id,
        "question_key": finding.question_key,
        "kind": finding.kind.value,
        "severity": finding.severity.value,
        "words": finding.words,
        "themes": list(themes),
    }
