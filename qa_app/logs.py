"""What the program writes to its log: one JSON object a line, with nobody's words, names or addresses in it.

Lines go to standard error, where whatever runs the program picks them up. Of a fault they hold its kind and the way to
it through the code, never its message: messages quote what people typed.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

DEEPEST = 12
"""Steps of the way to a fault that a line holds, counted from the fault."""
OURS = "qa_app"
HANDLER = "line-of-sight"


def set_up_logs(level: str = "INFO") -> None:
    """Let every record of the program, and of the libraries it stands on, become a line. Safe to call twice."""
    root = logging.getLogger()
    logging.getLogger(OURS).setLevel(level)
    if any(handler.name == HANDLER for handler in root.handlers):
        return
    handler = _ToStandardError()
    handler.name = HANDLER
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_words_of_its_own, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
                _fault_without_words,
                structlog.processors.JSONRenderer(default=lambda value: type(value).__name__),
            ],
        )
    )
    root.addHandler(handler)


class _ToStandardError(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at that moment, as command runners and tests exchange it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def fault_in_code(fault: BaseException) -> dict[str, Any]:
    """What a line says of a fault: its kind, the kinds of those that led to it, and where in the code it arose."""
    kinds: list[str] = []
    each = fault.__cause__ or fault.__context__
    while each is not None and len(kinds) < DEEPEST:
        kinds.append(type(each).__name__)
        each = each.__cause__ or each.__context__
    steps = traceback.extract_tb(fault.__traceback__)[-DEEPEST:]
    return {
        "fault": type(fault).__name__,
        "because_of": kinds,
        "way": [f"{_short(step.filename)}:{step.lineno} {step.name}" for step in steps],
    }


def _short(path: str) -> str:
    for mark in ("/site-packages/", "/qa_app/"):
        if mark in path:
            return ("qa_app/" if mark == "/qa_app/" else "") + path.rsplit(mark, 1)[1]
    return path.rsplit("/", 1)[-1]


def _words_of_its_own(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    # What others fill their records with may be an address asked for or what somebody typed: only their own words
    # are kept.
    record: logging.LogRecord = event["_record"]
    if record.name != OURS and not record.name.startswith(f"{OURS}."):
        event["event"] = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        event["from"] = record.name
    event["level"] = record.levelname.lower()
    return event


def _fault_without_words(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    told = event.pop("exc_info", None)
    if told is True:
        told = sys.exc_info()
    fault = told[1] if isinstance(told, tuple) else told
    if isinstance(fault, BaseException):
        event.update(fault_in_code(fault))
    for name in ("stack_info", "message", "asctime"):  # what other formatters left on the record
        event.pop(name, None)
    return event
