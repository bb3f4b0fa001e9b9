"""Versions in files that are not TOML: `__version__ = "…"` in Python, setup.cfg, and files that hold nothing else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.packaging.problem import Problem
from bot.packaging.versions import parse_pep440
from bot.plan.model import Tree

_TOO_LARGE = 1_000_000
_ASSIGNS = re.compile(rb"(?<![\w.])__version__[ \t]*+(?::|=(?!=))")
_ONLY = re.compile(r"\s*(?P<version>\d[^\s]*)\s*")
_METADATA = re.compile(r"^\[metadata\][^\n]*\n(?P<body>(?:(?!\[)[^\n]*\n?)*+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TextPlace:
    """Where a version stands in a text file: the position of its characters."""

    path: str
    start: int
    end: int
    version: str


def assigned_version(path: str, content: bytes, variable: str = "__version__") -> TextPlace | None:
    """The version that a Python file assigns to a variable at its top level, exactly once; None otherwise."""
    text = _text(content)
    assignment = rf"""^{re.escape(variable)}[ \t]*(?::[^=\n]+)?=[ \t]*(["'])(?P<version>[^"'\n]+)\1"""
    found = list(re.finditer(assignment, text, re.MULTILINE))
    return _place(path, found[0]) if len(found) == 1 else None


def metadata_place(path: str, content: bytes) -> TextPlace | None:
    """The literal version in the `[metadata]` of a setup.cfg."""
    found = _metadata(content, "version")
    return _place(path, found) if found else None


def metadata_value(content: bytes, key: str) -> str | None:
    """What the `[metadata]` of a setup.cfg says for a key, as it is written."""
    found = _metadata(content, key)
    return found[key] if found else None


def only_version(path: str, content: bytes) -> TextPlace | None:
    """The version of a file that holds nothing else; None for any other file."""
    found = _ONLY.fullmatch(_text(content))
    return _place(path, found) if found else None


def repeated_versions(tree: Tree, paths: list[str], version: str) -> Iterator[TextPlace]:
    """The files among `paths` that say this very version, and must say the next one too."""
    for path in paths:
        place = assigned_version(path, tree[path]) if path.endswith(".py") else only_version(path, tree[path])
        if place is not None and parse_pep440(place.version) == parse_pep440(version):
            yield place


def unreadable_version(path: str, content: bytes) -> Problem | None:
    """What keeps a file from being read that says, or is there to say, a version; None for every other file.

    A Python file in another encoding that assigns no `__version__` is nobody's business here.
    """
    if path.endswith(".py") and not _ASSIGNS.search(content.replace(b"\0", b"")):
        return None
    if len(content) >= _TOO_LARGE:
        what = f"is larger than {_TOO_LARGE // 1_000_000} MB, so its version was not read"
        return Problem(path, what, "Keep the version in a file of its own.")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 (byte {error.start}), so its version was not read"
        return Problem(path, what, "Save it as UTF-8.")
    return None


def with_version(content: bytes, place: TextPlace, new: str) -> bytes:
    """The file with the new version at that place."""
    text = content.decode()
    return (text[: place.start] + new + text[place.end :]).encode()


def _metadata(content: bytes, key: str) -> re.Match[str] | None:
    text = _text(content)
    section = _METADATA.search(text)
    if section is None:
        return None
    value = re.compile(rf"^{key}[ \t]*[=:][ \t]*(?P<{key}>[^\r\n]*[^\s])", re.MULTILINE | re.IGNORECASE)
    return value.search(text, section.start("body"), section.end("body"))


def _place(path: str, found: re.Match[str]) -> TextPlace | None:
    start, end = found.span("version")
    return TextPlace(path, start, end, found["version"]) if parse_pep440(found["version"]) else None


def _text(content: bytes) -> str:
    try:
        return content.decode() if len(content) < _TOO_LARGE else ""
    except UnicodeDecodeError:
        return ""
