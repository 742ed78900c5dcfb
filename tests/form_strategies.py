"""Generated audit forms: sound by construction, with conditions that look back only."""

import json

from hypothesis import strategies as st

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.answer_types import Operator
from qa_app.domain.audit_forms.form import AuditForm

WORDS = st.text(
    st.one_of(
        st.characters(categories=("L", "N", "P", "Zs")), st.sampled_from("\n:#'\"-{}[]&*!|>%@`,? ${=+")
    ),
    min_size=1,
    max_size=40,
).filter(lambda text: text.strip() and not set(text) & {"\ufeff"})
LINES = st.one_of(
    WORDS, st.sampled_from(["no", "Yes", "null", "~", "1_000", "0x1F", "1e3", "12:30", "2026-11-01", ".5"])
)
GRADES = st.sampled_from(["outstanding", "good", "requires_improvement", "inadequate"])


def _operand(draw, question):
    kind = ANSWER_TYPES[question["type"]]
    if question["type"] in ("number", "scale_0_10"):
        return draw(st.integers(0, 10))
    if question["type"] == "date":
        return draw(st.dates()).isoformat()
    if question["type"] in ("choice", "choices"):
        return draw(st.sampled_from([choice["choice"] for choice in question["choices"]]))
    return draw(st.sampled_from([option.key for option in kind.options()]))


@st.composite
def comparisons(draw, question, itself=False):
    """One comparison with a question that its type allows."""
    kind = ANSWER_TYPES[question["type"]]
    operator = draw(st.sampled_from(sorted(kind.operators)))
    subject = {} if itself else {"question": question["question"]}
    if operator is Operator.ANSWERED:
        return {**subject, "answered": draw(st.booleans())}
    if operator is Operator.IS_ONE_OF:
        return {**subject, "is_one_of": [_operand(draw, question) for _ in range(draw(st.integers(1, 3)))]}
    return {**subject, operator.value: _operand(draw, question)}


@st.composite
def conditions(draw, earlier, graded, depth=2):
    """A condition over questions that stand earlier and sections that are graded."""
    kinds = ["question"] + (["section"] if graded else []) + (["all", "any", "not"] if depth else [])
    kind = draw(st.sampled_from(kinds))
    inner = conditions(earlier, graded, depth - 1)
    if kind == "question":
        return draw(comparisons(draw(st.sampled_from(earlier))))
    if kind == "section":
        operator = draw(st.sampled_from(["grade", "is", "at_least", "at_most"]))
        return {"section": draw(st.sampled_from(graded)), operator: draw(GRADES)}
    if kind == "not":
        return {"not": draw(inner)}
    return {kind: draw(st.lists(inner, min_size=1, max_size=3))}


@st.composite
def questions(draw, key, earlier, graded):
    """One question, which may be shown by an earlier answer and may offer a finding."""
    question = {
        "question": key,
        "text": draw(LINES),
        "type": draw(st.sampled_from(sorted(ANSWER_TYPES))),
        "required": draw(st.booleans()),
        "guidance": draw(st.one_of(st.just(""), WORDS)),
    }
    if ANSWER_TYPES[question["type"]].needs_choices:
        keys = draw(
            st.lists(
                st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True), min_size=2, max_size=4, unique=True
            )
        )
        question["choices"] = [{"choice": one, "label": draw(LINES)} for one in keys]
        if len(keys) > 2:
            question["choices"][0]["disabled"] = draw(st.booleans())
    if draw(st.booleans()):
        question["measure"] = f"measure_{key}"
    if draw(st.booleans()):
        question["not_applicable"] = {
            "allowed": draw(st.booleans()),
            "reason": draw(st.sampled_from(["required", "optional"])),
        }
    if draw(st.booleans()):
        question["cannot_judge"] = {
            "allowed": draw(st.booleans()),
            "reason": draw(st.sampled_from(["required", "optional"])),
        }
    question["themes"] = draw(
        st.lists(st.sampled_from(["voice", "plan", "safety_now"]), max_size=2, unique=True)
    )
    if draw(st.booleans()):
        question["finding"] = {
            "when": draw(comparisons(question, itself=True)),
            "as": draw(st.sampled_from(["strength", "weakness"])),
        }
    if earlier and draw(st.booleans()):
        question["show_when"] = draw(conditions(earlier, graded))
    return question


@st.composite
def form_data(draw):
    """A sound form as plain data."""
    sections, earlier, graded = [], [], []
    for s in range(draw(st.integers(1, 3))):
        section = {"section": f"s{s}", "title": draw(LINES), "graded": draw(st.booleans()), "questions": []}
        if earlier and draw(st.booleans()):
            section["show_when"] = draw(conditions(earlier, graded))
        inside = []
        for q in range(draw(st.integers(1, 3))):
            question = draw(questions(f"q{s}_{q}", earlier + inside, graded))
            section["questions"].append(question)
            inside.append(question)
        earlier = earlier + inside
        if section["graded"]:
            graded = [*graded, section["section"]]
            section["descriptors"] = {"good": draw(WORDS)}
        sections.append(section)
    data = {
        "form": draw(st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True)),
        "title": draw(LINES),
        "cohort_kinds": ["monthly_audit"],
        "subject": "child",
        "sections": sections,
        "overall": {
            "graded": draw(st.booleans()),
            "rationale": draw(st.sampled_from(["required", "optional"])),
        },
    }
    if data["overall"]["graded"]:
        data["limits"] = [
            {"ceiling": draw(GRADES), "when": draw(conditions(earlier, graded)), "because": draw(LINES)}
            for _ in range(draw(st.integers(0, 2)))
        ]
    _retire_some(draw, data)
    return data


def _retire_some(draw, data):
    """Retire the last question of a section where nothing looks at it."""
    for section in data["sections"]:
        last = section["questions"][-1]
        others = json.dumps(data).count(f'"question": "{last["question"]}"')
        if len(section["questions"]) > 1 and others == 1 and draw(st.booleans()):
            last["retired"] = True
    first = data["sections"][0]
    looked_at = [
        f'"section": "{first["section"]}"',
        *(f'"question": "{q["question"]}"' for q in first["questions"]),
    ]
    if len(data["sections"]) > 1 and all(json.dumps(data).count(one) == 1 for one in looked_at):
        first["retired"] = draw(st.booleans())


def forms():
    """Sound forms."""
    return form_data().map(AuditForm.from_data)
