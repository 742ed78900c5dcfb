"""Numbers and keys of records in addresses: what no database can hold leads nowhere, instead of to a fault."""

from typing import Any

from werkzeug.routing import IntegerConverter, Map, UnicodeConverter

LARGEST = 2**31 - 1


class RecordNumberConverter(IntegerConverter):
    """A whole number that fits an id column; an address with another one is not found."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:  # noqa: A002 - the name that werkzeug gives
        kwargs.setdefault("max", LARGEST)
        super().__init__(map, *args, **kwargs)


class RecordKeyConverter(UnicodeConverter):
    """A key in an address. One with a mark that no database takes names nothing: the page is not found."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:  # noqa: A002 - the name that werkzeug gives
        super().__init__(map, *args, **kwargs)
        # Refused while matching, not while converting: a refusal there would answer a POST with 405.
        self.regex = self.regex.replace("[^/]", "[^/\\x00]")
