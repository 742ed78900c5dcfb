"""Settings, read once from the environment (prefix QA_), every fault told at once."""

import secrets
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ENTRA_HOST = "login.microsoftonline.com"


class Settings(BaseSettings):
    """How this installation runs. Durations are in minutes unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="QA_", extra="ignore")

    database_url: str = ""
    """Empty: SQLite in the instance folder. `postgresql://...` in production."""
    instance_folder: Path = Path("instance")
    secret_key: str = ""
    """Signs cookies. Empty: a random key kept in the instance folder, which suits one machine only."""
    secret_key_before: str = ""
    """The key used until now, while sign-ins and second factors made under it are still to be read."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    secure_cookies: bool = True
    """Off only for plain http on this machine; `qa serve` on a loopback address turns it off by itself."""
    allowed_hosts: str = ""
    """The names under which the site is asked for, between commas; any other is refused. Empty: only this machine's
    own names while cookies travel without https, and any name otherwise."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    trusted_proxy: str = ""
    """Address of the one reverse proxy whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    session_idle_minutes: int = Field(default=60, ge=5)
    session_longest_minutes: int = Field(default=720, ge=30)
    sign_in_attempts: int = Field(default=8, ge=3)
    """Wrong passwords, or codes, in a row before an account is locked."""
    sign_in_lock_minutes: int = Field(default=15, ge=1)
    sign_in_address_attempts: int = Field(default=100, ge=10)
    """Attempts from one network address, within the minutes of a lock, by browsers that nobody has signed in from."""
    second_factor_roles: str = "all"
    """Roles that may not sign in with a password alone: `all`, `none`, or names between commas. Over plain http on
    this machine nobody is asked to set one up, so that the demonstration opens with its printed password."""
    local_sign_in: Literal["everyone", "break_glass"] = "everyone"
    """Who may sign in with a password. `break_glass`: only the accounts kept for emergencies; everybody else signs in
    with their council account."""
    sso_issuer: str = ""
    """Address of the council's OpenID Connect service. Empty: people sign in with a password."""
    sso_tenant: str = ""
    """For Entra ID instead of the address: the directory (tenant) number."""
    sso_client_id: str = ""
    sso_client_secret: str = ""
    sso_roles: str = ""
    """Which role of ours each app role of the council's service stands for: `Their.Role=our_role` between commas.
    Empty: roles are given by administrators alone."""
    sso_subject_claim: str = ""
    """The claim that never changes about a person. Empty: `oid` for Entra ID, else `sub`."""
    sso_required_method: str = ""
    """A value that the service's `amr` claim must hold, for example `mfa`. Empty: the service decides."""
    mail_server: str = ""
    """The SMTP server as host:port. Empty: nothing is mailed, and people are told on the site only."""
    mail_security: Literal["starttls", "tls", "none"] = "starttls"
    mail_user: str = ""
    mail_password: str = ""
    mail_from: str = ""
    site_address: str = ""
    """Where the site is found, for the links in mails: https://qa.example.gov.uk"""
    release_days: int = Field(default=10, ge=0, le=365)
    """Days after its submission on which a review releases itself to those who worked with the child; 0: never."""
    action_critical_hours: int = Field(default=24, ge=1, le=168)
    """How soon a critical action for a child is due: elapsed hours, through nights, weekends and bank holidays."""
    action_high_days: int = Field(default=5, ge=1, le=60)
    action_standard_days: int = Field(default=20, ge=1, le=120)
    """The same for high and standard ones: working days of England."""
    action_impact_days: int = Field(default=28, ge=1, le=365)
    """Days after an action was verified on which it is asked whether it helped."""
    challenge_days: int = Field(default=10, ge=1, le=60)
    """Within how many working days the challenge of a fact in a review is answered."""
    concern_acknowledge_hours: int = Field(default=4, ge=1, le=72)
    concern_safe_hours: int = Field(default=24, ge=1, le=168)
    concern_threshold_hours: int = Field(default=24, ge=1, le=168)
    """The clocks of concerns: elapsed hours."""
    upload_megabytes: int = Field(default=60, ge=1)
    site_name: str = ""
    """The council's name, shown beside the product's."""
    notice: str = ""
    """A line over every page, for example that the data are invented."""
    threads: int = Field(default=8, ge=1)

    @model_validator(mode="after")
    def check_single_sign_on(self) -> Self:
        """Settings of single sign-on that can't work together are refused before anything starts."""
        issuer = self.resolved_issuer()
        if not issuer:
            if self.local_sign_in == "break_glass":
                raise ValueError("QA_LOCAL_SIGN_IN=break_glass needs single sign-on (QA_SSO_ISSUER)")
            return self
        parts = urlsplit(issuer)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise ValueError("QA_SSO_ISSUER must be an https address")
        if not (self.sso_client_id and self.sso_client_secret):
            raise ValueError("QA_SSO_CLIENT_ID and QA_SSO_CLIENT_SECRET are needed with QA_SSO_ISSUER")
        return self

    @model_validator(mode="after")
    def check_mail(self) -> Self:
        """A mail server needs a sender."""
        if self.mail_server and not self.mail_from:
            raise ValueError("QA_MAIL_FROM is needed with QA_MAIL_SERVER")
        return self

    def resolved_issuer(self) -> str:
        """The issuer of the council's sign-in service, or nothing where there is none."""
        if self.sso_tenant and not self.sso_issuer:
            return f"https://{ENTRA_HOST}/{self.sso_tenant}/v2.0"
        return self.sso_issuer.rstrip("/")

    def resolved_subject_claim(self) -> str:
        """The claim by which a person is known for ever."""
        is_entra = urlsplit(self.resolved_issuer()).hostname == ENTRA_HOST
        return self.sso_subject_claim or ("oid" if is_entra else "sub")

    def hosts_answered(self) -> list[str] | None:
        """The names under which the site answers, or nothing when it answers under any."""
        named = [name.strip() for name in self.allowed_hosts.split(",") if name.strip()]
        if named or self.secure_cookies or ":" in self.host:
            return named or None
        return ["localhost", "127.0.0.1", self.host]

    def resolved_database_url(self) -> str:
        """The database's address; the embedded one lies in the instance folder, which is made if missing."""
        if self.database_url:
            return self.database_url
        self.instance_folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{(self.instance_folder / 'qa.sqlite3').resolve()}"

    def resolved_secret_key(self) -> str:
        """The signing key: the one set, or one made at the first start and kept beside the database."""
        if self.secret_key:
            return self.secret_key
        self.instance_folder.mkdir(parents=True, exist_ok=True)
        kept = self.instance_folder / "secret_key"
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_hex(32), encoding="ascii")
        return kept.read_text(encoding="ascii").strip()
