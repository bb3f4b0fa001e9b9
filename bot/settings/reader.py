"""Reading settings one by one, so that everything that is wrong is told at once."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.settings.table import SETTINGS


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


class Reader:
    """Reads settings one by one and remembers what is wrong; a placeholder stands for what could not be read."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._known = {setting.name: setting for setting in SETTINGS}
        self.mistakes: list[str] = []

    def text(self, name: str) -> str:
        """What is set, or the default."""
        setting = self._known[name]
        value = self._env.get(name, "").strip() or setting.default
        if value is None:
            self.mistakes.append(f"{name} is not set. {setting.meaning}")
            return ""
        return value

    def whole(self, name: str, *, least: int = 0, most: int = 2**63 - 1) -> int:
        """A whole number within bounds."""
        text = self.text(name)
        if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most:
            return int(text)
        if text:  # not shown: a secret may stand here by mistake
            bounds = f"from {least} to {most}" if least else f"of at most {most}"
            self.mistakes.append(f"{name} must be a whole number {bounds}.")
        return 0

    def seconds(self, name: str, *, least: float = 0.0) -> float:
        """A number of seconds."""
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

    def timeouts(self, name: str, allowed: Collection[str]) -> dict[str, float]:
        """`NAME=SECONDS,…`, the seconds by name."""
        found = {}
        for part in filter(None, self._env.get(name, "").split(",")):
            key, _, text = part.partition("=")
            try:
                value = float(text)
            except ValueError:
                value = -1.0
            if key in allowed and 0.0 <= value < float("inf"):
                found[key] = value
            else:
                self.mistakes.append(f"{name} cannot hold “{part}”: write NAME=SECONDS of {', '.join(allowed)}.")
        return found

    def secrets(self, name: str) -> tuple[Secret, ...]:
        """One or several, separated by commas."""
        text = self.text(name)
        found = tuple(Secret(part.strip()) for part in text.split(",") if part.strip())
        if text and not found:
            self.mistakes.append(f"{name} holds no secret. {self._known[name].meaning}")
        return found

    def address(self, name: str) -> str:
        """Of a web service, without a slash at its end."""
        text = self.text(name).rstrip("/")
        if mistake := mistake_in_address(text):
            self.mistakes.append(f"{name} {mistake}, not “{text}”.")
        return text

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of these words, in capitals."""
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
        """The App's key (PEM), from the setting or from the file that another one names."""
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
