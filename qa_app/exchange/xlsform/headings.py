"""The headings of a sheet as we call them: older spellings, and one language of several."""

from difflib import get_close_matches

from qa_app.exchange.xlsform.columns import CHOICES, LIMITS, LIMITS_SHEET, SETTINGS, SURVEY, column_letters
from qa_app.exchange.xlsform.sheets import CellFault, Sheet

OWN = {"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS, LIMITS_SHEET: LIMITS}
NEEDED = {"survey": ("type", "name", "label"), "choices": ("list_name", "name", "label")}
SAME = {
    "list name": "list_name",
    "value": "name",
    "caption": "label",
    "relevance": "relevant",
    "bind::relevant": "relevant",
    "bind::required": "required",
    "id_string": "form_id",
    "title": "form_title",
    "guidance hint": "guidance_hint",
}
TRANSLATED = ("label", "hint", "guidance_hint")


def with_plain_headings(sheet: Sheet, faults: list[CellFault], not_taken: list[CellFault]) -> Sheet:
    """The sheet with headings as we call them; what is misspelt or missing is a fault, other languages are noted."""
    plain: list[str] = []
    for at, heading in enumerate(sheet.headings):
        cell = f"{sheet.name}!{column_letters(at)}1"
        name = SAME.get(heading.strip().lower(), heading.strip())
        base, _, language = (part.strip() for part in name.replace("::", ":", 1).partition(":"))
        lowered = name.lower()
        if language and base.lower() in TRANSLATED:
            if base.lower() in plain or base.lower() in [one.lower() for one in sheet.headings]:
                not_taken.append(CellFault(cell, f"'{heading}': a form has one language here; not taken"))
                plain.append("")
                continue
            lowered = base.lower()
        if lowered and lowered in plain:
            faults.append(CellFault(cell, f"the heading '{heading}' stands twice; keep one"))
            lowered = ""
        if lowered.startswith("qa_") and lowered not in OWN[sheet.name]:
            near = get_close_matches(lowered, OWN[sheet.name], n=1)
            hint = f"; did you mean '{near[0]}'?" if near else f"; ours are {_ours(sheet.name)}"
            faults.append(CellFault(cell, f"'{heading}' is not one of our columns{hint}"))
        plain.append(lowered)
    for needed in NEEDED.get(sheet.name, ()):
        if needed not in plain and sheet.rows:
            near = get_close_matches(needed, [one for one in plain if one], n=1)
            hint = f"; is it '{near[0]}'?" if near else ""
            faults.append(CellFault(f"{sheet.name}!1", f"there is no column '{needed}'{hint}"))
    return Sheet(sheet.name, plain, sheet.rows)


def _ours(sheet: str) -> str:
    return ", ".join(name for name in OWN[sheet] if name.startswith("qa_")) or "none"
