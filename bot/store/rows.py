"""From rows to records and back. A release is kept whole, as JSON, so that it can grow without a migration."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import RowMapping

from bot.github.facts import RepositoryRef
from bot.packaging.registry import REGISTRIES, Registry
from bot.release.model import Release
from bot.store.records import Delivery


def repository(row: RowMapping) -> RepositoryRef:
    """The repository of a row that holds the columns of `repositories`."""
    return RepositoryRef(row["id"], row["node_id"], row["full_name"], row["installation_id"])


def delivery(row: RowMapping) -> Delivery:
    """The delivery of a row that holds the columns of `deliveries` and `repositories`."""
    return Delivery(row["guid"], row["event"], repository(row), row["body"], row["received_at"])


def release_text(release: Release) -> str:
    """A release as JSON text; instants keep their microseconds and their time zone."""
    return msgspec.json.encode(release, enc_hook=str).decode()


def release(text: str) -> Release:
    """The release of such a text, whichever version wrote it.

    Fields that a later version added take their defaults, those that it dropped are passed over. A reason to wait that
    has other words now is forgotten: the next look, which is now, finds it again.
    """
    try:
        return msgspec.json.decode(text, type=Release, dec_hook=_registry)
    except msgspec.ValidationError:
        known = {**msgspec.json.decode(text), "blocked": None, "look_at": None}
        return msgspec.convert(known, Release, dec_hook=_registry)


def _registry(kind: type, word: str) -> Registry:
    """A registry is kept as its word; nothing else of a release is of a kind that msgspec does not know."""
    return REGISTRIES[word]


def as_requested(found: Iterable[Release]) -> tuple[Release, ...]:
    """In the order in which they were asked for: comments are numbered in time, commands in one share its number."""
    return tuple(sorted(found, key=lambda r: (r.request.at, r.request.comment, len(r.id), r.id)))
