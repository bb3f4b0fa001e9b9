"""The operator's settings, from the environment: read once, complete or not at all."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from bot.release.facts import Timeouts
from bot.settings.reader import Reader, Secret, SettingsError, mistake_in_address
from bot.settings.table import SETTINGS, settings_table

__all__ = [
    "SETTINGS",
    "Addresses",
    "AppKey",
    "Secret",
    "Settings",
    "SettingsError",
    "mistake_in_address",
    "settings_table",
]

log = logging.getLogger(__name__)

MISSED_SECONDS = 300.0
TIMEOUTS = "SHIPMATE_TIMEOUTS"
"""Rehearsals with real processes shorten the waits by it (`settle=0.4,lag=1`). It is no setting of an operator's."""
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the registries are; all that it takes to verify a release without GitHub."""

    crates_api: str = "https://crates.io"
    crates_index: str = "https://index.crates.io"
    crates_static: str = "https://static.crates.io"
    docs_rs: str = "https://docs.rs"
    pypi: str = "https://pypi.org"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Addresses":
        """Read the environment; raises SettingsError that lists everything wrong at once."""
        reader = Reader(env)
        names = ("CRATES_API_URL", "CRATES_INDEX_URL", "CRATES_STATIC_URL", "DOCS_RS_URL", "PYPI_URL")
        addresses = cls(*(reader.address(name) for name in names))
        if reader.mistakes:
            raise SettingsError("\n".join(f"- {mistake}" for mistake in reader.mistakes))
        return addresses


@dataclass(frozen=True, slots=True)
class AppKey:
    """The App and where its GitHub is; all that it takes to speak as the App."""

    app_id: int
    private_key: Secret
    github_api_url: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "AppKey":
        """Read the environment; raises SettingsError that lists everything wrong at once."""
        reader = Reader(env)
        key = cls(reader.whole("GITHUB_APP_ID"), Secret(reader.private_key()), reader.address("GITHUB_API_URL"))
        if reader.mistakes:
            raise SettingsError("\n".join(f"- {mistake}" for mistake in reader.mistakes))
        return key


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the operator decides. Its repr holds no secret."""

    app_id: int
    private_key: Secret
    webhook_secrets: tuple[Secret, ...]
    github_api_url: str
    database_url: str = field(repr=False)
    """SQLAlchemy's address, with the async driver; may hold a password."""
    host: str
    port: int
    crates_api_url: str
    crates_index_url: str
    crates_static_url: str
    pypi_url: str
    sentry_dsn: Secret | None
    log_level: str
    timeouts: Timeouts
    workers: int = 4
    """Repositories that one process works on at the same time."""
    lease_seconds: float = 60.0
    """How long a repository waits for another process when the one that works on it is killed."""
    poll_seconds: float = 1.0
    """How often a process looks for work that another one left it, where the database does not tell by itself."""
    docs_rs_url: str = ""
    """Where documentation is built; not asked when it is empty, as in a rehearsal."""
    crates_api_interval: float = 1.0
    """Seconds between two requests to crates.io's API, as its policy asks; a rehearsal's stand-in needs no pause."""
    missed_seconds: float = MISSED_SECONDS
    """Between two sweeps that look for webhooks and commands that did not arrive; 0 for none."""
    crates_io_yank_token: Secret | None = None
    """With the scope `yank`; None when a person shall yank."""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the environment; raises SettingsError that lists everything wrong at once."""
        reader = Reader(env)
        timeouts = reader.timeouts(TIMEOUTS, ("missed", *(each.name for each in fields(Timeouts))))
        missed = timeouts.pop("missed", MISSED_SECONDS)
        settings = cls(
            app_id=reader.whole("GITHUB_APP_ID"),
            workers=reader.whole("WORKERS", least=1, most=64),
            lease_seconds=reader.seconds("LEASE_SECONDS", least=1.0),
            private_key=Secret(reader.private_key()),
            webhook_secrets=reader.secrets("GITHUB_WEBHOOK_SECRET"),
            github_api_url=reader.address("GITHUB_API_URL"),
            database_url=reader.database("DATABASE_URL"),
            host=reader.text("HOST"),
            port=reader.whole("PORT", most=65535),
            crates_api_url=reader.address("CRATES_API_URL"),
            crates_index_url=reader.address("CRATES_INDEX_URL"),
            crates_static_url=reader.address("CRATES_STATIC_URL"),
            docs_rs_url=reader.address("DOCS_RS_URL"),
            pypi_url=reader.address("PYPI_URL"),
            sentry_dsn=Secret(dsn) if (dsn := reader.text("SENTRY_DSN")) else None,
            crates_io_yank_token=Secret(token) if (token := reader.text("CRATES_IO_YANK_TOKEN")) else None,
            log_level=reader.choice("LOG_LEVEL", LOG_LEVELS),
            timeouts=Timeouts(**timeouts),
            missed_seconds=missed,
        )
        if reader.mistakes:
            raise SettingsError("\n".join(f"- {mistake}" for mistake in reader.mistakes))
        if len(settings.webhook_secrets) > 1:
            log.warning(
                "GITHUB_WEBHOOK_SECRET holds %d secrets, and each opens the door: remove the old ones soon",
                len(settings.webhook_secrets),
            )
        return settings
