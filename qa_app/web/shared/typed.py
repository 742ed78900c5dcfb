"""What people type and pick, made safe to keep: text without control marks, numbers that are numbers."""

import re


def plain(typed: str | None) -> str | None:
    """What was typed, without the characters that no page and no database can hold."""
    return typed if typed is None else re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", "", typed)


def chosen(value: str | None) -> int | None:
    """A number picked from a list; nothing for anything else."""
    return int(value) if value and re.fullmatch(r"[0-9]{1,9}", value) else None
