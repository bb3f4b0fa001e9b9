"""GitHub's raw answers, kept as files: one answer each, with the headers that matter and no secret."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.github.transport.wire import Exchange

HEADERS = frozenset(
    {
        *("date", "content-type", "etag", "link", "location", "retry-after", "server", "x-github-media-type"),
        *("x-github-api-version-selected", "x-accepted-github-permissions", "x-ratelimit-limit", "x-ratelimit-used"),
        *("x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-resource"),
    }
)
REMOVED = "(removed)"
_SECRETS = re.compile(
    r"gh[a-z]_[\w.-]{4,}|github_pat_\w+|eyJ[\w-]{5,}\.[\w-]+\.[\w-]+|-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----"
    r"|(?<=x-access-token:)[^@\s]+",
    re.DOTALL,
)
"""Tokens of each kind, JSON web tokens, keys."""
_SECRET_KEYS = frozenset({"token", "secret", "password", "client_secret", "webhook_secret", "pem"})


class Recorder:
    """Writes what it hears into a folder, under the name of the step that is tried."""

    def __init__(self, folder: Path, source: str) -> None:
        """`source` says where the answers come from."""
        self._folder = folder
        self._source = source
        self._count = 0
        self.step = "before"
        self.note = ""

    def hear(self, exchange: Exchange) -> None:
        """Keep one answer."""
        self._count += 1
        path = self._folder / f"{self._count:03}-{self.step}-{exchange.status}.json"
        kept = recording(exchange, self._source, self.note, datetime.now(UTC).year)
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


def recording(exchange: Exchange, source: str, note: str, year: int) -> dict[str, Any]:
    """One answer as recordings are kept, without any secret."""
    address = urlsplit(exchange.url)
    request: dict[str, Any] = {"method": exchange.method, "path": _scrubbed(address.path)}
    if address.query:
        request["query"] = _scrubbed(address.query)
    request["body"] = _body(exchange.sent)
    names = {name.lower(): value for name, value in exchange.headers.items()}
    headers = {name: _header(name, value) for name, value in names.items() if name in HEADERS}
    return {
        "source": source,
        "licence": "recorded by whoever ran live-check, on a repository of their own",
        "recorded": year,
        "note": note,
        "request": request,
        "status": exchange.status,
        "headers": headers,
        "body": _body(exchange.received),
    }


def _header(name: str, value: str) -> str:
    """An address that GitHub sends on to is signed in its query."""
    return _scrubbed(value.partition("?")[0] if name == "location" else value)


def _body(data: bytes) -> Any:
    """JSON where it is JSON, else text up to a pack of git's; None where there is none."""
    if not data:
        return None
    try:
        return _without_secrets(json.loads(data))
    except ValueError:
        return _scrubbed(data.partition(b"PACK")[0].decode(errors="replace").replace("\0", " "))


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: REMOVED if key.lower() in _SECRET_KEYS and isinstance(each, str) else _without_secrets(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_without_secrets(each) for each in value]
    return _scrubbed(value) if isinstance(value, str) else value


def _scrubbed(text: str) -> str:
    return _SECRETS.sub(REMOVED, text)
