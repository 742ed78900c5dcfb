"""Reads the link to choose a password from the page that shows it."""

import re


def handed_address(page: str) -> str:
    """The path of the one link that the page shows."""
    found: list[str] = re.findall(r'value="http://localhost(/choose-password/[\w-]{43})"', page)
    assert len(found) == 1
    return found[0]
