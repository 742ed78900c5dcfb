"""Where a placement is: the postcode, which is checked and never kept, and the authority."""

import re

from qa_app.domain.caseload import Handling
from qa_app.exchange.annex_a.cells import EMPTY, Reading, read_text, shown
from qa_app.exchange.annex_a.codes import code_reader
from qa_app.exchange.annex_a.tabs import Cell

_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}")


def read_postcode(cell: Cell) -> Reading:
    """A whole postcode, or a flag. What comes out is for this check only."""
    words = " ".join(shown(cell).upper().split())
    if not words:
        return EMPTY
    if _POSTCODE.fullmatch(words):
        return Reading(words)
    return Reading(None, "postcode_not_whole", Handling.FLAG)


def read_area(cell: Cell) -> Reading:
    """The authority of a placement by name, or one of the five codes for outside England and confidential."""
    code = code_reader("la_out_of_england").read(cell)
    return code if code.value is not None else read_text(cell)
