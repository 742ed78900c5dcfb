"""From a draft to a version: faults, differences, and a second person where comparison breaks."""

import pytest
from sqlalchemy import select

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.audit_forms.differences import ChangeClass
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.models.audit_form_proposals import AuditFormProposal
from qa_app.models.audit_forms import AuditFormDraft, AuditFormVersion
from qa_app.models.history import HistoryEntry
from qa_app.queries.audit_form_publishing import get_publishing, list_waiting_proposals, viewer_may_decide
from qa_app.services.audit_form_drafts import change_draft, start_draft, start_new_form
from qa_app.services.audit_form_proposals import (
    approve_proposal,
    propose_draft,
    publish_draft,
    refuse_proposal,
    withdraw_proposal,
)
from qa_app.services.audit_forms import publish_form
from tests.builders import make_user, viewer_of
from tests.builders_reviews import SMALL_FORM, make_form

pytestmark = pytest.mark.database


@pytest.fixture
def lead(session):
    return viewer_of(make_user("QA lead", Role.QA_LEAD))


@pytest.fixture
def second(session):
    return viewer_of(make_user("Director", Role.DIRECTOR))


def edit(viewer, draft_id, at, change):
    def changed(data, _):
        from copy import deepcopy

        new = deepcopy(data)
        change(new)
        return new

    return change_draft(viewer, draft_id, changed, what="Changed", at=at)


def retitle(data):
    data["title"] = "Visits audit, in plain words"


def retire(data):
    data["sections"][0]["questions"][2]["retired"] = True


def publish(viewer, draft_id, at):
    seen = get_publishing(viewer, draft_id)
    against = seen.in_force.version_id if seen.in_force else None
    return publish_draft(viewer, draft_id, revision=seen.revision, against=against, at=at)


def propose(viewer, draft_id, at, reason="Nobody answers it."):
    seen = get_publishing(viewer, draft_id)
    against = seen.in_force.version_id
    return propose_draft(viewer, draft_id, reason, revision=seen.revision, against=against, at=at)


def test_a_change_of_wording_is_published_by_its_author(session, lead, at):
    first = make_form()
    draft = start_draft(lead, "visits", at=at)
    edit(lead, draft.id, at, retitle)
    seen = get_publishing(lead, draft.id)
    assert [(one.kind, one.what) for one in seen.changes] == [(ChangeClass.WORDING, "Title of the form")]
    version = publish(lead, draft.id, at)
    assert (version.number, version.form_id, version.published_by_id) == (2, first.form_id, lead.user_id)
    assert session.get(AuditFormDraft, draft.id).closed_as.value == "published"
    with pytest.raises(Conflict, match="published already"):
        publish(lead, draft.id, at)


def test_a_new_form_needs_no_second_person(session, lead, at):
    draft = start_new_form(lead, "Home visits", content={**SMALL_FORM}, at=at)
    assert publish(lead, draft.id, at).number == 1


def test_every_fault_stands_in_the_way_at_once(session, lead, at):
    def spoil(data):
        data["sections"][0]["questions"][0]["themes"] = ["no_such_theme"]
        data["sections"][0]["questions"][1]["show_when"] = {"question": "nowhere", "is": "no"}
        data["sections"][0]["questions"][2]["text"] = ""

    make_form()
    draft = start_draft(lead, "visits", at=at)
    edit(lead, draft.id, at, spoil)
    assert len(get_publishing(lead, draft.id).faults) == 3
    with pytest.raises(Invalid) as refusal:
        publish(lead, draft.id, at)
    for words in ("no_such_theme", "nowhere", "Write the question"):
        assert words in refusal.value.message
    assert session.scalars(select(AuditFormVersion.number)).all() == [1]


def test_a_breaking_change_waits_for_a_second_person(session, lead, second, at):
    make_form()
    draft = start_draft(lead, "visits", at=at)
    edit(lead, draft.id, at, retire)
    with pytest.raises(Conflict, match="second person"):
        publish(lead, draft.id, at)
    proposal = propose(lead, draft.id, at)
    assert [one.proposal_id for one in list_waiting_proposals(second)] == [proposal.id]
    assert viewer_may_decide(second, list_waiting_proposals(second)[0])
    assert not viewer_may_decide(lead, list_waiting_proposals(lead)[0])
    with pytest.raises(NotAllowed, match="somebody else"):
        approve_proposal(lead, proposal.id, "Fine.", at=at)
    version = approve_proposal(second, proposal.id, "Agreed.", at=at)
    assert (version.number, version.published_by_id) == (2, second.user_id)
    assert session.get(AuditFormProposal, proposal.id).version_id == version.id
    actions = set(session.scalars(select(HistoryEntry.action)))
    assert {"version_proposed", "version_approved", "form_published", "draft_became_version"} <= actions
    with pytest.raises(Conflict, match="approved already"):
        approve_proposal(second, proposal.id, "", at=at)


def test_whoever_changed_the_draft_is_no_second_person(session, lead, second, at):
    make_form()
    other = viewer_of(make_user("Other lead", Role.QA_LEAD))
    draft = start_draft(lead, "visits", at=at)
    edit(other, draft.id, at, retitle)
    edit(lead, draft.id, at, retire)
    proposal = propose(lead, draft.id, at)
    with pytest.raises(NotAllowed):
        approve_proposal(other, proposal.id, "", at=at)
    refuse_proposal(second, proposal.id, "Keep the question.", at=at)
    assert get_publishing(lead, draft.id).proposals[0].decision == "Keep the question."
    assert session.get(AuditFormDraft, draft.id).closed_as is None


def test_a_draft_changed_after_its_proposal_is_not_published(session, lead, second, at):
    make_form()
    draft = start_draft(lead, "visits", at=at)
    edit(lead, draft.id, at, retire)
    proposal = propose(lead, draft.id, at)
    edit(lead, draft.id, at, retitle)
    with pytest.raises(Conflict, match="changed after it was put before you"):
        approve_proposal(second, proposal.id, "", at=at)
    again = propose(lead, draft.id, at)
    assert session.get(AuditFormProposal, proposal.id).state.value == "withdrawn"
    withdraw_proposal(lead, again.id, at=at)
    assert list_waiting_proposals(second) == ()


def test_a_version_published_meanwhile_is_not_undone_unseen(session, lead, second, at):
    make_form()
    draft = start_draft(lead, "visits", at=at)
    edit(lead, draft.id, at, retire)
    seen = get_publishing(lead, draft.id)
    proposal = propose(lead, draft.id, at)
    make_form(title="Visits audit, from the office")
    with pytest.raises(Conflict, match="Another version was published"):
        approve_proposal(second, proposal.id, "", at=at)
    with pytest.raises(Conflict, match="Another version was published"):
        publish_draft(lead, draft.id, revision=seen.revision, against=seen.in_force.version_id, at=at)
    overtaken = get_publishing(lead, draft.id)
    assert overtaken.was_overtaken
    assert "Title of the form" in [one.what for one in overtaken.changes]


def test_a_draft_changed_meanwhile_is_not_published_unseen(session, lead, at):
    make_form()
    draft = start_draft(lead, "visits", at=at)
    edit(lead, draft.id, at, retitle)
    seen = get_publishing(lead, draft.id)
    edit(lead, draft.id, at, lambda data: data.update(title="Another title"))
    with pytest.raises(Conflict, match="changed the draft after you opened"):
        publish_draft(lead, draft.id, revision=seen.revision, against=seen.in_force.version_id, at=at)


def test_what_changes_nothing_is_not_published(session, lead, at):
    make_form()
    draft = start_draft(lead, "visits", at=at)
    with pytest.raises(Conflict, match="Nothing has changed"):
        publish(lead, draft.id, at)


def test_an_earlier_version_is_not_published_word_for_word(session, lead, at):
    make_form()
    make_form(title="Visits audit, revised")
    draft = start_draft(lead, "visits", at=at)
    edit(lead, draft.id, at, lambda data: data.update(title="Visits audit"))
    with pytest.raises(Conflict, match="word for word version 1"):
        publish(lead, draft.id, at)


def test_others_see_no_draft(session, lead, at):
    make_form()
    draft = start_draft(lead, "visits", at=at)
    with pytest.raises(NotFound):
        get_publishing(viewer_of(make_user("Auditor")), draft.id)


def test_a_file_breaks_nothing_unless_that_is_said(session, at):
    from qa_app.domain.audit_forms.form import AuditForm

    make_form()
    data = AuditForm.from_data(SMALL_FORM).to_data()
    data["sections"][0]["questions"][2]["retired"] = True
    form = AuditForm.from_data(data)
    with pytest.raises(Invalid, match="breaks comparison"):
        publish_form(SYSTEM, form, at=at)
    assert publish_form(SYSTEM, form, at=at, accepts_breaking=True).number == 2
