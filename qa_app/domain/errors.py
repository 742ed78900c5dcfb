"""The few ways in which the system says no. Each carries a sentence for the person who asked."""


class QaError(Exception):
    """A refusal in words: what happened, and what to do next."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(QaError):
    """There is no such thing, or it lies outside what the viewer may see: both look the same from outside."""

    status = 404

    def __init__(self, message: str = "There is nothing here that you can see.") -> None:
        super().__init__(message)


class NotAllowed(QaError):
    """The viewer may see this, and may not do that to it."""

    status = 403


class Conflict(QaError):
    """Somebody or something got there first: the message says who or what, and what can be done now."""

    status = 409


class Invalid(QaError):
    """What was sent cannot be taken as it is.

    `field` names the form field or the part of a file at fault; an empty string means the whole of it.
    """

    status = 422

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
