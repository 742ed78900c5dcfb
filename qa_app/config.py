"""Settings, read once from the environment (prefix QA_), every fault told at once."""

import secrets
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """How this installation runs. Durations are in minutes unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="QA_", extra="ignore")

    database_url: str = ""
    """Empty: SQLite in the instance folder. `postgresql://...` in production."""
    instance_folder: Path = Path("instance")
    secret_key: str = ""
    """Signs cookies. Empty: a random key kept in the instance folder, which suits one machine only."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    secure_cookies: bool = True
    """Off only for plain http on this machine; `qa serve` on a loopback address turns it off by itself."""
    trusted_proxy: str = ""
    """Address of the one reverse proxy whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    session_idle_minutes: int = Field(default=60, ge=5)
    session_longest_minutes: int = Field(default=720, ge=30)
    sign_in_attempts: int = Field(default=8, ge=3)
    """Wrong passwords in a row before an account is locked."""
    sign_in_lock_minutes: int = Field(default=15, ge=1)
    upload_megabytes: int = Field(default=60, ge=1)
    site_name: str = ""
    """The council's name, shown beside the product's."""
    notice: str = ""
    """A line over every page, for example that the data are invented."""
    threads: int = Field(default=8, ge=1)

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
