"""Measures over time: who counts in N, what each kind of answer gives, and only within reach."""

from copy import deepcopy
from datetime import date

import pytest

from qa_app.domain.access import Role
from qa_app.domain.answer_types import Summary
from qa_app.domain.choices import FixedChoice
from qa_app.domain.errors import NotAllowed, NotFound
from qa_app.domain.measure_figures import shares_of, spread_of
from qa_app.queries.measure_trends import MeasureSlice, get_measure_trend, list_measures
from tests.builders import make_service_area, make_team, make_user, viewer_of
from tests.builders_reviews import SMALL_FORM, fill, make_cohort, make_form, make_review, submit

ABC = [FixedChoice("a", "A"), FixedChoice("b", "B"), FixedChoice("c", "C")]


def measured_form():
    """The small form with a measure on its date and on its conversation."""
    data = deepcopy(SMALL_FORM)
    data["sections"][0]["questions"][2]["measure"] = "last_visit"
    data["sections"][1]["questions"][0]["measure"] = "talked"
    data["sections"][1]["questions"].append(
        {"question": "n_visits", "text": "How many visits?", "type": "number", "measure": "n_visits"}
    )
    return make_form(data)


@pytest.mark.database
def test_only_submitted_reviews_that_count_and_could_answer_are_in_the_base(session, at):
    lead, auditor = viewer_of(make_user("Lead", Role.QA_LEAD)), make_user("Auditor")
    viewer, team = viewer_of(auditor), make_team()
    cohort = make_cohort(measured_form(), date(2026, 10, 1))
    submit(viewer, make_review(auditor, cohort, team), seen="yes", n_visits="4")
    submit(viewer, make_review(auditor, cohort, team), seen="partly", why_not="Away.", n_visits="7")
    fill(viewer, make_review(auditor, cohort, team), at, seen="partly")
    picked = make_cohort(measured_form(), date(2026, 10, 1))
    picked.counts_in_rates = False
    submit(viewer, make_review(auditor, picked, team), seen="yes")
    [cell] = get_measure_trend(lead, "seen_alone", MeasureSlice()).cells
    assert (dict(cell.values), cell.n_base, cell.n_out) == ({'"yes"': 1, '"partly"': 1}, 2, 0)
    [numbers] = get_measure_trend(lead, "n_visits", MeasureSlice()).cells
    spread = spread_of(numbers.given())
    assert (spread.n, spread.middle, spread.lowest, spread.highest) == (2, 5.5, 4, 7)
    [dates] = get_measure_trend(lead, "last_visit", MeasureSlice()).cells
    assert (dict(dates.values), dates.n_base) == ({}, 2)
    [talks] = get_measure_trend(lead, "talked", MeasureSlice()).cells
    assert [(one.key, one.n) for one in shares_of(talks.given(), talks.n_base, (), Summary.SHARES)] == [
        ("yes", 2)
    ]
    assert {line.measure: line.n_reviews for line in list_measures(lead)}["seen_alone"] == 2


@pytest.mark.database
def test_a_head_of_service_sees_their_own_area_alone(session):
    area = make_service_area()
    auditor = make_user("Auditor")
    cohort = make_cohort(measured_form())
    for team in (make_team("North", area), make_team("South")):
        submit(viewer_of(auditor), make_review(auditor, cohort, team), seen="yes")
    head = viewer_of(make_user("Head", Role.HEAD_OF_SERVICE, service_area=area))
    lead = viewer_of(make_user("Lead", Role.QA_LEAD))
    assert [cell.n_base for cell in get_measure_trend(head, "seen_alone", MeasureSlice()).cells] == [1]
    assert [cell.n_base for cell in get_measure_trend(lead, "seen_alone", MeasureSlice()).cells] == [2]
    with pytest.raises(NotAllowed):
        list_measures(viewer_of(auditor))
    with pytest.raises(NotFound):
        get_measure_trend(lead, "seen_alone", MeasureSlice(form_key="another"))


@pytest.mark.database
def test_months_limit_what_is_counted(session):
    lead, auditor = viewer_of(make_user("Lead", Role.QA_LEAD)), make_user("Auditor")
    version, team = measured_form(), make_team()
    for month in (9, 10, 11):
        cohort = make_cohort(version, date(2026, month, 1))
        submit(viewer_of(auditor), make_review(auditor, cohort, team), seen="yes")

    def months(**limits):
        return [
            cell.month.month for cell in get_measure_trend(lead, "seen_alone", MeasureSlice(**limits)).cells
        ]

    assert months() == [9, 10, 11]
    assert months(first=date(2026, 10, 1)) == [10, 11]
    assert months(last=date(2026, 10, 1)) == [9, 10]


def test_shares_of_one_answer_each_add_up_to_the_whole():
    shares = shares_of([("a", 3), ("c", 1)], 6, ABC, Summary.SHARES)
    assert [(one.label, one.n, one.total) for one in shares] == [
        ("A", 3, 6), ("B", 0, 6), ("C", 1, 6), ("Not answered", 2, 6),
    ]  # fmt: skip
    assert sum(one.n for one in shares) == 6


def test_several_choices_are_shares_each_of_its_own():
    shares = shares_of([(["a", "b"], 2), (["b"], 1)], 3, ABC, Summary.SHARES_OF_SEVERAL)
    assert [(one.key, one.n) for one in shares] == [("a", 2), ("b", 3), ("c", 0)]


def test_words_count_only_as_answered():
    assert [(one.key, one.n) for one in shares_of([(True, 4)], 5, (), Summary.WORDS)] == [
        ("answered", 4),
        ("", 1),
    ]
    assert spread_of([]) is None
