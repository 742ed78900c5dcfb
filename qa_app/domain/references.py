"""The short references by which people name things: R1042, F310, A57."""


def review_ref(review_id: int) -> str:
    """A review's reference: R1042."""
    return f"R{review_id}"


def finding_ref(finding_id: int) -> str:
    """A finding's reference: F310."""
    return f"F{finding_id}"


def action_ref(action_id: int) -> str:
    """A plan action's reference: A57."""
    return f"A{action_id}"


def report_ref(report_id: int) -> str:
    """The reference of a report issued to a board: BR12."""
    return f"BR{report_id}"


def case_action_ref(case_action_id: int) -> str:
    """The reference of an action for one child: C31."""
    return f"C{case_action_id}"


def concern_ref(concern_id: int) -> str:
    """The reference of an immediate concern: S12."""
    return f"S{concern_id}"
