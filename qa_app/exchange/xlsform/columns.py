"""The sheets and columns of a form's workbook: XLSForm's own, and ours, whose names begin with `qa_`."""

import re

SURVEY = (
    "type",
    "name",
    "label",
    "guidance_hint",
    "required",
    "relevant",
    "appearance",
    "qa_row",
    "qa_type",
    "qa_themes",
    "qa_measure",
    "qa_finding",
    "qa_finding_when",
    "qa_not_applicable",
    "qa_cannot_judge",
    "qa_retired",
    "qa_graded",
    "qa_outstanding",
    "qa_good",
    "qa_requires_improvement",
    "qa_inadequate",
)
CHOICES = ("list_name", "name", "label", "qa_disabled")
LIMITS = ("ceiling", "when", "because")
SETTINGS = (
    "form_title",
    "form_id",
    "version",
    "qa_subject",
    "qa_cohort_kinds",
    "qa_plan_types",
    "qa_look_back_months",
    "qa_judge_months",
    "qa_scale",
    "qa_overall_graded",
    "qa_overall_rationale",
)
LIMITS_SHEET = "qa_limits"
HELP_SHEET = "qa_help"
DESCRIPTORS = ("outstanding", "good", "requires_improvement", "inadequate")
SECTION_GROUP, GRADE_ROW, RATIONALE_ROW = "section-", "grade-", "rationale-"
FIXED_LIST = "qa-"
EXCUSES = {
    "": (True, "optional"),
    "with a reason": (True, "required"),
    "no": (False, "optional"),
    "no, with a reason": (False, "required"),
}
"""What stands in qa_not_applicable and qa_cannot_judge, and what it means: whether offered, and the reason."""
JOINER = "\u2060"
_REFERENCE = re.compile(rf"\$({JOINER}*)\{{")
_JOINED = re.compile(rf"\${JOINER}({JOINER}*)\{{")


def guard_words(text: str) -> str:
    """Words in which `${` stands for itself: other XLSForm programs would take it for a reference."""
    return _REFERENCE.sub(rf"${JOINER}\1{{", text)


def unguard_words(text: str) -> str:
    """The words as they were before `guard_words`."""
    return _JOINED.sub(r"$\1{", text)


def column_letters(index: int) -> str:
    """The letters of a column that counts from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
