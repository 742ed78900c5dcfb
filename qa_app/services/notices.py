"""Telling people: a line on their first page, and a mail that says no more than that it is there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qa_app.domain.access import Viewer
from qa_app.domain.errors import NotFound
from qa_app.domain.notices import MailState, NoticeKind
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.notices import Notice, OutboxMail

TOO_OLD = timedelta(days=2)
"""A mail that could not be sent for so long is not sent any more: its notice still stands on the site."""
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class MailToSend:
    """A mail that a worker has taken."""

    mail_id: int
    to: str
    words: str
    path: str


def tell(
    viewer: Viewer,
    user_id: int,
    kind: NoticeKind,
    words: str,
    path: str,
    *,
    about: tuple[str, int],
    at: datetime,
) -> Notice:
    """Tell somebody something: on their first page, and by mail where mail is set up.

    `about`: kind and number of the record it is about. The words name no child.
    """
    notice = Notice(
        user_id=user_id, kind=kind, words=words, path=path, subject_kind=about[0], subject_id=about[1],
        raised_at=at, raised_by_id=viewer.user_id,
    )  # fmt: skip
    db.session.add(notice)
    db.session.flush()
    db.session.add(OutboxMail(notice_id=notice.id, state=MailState.WAITING, written_at=at))
    return notice


def mark_seen(viewer: Viewer, notice_id: int, *, at: datetime) -> None:
    """Take one's own notice off one's first page. Errors: NotFound for another's."""
    notice = db.session.get(Notice, notice_id)
    if notice is None or notice.user_id != viewer.user_id:
        raise NotFound()
    notice.seen_at = notice.seen_at or at


def take_mail(session: Session, *, at: datetime) -> MailToSend | None:
    """Take the oldest mail that waits; nothing when none does.

    One taken so long ago that its worker must have died may have been sent: it is marked so and left alone. One
    that waited too long is given up.
    """
    session.execute(
        update(OutboxMail)
        .where(OutboxMail.state == MailState.SENDING, OutboxMail.taken_at < at - LEASE)
        .values(state=MailState.UNSURE, ended_at=at)
    )
    session.execute(
        update(OutboxMail)
        .where(OutboxMail.state == MailState.WAITING, OutboxMail.written_at < at - TOO_OLD)
        .values(state=MailState.FAILED, ended_at=at, fault="It waited too long to be sent.")
    )
    row = session.execute(
        select(OutboxMail, Notice.words, Notice.path, User.email)
        .join(Notice, Notice.id == OutboxMail.notice_id)
        .join(User, User.id == Notice.user_id)
        .where(OutboxMail.state == MailState.WAITING)
        .order_by(OutboxMail.id)
        .limit(1)
        .with_for_update(of=OutboxMail, skip_locked=True)
    ).first()
    if row is None:
        return None
    mail, words, path, email = row
    mail.state, mail.taken_at = MailState.SENDING, at
    mail.n_attempts += 1
    return MailToSend(mail.id, email, words, path)


def note_sent(session: Session, mail_id: int, *, at: datetime) -> None:
    """Keep that a mail was handed to the mail server."""
    mail = session.get_one(OutboxMail, mail_id)
    mail.state, mail.ended_at, mail.fault = MailState.SENT, at, ""


def note_refused(session: Session, mail_id: int, fault: str, *, at: datetime) -> None:
    """Keep that the mail server did not take it; it is tried again a few times."""
    mail = session.get_one(OutboxMail, mail_id)
    mail.fault = fault[:300]
    if mail.n_attempts >= MOST_ATTEMPTS:
        mail.state, mail.ended_at = MailState.FAILED, at
    else:
        mail.state = MailState.WAITING
