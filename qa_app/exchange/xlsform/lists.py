"""The sheet `choices`, and names as keys."""

import re
from typing import Any

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.exchange.xlsform.columns import unguard_words
from qa_app.exchange.xlsform.expressions import Names
from qa_app.exchange.xlsform.outside import key_of
from qa_app.exchange.xlsform.sheets import CellFault, Sheet

Data = dict[str, Any]
Lists = dict[str, list[tuple[Data, str]]]
"""Choices by the name of their list: each as plain data, with its cell."""
YES = {
    **dict.fromkeys(("yes", "true", "true()", "1"), True),
    **dict.fromkeys(("no", "false", "false()", "0", ""), False),
}


def read_lists(sheet: Sheet | None, faults: list[CellFault], not_taken: list[CellFault]) -> Lists:
    """Every list of choices by its name."""
    lists: Lists = {}
    if sheet is None:
        return lists
    for n, row in sheet.records():
        if not row.get("list_name"):
            faults.append(CellFault(sheet.cell(n, "list_name"), "this choice has no list_name"))
            continue
        choice: Data = {
            "choice": own_key(row.get("name", "").strip()),
            "label": unguard_words(row.get("label", "")),
        }
        word = row.get("qa_disabled", "").strip().lower()
        if word not in YES:
            faults.append(CellFault(sheet.cell(n, "qa_disabled"), f"'{word}' is neither yes nor no"))
        elif YES[word]:
            choice["disabled"] = True
        name = row["list_name"].strip()
        if not name.startswith("qa-") and choice["choice"] != row.get("name", "").strip():
            what = f"the choice '{row.get('name', '')}' is called '{choice['choice']}' here"
            not_taken.append(CellFault(sheet.cell(n, "name"), what))
        lists.setdefault(name, []).append((choice, sheet.cell(n, "name")))
    return lists


def is_key(name: str) -> bool:
    """Whether a name is written as our keys are."""
    return re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name) is not None


def own_key(name: str) -> str:
    """A name as it stands if it is a key already, or as one."""
    return name if is_key(name) or not name else key_of(name)


def with_keys(condition: Data, names: Names) -> Data:
    """A condition in which the names and choices of others are written as our keys."""
    made: Data = {}
    closed = _is_closed(condition, names)
    for key, value in condition.items():
        if key in ("all", "any"):
            made[key] = [with_keys(one, names) for one in value]
        elif key == "not":
            made[key] = with_keys(value, names)
        elif key == "question":
            made[key] = own_key(value)
        elif closed and key == "is":
            made[key] = own_key(value) if isinstance(value, str) else value
        elif closed and key == "is_one_of":
            made[key] = [own_key(one) if isinstance(one, str) else one for one in value]
        else:
            made[key] = value
    return made


def _is_closed(condition: Data, names: Names) -> bool:
    kind = ANSWER_TYPES.get(names.types.get(condition.get("question", ""), ""))
    return (
        kind is not None
        and (kind.needs_choices or bool(getattr(kind, "fixed", ())))
        and kind.name != "scale_0_10"
    )
