"""Codes in the many ways in which councils write them, brought to the one way of the lists."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache

from qa_app.domain.caseload import Handling
from qa_app.exchange.annex_a.cells import EMPTY, Reading, shown
from qa_app.exchange.annex_a.spec import code_sets
from qa_app.exchange.annex_a.tabs import Cell

_LETTER = re.compile(r"^[a-z]{1,2}\d?\s*[).:]\s*")
# A digit before a yes, a no or a gender, as systems export them: "1 - Yes", "0 - No", "2 - Female".
_SHORT_CODE = re.compile(r"([a-z0-9])\s*[-:]\s*(?=\S)")
_INVISIBLE = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f")
_DIGIT = re.compile(r"^\d\s*[-:.)]\s*")
# Words that were saved as UTF-8 and read as Windows text.
_MOJIBAKE = {"â€™": "’", "â€˜": "‘", "â€“": "–", "Ã©": "é", "Â ": " "}

# Other ways to say the same, beside the code itself, its letter and its national code.
_ALSO: dict[str, dict[str, str]] = {
    "yn": {"y": "a) Yes", "true": "a) Yes", "1": "a) Yes", "n": "b) No", "false": "b) No", "0": "b) No"},
    "gender": {
        "m": "a) Male",
        "1": "a) Male",
        "boy": "a) Male",
        "f": "b) Female",
        "2": "b) Female",
        "girl": "b) Female",
        "u": "c) Not stated/recorded",
        "0": "c) Not stated/recorded",
        "unknown": "c) Not stated/recorded",
        "not stated": "c) Not stated/recorded",
        "not recorded": "c) Not stated/recorded",
        "9": "d) Neither",
        "indeterminate": "d) Neither",
    },
    "case_status": {
        "lac": "a) Looked after child",
        "cla": "a) Looked after child",
        "looked after": "a) Looked after child",
        "child looked after": "a) Looked after child",
        "children looked after": "a) Looked after child",
        "cp": "b) Child Protection plan",
        "cpp": "b) Child Protection plan",
        "cp plan": "b) Child Protection plan",
        "child protection": "b) Child Protection plan",
        "cin": "c) Child in need plan",
        "cin plan": "c) Child in need plan",
        "child in need": "c) Child in need plan",
        "assessment": "d) Open assessment",
        "open asmt": "d) Open assessment",
        "in assessment": "d) Open assessment",
        "closed": "e) Closed episode",
        "closed case": "e) Closed episode",
        "case closed": "e) Closed episode",
    },
    "legal": {
        "care order": "C2: FCO",
        "full care order": "C2: FCO",
        "interim care order": "C1: ICO",
        "placement order": "E1: Placement order",
        "section 20": "V2: Single period under S20",
        "s20": "V2: Single period under S20",
    },
    "abuse": {
        "physical": "b) Physical abuse",
        "sexual": "c) Sexual abuse",
        "emotional": "d) Emotional abuse",
        "multiple": "e) Multiple/not recommended",
    },
    "eligibility": {
        "relevant": "a) Relevant child",
        "former relevant": "b) Former relevant child",
        "qualifying": "c) Qualifying care leaver",
        "eligible": "d) Eligible child",
    },
}
_ALSO["ynu"] = {
    **_ALSO["yn"],
    "u": "c) Unknown",
    "not known": "c) Unknown",
    "n/k": "c) Unknown",
}
_ALSO["yes_no_plain"] = {words: code[3:] for words, code in _ALSO["yn"].items()}


def plain(words: str) -> str:
    """Words as they are compared: one case, one kind of space, dash and apostrophe, wrong encoding mended."""
    for wrong, right in _MOJIBAKE.items():
        words = words.replace(wrong, right)
    words = unicodedata.normalize("NFKC", words).casefold().replace("’", "'").replace("‘", "'")
    return " ".join(words.replace("–", "-").replace("—", "-").translate(_INVISIBLE).strip("' ").split())


def without_letter(code: str) -> str:
    """A code without the letter that only orders the list: `a) Neglect` is Neglect, `C2: FCO` stays."""
    return re.sub(r"^[a-z]{1,2}\d?\)\s*", "", code)


class CodeReader:
    """Reads the cells of one code set. `own`: the council's spellings as they are compared, with their code."""

    def __init__(self, name: str, own: Mapping[str, str] | None = None) -> None:
        self._codes = code_sets()[name]
        self._exact = {code.code: Reading(code.code) for code in self._codes}
        self._known = self._spellings(name) | dict(own or {})
        self._by_dfe = {code.dfe.casefold(): code.code for code in self._codes if code.dfe}
        self._digits_mean_little = name in ("yn", "ynu", "gender", "yes_no_plain")
        self._letter_codes = name in ("accommodation",)

    def _spellings(self, name: str) -> dict[str, str]:
        known: dict[str, str] = {}
        labels: Counter[str] = Counter()
        label_codes: dict[str, str] = {}
        for code in self._codes:
            whole = plain(code.code)
            bare = plain(without_letter(code.code))
            known[whole], known[_closed(whole)] = code.code, code.code
            label = bare
            if code.dfe:
                known.setdefault(code.dfe.casefold(), code.code)
                label = re.sub(rf"^{re.escape(code.dfe.casefold())}\s*[-:]?\s*", "", bare) or bare
            for words in {bare, label, plain(code.meaning or "")} - {""}:
                labels[words] += 1
                label_codes[words] = code.code
        # A label that two codes share, such as "Individual", means neither.
        known.update(
            {words: label_codes[words] for words, n in labels.items() if n == 1 and words not in known}
        )
        known.update(_ALSO.get(name, {}))
        return known

    def read(self, cell: Cell) -> Reading:
        """The code that a cell means, or a flag when that is anyone's guess."""
        if isinstance(cell, str) and (exact := self._exact.get(cell)):
            return exact
        words = plain(("true" if cell else "false") if isinstance(cell, bool) else shown(cell))
        if not words:
            return EMPTY
        code = self._meaning(words)
        if code is None:
            return Reading(None, "code_unknown", Handling.FLAG)
        return Reading(code, "code_variant", Handling.NORMALISE)

    def _meaning(self, words: str) -> str | None:
        if found := self._known.get(words) or self._known.get(_closed(words)):
            return found
        letter = _LETTER.match(words)
        if letter and not self._letter_codes:
            found = self._known.get(words[letter.end() :])
            # "b) Yes": the letter and the words disagree, and neither is to be believed.
            own = found[0] if found and re.match(r"[a-z]{1,2}\d?\)", found) else None
            if found and own in (None, words[0]):
                return found
            if found:
                return None
        if self._digits_mean_little and (digit := _DIGIT.match(words)):
            found = self._known.get(words[digit.end() :])
            if found and self._known.get(words[0], found) == found:
                return found
            return None
        return self._leading_code(words[letter.end() :] if letter else words)

    def _leading_code(self, words: str) -> str | None:
        """A national code in front of other words, when it is the only one there."""
        if (short := _SHORT_CODE.match(words)) and short.group(1) in self._by_dfe:
            # "U - Own flat": the code stands by itself; a label of another code behind it makes it doubtful.
            said = self._known.get(words[short.end() :].strip())
            code = self._by_dfe[short.group(1)]
            return code if said in (None, code) else None
        tokens = re.findall(r"[a-z0-9]+", words)
        named = {self._by_dfe[token] for token in tokens if token in self._by_dfe and len(token) > 1}
        if len(named) != 1 or not tokens or "not mapped" in words:
            return None
        code = named.pop()
        return code if self._by_dfe.get(tokens[0]) == code or " - " in words else None


def _closed(words: str) -> str:
    """Words without spaces around brackets and separators: `a ) Yes`, `b)No` and `b. No` come to the same."""
    return re.sub(r"\s*[).]\s*", ")", words)


@cache
def code_reader(name: str) -> CodeReader:
    """The reader of one code set."""
    return CodeReader(name)
