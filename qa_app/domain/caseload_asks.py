"""What to ask the performance team to mend in the case system or in the export, in words they can act on."""

from collections.abc import Iterable
from dataclasses import dataclass

from qa_app.domain.caseload_faults import FaultGroup

# By kind of fault. What the reader puts right by itself, for good, is nobody's work and is not here.
_ASKS = {
    "age_not_a_number": "Give the age in whole years, and -1 for a child who is not born yet.",
    "age_not_possible": "Check the date of birth and the age: this age cannot be.",
    "closed_but_open_elsewhere": "Check the case status: closed on List 6, and still open on List 7 or 8.",
    "closed_without_date": "Record the day on which the case was closed.",
    "code_unknown": "Use the values that the return allows, or tell us what this one means.",
    "column_hidden": "Leave out hidden columns: they may be old.",
    "column_missing": "Add the column that is missing, with the heading that the return asks for.",
    "column_personal": "Leave out names, addresses and identity numbers: they are not needed.",
    "count_not_a_number": "Give a number, and nothing beside it in the cell.",
    "count_not_possible": "Check the number: it is too high or below nought.",
    "count_not_whole": "Give a whole number.",
    "date_end_before_start": "Check the two dates: the end comes before the start.",
    "date_in_future": "Check the date: it lies after the day the lists were taken.",
    "date_in_words": "Give a date, or leave the cell empty.",
    "date_month_first": "Export dates with the day first: this one can only have the month first.",
    "date_not_real": "Check the date: there is no such day.",
    "date_not_understood": "Give a date, or leave the cell empty.",
    "date_of_birth_differs": "Check the date of birth: the child has two on different lists.",
    "date_placeholder": "Leave the cell empty instead of 1 January 1900.",
    "date_too_long_ago": "Check the year: it is too long ago.",
    "date_year_not_possible": "Check the year: it cannot be right.",
    "duplicate_heading": "Send each column once: two have the same heading.",
    "excel_error": "Mend the formula, or export values instead of formulas.",
    "headings_not_found": "Put the headings back above the list.",
    "id_in_scientific_notation": "Format the references as text, so that no digit is lost.",
    "id_is_a_date": "Put the child's reference in its column: it holds a date.",
    "id_missing": "Give every row the child's reference: without it the row cannot be used.",
    "id_not_readable": "Give the child's reference as the case system holds it.",
    "id_not_whole": "Give the child's reference without a decimal point.",
    "list_without_id": "Add the column of references to the list: without it no row can be used.",
    "looked_after_not_on_list_6": "Add the child to List 6, or record that the period of care has ended.",
    "merged_cell": "Repeat the value in every row instead of merging cells.",
    "needed_cell_blank": "Fill in the cell, or record that the fact is not known.",
    "protection_plan_not_on_list_6": "Add the child to List 6, or record that the plan has ended.",
    "row_hidden": "Leave out hidden rows, or show them if they count.",
    "row_repeated_differently": "Send one row for each person: two rows say different things.",
    "status_not_supported": "Check the case status against Lists 7 and 8: they do not bear it out.",
    "tab_hidden": "Delete old copies of a list from hidden tabs.",
    "team_may_be_another": "Name each team in one way: one may be another misspelt.",
    "worker_may_be_another": "Name each worker in one way: one may be another written differently.",
    "worker_unallocated": "Allocate the case, or say why nobody holds it.",
}


@dataclass(frozen=True)
class Ask:
    """One thing to ask for, with the lists it concerns and how often it would help."""

    words: str
    lists: tuple[int, ...]
    n_faults: int


def asks_of(groups: Iterable[FaultGroup]) -> tuple[Ask, ...]:
    """What to ask for, in the order of the faults; kinds that need the same thing are one."""
    found: dict[str, Ask] = {}
    for group in groups:
        words = _ASKS.get(group.kind)
        if words is None:
            continue
        before = found.get(words, Ask(words, (), 0))
        found[words] = Ask(
            words, tuple(sorted({*before.lists, *group.lists})), before.n_faults + group.n_faults
        )
    return tuple(found.values())
