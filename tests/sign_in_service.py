"""A council's sign-in service for tests: OpenID Connect on this machine, with real keys and real signatures."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "line-of-sight", "a secret between the two"
SUBJECT, ADDRESS = "the-same-for-ever", "marigold@example.org"


@cache
def made_key(kid: str, number: int = 0) -> RSAKey:
    """A key of the service; one that somebody else made under the same name has another number."""
    del number
    return RSAKey.generate_key(2048, {"kid": kid})


@dataclass
class SignInService:
    """What the service does, for a test to change. `claims` are laid over what the token would say."""

    address: str = ""
    key: RSAKey = field(default_factory=lambda: made_key("first"))
    signing_key: RSAKey | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)
    about: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    is_down: bool = False
    seconds: float = 0
    token_answer: tuple[int, str] | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def agree(self, authorization_address: str) -> dict[str, str]:
        """What a person's browser brings back after they agreed there: the arguments of our address."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(authorization_address).query).items()}
        self.asked.append(asked)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def id_token(self, asked: dict[str, str]) -> str:
        """The token for somebody who asked so."""
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT_ID,
            "sub": SUBJECT,
            "email": ADDRESS,
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": asked["nonce"],
            "roles": ["QA.Auditor"],
            **self.claims,
        }
        kept = {key: value for key, value in claims.items() if key not in self.without}
        key = self.signing_key or self.key
        return jwt.encode({"alg": self.algorithm, "kid": key.kid}, kept, key, algorithms=[self.algorithm])

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, str]:
        """What the service replies."""
        time.sleep(self.seconds)
        if self.is_down:
            return 503, "down"
        if path.endswith("openid-configuration"):
            about = {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                **self.about,
            }
            return 200, json.dumps(about)
        if path.endswith("/keys"):
            return 200, json.dumps({"keys": [self.key.as_dict(private=False)]})
        if path.endswith("/token"):
            return self.token_answer or self.exchange(form, authorization)
        return 404, "nothing here"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, str]:
        """A code against a token: once, for the one who asked, and only with the verifier of the challenge."""
        asked = self.codes.pop(form.get("code", ""), None)
        told = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        if not told:
            told = f"{form.get('client_id')}:{form.get('client_secret')}"
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_right = (
            asked is not None
            and told == f"{CLIENT_ID}:{CLIENT_SECRET}"
            and asked.get("code_challenge_method") == "S256"
            and challenge == asked.get("code_challenge")
            and form.get("redirect_uri") == asked.get("redirect_uri")
        )
        if not is_right or asked is None:
            return 400, json.dumps({"error": "invalid_grant"})
        return 200, json.dumps(
            {"access_token": "not used", "token_type": "Bearer", "id_token": self.id_token(asked)}
        )


@contextmanager
def running_service() -> Iterator[SignInService]:
    """The service on a port of this machine."""
    service = SignInService()

    class Handler(BaseHTTPRequestHandler):
        def reply(self) -> None:
            if urlsplit(self.path).path.endswith("/authorize"):
                self.lead_back()
                return
            length = int(self.headers.get("Content-Length") or 0)
            sent = parse_qs(self.rfile.read(length).decode())
            form = {key: values[0] for key, values in sent.items()}
            status, text = service.answer(
                urlsplit(self.path).path, form, self.headers.get("Authorization", "")
            )
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            try:
                self.wfile.write(text.encode())
            except (BrokenPipeError, ConnectionResetError):
                return  # whoever asked did not wait

        def lead_back(self) -> None:
            """Whoever comes here is known and agrees."""
            back = service.agree(self.path)
            self.send_response(302)
            self.send_header("Location", f"{service.asked[-1]['redirect_uri']}?{urlencode(back)}")
            self.end_headers()

        do_GET = do_POST = reply  # noqa: N815

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.address = f"http://127.0.0.1:{server.server_port}/council"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
