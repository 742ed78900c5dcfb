"""Sign-in by the council's own service: OpenID Connect with PKCE, Entra ID in mind.

What comes back is believed only when it was signed by the service, for us, for this departure, just now.
Source: OpenID Connect Core 1.0, 3.1; RFC 9700.
"""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from qa_app.domain.council_account import CouncilPerson, SignOnRefused, SignOnUnavailable

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Signatures by a key that only the service has."""
KEPT_FOR = timedelta(hours=1)
LEEWAY_SECONDS = 60
SILENT = (
    "The council's sign-in service does not answer. Try again in a few minutes, and tell your IT service if it "
    "goes on."
)
NOT_BELIEVED = (
    "What the council's sign-in service sent could not be confirmed, so nobody was signed in. Begin again from the "
    "sign-in page, and tell your IT service if it happens again."
)
DECLINED = (
    "The council's sign-in service did not let you through. You may have cancelled, or your council account may not "
    "have been given this site: ask your IT service."
)


@dataclass(frozen=True)
class CouncilService:
    """Where the council's sign-in service is and who we are to it. Units: seconds."""

    issuer: str
    client_id: str
    client_secret: str
    subject_claim: str = "sub"
    required_method: str = ""
    timeout: float = 5.0


@dataclass(frozen=True)
class Departure:
    """What must be known again when somebody comes back from the council's service."""

    address: str
    state: str
    nonce: str
    verifier: str


class SingleSignOn:
    """The way to the council's sign-in service and back. Keeps what the service says of itself for an hour."""

    def __init__(self, service: CouncilService) -> None:
        self.service = service
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[datetime, dict[str, Any]]] = {}

    def depart(self, back: str, *, prove_again: bool = False, at: datetime) -> Departure:
        """Where to send somebody, and what to remember until they come back to the address `back`.

        `prove_again`: the service must ask who they are even if it knows already.
        Errors: SignOnUnavailable.
        """
        about = self._about(at)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        more = {"prompt": "login", "max_age": "0"} if prove_again else {}
        with self._client(back) as client:
            address, _ = client.create_authorization_url(
                about["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce, **more
            )
        return Departure(address, state, nonce, verifier)

    def arrive(
        self, departure: Departure, back: str, arguments: Mapping[str, str], *, at: datetime
    ) -> CouncilPerson:
        """Who came back, by the arguments of the address they came back to.

        Errors: SignOnRefused, SignOnUnavailable.
        """
        if not secrets.compare_digest(arguments.get("state", "").encode(), departure.state.encode()):
            raise SignOnRefused(NOT_BELIEVED)
        if arguments.get("error"):
            raise SignOnRefused(DECLINED)
        if arguments.get("iss") not in (None, self.service.issuer) or not arguments.get("code"):
            raise SignOnRefused(NOT_BELIEVED)
        token = self._exchange(departure, back, arguments["code"], at)
        claims = self._read(token, departure.nonce, at)
        return self._person(claims)

    def _client(self, back: str, method: str = "client_secret_basic") -> Any:
        from authlib.integrations.requests_client import OAuth2Session

        return OAuth2Session(
            self.service.client_id,
            self.service.client_secret,
            scope="openid profile email",
            redirect_uri=back,
            code_challenge_method="S256",
            token_endpoint_auth_method=method,
        )

    def _exchange(self, departure: Departure, back: str, code: str, at: datetime) -> dict[str, Any]:
        from authlib.integrations.base_client import OAuthError
        from requests import RequestException

        about = self._about(at)
        endpoint = about["token_endpoint"]
        # A secret with odd signs is understood the same by everybody only inside the form.
        in_form = "client_secret_post" in (about.get("token_endpoint_auth_methods_supported") or ())
        try:
            with self._client(back, "client_secret_post" if in_form else "client_secret_basic") as client:
                token = client.fetch_token(
                    endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=departure.verifier,
                    timeout=self.service.timeout,
                    allow_redirects=False,
                )
        except OAuthError:
            raise SignOnRefused(NOT_BELIEVED) from None
        except (RequestException, ValueError):
            raise SignOnUnavailable(SILENT) from None
        if not isinstance(token, dict) or not isinstance(token.get("id_token"), str):
            raise SignOnRefused(NOT_BELIEVED)
        return dict(token)

    def _read(self, token: dict[str, Any], nonce: str, at: datetime) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        try:
            decoded = self._verified(token["id_token"], at)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self.service.issuer},
                    "aud": {"essential": True, "value": self.service.client_id},
                },
                {
                    "nonce": nonce,
                    "client_id": self.service.client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=int(at.timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise SignOnRefused(NOT_BELIEVED) from None
        return dict(claims)

    def _verified(self, id_token: str, at: datetime) -> Any:
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError
        from joserfc.jwk import KeySet
        from joserfc.jws import JWSRegistry

        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        keys_address = self._about(at)["jwks_uri"]
        keys = KeySet.import_key_set(self._document(keys_address, at))  # type: ignore[arg-type]
        try:
            return jwt.decode(id_token, keys, registry=registry)
        except InvalidKeyIdError:  # the service may have changed its keys since
            fresh = self._document(keys_address, at, older_than=timedelta(minutes=1))
            return jwt.decode(id_token, KeySet.import_key_set(fresh), registry=registry)  # type: ignore[arg-type]

    def _person(self, claims: dict[str, Any]) -> CouncilPerson:
        subject = claims.get(self.service.subject_claim)
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise SignOnRefused(NOT_BELIEVED)
        methods = claims.get("amr")
        wanted = self.service.required_method
        if wanted and wanted not in (methods if isinstance(methods, list) else []):
            raise SignOnRefused(
                "The council's sign-in service did not say that you proved who you are in the way this site asks "
                "for (a second factor). Ask your IT service."
            )
        roles = claims.get("roles")
        address = claims.get("email") or claims.get("preferred_username") or ""
        if claims.get("email_verified") is False or not isinstance(address, str):
            address = ""
        proved = claims.get("auth_time")
        return CouncilPerson(
            issuer=self.service.issuer,
            subject=subject,
            address=address.strip().lower(),
            roles=frozenset(str(role) for role in roles) if isinstance(roles, list) else frozenset(),
            proved_at=datetime.fromtimestamp(proved, UTC) if isinstance(proved, int | float) else None,
        )

    def _about(self, at: datetime) -> dict[str, Any]:
        about = self._document(f"{self.service.issuer}/.well-known/openid-configuration", at)
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if about.get("issuer") != self.service.issuer:
            raise SignOnUnavailable(
                "The council's sign-in service is not the one named in this site's settings (QA_SSO_ISSUER). Tell "
                "whoever looks after this site."
            )
        if not all(is_safe_address(about.get(name)) for name in needed):
            raise SignOnUnavailable(SILENT)
        return about

    def _document(self, address: str, at: datetime, older_than: timedelta = KEPT_FOR) -> dict[str, Any]:
        with self._lock:
            kept = self._kept.get(address)
        if kept is not None and at - kept[0] < older_than:
            return kept[1]
        found = self._fetch(address)
        with self._lock:
            self._kept[address] = (at, found)
        return found

    def _fetch(self, address: str) -> dict[str, Any]:
        import requests

        try:
            answer = requests.get(address, timeout=self.service.timeout, allow_redirects=False)
            answer.raise_for_status()
            found = answer.json()
        except (requests.RequestException, ValueError):
            raise SignOnUnavailable(SILENT) from None
        if not isinstance(found, dict):
            raise SignOnUnavailable(SILENT)
        return found


def is_safe_address(address: object) -> bool:
    """Whether an address is one that nobody on the way can read: https, or this machine itself."""
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    )
