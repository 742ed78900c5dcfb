"""What a reviewer may keep as a finding, and what is refused in words."""

import pytest

from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.errors import Invalid
from qa_app.domain.findings import LONGEST_WORDS, Severity, finding_draft


def test_a_finding_is_tidied_and_its_themes_counted_once() -> None:
    draft = finding_draft(
        "weakness", "minor", "  Seen twice.  \r\nNot alone. ", ["visits", "", "visits", "recording"]
    )
    assert draft.kind is FindingKind.WEAKNESS
    assert draft.severity is Severity.MINOR
    assert draft.words == "Seen twice.\nNot alone."
    assert draft.themes == ("visits", "recording")


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("kind", ("neither", "minor", "words", [])),
        ("severity", ("strength", "", "words", [])),
        ("words", ("strength", "minor", " \n ", [])),
        ("words", ("strength", "minor", "x" * (LONGEST_WORDS + 1), [])),
        ("themes", ("strength", "minor", "words", [f"t{n}" for n in range(9)])),
    ],
)
def test_what_cannot_be_kept_names_its_field(field: str, sent: tuple[str, str, str, list[str]]) -> None:
    with pytest.raises(Invalid) as refused:
        finding_draft(*sent)
    assert refused.value.field == field
    assert refused.value.message.endswith(".")


def test_severities_are_ranked_by_what_matters_most() -> None:
    assert sorted(Severity, key=lambda one: one.rank)[0] is Severity.SAFETY_CRITICAL
    assert len({one.label for one in Severity} | {one.meaning for one in Severity}) == 6
