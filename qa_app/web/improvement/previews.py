"""What the preview of a plan document shows, before anything is kept."""

from dataclasses import dataclass

from qa_app.domain.plan_changes import ActionChange, PlanChanges
from qa_app.domain.plan_records import PlanDocument
from qa_app.exchange.uploads import UploadedFile


@dataclass(frozen=True)
class Difference:
    """One action whose newer copy differs."""

    ref: str
    before: str
    after: str


@dataclass(frozen=True)
class PreviewView:
    """What was understood of a document, before anything is kept."""

    upload_id: int
    file_name: str
    sha256: str
    document: PlanDocument
    plan_title: str | None
    changes: PlanChanges
    n_with_doubts: int
    columns: list[tuple[str, str]]
    differences: list[tuple[str, str, list[Difference]]]


FIELD_WORDS = {
    "ref": "Number",
    "priority": "Priority",
    "recommendation": "Recommendation",
    "text": "Action",
    "strategic_lead": "Strategic lead",
    "operational_lead": "Operational lead",
    "lead": "Lead",
    "agencies": "Agencies",
    "timescale": "Timescale",
    "success_measure": "Success measure",
    "status": "Status",
    "progress": "Progress",
    "evidence": "Evidence",
}


def preview_view(
    upload_id: int, file: UploadedFile, document: PlanDocument, plan_title: str | None, changes: PlanChanges
) -> PreviewView:
    """The preview of a document."""
    columns = [
        (FIELD_WORDS.get(name, name), "column " + ", ".join(f"“{heading}”" for heading in headings))
        for name, headings in document.columns.items()
    ]
    if document.columns_not_used:
        columns.append(("Not kept", ", ".join(f"“{heading}”" for heading in document.columns_not_used)))
    return PreviewView(
        upload_id=upload_id,
        file_name=file.name,
        sha256=file.sha256,
        document=document,
        plan_title=plan_title,
        changes=changes,
        n_with_doubts=sum(bool(action.doubts) for action in document.actions),
        columns=columns,
        differences=_differences(changes) if plan_title else [],
    )


def _differences(changes: PlanChanges) -> list[tuple[str, str, list[Difference]]]:
    return [
        (
            "Statuses to update",
            "Each becomes a dated update; the earlier status stays in the action's story.",
            [_difference(one, one.known.status_text, one.record.status_text) for one in changes.updated],
        ),
        (
            "Timescales that differ",
            "The one first published stays: what is due is counted against it.",
            [
                _difference(one, one.known.timescale_as_written, one.record.timescale.as_written)
                for one in changes.retimed
            ],
        ),
        (
            "Words that differ",
            "The words first published stay.",
            [_difference(one, one.known.text, one.record.text) for one in changes.reworded],
        ),
        (
            "In the plan, not in this file",
            "They stay in the plan as they are.",
            [Difference(one.ref, one.text, "Not there") for one in changes.left_out],
        ),
    ]


def _difference(change: ActionChange, before: str, after: str) -> Difference:
    return Difference(change.known.ref, before or "Blank", after or "Blank")
