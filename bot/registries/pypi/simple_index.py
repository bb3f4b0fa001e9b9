"""pip's index of one project, in both forms in which servers give it.

Format: https://packaging.python.org/en/latest/specifications/simple-repository-api/. Almost everything in it is
optional; what is absent is None.
"""

from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from bot.registries.pypi.facts import ReleaseFile
from bot.registries.times import in_utc


class _File(msgspec.Struct, rename="kebab"):
    filename: str
    hashes: dict[str, str] = {}
    size: int | None = None
    upload_time: datetime | None = None
    requires_python: str | None = None
    yanked: bool | str | None = False
    provenance: str | None | msgspec.UnsetType = msgspec.UNSET


class _Index(msgspec.Struct, rename="kebab"):
    files: list[_File]
    meta: dict[str, Any] = {}
    project_status: dict[str, Any] | str | None = None


@dataclass(frozen=True, slots=True)
class SimpleIndex:
    """One project's page."""

    files: tuple[ReleaseFile, ...]
    status: str = "active"
    serial: int | None = None


def read_index(body: bytes) -> SimpleIndex:
    """The index of a project; raises ValueError (msgspec's errors are some) for anything else."""
    if body.lstrip()[:1] != b"{":
        return _read_html(body)
    index = msgspec.json.decode(body, type=_Index)
    status = index.project_status or index.meta.get("project-status")
    status = status.get("status") if isinstance(status, dict) else status
    return SimpleIndex(
        tuple(_file(found) for found in index.files),
        status if isinstance(status, str) else "active",
        serial_of(index.meta.get("_last-serial")),
    )


def serial_of(value: object) -> int | None:
    """A serial, which some servers write as a string."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None


def _file(found: _File) -> ReleaseFile:
    return ReleaseFile(
        filename=found.filename,
        sha256=found.hashes.get("sha256", ""),
        size=found.size,
        uploaded_at=in_utc(found.upload_time),
        requires_python=found.requires_python or None,
        yanked=found.yanked not in (False, None),
        yanked_reason=found.yanked if isinstance(found.yanked, str) else None,
        has_provenance=None if found.provenance is msgspec.UNSET else found.provenance is not None,
    )


class _Links(HTMLParser):
    """The anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[ReleaseFile] = []
        self.status = "active"
        self.is_index = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        self.is_index |= about.get("name") == "pypi:repository-version"
        if tag == "meta" and about.get("name") == "pypi:project-status":
            self.status = about.get("content") or "active"
        if tag != "a" or not about.get("href"):
            return
        address = urlsplit(about["href"] or "")
        kind, _, digest = address.fragment.partition("=")
        self.files.append(
            ReleaseFile(
                filename=unquote(address.path.rpartition("/")[2]),
                sha256=digest if kind == "sha256" else "",
                size=None,
                uploaded_at=None,
                requires_python=about.get("data-requires-python"),
                yanked="data-yanked" in about,
                yanked_reason=about.get("data-yanked") or None,
                has_provenance=True if about.get("data-provenance") else None,
            )
        )


def _read_html(body: bytes) -> SimpleIndex:
    page = _Links()
    try:
        page.feed(body.decode("utf-8", "replace"))
        page.close()
    except AssertionError as mistake:  # html.parser asserts on some broken declarations
        raise ValueError(str(mistake)) from None
    if not (page.files or page.is_index):  # PyPI's own pages stand behind a challenge that answers 200 and nothing
        raise ValueError("a page without a single file")
    return SimpleIndex(tuple(page.files), page.status)
