"""Calls every public query, and searches what comes back for records.

A query is called with every value that its parameters' names or types promise (`SUPPLIES`, `BY_TYPE`). **A new
query** needs nothing here if its parameters have known names; otherwise give the name its values in `SUPPLIES`, or
the query its calls in `CALLS`. One that takes no viewer stands in `WITHOUT_VIEWER` with the reason why it tells
nobody anything.
"""

import dataclasses
import importlib
import inspect
import itertools
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import true

import qa_app.queries
from qa_app.domain.access import Permission, Viewer
from qa_app.domain.case_action_filters import Asked as ActionsAsked
from qa_app.domain.case_action_filters import Show
from qa_app.domain.child_ties import REVIEWING_OFFICER_FLAG
from qa_app.domain.cohort_plan import CohortRules
from qa_app.domain.cohorts import CohortKind
from qa_app.domain.errors import QaError
from qa_app.domain.grades import Grade
from qa_app.queries.caseload_comparison import CaseChange
from qa_app.queries.history.search import Asked
from qa_app.queries.measure_trends import MeasureSlice
from qa_app.queries.themes.counts import ThemeSlice
from qa_app.queries.themes.pages import Having
from tests.queries.scope_council import (
    AREA_IDS,
    AT,
    BOARD_IDS,
    COHORT_ID,
    FIRST_ID,
    IMPORT_IDS,
    LEAVING_ID,
    N_REVIEWS,
    OTHER_ID,
    PLAN_ID,
    RETURN_ID,
    VIEWER_ID,
    Council,
    mark,
)

TODAY = date(2026, 11, 24)
MARK = re.compile(r"zz (\w+) (\d+) zz")
CONDITIONS = ("ColumnElement", "CTE", "Subquery", "Select", "CompoundSelect")
"""What gives a part of a statement gives no row."""

Supply = Callable[[Council], list[Any]]

SUPPLIES: dict[str, Supply] = {
    "review_id": lambda one: one.ids["review"],
    "finding_id": lambda one: one.ids["finding"],
    "case_id": lambda one: one.ids["case"],
    "child_id": lambda one: one.ids["child"],
    "team_id": lambda one: one.ids["team"],
    "practitioner_id": lambda one: one.ids["practitioner"],
    "action_id": lambda one: one.ids["action"],
    "case_action_id": lambda one: one.ids["case_action"],
    "concern_id": lambda one: one.ids["concern"],
    "point_id": lambda _: list(range(RETURN_ID, RETURN_ID + N_REVIEWS)),
    "reply_id": lambda _: list(range(RETURN_ID, RETURN_ID + N_REVIEWS)),
    "report_id": lambda one: one.ids["report"],
    "board_id": lambda _: list(BOARD_IDS),
    "area_id": lambda _: list(AREA_IDS),
    "cohort_id": lambda _: [COHORT_ID],
    "import_id": lambda _: [IMPORT_IDS[0]],
    "plan_id": lambda _: [PLAN_ID],
    "user_id": lambda _: [VIEWER_ID, OTHER_ID],
    "leaving_id": lambda _: [LEAVING_ID],
    "theme_id": lambda one: one.theme_ids[:1],
    "theme_ids": lambda one: [one.theme_ids],
    "question_key": lambda _: ["seen", None],
    "at": lambda _: [AT],
    "days": lambda _: [10],
    "idle_minutes": lambda _: [60],
    "longest_minutes": lambda _: [720],
    "since": lambda _: [AT - timedelta(days=90)],
    "draft_id": lambda _: [1],
    "proposal_id": lambda _: [1],
    "form_key": lambda _: ["walked"],
    "number": lambda _: [1],
    "version_id": lambda one: [one.version_id],
    "first": lambda _: [1],
    "last": lambda _: [1],
    "not_these": lambda _: [()],
    "fault_id": lambda _: [1],
    "upload_id": lambda _: [1],
    "waiting_id": lambda _: [1],
    "ref": lambda one: [mark("child", one.ids["child"][0])],
    "measure": lambda _: ["seen"],
    "newest_revision": lambda _: ["0001"],
    "condition": lambda _: [true()],
    "rows": lambda _: [{}],
    "cases": lambda _: [()],
    "sha256": lambda _: ["0" * 64],
    "permission": lambda _: [Permission.SEE_HISTORY],
    "key": lambda _: [REVIEWING_OFFICER_FLAG],
}


BY_TYPE: dict[type, Supply] = {
    ThemeSlice: lambda _: [ThemeSlice()],
    MeasureSlice: lambda _: [MeasureSlice()],
    Having: lambda _: list(Having),
    ActionsAsked: lambda _: [ActionsAsked(), ActionsAsked(show=Show.ALL)],
    Asked: lambda _: [Asked(), Asked(kind="review"), Asked(kind="finding")],
    CohortRules: lambda _: [CohortRules(kind=CohortKind.MONTHLY_AUDIT, month=date(2026, 11, 1), size=5)],
    CaseChange: lambda _: list(CaseChange),
    CohortKind: lambda _: [CohortKind.MONTHLY_AUDIT],
    date: lambda _: [TODAY],
}
"""Values for parameters of these types, whatever their names."""


def supply_of(function: Callable[..., Any], name: str) -> Supply | None:
    """What gives a parameter its values, if anything does."""
    asked_for = inspect.signature(function).parameters[name].annotation
    return (
        BY_TYPE.get(asked_for) if isinstance(asked_for, type) and asked_for in BY_TYPE else SUPPLIES.get(name)
    )


def modules() -> list[str]:
    """Every module of queries."""
    return [
        found.name
        for found in pkgutil.walk_packages(qa_app.queries.__path__, "qa_app.queries.")
        if not found.ispkg
    ]


def public_queries() -> dict[str, Callable[..., Any]]:
    """Every public function of the queries, by module and name."""
    found = {}
    for name in modules():
        module = importlib.import_module(name)
        for function_name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == name and not function_name.startswith("_"):
                found[f"{name.removeprefix('qa_app.queries.')}.{function_name}"] = function
    return found


def gives_a_condition(function: Callable[..., Any]) -> bool:
    """Whether a function gives a part of a statement, and no row."""
    return str(inspect.signature(function).return_annotation).split(".")[-1].startswith(CONDITIONS) or any(
        f"{name}[" in str(inspect.signature(function).return_annotation) for name in CONDITIONS
    )


def needed(function: Callable[..., Any]) -> list[str]:
    """The parameters that must be given, the viewer left out."""
    return [
        name
        for name, one in inspect.signature(function).parameters.items()
        if one.default is inspect.Parameter.empty and name != "viewer"
    ]


def calls(
    name: str,
    function: Callable[..., Any],
    council: Council,
    special: Mapping[str, Callable[[Council], list[dict[str, Any]]]],
) -> Iterator[dict[str, Any]]:
    """Every way in which a query is called."""
    if name in special:
        yield from special[name](council)
        return
    names = needed(function)
    supplies = [supply_of(function, each) for each in names]
    if None in supplies:
        return  # `test_the_walk_knows_every_query` asks for what is missing
    for values in itertools.product(*(supply(council) for supply in supplies if supply)):
        yield dict(zip(names, values, strict=True))


def told(function: Callable[..., Any], viewer: Viewer, arguments: dict[str, Any]) -> set[tuple[str, int]]:
    """The records that a query tells the viewer of: kind and id. A refusal tells what its words tell."""
    try:
        given = function(viewer, **arguments)
    except QaError as refusal:
        return set(records_in(refusal.message))
    return set(records_in(given))


def records_in(given: Any) -> Iterator[tuple[str, int]]:
    """Every record that turns up anywhere inside: by its mark, or by its id under a name that says what it is."""
    if given is None or isinstance(given, (bool, float, date, datetime, bytes)):
        return
    if isinstance(given, str):
        for kind, number in MARK.findall(given):
            yield kind, int(number)
        return
    if isinstance(given, int):
        yield from _by_id(given)
        return
    if isinstance(given, pd.DataFrame):
        yield from records_in(given.to_dict("records"))
    elif isinstance(given, Mapping):
        for key, value in given.items():
            yield from records_in(key)
            yield from records_in(value)
    elif isinstance(given, Viewer):
        return
    elif dataclasses.is_dataclass(given):
        fields = {one.name: getattr(given, one.name) for one in dataclasses.fields(given)}
        grades = [value for value in fields.values() if isinstance(value, Grade)]
        if grades and isinstance(fields.get("review_id"), int):
            yield "grade", fields["review_id"]
        for value in fields.values():
            yield from records_in(value)
    elif isinstance(given, (list, tuple, set, frozenset)):
        for value in given:
            yield from records_in(value)


def _by_id(number: int) -> Iterator[tuple[str, int]]:
    for kind, first in FIRST_ID.items():
        if first <= number < first + 100:
            yield f"{kind}-id", number
