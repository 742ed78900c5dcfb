"""How far a permission reaches over the improvement plan, and over the reports issued to boards."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PlanReach:
    """Over which actions of an improvement plan one permission holds for somebody.

    `whole_plan`: every action. `own`: the actions they lead. `agencies`: those that name one of these.
    """

    whole_plan: bool = False
    own: bool = False
    agencies: frozenset[str] = frozenset()


@dataclass(frozen=True)
class BoardReach:
    """Which issued reports somebody may read. `is_any` lets public ones be read, whichever board received them."""

    whole: bool = False
    board_ids: frozenset[int] = frozenset()
    is_any: bool = False
