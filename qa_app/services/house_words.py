"""What a council tells about its own way of writing: spellings of codes, names that are one or two."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.domain.house_words import NameDoubt, NameVerdict
from qa_app.exchange.annex_a.codes import plain
from qa_app.exchange.annex_a.spec import code_sets
from qa_app.extensions import db
from qa_app.models.caseload import CodeSpelling, NameDoubtRow
from qa_app.services import history

LONGEST_WORDS = 150


def add_spelling(viewer: Viewer, code_set: str, words: str, code: str, *, at: datetime) -> CodeSpelling:
    """Say once what the council's own spelling of a code means; the next upload is read so.

    Errors: NotAllowed; NotFound for a code set that is not there; Invalid for a code that is not in the set
    and for words that are empty or too long; Conflict when the meaning was told before.
    """
    _require_whole(viewer)
    codes = code_sets().get(code_set)
    if codes is None:
        raise NotFound
    if code not in {one.code for one in codes}:
        raise Invalid("code", "Meaning: choose one of the values that the return allows")
    key = plain(words)
    if not key or len(words) > LONGEST_WORDS:
        raise Invalid("code", f"The spelling must have between 1 and {LONGEST_WORDS} characters.")
    spelling = CodeSpelling(
        code_set=code_set, key=key, words=words, code=code, added_at=at, added_by_id=viewer.user_id
    )
    db.session.add(spelling)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict(
            "What this spelling means was told already. Open the page of our own words to see it, "
            "and take it away there if it is wrong."
        ) from error
    history.record(
        viewer, "code_spelling.added", "code_spelling", spelling.id, at=at, after=_spelling_words(spelling)
    )
    return spelling


def forget_spelling(viewer: Viewer, spelling_id: int, *, at: datetime) -> str:
    """Take a spelling away, and give its words; what was read with it stays as it was read.

    Errors: NotAllowed, NotFound.
    """
    _require_whole(viewer)
    spelling = db.session.get(CodeSpelling, spelling_id)
    if spelling is None:
        raise NotFound
    before, words = _spelling_words(spelling), spelling.words
    db.session.delete(spelling)
    history.record(viewer, "code_spelling.removed", "code_spelling", spelling_id, at=at, before=before)
    return words


def note_doubts(doubts: Iterable[NameDoubt], import_id: int) -> None:
    """Keep the doubts about names that arose in an upload. What was said about a pair stays said."""
    known = {(one.kind, one.name, one.other): one for one in db.session.scalars(select(NameDoubtRow))}
    for doubt in doubts:
        row = known.get((doubt.kind, doubt.name, doubt.other))
        if row is None:
            row = NameDoubtRow(kind=doubt.kind, name=doubt.name, other=doubt.other, verdict=NameVerdict.OPEN)
            db.session.add(row)
        row.n_rows, row.caseload_import_id = doubt.n_rows, import_id


def _require_whole(viewer: Viewer) -> None:
    """The words of the council are one for the whole service."""
    viewer.require(Permission.IMPORT_CASELOAD)
    if not viewer.reach(Permission.IMPORT_CASELOAD).whole_service:
        raise NotFound


def _spelling_words(spelling: CodeSpelling) -> dict[str, object]:
    return {"code_set": spelling.code_set, "words": spelling.words, "code": spelling.code}
