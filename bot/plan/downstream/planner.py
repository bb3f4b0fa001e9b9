"""Another repository's requirement on a package that was just released: how its files move with the release.

Pure: files in, edits or reasons out. Nothing is ever moved back: what asks for something newer stays, and what accepts
the new version already needs nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.packaging.requirements import holds, moved
from bot.plan.downstream.lock import IndexedVersion, locked
from bot.plan.downstream.python import python_moves
from bot.plan.downstream.requirement_moves import Move, Verdict, ahead, exchange, stood_at
from bot.plan.manifests.cargo_requirements import Requirement, requirements
from bot.plan.manifests.toml import TomlFile, read_toml, table
from bot.plan.manifests.toml_sources import from_registry
from bot.plan.model import FileEdit, Tree
from bot.plan.paths import inside, is_imitation, parent, wants_path


@dataclass(frozen=True, slots=True)
class Released:
    """What was released."""

    name: str
    registry: Registry
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class DownstreamPlan:
    """What the release means for one other repository."""

    edits: tuple[FileEdit, ...] = ()
    satisfied: tuple[str, ...] = ()
    """Places (`Cargo.toml:12`) whose requirement accepts the new version as it is."""
    left: tuple[Problem, ...] = ()
    """Requirements that a person has to decide on."""
    commands: tuple[str, ...] = ()
    """What brings the lock files along that could not be edited."""


def wants_downstream(path: str, registry: Registry) -> bool:
    """Whether the plan reads this file of the other repository."""
    name = path.rpartition("/")[2]
    return name in (registry.manifest, *registry.locks) and wants_path(path) and not is_imitation(parent(path))


def plan_downstream(tree: Tree, released: Released, index: Mapping[str, IndexedVersion]) -> DownstreamPlan:
    """The plan for a tree that holds the files which `wants_downstream` names.

    `index` is what crates.io's index says of the crate's versions, by version; without it no Cargo.lock is edited.
    """
    plan = DownstreamPlan()
    for path in sorted(tree, key=lambda path: (path.count("/"), path)):
        if path.rpartition("/")[2] == released.registry.manifest:
            plan = _with_manifest(plan, path, tree, released)
    return _with_locks(plan, tree, released, index) if plan.edits else plan


def _with_manifest(plan: DownstreamPlan, path: str, tree: Tree, released: Released) -> DownstreamPlan:
    """The plan with one manifest's requirements: each move is made on the file that the move before it left."""
    file = read_toml(path, tree)
    if isinstance(file, Problem):
        return replace(plan, left=(*plan.left, file)) if _mentions(tree[path], released.name) else plan
    after = file
    changes: list[str] = []
    satisfied, left = list(plan.satisfied), list(plan.left)
    for move in MOVES[released.registry](file, tree, released):
        where = f"{path}:{file.line(move.keys)}"
        if move.verdict is Verdict.SATISFIED:
            satisfied.append(where)
            continue
        made = move.made(after) if move.verdict is Verdict.MOVES else None
        if isinstance(made, TomlFile):
            after = made
            changes.append(move.text)
        else:
            left.append(made or Problem(where, move.text, "Decide on it by hand."))
    plan = replace(plan, satisfied=tuple(satisfied), left=tuple(left))
    if after.text == file.text:
        return plan
    content = (("\ufeff" if file.bom else "") + after.text).encode()
    edit = FileEdit(path, tree[path], content, "requirement", tuple(changes))
    return replace(plan, edits=(*plan.edits, edit))


def _cargo_moves(file: TomlFile, tree: Tree, released: Released) -> Iterator[Move]:
    for entry in requirements(file):
        if entry.crate == released.name and not entry.inherited:
            yield _cargo_move(file, entry, tree, released)


def _cargo_move(file: TomlFile, entry: Requirement, tree: Tree, released: Released) -> Move:
    keys = (*entry.table, entry.key)
    name, new = ".".join(map(str, keys)), released.new
    written = table(file.value(keys))
    if "registry" in written or "registry-index" in written:
        return Move(keys, Verdict.LEFT, f"{name} comes from another registry")
    if entry.folder is not None and inside(entry.folder, "Cargo.toml") in tree:
        return Move(keys, Verdict.LEFT, f"{name} is a copy that lives in this repository ({entry.folder})")
    if "git" in written or "path" in written:
        was = "git" if "git" in written else "path"
        return Move(keys, Verdict.MOVES, f"{name}: {was} → {new}", lambda file: from_registry(file, keys, new))
    if entry.text is None or entry.keys is None:
        return Move(keys, Verdict.LEFT, f"{name} names no version")
    accepted, place = holds(entry.text, new), entry.keys
    if accepted is None:
        return Move(place, Verdict.LEFT, f"{name} = {entry.text!r} cannot be read")
    if accepted:
        return Move(place, Verdict.SATISFIED)
    was = stood_at(entry.text, released.old, lambda version: holds(entry.text or "", version) is True)
    text = None if ahead(entry.text, new) else moved(entry.text, was, new)
    if text is None:
        return Move(place, Verdict.LEFT, f"{name} asks for {entry.text}, which is newer")
    return Move(place, Verdict.MOVES, f"{name}: {entry.text} → {text}", exchange(place, text))


def _python_moves(file: TomlFile, tree: Tree, released: Released) -> Iterator[Move]:
    return python_moves(file, released.name, released.old, released.new)


MOVES: Mapping[Registry, Callable[[TomlFile, Tree, Released], Iterator[Move]]] = {
    Registry.CRATES_IO: _cargo_moves,
    Registry.PYPI: _python_moves,
}
"""How requirements on a registry's packages move; on those of others a person moves them."""


def _mentions(content: bytes, name: str) -> bool:
    """Whether a file has the package's name in it, in any of the spellings that Python takes for one."""
    return name.lower().replace("_", "-").encode() in content.lower().replace(b"_", b"-")


_Lock: TypeAlias = tuple[FileEdit | None, str | None]


def _with_locks(
    plan: DownstreamPlan, tree: Tree, released: Released, index: Mapping[str, IndexedVersion]
) -> DownstreamPlan:
    edits, commands = list(plan.edits), list(plan.commands)
    for path in sorted(tree):
        if path.rpartition("/")[2] in released.registry.locks and _mentions(tree[path], released.name):
            edit, command = _lock(path, tree, released, index)
            edits += [edit] if edit else []
            commands += [command] if command else []
    return replace(plan, edits=tuple(edits), commands=tuple(dict.fromkeys(commands)))


def _lock(path: str, tree: Tree, released: Released, index: Mapping[str, IndexedVersion]) -> _Lock:
    """The lock file's edit, or the command that does it; neither where it does not hold the package."""
    folder = f"cd {parent(path)} && " if parent(path) != "." else ""
    if path.endswith("uv.lock"):
        return None, f"{folder}uv lock --upgrade-package {released.name}"
    if path.endswith("poetry.lock"):
        return None, f"{folder}poetry update --lock {released.name}"
    command = f"{folder}cargo update -p {released.name} --precise {released.new}"
    file = read_toml(path, tree)
    after = None if isinstance(file, Problem) else locked(file, released.name, released.new, index)
    if after is None:
        return None, command
    if isinstance(file, TomlFile) and after == tree[path]:
        return None, None
    changes = (f"{released.name}: {released.new}, with the checksum that crates.io's index gives",)
    return FileEdit(path, tree[path], after, "locked version", changes), None
