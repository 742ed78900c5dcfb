"""Makes teams with people, and actions and concerns for the children of their reviews."""

from dataclasses import dataclass
from datetime import datetime
from itertools import count

from qa_app.domain.access import Role, Viewer
from qa_app.domain.case_actions import Priority, Timing
from qa_app.domain.safeguarding_concerns import ConcernKind, ConcernTiming
from qa_app.models.accounts import User
from qa_app.models.case_actions import CaseAction
from qa_app.models.organisation import ServiceArea, Team
from qa_app.models.reviews import Review
from qa_app.models.safeguarding_concerns import SafeguardingConcern
from qa_app.services.case_actions import CaseActionDraft, raise_case_action
from qa_app.services.safeguarding_concerns import ConcernDraft, raise_concern
from tests.builders import AT, make_service_area, make_team, make_user, viewer_of
from tests.builders_reviews import make_review
from tests.builders_ties import make_practitioner

_numbers = count(1)


@dataclass
class Place:
    """A team with its people, and a review of one of its children."""

    area: ServiceArea
    team: Team
    manager: User
    worker: User
    head: User
    auditor: User
    review: Review

    def act(self, words: str = "See the child alone.", priority: Priority = Priority.STANDARD,
            owner: User | None = None, at: datetime = AT) -> CaseAction:  # fmt: skip
        """An action that the auditor raises from the review."""
        draft = CaseActionDraft(words, priority, owner.id if owner else None)
        return raise_case_action(viewer_of(self.auditor), self.review.id, None, draft, Timing(), at=at)

    def worry(
        self, kind: ConcernKind = ConcernKind.SAFEGUARDING, at: datetime = AT, by: Viewer | None = None
    ) -> SafeguardingConcern:
        """A concern that the auditor raises from the review."""
        draft = ConcernDraft(kind, "Not seen for seven weeks.")
        return raise_concern(
            by or viewer_of(self.auditor), self.review.id, None, draft, ConcernTiming(), at=at
        )


def make_place(auditor: User | None = None) -> Place:
    """A new team in a new area, with a manager, a worker who is a user, a head of service, and a review."""
    number = next(_numbers)
    area = make_service_area(f"Area {number} of children")
    team = make_team(f"Team {number} of children", area)
    manager = make_user("Manager", Role.TEAM_MANAGER, team=team)
    team.manager_user_id = manager.id
    worker = make_user("Worker", Role.PRACTITIONER)
    make_practitioner(worker, team)
    head = make_user("Head", Role.HEAD_OF_SERVICE, service_area=area)
    area.head_user_id = head.id
    auditor = auditor or make_user("Auditor", Role.AUDITOR)
    return Place(area, team, manager, worker, head, auditor, make_review(auditor, team=team))
