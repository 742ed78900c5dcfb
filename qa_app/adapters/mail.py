"""Sending one mail by SMTP."""

import smtplib
import ssl
from email.message import EmailMessage
from typing import Literal

TIMEOUT_SECONDS = 20


class MailRefused(Exception):
    """The mail server did not take it, or could not be reached. The words hold no address."""


def send_mail(
    server: str,
    *,
    security: Literal["starttls", "tls", "none"],
    user: str,
    password: str,
    sender: str,
    to: str,
    subject: str,
    body: str,
) -> None:
    """Hand one plain-text mail to a server, given as host:port. Errors: MailRefused."""
    message = EmailMessage()
    try:
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message.set_content(body)
        host, _, port = server.partition(":")
        context = ssl.create_default_context()
        with _connect(host, int(port or 25), security, context) as connection:
            if security == "starttls":
                connection.starttls(context=context)
            if user:
                connection.login(user, password)
            connection.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as fault:
        code = getattr(fault, "smtp_code", "")
        raise MailRefused(f"{type(fault).__name__} {code}".strip()) from None


def _connect(host: str, port: int, security: str, context: ssl.SSLContext) -> smtplib.SMTP:
    if security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
