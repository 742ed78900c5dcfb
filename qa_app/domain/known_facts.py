"""What the caseload lists already tell about a case, in the words and order that a reviewer reads."""

from collections.abc import Mapping
from datetime import date

from qa_app.domain.dates import as_written

FACT_LABELS: dict[str, str] = {
    "cin_start": "Case opened",
    "last_seen": "Child last seen",
    "need_code": "Primary need",
    "cp_start": "Protection plan began",
    "cp_latest_category": "Category of abuse",
    "cp_initial_category": "Category at first",
    "cp_previous_plans": "Earlier protection plans",
    "cp_last_visit": "Last visit under the plan",
    "cp_seen_alone": "Seen alone at last visit",
    "cp_last_review": "Last review conference",
    "epo_or_police_6m": "Emergency or police protection in 6 months",
    "cla_start": "Came into care",
    "cla_repeat_12m": "In care before, within 12 months",
    "legal_status": "Legal status",
    "legal_status_start": "Legal status since",
    "permanence_plan": "Permanence plan",
    "cla_last_review": "Last looked-after review",
    "cla_last_visit": "Last visit in care",
    "iro_last_contact": "Reviewing officer's last contact",
    "placement_type": "Placement",
    "placement_start": "In this placement since",
    "placement_provider": "Provider",
    "placement_in_out": "In or out of the area",
    "placements_12m": "Placements in 12 months",
    "missing_12m": "Missing episodes in 12 months",
    "absent_12m": "Absences in 12 months",
    "rhi_offered": "Return interview offered",
    "rhi_accepted": "Return interview accepted",
    "cl_eligibility": "Care leaver status",
    "pathway_plan_review": "Pathway plan reviewed",
    "cl_in_touch": "In touch",
    "cl_last_contact": "Last contact",
    "cl_accommodation": "Accommodation",
    "cl_suitability": "Accommodation suitable",
    "cl_activity": "Education, training or work",
    "uasc": "Unaccompanied asylum seeker",
    "uasc_cl": "Formerly unaccompanied asylum seeker",
}
"""Columns shown to reviewers. Columns not named here stay in the caseload."""


def known_facts(facts: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Names and values of what is known, in reading order; dates in words."""
    return tuple((label, _worded(str(facts[key]))) for key, label in FACT_LABELS.items() if facts.get(key))


def _worded(value: str) -> str:
    try:
        return as_written(date.fromisoformat(value)) if len(value) == 10 else value
    except ValueError:
        return value
