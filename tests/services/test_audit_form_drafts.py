"""Drafts as rows: steps that undo exactly, two authors, a draft at a time, and the end of one."""

from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from qa_app.domain.access import Role
from qa_app.domain.audit_forms import edits
from qa_app.domain.audit_forms.drafts import digest_of, read
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.kinds import DraftEnd
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormDraft, AuditFormDraftStep
from qa_app.models.history import HistoryEntry
from qa_app.queries.audit_form_drafts import get_draft
from qa_app.queries.audit_form_shelf import get_form_page, list_forms, measures_in_use
from qa_app.services import audit_form_drafts as drafts
from qa_app.services.audit_form_drafts import ChangedMeanwhile, Seen
from tests.builders import AT, make_user, viewer_of
from tests.builders_reviews import SMALL_FORM, make_form

pytestmark = pytest.mark.database


@pytest.fixture
def lead(session):
    return viewer_of(make_user("QA Lead", Role.QA_LEAD))


@pytest.fixture
def other(session):
    return viewer_of(make_user("Second Lead", Role.QA_LEAD))


def begun(viewer):
    make_form()
    return drafts.start_draft(viewer, "visits", at=AT)


def retitle(viewer, draft, title, seen=None):
    return drafts.change_draft(
        viewer,
        draft.id,
        partial(edits.change_settings, settings={"title": title}),
        what=f"Title: {title}",
        at=AT,
        seen=seen,
    )


def test_a_draft_begins_as_the_newest_version(lead):
    version = make_form()
    draft = drafts.start_draft(lead, "visits", at=AT)
    shown = get_draft(lead, draft.id)
    assert AuditForm.from_data(shown.content) == AuditForm.from_data(SMALL_FORM)
    assert (shown.base.version_id, shown.base.number, shown.newest_number) == (version.id, 1, 1)
    assert shown.author_ids == frozenset()
    assert (shown.undo_words, shown.redo_words) == ("", "")


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.text("abc ", min_size=1, max_size=6), min_size=1, max_size=6), data=st.data())
def test_undo_gives_back_the_exact_draft_and_redo_the_next(lead, steps, data):
    draft = drafts.start_new_form(lead, "A form", at=AT)
    seen = [draft.content]
    for title in steps:
        draft = retitle(lead, draft, title)
        if draft.content != seen[-1]:
            seen.append(draft.content)
    at = len(seen) - 1
    for _ in range(data.draw(st.integers(1, 12))):
        back = data.draw(st.booleans())
        walk = drafts.undo if back else drafts.redo
        to = at + (-1 if back else 1)
        if 0 <= to < len(seen):
            at = to
            walk(lead, draft.id, seen=Seen(draft.revision), at=AT)
        else:
            with pytest.raises(Conflict, match="nothing to"):
                walk(lead, draft.id, seen=Seen(draft.revision), at=AT)
        assert draft.content == seen[at]
        assert draft.title == read(seen[at])["title"].strip()[:500] or draft.title == "Form without a title"
    drafts.discard_draft(lead, draft.id, at=AT)


def test_a_change_after_undoing_forgets_what_was_undone(lead):
    draft = begun(lead)
    retitle(lead, draft, "One")
    retitle(lead, draft, "Two")
    drafts.undo(lead, draft.id, seen=Seen(draft.revision), at=AT)
    assert get_draft(lead, draft.id).redo_words == "Title: Two"
    retitle(lead, draft, "Three")
    assert get_draft(lead, draft.id).redo_words == ""
    drafts.undo(lead, draft.id, seen=Seen(draft.revision), at=AT)
    assert draft.title == "One"


def test_old_steps_are_let_go(lead, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_STEPS", 3)
    draft = begun(lead)
    for n in range(6):
        retitle(lead, draft, f"Title {n}")
    kept = db.session.scalar(
        select(func.count()).select_from(AuditFormDraftStep).where(AuditFormDraftStep.draft_id == draft.id)
    )
    assert kept == 4


def test_the_same_part_changed_by_another_is_refused_and_another_part_is_not(lead, other):
    draft = begun(lead)
    whole = Seen(draft.revision, digest_of(read(draft.content), ("form",)))
    section = Seen(draft.revision, digest_of(read(draft.content), ("section", "talk")))
    retitle(lead, draft, "Mine")
    with pytest.raises(ChangedMeanwhile, match="QA Lead changed this") as clash:
        retitle(other, draft, "Theirs", whole)
    assert draft.title == "Mine"
    edit = partial(edits.change_section, key="talk", words={"title": "Talks"})
    drafts.change_draft(other, draft.id, edit, what="Section", at=AT, seen=section, part=("section", "talk"))
    again = Seen(clash.value.revision, clash.value.digest)
    retitle(other, draft, "Theirs", again)
    assert draft.title == "Theirs"
    assert get_draft(lead, draft.id).author_ids == {lead.user_id, other.user_id}


def test_the_same_change_by_two_is_no_conflict(lead, other):
    draft = begun(lead)
    seen = Seen(draft.revision, "as opened")
    retitle(lead, draft, "The same")
    revision = draft.revision
    assert retitle(other, draft, "The same", seen).revision == revision


def test_undoing_what_one_has_not_seen_is_refused(lead, other):
    draft = begun(lead)
    seen = Seen(draft.revision)
    retitle(lead, draft, "Mine")
    with pytest.raises(ChangedMeanwhile):
        drafts.undo(other, draft.id, seen=seen, at=AT)


def test_an_author_stays_one_though_the_change_was_undone(lead, other):
    draft = begun(lead)
    retitle(other, draft, "Theirs")
    drafts.undo(lead, draft.id, seen=Seen(draft.revision), at=AT)
    assert get_draft(lead, draft.id).author_ids == {lead.user_id, other.user_id}


def test_one_draft_of_a_form_at_a_time(lead, other):
    begun(lead)
    with pytest.raises(Conflict, match="QA Lead"):
        drafts.start_draft(other, "visits", at=AT)
    row = AuditFormDraft(
        form_key="visits", title="T", content="{}", created_at=AT, updated_at=AT, last_change="x"
    )
    nested = db.session.begin_nested()
    db.session.add(row)
    with pytest.raises(IntegrityError):
        db.session.flush()
    nested.rollback()


def test_a_discarded_draft_can_be_taken_up_unless_another_is_open(lead):
    draft = begun(lead)
    retitle(lead, draft, "Kept")
    drafts.discard_draft(lead, draft.id, at=AT)
    with pytest.raises(Conflict, match="discarded"):
        retitle(lead, draft, "Late")
    second = drafts.start_draft(lead, "visits", at=AT)
    with pytest.raises(Conflict):
        drafts.reopen_draft(lead, draft.id, at=AT)
    drafts.discard_draft(lead, second.id, at=AT)
    assert drafts.reopen_draft(lead, draft.id, at=AT).title == "Kept"
    drafts.end_published_draft(lead, draft.id, at=AT)
    assert draft.closed_as is DraftEnd.PUBLISHED
    with pytest.raises(Conflict, match="Only a discarded"):
        drafts.reopen_draft(lead, draft.id, at=AT)


def test_a_whole_form_put_in_its_place_is_one_step(lead):
    draft = begun(lead)
    before = draft.content
    given = {**SMALL_FORM, "form": "elsewhere", "title": "From a workbook"}
    drafts.replace_content(lead, draft.id, given, what="Workbook brought in", at=AT)
    assert read(draft.content)["form"] == "visits"
    assert draft.title == "From a workbook"
    drafts.undo(lead, draft.id, seen=Seen(draft.revision), at=AT)
    assert draft.content == before
    with pytest.raises(Invalid):
        drafts.replace_content(lead, draft.id, {"form": "x", "sections": 3}, what="Bad", at=AT)


def test_a_new_form_has_a_key_of_its_own(lead):
    make_form()
    assert drafts.start_new_form(lead, "Visits", at=AT).form_key == "visits-2"
    assert drafts.start_new_form(lead, "Drafts", at=AT).form_key == "drafts-2"
    for key in ("visits", "new"):
        with pytest.raises(Conflict):
            drafts.start_new_form(lead, "V", key=key, at=AT)
    with pytest.raises(Invalid):
        drafts.start_new_form(lead, "V", key="No Good", at=AT)
    with pytest.raises(Invalid):
        drafts.start_new_form(lead, "  ", at=AT)


def test_nobody_else_writes_or_reads_drafts(lead):
    draft = begun(lead)
    auditor = viewer_of(make_user("Auditor", Role.AUDITOR))
    for act in (
        lambda: retitle(auditor, draft, "No"),
        lambda: drafts.start_draft(auditor, "visits", at=AT),
        lambda: drafts.start_new_form(auditor, "No", at=AT),
        lambda: drafts.undo(auditor, draft.id, seen=Seen(1), at=AT),
        lambda: drafts.discard_draft(auditor, draft.id, at=AT),
        lambda: drafts.reopen_draft(auditor, draft.id, at=AT),
    ):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(NotFound):
        get_draft(auditor, draft.id)
    assert list_forms(auditor).forms[0].draft is None
    with pytest.raises(NotFound):
        drafts.start_draft(lead, "nothing", at=AT)
    with pytest.raises(NotFound):
        get_form_page(lead, "nothing")


def test_each_step_is_in_the_history(lead):
    draft = begun(lead)
    retitle(lead, draft, "One")
    drafts.undo(lead, draft.id, seen=Seen(draft.revision), at=AT)
    drafts.discard_draft(lead, draft.id, at=AT)
    said = db.session.scalars(
        select(HistoryEntry.action)
        .where(HistoryEntry.subject_kind == "audit_form_draft", HistoryEntry.subject_id == draft.id)
        .order_by(HistoryEntry.id)
    ).all()
    assert said == ["draft_started", "draft_changed", "draft_changed", "draft_discarded"]


def test_measures_in_use_keep_their_type_and_name_their_forms(lead):
    make_form()
    found = measures_in_use(lead)
    assert found["seen_alone"].answer_type == "yes_partly_no"
    assert found["seen_alone"].forms == ("Visits audit",)
