"""How soon things are due here, as the settings say."""

from flask import current_app

from qa_app.config import Settings
from qa_app.domain.case_actions import Timing
from qa_app.domain.safeguarding_concerns import ConcernTiming


def action_timing() -> Timing:
    """How soon actions for children are due."""
    settings: Settings = current_app.config["SETTINGS"]
    return Timing(
        critical_hours=settings.action_critical_hours,
        high_days=settings.action_high_days,
        standard_days=settings.action_standard_days,
        impact_days=settings.action_impact_days,
    )


def concern_timing() -> ConcernTiming:
    """The clocks of concerns."""
    settings: Settings = current_app.config["SETTINGS"]
    return ConcernTiming(
        acknowledge_hours=settings.concern_acknowledge_hours,
        safe_hours=settings.concern_safe_hours,
        threshold_hours=settings.concern_threshold_hours,
    )
