"""Keeps secrets sealed in the database, under keys derived from the installation's own."""

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from qa_app.domain.errors import Conflict

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class SecretBox:
    """Seals and opens; marks words so that equal ones are found without being stored.

    The first key seals; the others, from before, still open what was sealed with them.
    """

    def __init__(self, key: str, *earlier: str) -> None:
        self._keys = [each for each in (key, *earlier) if each]

    def seal(self, text: str) -> str:
        """The text as it may be stored."""
        return self._fernet().encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """The text that was sealed.

        Errors: Conflict when it was sealed under a key that is not known here.
        """
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet().decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Conflict(
                "The second factor cannot be read, because this installation's secret key has changed. Use a "
                "recovery code, or ask an administrator to reset the second factor."
            ) from None

    def mark(self, kind: str, words: str) -> str:
        """64 characters that stand for some words of a kind and do not tell them."""
        key = hashlib.sha256(f"mark {kind} {self._keys[0]}".encode()).digest()
        return hmac.new(key, words.encode(), hashlib.sha256).hexdigest()

    def _fernet(self) -> "MultiFernet":
        from cryptography.fernet import Fernet, MultiFernet

        return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(each))) for each in self._keys])


def _derived(key: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"line of sight: sealed secrets").derive(
        key.encode()
    )
