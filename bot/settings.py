"""The operator's settings, from the environment: read once, complete or not at all."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.release.facts import Patience

log = logging.getLogger(__name__)


class SettingsError(Exception):
    """Settings are missing or wrong; the message lists all of them with what to do."""


class Secret:
    """A value that no log, traceback or report shows; ask for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable."""

    name: str
    meaning: str
    default: str | None = None
    """None: it must be set. Empty: it may be left out."""
    secret: bool = False
    """Whether its value must never be shown."""


PATIENCE = Patience()
MISSED_SECONDS = 300.0

SETTINGS: tuple[Setting, ...] = (
    Setting("GITHUB_APP_ID", "The App's id, from its settings page."),
    Setting("GITHUB_PRIVATE_KEY", "The App's private key (PEM; line breaks may be written as `\\n`).", "", secret=True),
    Setting("GITHUB_PRIVATE_KEY_PATH", "A file with that key, instead of the key itself.", ""),
    Setting("GITHUB_WEBHOOK_SECRET", "The webhook's secret; several, separated by commas, in a rotation.", secret=True),
    Setting("GITHUB_API_URL", "GitHub's REST address.", "https://api.github.com"),
    Setting("DATABASE_URL", "SQLite (`sqlite:///FILE`) or PostgreSQL.", "sqlite:///shipmate.db", secret=True),
    Setting("WORKERS", "Repositories that one process works on at the same time.", "4"),
    Setting("LEASE_SECONDS", "How long a killed process's repository waits for another process.", "60"),
    Setting("HOST", "Address to listen on.", "0.0.0.0"),  # noqa: S104 - a container's door is meant to be open
    Setting("PORT", "Port to listen on.", "8080"),
    Setting("CRATES_API_URL", "crates.io's address.", "https://crates.io"),
    Setting("CRATES_INDEX_URL", "Its sparse index.", "https://index.crates.io"),
    Setting("CRATES_STATIC_URL", "Its files.", "https://static.crates.io"),
    Setting("DOCS_RS_URL", "docs.rs's address.", "https://docs.rs"),
    Setting("PYPI_URL", "PyPI's address.", "https://pypi.org"),
    Setting(
        "CRATES_IO_YANK_TOKEN",
        "A crates.io token with the scope `yank`, for `/release rollback`; without it the command to run is shown.",
        "",
        secret=True,
    ),
    Setting("SENTRY_DSN", "Where errors are reported; nowhere when it is empty.", "", secret=True),
    Setting("LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR.", "INFO"),
    Setting("SETTLE_SECONDS", "How long a green commit must be without news.", f"{PATIENCE.settle:g}"),
    Setting("CI_APPEARS_SECONDS", "When a commit without checks is called silent.", f"{PATIENCE.ci_appears:g}"),
    Setting("RUN_APPEARS_SECONDS", "When a tag without publish run is called lost.", f"{PATIENCE.run_appears:g}"),
    Setting("PROPAGATION_SECONDS", "How long registry caches may disagree.", f"{PATIENCE.propagation:g}"),
    Setting("LOOK_AGAIN_SECONDS", "Time between looks while something moves.", f"{PATIENCE.look_again:g}"),
    Setting("IDLE_SECONDS", "Time between looks while a person is awaited.", f"{PATIENCE.idle:g}"),
    Setting("LAG_SECONDS", "How long GitHub may not show what was just made.", f"{PATIENCE.lag:g}"),
    Setting(
        "MISSED_SECONDS",
        "Time between looks for webhooks and commands that did not arrive; 0 for none.",
        f"{MISSED_SECONDS:g}",
    ),
)

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
        reader = _Reader(env)
        names = ("CRATES_API_URL", "CRATES_INDEX_URL", "CRATES_STATIC_URL", "DOCS_RS_URL", "PYPI_URL")
        addresses = cls(*(reader.address(name) for name in names))
        if reader.mistakes:
            raise SettingsError("\n".join(f"- {mistake}" for mistake in reader.mistakes))
        return addresses


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
    patience: Patience
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
    """Between two rounds that look for webhooks and commands that did not arrive; 0 for none."""
    crates_io_yank_token: Secret | None = None
    """With the scope `yank`; None when a person shall yank."""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the environment; raises SettingsError that lists everything wrong at once."""
        reader = _Reader(env)
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
            missed_seconds=reader.seconds("MISSED_SECONDS"),
            patience=Patience(
                settle=reader.seconds("SETTLE_SECONDS"),
                ci_appears=reader.seconds("CI_APPEARS_SECONDS"),
                run_appears=reader.seconds("RUN_APPEARS_SECONDS"),
                propagation=reader.seconds("PROPAGATION_SECONDS"),
                look_again=reader.seconds("LOOK_AGAIN_SECONDS"),
                idle=reader.seconds("IDLE_SECONDS"),
                lag=reader.seconds("LAG_SECONDS"),
            ),
        )
        if reader.mistakes:
            raise SettingsError("\n".join(f"- {mistake}" for mistake in reader.mistakes))
        if len(settings.webhook_secrets) > 1:
            log.warning(
                "GITHUB_WEBHOOK_SECRET holds %d secrets, and each opens the door: remove the old ones soon",
                len(settings.webhook_secrets),
            )
        return settings


class _Reader:
    """Reads settings one by one and remembers what is wrong; a placeholder stands for what could not be read."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._known = {setting.name: setting for setting in SETTINGS}
        self.mistakes: list[str] = []

    def text(self, name: str) -> str:
        setting = self._known[name]
        value = self._env.get(name, "").strip() or setting.default
        if value is None:
            self.mistakes.append(f"{name} is not set. {setting.meaning}")
            return ""
        return value

    def whole(self, name: str, *, least: int = 0, most: int = 2**63 - 1) -> int:
        text = self.text(name)
        if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most:
            return int(text)
        if text:  # not shown: a secret may stand here by mistake
            bounds = f"from {least} to {most}" if least else f"of at most {most}"
            self.mistakes.append(f"{name} must be a whole number {bounds}.")
        return 0

    def seconds(self, name: str, *, least: float = 0.0) -> float:
        text = self.text(name)
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if least <= value < float("inf"):  # which “nan” is not either
            return value
        bound = f" of at least {least:g}" if least else ""
        self.mistakes.append(f"{name} must be a number of seconds{bound}, not “{text}”.")
        return 0.0

    def secrets(self, name: str) -> tuple[Secret, ...]:
        text = self.text(name)
        found = tuple(Secret(part.strip()) for part in text.split(",") if part.strip())
        if text and not found:
            self.mistakes.append(f"{name} holds no secret. {self._known[name].meaning}")
        return found

    def address(self, name: str) -> str:
        text = self.text(name).rstrip("/")
        if mistake := mistake_in_address(text):
            self.mistakes.append(f"{name} {mistake}, not “{text}”.")
        return text

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        text = self.text(name).upper()
        if text not in allowed:
            self.mistakes.append(f"{name} must be one of {', '.join(allowed)}, not “{text}”.")
        return text

    def database(self, name: str) -> str:
        """The same database, by the driver that SQLAlchemy's async engine needs."""
        scheme, _, rest = self.text(name).partition("://")
        match scheme.partition("+")[0]:
            case "postgres" | "postgresql":
                if not _names_a_server(rest):
                    self.mistakes.append(f"{name} names no server and port; a password's “:/?#[]@” must be %-encoded.")
                    return ""
                return f"postgresql+asyncpg://{_as_asyncpg_says_it(rest)}"
            case "sqlite":
                return f"sqlite+aiosqlite://{rest}"
            case _:
                self.mistakes.append(f"{name} must begin with sqlite:// or postgresql://.")
                return ""

    def private_key(self) -> str:
        key, path = self.text("GITHUB_PRIVATE_KEY").replace("\\n", "\n"), self.text("GITHUB_PRIVATE_KEY_PATH")
        name = "GITHUB_PRIVATE_KEY"
        if not key and path:
            name = "GITHUB_PRIVATE_KEY_PATH"
            try:
                key = Path(path).read_text("utf-8", errors="replace")
            except OSError as failure:  # whose own text would show the path, and that may be the key by mistake
                self.mistakes.append(f"{name} cannot be read: {failure.strerror}")
                return ""
        if not key:
            self.mistakes.append(f"{name} is not set, nor {name}_PATH. Generate a key on the App's settings page.")
        elif not _is_rsa_key(key):
            self.mistakes.append(f"{name} is not the RSA key (PEM, without password) that GitHub made for the App.")
        return key


def _is_rsa_key(pem: str) -> bool:
    try:
        return isinstance(load_pem_private_key(pem.encode(), password=None), RSAPrivateKey)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # no PEM, one with a password, of an unknown kind
        return False


def mistake_in_address(url: str) -> str | None:
    """What is wrong with the address of a web service; None when it can be asked for pages below it."""
    if not url.startswith(("https://", "http://")):
        return "must begin with https://"
    try:
        parts = urlsplit(url)
        names_a_host = bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, half an IPv6 address
        names_a_host = False
    if not names_a_host or parts.query or parts.fragment or re.search(r"\s", url):
        return "must be an address such as https://pypi.org"
    return None


def _names_a_server(rest: str) -> bool:
    """Whether SQLAlchemy can read it; its own error would show a part of the password."""
    try:
        return urlsplit(f"//{rest}").port != 0
    except ValueError:  # a port that is no number, half an IPv6 address
        return False


def _as_asyncpg_says_it(rest: str) -> str:
    """Hosts hand out libpq's `sslmode`; asyncpg's dialect knows the same values as `ssl`."""
    query = urlsplit(f"//{rest}").query
    if not query:
        return rest
    said = [("ssl" if key == "sslmode" else key, value) for key, value in parse_qsl(query, keep_blank_values=True)]
    return f"{rest.removesuffix(query)}{urlencode(said)}"


def settings_table() -> str:
    """The settings as a Markdown table."""
    rows = [("Setting", "Meaning", "Default"), ("---", "---", "---")]
    for setting in SETTINGS:
        default = "**required**" if setting.default is None else (f"`{setting.default}`" if setting.default else "")
        rows.append((f"`{setting.name}`", setting.meaning, default))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
