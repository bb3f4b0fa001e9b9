"""What is read of a commit: what its workflows may run (actions, scripts, recipes, settings), and what is packaged."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from posixpath import dirname, normpath

from bot.sandbox.actions.packages import Tree, wanted
from bot.sandbox.git.objects import TreeEntry
from bot.sandbox.git.repository import GitRepository
from bot.workflows.actions import Local

_MOST_BYTES = 256 * 1024
_MOST_FILES = 3_000
_MOST_LINKS = 10
_LINK = "120000"
_DEEPEST = 4
_ENDINGS = ("", ".sh", ".bash", ".py", ".yml", ".yaml", ".toml", ".cfg", ".mk", ".just", ".ps1")


def may_run(path: str, size: int | None) -> bool:
    """Whether a step may run this file, or a tool that it runs may read its settings there (`size` in bytes)."""
    name = PurePosixPath(path)
    deep = len(name.parts) > _DEEPEST and name.parts[0] != ".github"
    return name.suffix.lower() in _ENDINGS and not deep and (size or 0) <= _MOST_BYTES


async def read_local(git: GitRepository, commit: str) -> Local:
    """Those files of a commit."""
    entries = [entry for entry in await git.ls_tree(commit, recursive=True) if entry.kind == "blob"]
    wanted = {entry.path: entry.sha for entry in entries if may_run(entry.path, entry.size)}
    paths = sorted(wanted, key=lambda path: (path.count("/"), path))[:_MOST_FILES]
    blobs = await git.objects([wanted[path] for path in paths])
    return Local({path: blob.data for path, blob in zip(paths, blobs, strict=True) if blob is not None})


async def read_tree(git: GitRepository, commit: str) -> Tree:
    """The files of a commit that packaging looks at; a link is what it leads to, as cargo and maturin pack it."""
    entries = {entry.path: entry for entry in await git.ls_tree(commit, recursive=True) if entry.kind == "blob"}
    read = {path: await _behind(git, entries, path) for path, entry in entries.items() if wanted(path, entry.size)}
    paths = {path: entry for path, entry in read.items() if entry is not None}
    found = await git.objects([entry.sha for entry in paths.values()])
    files = {path: blob.data for path, blob in zip(paths, found, strict=True) if blob is not None}
    about = await git.commit(commit)
    parent = about.parents[0] if about and about.parents else None
    return Tree(commit, files, frozenset(entries), parent)


async def _behind(git: GitRepository, entries: Mapping[str, TreeEntry], path: str) -> TreeEntry | None:
    """The file that a path leads to; None where a link leads out of the repository, to nothing, or in a circle."""
    for _ in range(_MOST_LINKS):
        entry = entries.get(path)
        if entry is None or entry.mode != _LINK:
            return entry
        target = await git.read_blob(entry.sha) or b""
        path = normpath(f"{dirname(path)}/{target.decode('utf-8', 'replace')}").lstrip("/")
    return None
