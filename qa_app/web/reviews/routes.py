"""My reviews, the review page with its saves, the check before submitting, and the review to read."""

from dataclasses import replace

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.config import Settings
from qa_app.domain.access import Permission
from qa_app.domain.answers import Answer
from qa_app.domain.audit_forms.asked import offered_finding
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.errors import NotFound
from qa_app.domain.question_filters import read_only
from qa_app.domain.references import action_ref
from qa_app.domain.review_returns import OpenReturn
from qa_app.queries.answering_actions import list_answering_actions
from qa_app.queries.review_scores import get_review_score
from qa_app.queries.reviews import NEVER_SAVED, ReviewSheet, get_review_sheet
from qa_app.queries.reviews_own import list_my_reviews
from qa_app.queries.reviews_return import get_open_return
from qa_app.services.reviews import Clash, SaveResult, save_parts
from qa_app.services.reviews_submission import submit_review
from qa_app.web.reviews.after import after_part
from qa_app.web.reviews.case_work import case_work
from qa_app.web.reviews.looks import KEYS_OFF, Look, first_returned, keys_are_on
from qa_app.web.reviews.page import (
    answer_words,
    ceiling_words,
    judgement_words,
    progress_words,
    section_page,
    shown_of,
)
from qa_app.web.reviews.sent import sent_answer, sent_judgement
from qa_app.web.reviews.whole import check_page, read_page
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.answer_parts import Conflict
from qa_app.web.shared.template_filters import time_of_day
from qa_app.web.shared.timings import action_timing
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("reviews", __name__, url_prefix="/reviews")


@blueprint.get("")
@requires(Permission.COMPLETE_REVIEWS)
def index() -> ResponseReturnValue:
    """My reviews: what is to do, and what is handed in."""
    page = list_my_reviews(current_viewer())
    return render_template("reviews/index.html", page=page, heading="My reviews")


@blueprint.get("/<int:review_id>")
@requires(Permission.SEE_REVIEWS, Permission.SEE_OWN_PRACTICE)
def show(review_id: int) -> ResponseReturnValue:
    """A review to read; one's own that is not handed in opens at the question named, or where work goes on."""
    viewer = current_viewer()
    sheet = get_review_sheet(viewer, review_id)
    question = request.args.get("question", "")
    if sheet.may_edit:
        return redirect(_where_work_goes_on(sheet, question, get_open_return(viewer, review_id)))
    record_view("review", review_id)
    return render_template(
        "reviews/read.html",
        page=read_page(sheet, viewer, _settings().release_days, get_review_score(viewer, review_id)),
        answered_by=_answering_actions(sheet),
        work=case_work(viewer, sheet, clock.now()),
        after=after_part(viewer, sheet),
        heading=f"Review {sheet.ref}",
        caption=f"{sheet.form.title} · {sheet.cohort_title}",
    )


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _answering_actions(sheet: ReviewSheet) -> dict[str, list[tuple[str, str]]]:
    """The plan actions that answer each finding of a review, by the finding's reference; each with its link."""
    refs = {finding.finding_id: finding.ref for finding in sheet.findings}
    links: dict[str, list[tuple[str, str]]] = {}
    for action in list_answering_actions(current_viewer(), finding_ids=refs):
        href = url_for("improvement.action", action_id=action.action_id)
        links.setdefault(refs[action.through_id], []).append((action_ref(action.action_id), href))
    return links


def _where_work_goes_on(sheet: ReviewSheet, question: str, returned: OpenReturn | None) -> str:
    point = first_returned(returned) if returned and not question else None
    if point is not None:
        mark = f"question-{point.question}" if point.question else f"judgement-{point.section}"
        return url_for("reviews.show_section", review_id=sheet.review_id, section=point.section, _anchor=mark)
    if question in sheet.form.section_of:
        key = sheet.form.section_of[question].key
        return url_for(
            "reviews.show_section", review_id=sheet.review_id, section=key, _anchor=f"question-{question}"
        )
    sections = shown_of(sheet).completion.sections
    unfinished = next((one.section for one in sections if not one.is_complete), None)
    if unfinished is None:
        return url_for("reviews.check", review_id=sheet.review_id)
    return url_for("reviews.show_section", review_id=sheet.review_id, section=unfinished)


@blueprint.get("/<int:review_id>/sections/<section>")
@requires(Permission.COMPLETE_REVIEWS)
def show_section(review_id: int, section: str) -> ResponseReturnValue:
    """One section of one's own review, for answering."""
    sheet = get_review_sheet(current_viewer(), review_id)
    if not sheet.may_edit:
        return redirect(url_for("reviews.show", review_id=review_id, _anchor=f"section-{section}"))
    record_view("review", review_id)
    return _section(sheet, section)


def _section(sheet: ReviewSheet, section: str, conflicts: dict[str, Conflict] | None = None) -> str:
    is_overall = section == OVERALL and sheet.form.overall.graded
    if not is_overall and section not in sheet.form.section_by_key:
        raise NotFound("This review has no such section.")
    look = Look(read_only(request.args.get("only", "")), get_open_return(current_viewer(), sheet.review_id))
    page = section_page(sheet, section, conflicts, look)
    work = case_work(current_viewer(), sheet, clock.now())
    return render_template(
        "reviews/section.html",
        page=page,
        work=work,
        keys_on=keys_are_on(),
        heading=page.heading,
        caption=page.caption,
    )


@blueprint.post("/keys")
@requires(Permission.COMPLETE_REVIEWS)
@commits
def switch_keys() -> ResponseReturnValue:
    """Turn the single keys of the review page off or on, until one signs out."""
    session[KEYS_OFF] = request.form.get("keys") == "off"
    return jsonify(keys="off" if session[KEYS_OFF] else "on")


@blueprint.post("/<int:review_id>/sections/<section>")
@requires(Permission.COMPLETE_REVIEWS)
@commits
def save_section(review_id: int, section: str) -> ResponseReturnValue:
    """Save a whole section at once: the way without scripts."""
    viewer = current_viewer()
    sheet = get_review_sheet(viewer, review_id)
    is_overall = section == OVERALL and sheet.form.overall.graded
    if not is_overall and section not in sheet.form.section_by_key:
        raise NotFound("This review has no such section.")
    questions = () if is_overall else sheet.form.section_by_key[section].questions
    answers = [
        sent_answer(question.key, request.form, f"{question.key}-")
        for question in questions
        if f"{question.key}-revision" in request.form
    ]
    judgements = [sent_judgement(section, request.form)] if "judgement-revision" in request.form else []
    result = save_parts(viewer, review_id, answers, judgements, at=clock.now())
    if result.clashes:
        saved = replace(result.sheet, facts=sheet.facts, findings=sheet.findings)
        return _section(_with_own_words(saved, result), section, _conflicts(saved, result))
    if request.form.get("then") == "next":
        return redirect(section_page(result.sheet, section).next_href)
    flash("This section is saved.", "success")
    return redirect(url_for("reviews.show_section", review_id=review_id, section=section))


def _with_own_words(sheet: ReviewSheet, result: SaveResult) -> ReviewSheet:
    """The sheet with what was just sent in the fields, so that it can be sent again over what stands."""
    answers = dict(sheet.content.answers)
    judgements = dict(sheet.content.judgements)
    overall = sheet.content.overall
    for key, clash in result.clashes.items():
        if isinstance(clash.yours, Answer):
            answers[key] = clash.yours
        elif key == OVERALL:
            overall = clash.yours
        else:
            judgements[key] = clash.yours
    content = replace(sheet.content, answers=answers, judgements=judgements, overall=overall)
    return replace(sheet, content=content)


def _conflicts(sheet: ReviewSheet, result: SaveResult) -> dict[str, Conflict]:
    return {key: Conflict(*_both(sheet, key, clash)) for key, clash in result.clashes.items()}


def _both(sheet: ReviewSheet, key: str, clash: Clash) -> tuple[str, str]:
    """What was saved meanwhile and what was sent now, in words."""
    words = [
        answer_words(sheet.form.questions[key], one) if isinstance(one, Answer) else judgement_words(one)
        for one in (clash.theirs, clash.yours)
    ]
    return words[0], words[1]


@blueprint.post("/<int:review_id>/answers/<question>")
@requires(Permission.COMPLETE_REVIEWS)
@commits
def save_answer(review_id: int, question: str) -> ResponseReturnValue:
    """Save one answer: what the page sends by itself while somebody works."""
    viewer = current_viewer()
    sent = sent_answer(question, request.form, "")
    result = save_parts(viewer, review_id, [sent], [], at=clock.now())
    if question in result.clashes:
        return _clash_reply(result, question)
    return _saved_reply(result, question, is_question=True)


@blueprint.post("/<int:review_id>/judgements/<section>")
@requires(Permission.COMPLETE_REVIEWS)
@commits
def save_judgement(review_id: int, section: str) -> ResponseReturnValue:
    """Save one grade with its rationale."""
    viewer = current_viewer()
    sent = sent_judgement(section, request.form, "")
    result = save_parts(viewer, review_id, [], [sent], at=clock.now())
    if section in result.clashes:
        return _clash_reply(result, section)
    return _saved_reply(result, section, is_question=False)


def _clash_reply(result: SaveResult, key: str) -> ResponseReturnValue:
    theirs, yours = _both(result.sheet, key, result.clashes[key])
    reply = {"revision": result.clashes[key].revision, "theirs": theirs, "yours": yours}
    return jsonify(reply), 409


def _saved_reply(result: SaveResult, key: str, *, is_question: bool) -> ResponseReturnValue:
    sheet = result.sheet
    shown = shown_of(sheet)
    answer = sheet.content.answer(key) if is_question else Answer()
    saved = (sheet.answers_saved if is_question else sheet.judgements_saved).get(key, NEVER_SAVED)
    asked_sections = {one.section for one in shown.completion.sections}
    return jsonify(
        revision=saved.revision,
        saved_at=time_of_day(sheet.saved_at) if sheet.saved_at else "",
        fault=answer.fault,
        offers=is_question and offered_finding(sheet.form.questions[key], answer) is not None,
        shown=sorted(shown.asked.questions),
        sections=[
            {"section": one.section, "words": progress_words(one), "is_complete": one.is_complete}
            for one in shown.completion.sections
        ],
        hidden_sections=[one.key for one in sheet.form.sections if one.key not in asked_sections],
        limits={"ceilings": ceiling_words(shown.limits), "departs": shown.limits.departs},
    )


@blueprint.get("/<int:review_id>/check")
@requires(Permission.COMPLETE_REVIEWS)
def check(review_id: int) -> ResponseReturnValue:
    """What is still to do before a review can be handed in."""
    sheet = get_review_sheet(current_viewer(), review_id)
    if not sheet.may_edit:
        return redirect(url_for("reviews.show", review_id=review_id))
    record_view("review", review_id)
    return _check(sheet)


def _check(sheet: ReviewSheet, *, with_errors: bool = False) -> str:
    page = check_page(sheet, get_open_return(current_viewer(), sheet.review_id))
    return render_template(
        "reviews/check.html",
        page=page,
        work=case_work(current_viewer(), sheet, clock.now()),
        heading=f"Check and submit {sheet.ref}",
        caption=f"{sheet.form.title} · {sheet.cohort_title}",
        errors=page.errors if with_errors else [],
    )


@blueprint.post("/<int:review_id>/submit")
@requires(Permission.COMPLETE_REVIEWS)
@commits
def submit(review_id: int) -> ResponseReturnValue:
    """Hand in a review, or list what is missing as links."""
    viewer = current_viewer()
    result = submit_review(viewer, review_id, at=clock.now(), timing=action_timing())
    if not result.is_done:
        return _check(get_review_sheet(viewer, review_id), with_errors=True), 422
    flash(f"{result.sheet.ref} is submitted. Thank you.", "success")
    return redirect(url_for("reviews.show", review_id=review_id))
