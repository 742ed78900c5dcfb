"""The sheets `survey` and `choices` read as sections and questions: plain data, with the cell of each part."""

from dataclasses import dataclass, field
from typing import Any

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.exchange.xlsform.columns import (
    DESCRIPTORS,
    EXCUSES,
    GRADE_ROW,
    SECTION_GROUP,
    unguard_words,
)
from qa_app.exchange.xlsform.expressions import Names, NotRead, read_expression, strip_never
from qa_app.exchange.xlsform.lists import YES, own_key, read_lists, with_keys
from qa_app.exchange.xlsform.outside import (
    LACKED_COLUMNS,
    TAKEN,
    YES_NO,
    YES_PARTLY_NO,
    split_type,
    unknown_type,
    why_lacked,
)
from qa_app.exchange.xlsform.sheets import CellFault, Sheet

Path = tuple[str | int, ...]
Data = dict[str, Any]
Row = dict[str, str]
ROWS_OF_OURS = ("section", "question", "part", "grade", "rationale", "overall")


@dataclass
class Survey:
    """What the survey says: sections as plain data, the cell of each part, faults, and what was not taken."""

    sections: list[Data] = field(default_factory=list)
    cells: dict[Path, str] = field(default_factory=dict)
    faults: list[CellFault] = field(default_factory=list)
    not_taken: list[CellFault] = field(default_factory=list)
    names: Names = field(default_factory=lambda: Names({}, {}, {}))


@dataclass
class _Group:
    """A group that is open: a section, or one inside another whose condition its questions share."""

    row: int
    kind: str
    condition: Data | None = None


def read_survey(sheet: Sheet, choices: Sheet | None) -> Survey:
    """Every row of a survey. Faults and what was not taken are gathered; nothing is dropped unsaid."""
    work = _Reading(sheet, choices)
    work.read()
    return work.survey


class _Reading:
    def __init__(self, sheet: Sheet, choices: Sheet | None) -> None:
        self.sheet = sheet
        self.survey = Survey()
        self.lists = read_lists(choices, self.survey.faults, self.survey.not_taken)
        self.open: list[_Group] = []
        self.made_section: int | None = None
        self.n_repeats = 0

    def read(self) -> None:
        records = list(self.sheet.records())
        self.survey.names = self._names(records)
        for n, row in records:
            kind, rest = split_type(row.get("type", ""))
            said = row.get("qa_row", "").strip().lower()
            if said and said not in ROWS_OF_OURS:
                self.fault(n, "qa_row", f"'{said}' is not a kind of row; allowed: {', '.join(ROWS_OF_OURS)}")
            elif self.n_repeats:
                self.n_repeats += (kind == "begin_repeat") - (kind == "end_repeat")
            elif said in ("part", "grade", "rationale", "overall"):
                continue  # these rows follow from others: we wrote them, and their words are ours
            elif kind == "begin_repeat":
                self.n_repeats = 1
                what = (
                    f"the repeat '{row.get('name', '')}' and all inside it: a review asks each question once"
                )
                self.lack(n, "type", what)
            elif kind == "begin_group" and not row.get("qa_type"):
                self.begin_group(n, row)
            elif kind in ("end_group", "end_repeat"):
                self.end_group(n)
            else:
                self.question(n, row, kind, rest)
        for group in self.open:
            self.fault(group.row, "type", "this group has no end_group")
        if self.n_repeats:
            self.survey.faults.append(CellFault("survey", "a begin_repeat has no end_repeat"))
        if not self.survey.sections and not self.survey.faults:
            self.survey.faults.append(CellFault("survey", "there is no question in this sheet"))

    # ------------------------------------------------------------------------------------- names

    def _names(self, records: list[tuple[int, Row]]) -> Names:
        """What conditions may name, known before any is read, as they may look forward."""
        names = Names({}, {}, {})
        for _, row in records:
            name, kind = row.get("name", "").strip(), split_type(row.get("type", ""))[0]
            said = row.get("qa_row", "").strip()
            if said == "grade" and name.startswith(GRADE_ROW):
                names.grades[name] = name.removeprefix(GRADE_ROW)
            elif said == "section" or (kind == "begin_group" and not row.get("qa_type")):
                if name.startswith(SECTION_GROUP):
                    names.grades[f"{GRADE_ROW}{name.removeprefix(SECTION_GROUP)}"] = name.removeprefix(
                        SECTION_GROUP
                    )
            elif name and said not in ("part", "rationale", "overall"):
                type_name = self._type(row)[0]
                names.types[name] = type_name or ""
                leading = getattr(ANSWER_TYPES.get(type_name or ""), "leading", "")
                if leading:
                    names.leading[f"{name}-{leading}"] = name
        return names

    def _key(self, n: int, row: Row) -> str:
        """A row's name as a key of ours; conditions are given the same treatment."""
        name = row.get("name", "").strip()
        key = own_key(name)
        if key != name:
            self.lack(
                n, "name", f"'{name}' is called '{key}' here: keys are small letters, figures and underscores"
            )
        return key

    # ------------------------------------------------------------------------------------- groups

    def begin_group(self, n: int, row: Row) -> None:
        condition = self.condition(n, row)
        if self.open:
            what = f"a group inside a group; the questions of '{row.get('name', '')}' stand in the section around it"
            self.lack(n, "type", what)
            self.open.append(_Group(n, "inner", condition))
            return
        self.open.append(_Group(n, "section"))
        name = row.get("name", "").strip()
        section: Data = {
            "section": name.removeprefix(SECTION_GROUP)
            if name.startswith(SECTION_GROUP)
            else self._key(n, row),
            "title": unguard_words(row.get("label", "")) or name,
            "questions": [],
        }
        path: Path = ("sections", len(self.survey.sections))
        for key in ("graded", "retired"):
            if self.flag(n, row, f"qa_{key}"):
                section[key] = True
        guidance = unguard_words(row.get("guidance_hint", "") or row.get("hint", ""))
        if guidance:
            section["guidance"] = guidance
        descriptors = {
            grade: unguard_words(row[f"qa_{grade}"]) for grade in DESCRIPTORS if row.get(f"qa_{grade}")
        }
        if descriptors:
            section["descriptors"] = descriptors
        if condition is not None:
            section["show_when"] = condition
        self.survey.sections.append(section)
        self.place(
            path, n, "name", section="name", title="label", guidance="guidance_hint", show_when="relevant"
        )
        for grade in DESCRIPTORS:
            self.survey.cells[*path, "descriptors", grade] = self.sheet.cell(n, f"qa_{grade}")
        self.lacked_columns(n, row)

    def end_group(self, n: int) -> None:
        if not self.open:
            self.fault(n, "type", "this end_group ends nothing; there is no begin_group before it")
            return
        self.open.pop()

    # ------------------------------------------------------------------------------------- questions

    def question(self, n: int, row: Row, kind: str, rest: str) -> None:
        if not kind:
            self.fault(n, "type", "this row has no type; say what kind of question it is")
            return
        type_name, fault = self._type(row)
        if type_name is None:
            lacked = why_lacked(kind)
            if lacked:
                self.lack(n, "type", f"'{row.get('name') or kind}' is {kind}: {lacked}")
            else:
                self.fault(n, "qa_type" if row.get("qa_type") else "type", fault or unknown_type(kind))
            return
        if fault:
            self.fault(n, "qa_type", fault)
        questions, path = self._home(n)
        path = (*path, "questions", len(questions))
        data = self._question_data(n, row, type_name)
        if ANSWER_TYPES[type_name].needs_choices:
            self._take_choices(n, rest, data, path)
        condition = self.condition(n, row)
        inherited = [group.condition for group in self.open if group.condition is not None]
        if inherited:
            condition = {"all": [*inherited, *([condition] if condition else [])]}
        if condition is not None:
            data["show_when"] = condition
        questions.append(data)
        self.place(
            path, n, "name", question="name", text="label", type="type", required="required", measure="qa_measure",
            guidance="guidance_hint", show_when="relevant", themes="qa_themes", finding="qa_finding_when",
            not_applicable="qa_not_applicable", cannot_judge="qa_cannot_judge", retired="qa_retired",
        )  # fmt: skip
        self.lacked_columns(n, row)

    def _home(self, n: int) -> tuple[list[Data], Path]:
        """Where a question stands: its section, or one made for questions outside every group."""
        if not self.open and self.made_section != len(self.survey.sections) - 1:
            key = f"questions_{len(self.survey.sections) + 1}"
            self.made_section = len(self.survey.sections)
            self.survey.sections.append({"section": key, "title": "Questions", "questions": []})
            self.lack(n, "type", "questions outside every group stand in a section called 'Questions'")
        at = len(self.survey.sections) - 1
        questions: list[Data] = self.survey.sections[at]["questions"]
        return questions, ("sections", at)

    def _question_data(self, n: int, row: Row, type_name: str) -> Data:
        data: Data = {
            "question": self._key(n, row),
            "text": unguard_words(row.get("label", "")),
            "type": type_name,
        }
        guidance = unguard_words(row.get("guidance_hint", "") or row.get("hint", ""))
        if row.get("guidance_hint") and row.get("hint"):
            guidance = f"{unguard_words(row['hint'])}\n\n{guidance}"
        if guidance:
            data["guidance"] = guidance
        if self.flag(n, row, "required"):
            data["required"] = True
        if row.get("qa_measure", "").strip():
            data["measure"] = row["qa_measure"].strip()
        if row.get("qa_themes", "").split():
            data["themes"] = row["qa_themes"].split()
        if self.flag(n, row, "qa_retired"):
            data["retired"] = True
        for key in ("not_applicable", "cannot_judge"):
            words = " ".join(row.get(f"qa_{key}", "").lower().split())
            if words not in EXCUSES:
                allowed = "; ".join(word or "(empty)" for word in EXCUSES)
                self.fault(n, f"qa_{key}", f"'{words}' cannot be meant here; allowed: {allowed}")
            elif words:
                allowed_here, reason = EXCUSES[words]
                data[key] = {"allowed": allowed_here, "reason": reason}
        self._take_finding(n, row, data, type_name)
        return data

    def _take_finding(self, n: int, row: Row, data: Data, type_name: str) -> None:
        kind, when = row.get("qa_finding", "").strip(), row.get("qa_finding_when", "").strip()
        if not kind and not when:
            return
        if not kind or not when:
            missing = "qa_finding_when" if kind else "qa_finding"
            self.fault(
                n, missing, "qa_finding and qa_finding_when need each other; fill this one or empty both"
            )
            return
        try:
            condition = read_expression(when, Names({}, {}, {}, itself=type_name))
        except NotRead as error:
            self.fault(n, "qa_finding_when", str(error))
            return
        if condition is None:
            self.fault(n, "qa_finding_when", "an offer needs a condition, for example . = 'no'")
            return
        data["finding"] = {"when": condition, "as": kind}

    def _take_choices(self, n: int, rest: str, data: Data, path: Path) -> None:
        name = rest.split(" ")[0] if rest else ""
        listed = self.lists.get(name)
        if not name or listed is None:
            known = ", ".join(sorted(self.lists)[:8]) or "none"
            what = f"the list '{name}' is not in the sheet 'choices'; lists there: {known}"
            self.fault(n, "type", what)
            return
        if rest.endswith("or_other"):
            self.lack(n, "type", "or_other: add a choice 'Other', and a question for the words")
        data["choices"] = [dict(choice) for choice, _ in listed]
        for at, (_, cell) in enumerate(listed):
            self.survey.cells[*path, "choices", at] = cell

    def _type(self, row: Row) -> tuple[str | None, str]:
        """Our type of a row, and what is wrong with it. No type for what we have not."""
        kind, rest = split_type(row.get("type", ""))
        said = row.get("qa_type", "").strip()
        if said:
            if said not in ANSWER_TYPES:
                return None, f"'{said}' is not an answer type; there are: {', '.join(ANSWER_TYPES)}"
            expected = ANSWER_TYPES[said].xlsform_type
            same = {expected} | ({"integer", "int"} if expected == "decimal" else set())
            fault = "" if kind in same else f"type says '{kind}' and qa_type says '{said}'; make them agree"
            return said, fault
        if kind not in TAKEN:
            return None, ""
        if kind == "text":
            return ("long_text" if "multiline" in row.get("appearance", "") else "short_text"), ""
        if kind == "select_one":
            names = {choice["choice"] for choice, _ in self.lists.get(rest.split(" ")[0], [])}
            if names == set(YES_NO) or names == set(YES_PARTLY_NO):
                return ("yes_no" if names == set(YES_NO) else "yes_partly_no"), ""
        return TAKEN[kind], ""

    def condition(self, n: int, row: Row) -> Data | None:
        text = row.get("relevant", "").strip()
        if row.get("qa_retired"):
            _, text = strip_never(text)
        if not text:
            return None
        try:
            found = read_expression(text, self.survey.names)
        except NotRead as error:
            self.fault(n, "relevant", str(error))
            return None
        return with_keys(found, self.survey.names) if found is not None else None

    # ------------------------------------------------------------------------------------- saying so

    def flag(self, n: int, row: Row, column: str) -> bool:
        word = row.get(column, "").strip().lower()
        if word not in YES:
            what = f"'{word}' is neither yes nor no" + (
                "; a condition under which an answer is required is not taken" if column == "required" else ""
            )
            self.fault(n, column, what)
        return YES.get(word, False)

    def lacked_columns(self, n: int, row: Row) -> None:
        for column, what in LACKED_COLUMNS.items():
            if row.get(column):
                self.lack(n, column, f"{column}: {what}")

    def fault(self, n: int, column: str, what: str) -> None:
        self.survey.faults.append(CellFault(self.sheet.cell(n, column), what))

    def lack(self, n: int, column: str, what: str) -> None:
        self.survey.not_taken.append(CellFault(self.sheet.cell(n, column), what))

    def place(self, path: Path, n: int, own: str, **columns: str) -> None:
        self.survey.cells[path] = self.sheet.cell(n, own)
        for key, column in columns.items():
            self.survey.cells[*path, key] = self.sheet.cell(n, column)
