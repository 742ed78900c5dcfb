"""Numbers of records in addresses: those that no database can hold lead nowhere, instead of to a fault."""

from typing import Any

from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1


class RecordNumberConverter(IntegerConverter):
    """A whole number that fits an id column; an address with another one is not found."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:  # noqa: A002 - the name that werkzeug gives
        kwargs.setdefault("max", LARGEST)
        super().__init__(map, *args, **kwargs)
