"""`python -m benchmarks.cohorts`: drawing 100 cases of 15,000 children and sharing them among 40 auditors.

The bare equivalent sorts the same references by the same hash and deals the first hundred out in turn.
"""

import hashlib
import json
import statistics
import sys
import time
from datetime import date

from qa_app.domain.allocation import Auditor, CaseToAllocate, TeamTie, allocate
from qa_app.domain.case_facts import CaseFacts
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohort_plan import CohortRules, draw_from, frame_of
from qa_app.domain.cohorts import CohortKind

N_CHILDREN, N_CASES, N_AUDITORS, N_TEAMS, N_ROUNDS = 15_000, 100, 40, 30, 7
AS_AT = date(2026, 11, 1)


def cases() -> list[CaseFacts]:
    """A large caseload: five plan types, thirty teams, two of three children with siblings."""
    plans = list(PlanType)
    return [
        CaseFacts(
            f"C{n:05}",
            plans[n * 7 % len(plans)],
            team=f"Team {n % N_TEAMS}",
            sibling_group=f"F{n // 3}" if n % 3 else None,
        )
        for n in range(N_CHILDREN)
    ]


def ours(caseload: list[CaseFacts], seed: str) -> tuple[float, float]:
    """Seconds to draw and to allocate."""
    rules = CohortRules(kind=CohortKind.MONTHLY_AUDIT, month=AS_AT, size=N_CASES)
    begun = time.perf_counter()
    record = draw_from(frame_of(caseload, (), rules, AS_AT), rules, seed)
    drawn = time.perf_counter()
    team_of = {case.child_ref: case.team for case in caseload}
    people = [
        Auditor(n, {f"Team {n % N_TEAMS}": TeamTie.MEMBER}, capacity=2 + n % 4) for n in range(N_AUDITORS)
    ]
    given = allocate(
        [CaseToAllocate(n, team_of[case.child_ref]) for n, case in enumerate(record.drawn)], people
    )
    assert len(record.drawn) == len(given.auditor_by_case) == N_CASES
    return drawn - begun, time.perf_counter() - drawn


def bare(caseload: list[CaseFacts], seed: str) -> float:
    """Seconds for sorting by the same hash and dealing out."""
    begun = time.perf_counter()
    refs = sorted(case.child_ref for case in caseload)
    refs.sort(key=lambda ref: hashlib.sha256(f"{seed}|{ref}".encode()).hexdigest())
    dealt = {ref: n % N_AUDITORS for n, ref in enumerate(refs[:N_CASES])}
    assert len(dealt) == N_CASES
    return time.perf_counter() - begun


def main() -> None:
    """Measure in turn, and print medians; with `--json`, one object."""
    caseload = cases()
    ours(caseload, "warm")
    rounds = [(*ours(caseload, f"s{n}"), bare(caseload, f"s{n}")) for n in range(N_ROUNDS)]
    draw_ms, allocate_ms, bare_ms = (1000 * statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = (draw_ms + allocate_ms) / bare_ms
    if "--json" in sys.argv[1:]:
        print(
            json.dumps({"draw_ms": draw_ms, "allocate_ms": allocate_ms, "bare_ms": bare_ms, "ratio": ratio})
        )
        return
    print(f"{N_CASES} cases of {N_CHILDREN:,} children among {N_AUDITORS} auditors, medians of {N_ROUNDS}:")
    print(
        f"draw {draw_ms:.0f} ms, allocate {allocate_ms:.0f} ms, bare {bare_ms:.0f} ms: {ratio:.1f} times the bare"
    )


if __name__ == "__main__":
    main()
