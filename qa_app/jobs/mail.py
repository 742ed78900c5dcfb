"""Sends the mails that wait, one by one, each in transactions of its own."""

from collections.abc import Callable

from flask import current_app

from qa_app import clock
from qa_app.adapters.mail import MailRefused, send_mail
from qa_app.config import Settings
from qa_app.extensions import own_transaction
from qa_app.services.notices import MailToSend, note_refused, note_sent, take_mail

MOST_AT_ONCE = 50
SUBJECT = "Something waits for you in Line of Sight"


def send_waiting(send: Callable[[Settings, MailToSend], None] | None = None) -> int:
    """Send what waits, and say how many went out. Without a mail server in the settings, nothing is done.

    Taking, sending and noting are apart: a worker that dies between sending and noting leaves a mail that says it
    may have been sent, and nobody gets it twice.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.mail_server:
        return 0
    n_sent = 0
    for _ in range(MOST_AT_ONCE):
        with own_transaction() as session:
            taken = take_mail(session, at=clock.now())
        if taken is None:
            break
        try:
            (send or _send)(settings, taken)
        except MailRefused as refused:
            with own_transaction() as session:
                note_refused(session, taken.mail_id, str(refused), at=clock.now())
            break
        with own_transaction() as session:
            note_sent(session, taken.mail_id, at=clock.now())
        n_sent += 1
    return n_sent


def _send(settings: Settings, mail: MailToSend) -> None:
    where = (
        f"{settings.site_address.rstrip('/')}{mail.path}" if settings.site_address else "Sign in to see it."
    )
    send_mail(
        settings.mail_server, security=settings.mail_security, user=settings.mail_user,
        password=settings.mail_password, sender=settings.mail_from, to=mail.to, subject=SUBJECT,
        body=f"{mail.words}\n\n{where}\n",
    )  # fmt: skip
