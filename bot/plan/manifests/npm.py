"""package.json and package-lock.json of bindings that share a released package's version.

Recognised by three things together: the file is not `private`, it says the very version that is released from, and
it lies in the package's folder (and in no other package's further down), or in that of an unpublished crate that
requires the package by path or inherits its version.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from json.decoder import JSONDecoder
from typing import TypeAlias

from bot.packaging.problem import Problem
from bot.packaging.versions import semver_of
from bot.plan.manifests.toml import string
from bot.plan.model import FileEdit, Tree
from bot.plan.paths import depth, is_below, is_product, parent
from bot.plan.repository import Repository, Source
from bot.plan.request import Target

Span: TypeAlias = tuple[int, int]

MANIFEST, LOCK = "package.json", "package-lock.json"
_LARGEST = 20_000_000
_DECODER = JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


def npm_edits(repository: Repository, targets: Sequence[Target]) -> Iterator[FileEdit | Problem]:
    """The edits of every package.json that follows one of the targets, and of the lock file beside it.

    A Problem for such a file that cannot be read: whether it follows is then not known. Not below examples and tests.
    """
    released = {target.source.place: target for target in targets}
    for path in sorted(repository.tree):
        if path.rpartition("/")[2] != MANIFEST:
            continue
        manifest = _read(repository.tree, path)
        if isinstance(manifest, Problem):
            if is_product(parent(path)) and any(source.place in released for source in _possible(repository, path)):
                yield manifest
            continue
        owner = _owner(repository, path, manifest)
        target = released.get(owner.place) if owner else None
        if target is None:
            continue
        new = semver_of(target.new) or target.new
        why = f"version, which follows {target.package.name}"
        old = string(manifest["version"])
        yield _edit(repository.tree, path, [("version",)], old, new, why)
        lock = path.removesuffix(MANIFEST) + LOCK
        places = [("version",), ("packages", "", "version")]
        locked = _read(repository.tree, lock)
        if isinstance(locked, Problem):
            yield locked
            continue
        says_old = [place for place in places if _at(locked, place) == old]
        if says_old:
            yield _edit(repository.tree, lock, says_old, old, new, f"locked {why}")


def _owner(repository: Repository, path: str, manifest: Mapping[str, object]) -> Source | None:
    """The package at this version that the file belongs to.

    That is the one that the bindings' own crate is made from, else the nearest above; of two in one folder the one
    that is at this version.
    """
    version = manifest.get("version")
    if not isinstance(version, str) or manifest.get("private") is True:
        return None
    above = _nearest(repository, path)
    bound = [source for source in _bound(repository, path, above) if _is_at(source, version)]
    if len({source.place for source in bound}) == 1:
        return bound[0]
    return next((source for source in above if _is_at(source, version)), None)


def _possible(repository: Repository, path: str) -> list[Source]:
    """The packages to which the file would belong at one version or another."""
    above = _nearest(repository, path)
    return [*above, *_bound(repository, path, above)]


def _nearest(repository: Repository, path: str) -> list[Source]:
    """The packages of the nearest folder above that has any."""
    above = [source for source in repository.sources.values() if is_below(parent(path), source.folder)]
    nearest = max((source.folder for source in above), key=depth, default=None)
    return [source for source in above if source.folder == nearest]


def _bound(repository: Repository, path: str, nearest: Sequence[Source]) -> list[Source]:
    """The packages whose crates the bindings' own crate requires by path, or whose version it inherits.

    The bindings' own crate is the nearest one around the file; none where the `nearest` packages are as near.
    """
    around = [crate for crate in repository.crates if is_below(parent(path), crate.folder)]
    crate = max(around, key=lambda crate: depth(crate.folder), default=None)
    if crate is None or any(depth(source.folder) >= depth(crate.folder) for source in nearest):
        return []
    required = {other.manifest for other in repository.crates.required_by(crate, dev=False)}
    return [
        source
        for source in repository.sources.values()
        if source.crate and not source.project and (source.place == crate.place or source.crate.manifest in required)
    ]


def _is_at(source: Source, version: str) -> bool:
    return bool(source.version) and (semver_of(source.version or "") or source.version) == version


def _edit(tree: Tree, path: str, places: Sequence[tuple[str, ...]], old: str, new: str, why: str) -> FileEdit:
    text = tree[path].decode()
    for start, end in sorted((_span(text, place) for place in places), reverse=True):
        text = text[:start] + json.dumps(new) + text[end:]
    changes = tuple(f"{'.'.join(word or '(root)' for word in place)}: {old} → {new}" for place in places)
    return FileEdit(path, tree[path], text.encode(), why, changes)


def _read(tree: Tree, path: str) -> Mapping[str, object] | Problem:
    """The object in a JSON file; an empty one when there is none, or none in what npm would read.

    A Problem for a file that this planner cannot read, whatever npm makes of it.
    """
    content = tree.get(path, b"")
    if len(content) > _LARGEST:
        what = f"is larger than {_LARGEST // 1_000_000} MB"
        return Problem(path, what, "Shipmate does not read files of this size.")
    try:
        read = json.loads(content.decode())
    except UnicodeDecodeError as error:
        return Problem(path, f"is not UTF-8 (byte {error.start})", "Save it as UTF-8.")
    except RecursionError:
        return Problem(path, "is nested too deeply", "Simplify the file.")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _at(value: object, keys: tuple[str, ...]) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _span(text: str, keys: tuple[str, ...]) -> Span:
    """Where the value at these keys stands; the text is JSON and has it."""
    start, end = _skip(text, 0), len(text)
    for key in keys:
        start, end = _members(text, start)[key]
    return start, end


def _members(text: str, at: int) -> Mapping[str, Span]:
    """The names of the object that begins at `at`, each with where its value stands; the last of two wins in JSON."""
    members: dict[str, Span] = {}
    at = _skip(text, at + 1)
    while text[at] == '"':
        name, at = _DECODER.raw_decode(text, at)
        start = _skip(text, _skip(text, at) + 1)
        _, end = _DECODER.raw_decode(text, start)
        members[name] = (start, end)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return members


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
