"""Lines of supervision: who is above whom. A line never comes round to where it began."""

from collections.abc import Mapping


def line_of(supervisor_of: Mapping[int, int | None], person: int) -> list[int]:
    """The person, who supervises them, and so on upwards; a circle is gone round once."""
    line = [person]
    while (above := supervisor_of.get(line[-1])) is not None and above not in line:
        line.append(above)
    return line


def circles(supervisor_of: Mapping[int, int | None]) -> list[list[int]]:
    """Every line that comes round to where it began, each told once, from its lowest number."""
    found = []
    for person in supervisor_of:
        line = line_of(supervisor_of, person)
        if supervisor_of.get(line[-1]) == person and person == min(line):
            found.append(line)
    return sorted(found)
