"""A mapping file: what a person says about a plan's headings and status words."""

import json
from collections.abc import Mapping

from qa_app.domain.errors import Invalid
from qa_app.domain.plan_records import PlanMapping, Rating
from qa_app.exchange.plans.headings import HEADINGS
from qa_app.exchange.uploads import UploadedFile

_EXAMPLE = '{"columns": {"ref": "No.", "status": null}, "ratings": {"in progress": "amber"}}'


def read_mapping(file: UploadedFile) -> PlanMapping:
    """Read a mapping from JSON: `columns` (our field to the document's heading, or null) and `ratings`.

    Errors: `Invalid("mapping", ...)` naming what is wrong and what is allowed.
    """
    try:
        told = json.loads(file.content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise Invalid(
            "mapping", f"{file.name} is not JSON ({error}). It should look like {_EXAMPLE}."
        ) from error
    if not isinstance(told, dict) or not set(told) <= {"columns", "ratings"}:
        raise Invalid("mapping", f"{file.name} may hold “columns” and “ratings” only, such as {_EXAMPLE}.")
    return PlanMapping(
        columns=_columns(file.name, told.get("columns", {})),
        ratings=_ratings(file.name, told.get("ratings", {})),
    )


def _columns(name: str, told: object) -> Mapping[str, str | None]:
    if not isinstance(told, dict) or not all(
        value is None or isinstance(value, str) for value in told.values()
    ):
        raise Invalid("mapping", f"{name}: “columns” gives each field a heading in quotes, or null.")
    unknown = sorted(set(told) - set(HEADINGS))
    if unknown:
        raise Invalid(
            "mapping",
            f"{name}: “columns” names {', '.join(unknown)}, which is no field of a plan. "
            f"The fields are {', '.join(sorted(HEADINGS))}.",
        )
    return dict(told)


def _ratings(name: str, told: object) -> Mapping[str, Rating]:
    allowed = {rating.value for rating in Rating}
    if not isinstance(told, dict) or not all(value in allowed for value in told.values()):
        raise Invalid(
            "mapping", f"{name}: “ratings” gives each status one of {', '.join(sorted(allowed))}, in quotes."
        )
    return {" ".join(str(words).lower().split()).rstrip("."): Rating(value) for words, value in told.items()}
