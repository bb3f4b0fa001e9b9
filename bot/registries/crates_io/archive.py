"""A .crate, read as far as it tells where it comes from. It may be hostile: whatever it holds, the answer is a fact.

A .crate is a gzipped tar whose members lie in one folder; cargo writes `.cargo_vcs_info.json` and the manifests near
its beginning. Format: https://doc.rust-lang.org/cargo/commands/cargo-package.html.
"""

import hashlib
import tomllib
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec

from bot.registries.crates_io.facts import CrateArchive

MOST_UNPACKED = 64 * 1024 * 1024
"""So much is unpacked at most to find the three files."""
MOST_MEMBERS = 20_000
MOST_MEMBER = 2 * 1024 * 1024
"""Bytes of a file that is looked into."""

_BLOCK = 512
_WANTED = (".cargo_vcs_info.json", "Cargo.toml", "Cargo.toml.orig")
_SHA = frozenset("0123456789abcdef")


class _Hostile(Exception):
    """Why the archive is not read further."""


class _Git(msgspec.Struct):
    sha1: str
    dirty: bool = False


class _VcsInfo(msgspec.Struct):
    git: _Git


def read_crate(content: bytes) -> tuple[CrateArchive, tuple[tuple[str, str], ...]]:
    """What the archive says of itself, and its path dependencies as (name, requirement). Never raises."""
    bare = CrateArchive(hashlib.sha256(content).hexdigest(), len(content))
    try:
        found = _files(content)
        archive, original = _described(bare, found), _toml(found.get("Cargo.toml.orig", b""), "Cargo.toml.orig")
    except _Hostile as why:
        return replace(bare, unreadable=str(why)), ()
    return archive, tuple(_path_dependencies(original))


def _described(bare: CrateArchive, found: dict[str, bytes]) -> CrateArchive:
    if "Cargo.toml" not in found:
        raise _Hostile("it holds no Cargo.toml")
    package = _toml(found["Cargo.toml"], "Cargo.toml").get("package")
    told = package if isinstance(package, dict) else {}
    vcs = _vcs(found.get(".cargo_vcs_info.json"))
    return replace(
        bare,
        name=_text(told.get("name")),
        version=_text(told.get("version")),
        license=_text(told.get("license")),
        repository=_text(told.get("repository")),
        readme=_text(told.get("readme")),
        rust_version=_text(told.get("rust-version")),
        commit=vcs.sha1.lower() if vcs else None,
        dirty=vcs.dirty if vcs else False,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _vcs(content: bytes | None) -> _Git | None:
    if content is None:
        return None
    try:
        git = msgspec.json.decode(content, type=_VcsInfo).git
    except (ValueError, RecursionError):
        raise _Hostile("its .cargo_vcs_info.json is not what cargo writes") from None
    if not git.sha1 or not _SHA.issuperset(git.sha1.lower()) or len(git.sha1) not in (40, 64):
        raise _Hostile("its .cargo_vcs_info.json names no commit")
    return git


def _toml(content: bytes, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode())
    except (ValueError, RecursionError):  # not TOML, not UTF-8, or nested without end
        raise _Hostile(f"its {name} cannot be read") from None


def _path_dependencies(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    targets = manifest.get("target")
    places = [manifest, *(targets.values() if isinstance(targets, dict) else ())]
    for place in (place for place in places if isinstance(place, dict)):
        for kind in ("dependencies", "build-dependencies"):
            entries = place.get(kind)
            for key, entry in entries.items() if isinstance(entries, dict) else ():
                if isinstance(entry, dict) and isinstance(entry.get("path"), str):
                    name, version = entry.get("package", key), entry.get("version")
                    if isinstance(name, str) and isinstance(version, str):
                        yield name, version


def _files(content: bytes) -> dict[str, bytes]:
    """The wanted files that lie directly in the archive's folder."""
    found: dict[str, bytes] = {}
    for path, body in _members(_Unpacked(content)):
        if path.count("/") != 1 or (name := path.partition("/")[2]) not in _WANTED:
            continue
        if name in found:
            raise _Hostile(f"it holds two files named {name}")
        found[name] = body
        if len(found) == len(_WANTED):
            break
    return found


class _Unpacked:
    """A gzip stream that is unpacked no further than it is read, and never beyond the limit."""

    def __init__(self, content: bytes) -> None:
        self._gzip = zlib.decompressobj(wbits=31)
        self._rest = content
        self._total = 0

    def read(self, size: int) -> bytes:
        """`size` bytes, or fewer at the end."""
        parts, missing = [], size
        while missing and not self._gzip.eof:
            try:
                part = self._gzip.decompress(self._rest, min(missing, 1 << 20))
            except zlib.error:
                raise _Hostile("it is not a gzipped tar") from None
            self._rest = self._gzip.unconsumed_tail
            if not part and not self._rest and not self._gzip.eof:
                raise _Hostile("it ends too early")
            parts.append(part)
            missing -= len(part)
            self._total += len(part)
            if self._total > MOST_UNPACKED:
                raise _Hostile(f"it does not show its manifest within {MOST_UNPACKED // 1024**2} MiB")
        return b"".join(parts)

    def skip(self, size: int) -> None:
        """Read past `size` bytes."""
        while size > 0:
            part = self.read(min(size, 1 << 20))
            if not part:
                raise _Hostile("it ends too early")
            size -= len(part)


def _members(stream: _Unpacked) -> Iterator[tuple[str, bytes]]:
    """Path and content of each plain file that may be a wanted one; the content of large ones is not kept."""
    long_name = None
    for _ in range(MOST_MEMBERS):
        header = stream.read(_BLOCK)
        if not header.strip(b"\0"):
            return
        if len(header) < _BLOCK:
            raise _Hostile("it ends too early")
        size, kind = _size(header[124:136]), header[156:157]
        padded = -(-size // _BLOCK) * _BLOCK
        if kind in (b"0", b"\0", b"L") and size <= MOST_MEMBER:
            body = stream.read(padded)
            if len(body) < padded:
                raise _Hostile("it ends too early")
            if kind == b"L":
                long_name = body[:size].rstrip(b"\0").decode("utf-8", "replace")
                continue
            yield long_name or _name(header), body[:size]
        else:
            stream.skip(padded)
        long_name = None
    raise _Hostile(f"it does not show its manifest within {MOST_MEMBERS} files")


def _name(header: bytes) -> str:
    name = header[:100].split(b"\0")[0].decode("utf-8", "replace")
    folder = header[345:500].split(b"\0")[0].decode("utf-8", "replace") if header[257:263] == b"ustar\0" else ""
    return f"{folder}/{name}" if folder else name


def _size(octal: bytes) -> int:
    try:
        return int(octal.strip(b"\0 ") or b"0", 8)
    except ValueError:
        raise _Hostile("it is not a gzipped tar") from None
