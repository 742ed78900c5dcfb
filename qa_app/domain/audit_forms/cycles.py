"""Conditions that wait for one another in a circle: nothing in the circle could ever be asked."""

from collections.abc import Iterator

from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.conditions import Condition

Node = tuple[str, str]
Path = tuple[str | int, ...]


def circles(form: AuditForm) -> Iterator[tuple[Path, str]]:
    """Each circle once: the place of the condition that closes it, and the circle in words."""
    waits, places = _waits_for(form)
    done: set[Node] = set()
    for start in waits:
        trail: list[Node] = []
        on_trail: set[Node] = set()
        stack: list[tuple[Node, Iterator[Node]]] = []
        if start in done:
            continue
        _enter(start, waits, trail, on_trail, stack)
        while stack:
            node, following = stack[-1]
            nearest = next(following, None)
            if nearest is None:
                stack.pop()
                trail.pop()
                on_trail.discard(node)
                done.add(node)
            elif nearest in on_trail:
                circle = [*trail[trail.index(nearest) :], nearest]
                if any(one in places for one in circle):
                    yield _in_words(circle, places)
            elif nearest not in done:
                _enter(nearest, waits, trail, on_trail, stack)


def _enter(
    node: Node,
    waits: dict[Node, tuple[Node, ...]],
    trail: list[Node],
    on_trail: set[Node],
    stack: list[tuple[Node, Iterator[Node]]],
) -> None:
    trail.append(node)
    on_trail.add(node)
    stack.append((node, iter(waits.get(node, ()))))


def _waits_for(form: AuditForm) -> tuple[dict[Node, tuple[Node, ...]], dict[Node, Path]]:
    """What each question and section waits for, and where it says so. A question waits for its section."""
    waits: dict[Node, tuple[Node, ...]] = {}
    places: dict[Node, Path] = {}
    for s, section in enumerate(form.sections):
        node = ("section", section.key)
        if section.show_when:
            places[node] = ("sections", s, "show_when")
        waits[node] = tuple(_looked_at(section.show_when))
        for q, question in enumerate(section.questions):
            inner = ("question", question.key)
            if question.show_when:
                places[inner] = ("sections", s, "questions", q, "show_when")
            waits[inner] = (node, *_looked_at(question.show_when))
    return waits, places


def _looked_at(condition: Condition | None) -> Iterator[Node]:
    if condition is None:
        return
    for _, one in condition.walk():
        if one.question:
            yield ("question", one.question)
        if one.section:
            yield ("section", one.section)


def _in_words(circle: list[Node], places: dict[Node, Path]) -> tuple[Path, str]:
    closing = next(node for node in reversed(circle) if node in places)
    chain = " waits for ".join(f"{noun} '{key}'" for noun, key in circle)
    return places[closing], f"the conditions go round in a circle: {chain}"
