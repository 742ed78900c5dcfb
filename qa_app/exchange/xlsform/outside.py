"""What other people's XLSForms use, and what of it we have: the rest is listed with its cell, never dropped unsaid."""

import re
from difflib import get_close_matches

TAKEN = {
    "text": "short_text",
    "integer": "number",
    "int": "number",
    "decimal": "number",
    "date": "date",
    "select_one": "choice",
    "select_multiple": "choices",
}
"""XLSForm types that we have, with ours."""
LACKED = {
    "geopoint": "a place on a map",
    "geotrace": "a line on a map",
    "geoshape": "an area on a map",
    "start-geopoint": "a place on a map",
    "image": "a picture",
    "audio": "a sound recording",
    "background-audio": "a sound recording",
    "video": "a film",
    "file": "a file",
    "barcode": "a bar code",
    "calculate": "a calculation",
    "hidden": "a hidden value",
    "acknowledge": "a tick to acknowledge",
    "trigger": "a tick to acknowledge",
    "rank": "a ranking",
    "range": "a sliding range",
    "time": "a time of day",
    "datetime": "a date with a time of day",
    "note": "a note that asks nothing; its words can go into the guidance of a question or section",
    "select_one_from_file": "choices from a file",
    "select_multiple_from_file": "choices from a file",
    "select_one_external": "choices from a file",
    "xml-external": "a file of data",
    "csv-external": "a file of data",
    "osm": "a place on a map",
    "entity": "entities",
    **dict.fromkeys(
        (
            "start",
            "end",
            "today",
            "deviceid",
            "username",
            "phonenumber",
            "email",
            "audit",
            "simserial",
            "subscriberid",
        ),
        "something that the device notes by itself; reviews know who saved what and when anyway",
    ),
}
"""XLSForm types that we have not, in words."""
LACKED_COLUMNS = {
    "constraint": "a rule for allowed values",
    "constraint_message": "the message of a rule for allowed values",
    "required_message": "a message of its own",
    "calculation": "a calculation",
    "default": "an answer given in advance",
    "read_only": "a question that nobody may answer",
    "readonly": "a question that nobody may answer",
    "choice_filter": "choices that depend on another answer",
    "repeat_count": "a number of repeats",
    "parameters": "parameters",
    "trigger": "a trigger",
    "image": "a picture",
    "audio": "a sound recording",
    "video": "a film",
    "media::image": "a picture",
    "media::audio": "a sound recording",
    "media::video": "a film",
    "body::accuracythreshold": "the accuracy of a place",
}
"""Columns that change what a question asks, and that we have not. Others only concern looks, and are left aside."""
YES_NO = {"yes": "yes", "no": "no"}
YES_PARTLY_NO = {**YES_NO, "partly": "partly"}


def split_type(word: str) -> tuple[str, str]:
    """A cell of the column `type`: the type, and the name of its list of choices if it has one."""
    text = re.sub(r"\s+", " ", word.strip())
    text = re.sub(r"^(begin|end) (group|repeat)$", r"\1_\2", text, flags=re.IGNORECASE)
    text = re.sub(r"^select one from ", "select_one ", text, flags=re.IGNORECASE)
    text = re.sub(
        r"^(select all that apply from|select multiple from) ", "select_multiple ", text, flags=re.I
    )
    kind, _, rest = text.partition(" ")
    return kind.lower(), rest.strip()


def why_lacked(kind: str) -> str | None:
    """What a type is that we have not, in words; nothing for types that we have."""
    return LACKED.get(kind)


def unknown_type(kind: str) -> str:
    """What to say about a type that XLSForm has not either."""
    near = get_close_matches(kind, [*TAKEN, "begin_group", "end_group"], n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"allowed: {', '.join(sorted(set(TAKEN)))}, begin_group"
    return f"'{kind}' is not a type; {hint}"


def key_of(name: str, shape: str = "_") -> str:
    """A name as our keys are written: small letters, figures and underscores (or hyphens), a letter first."""
    key = re.sub(r"[^a-z0-9]+", shape, name.strip().lower()).strip(shape)
    if not key or not key[0].isalpha():
        key = f"k{shape}{key}" if key else "k"
    return key[:60].strip(shape)
