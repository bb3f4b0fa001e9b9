"""git's objects in memory, named as git names them, and what can be told from them alone."""

import difflib
import hashlib
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bot.sandbox.git.objects import Commit, GitObject, MergeConflict, Person

TREE = "40000"
Flat = Mapping[str, tuple[str, str]]
"""The files of a tree: mode and blob by path."""


class Objects:
    """All objects of all runs of this process: they are named by their content, so runs cannot disturb each other."""

    def __init__(self) -> None:
        self._kept: dict[str, GitObject] = {}
        self._commits: dict[str, Commit] = {}
        self._flat: dict[str, Flat] = {}

    def keep(self, kind: str, data: bytes) -> str:
        """The name of an object, which is there afterwards."""
        sha = hashlib.sha1(b"%s %d\0%s" % (kind.encode(), len(data), data)).hexdigest()  # noqa: S324 - git's
        self._kept.setdefault(sha, GitObject(sha, kind, data))
        return sha

    def get(self, sha: str) -> GitObject | None:
        """An object by its name."""
        return self._kept.get(sha)

    def commit(self, sha: str) -> Commit:
        """A commit that is there."""
        if sha not in self._commits:
            self._commits[sha] = _parse_commit(sha, self._kept[sha].data)
        return self._commits[sha]

    def entries(self, tree: str) -> list[tuple[str, str, str]]:
        """(mode, name, sha) as the tree lists them."""
        data, found, at = self._kept[tree].data, [], 0
        while at < len(data):
            end = data.index(b"\0", at)
            mode, _, name = data[at:end].partition(b" ")
            found.append((mode.decode(), name.decode("utf-8", "surrogateescape"), data[end + 1 : end + 21].hex()))
            at = end + 21
        return found

    def flat(self, tree: str) -> Flat:
        """All files of a tree."""
        if tree not in self._flat:
            files: dict[str, tuple[str, str]] = {}
            for mode, name, sha in self.entries(tree):
                if mode == TREE:
                    files |= {f"{name}/{path}": entry for path, entry in self.flat(sha).items()}
                else:
                    files[name] = (mode, sha)
            self._flat[tree] = files
        return self._flat[tree]

    def keep_tree(self, files: Flat) -> str:
        """The name of the tree that holds these files."""
        folders: dict[str, dict[str, tuple[str, str]]] = {}
        entries: dict[str, tuple[str, str]] = {}
        for path, entry in files.items():
            folder, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(folder, {})[rest] = entry
            else:
                entries[path] = entry
        entries |= {name: (TREE, self.keep_tree(inside)) for name, inside in folders.items()}
        ordered = sorted(entries.items(), key=lambda item: _raw(item[0]) + (b"/" if item[1][0] == TREE else b""))
        lines = [mode.encode() + b" " + _raw(name) + b"\0" + bytes.fromhex(sha) for name, (mode, sha) in ordered]
        return self.keep("tree", b"".join(lines))


OBJECTS = Objects()


@cache
def ancestors(sha: str) -> frozenset[str]:
    """A commit and all before it."""
    return frozenset({sha}).union(*(ancestors(parent) for parent in OBJECTS.commit(sha).parents))


@cache
def lines_changed(before: str, after: str) -> tuple[int, int]:
    """Lines that were added to, and taken from, a blob."""
    old, new = (found.data.splitlines() if (found := OBJECTS.get(sha)) else [] for sha in (before, after))
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    same = sum(block.size for block in blocks)
    return len(new) - same, len(old) - same


@cache
def merge_file(before: str, ours: str, theirs: str) -> str:
    """The blob that holds both changes of one; raises MergeConflict."""
    with tempfile.TemporaryDirectory(prefix="shipmate-merge-") as folder:
        paths = [Path(folder, name) for name in ("ours", "before", "theirs")]
        for path, sha in zip(paths, (ours, before, theirs), strict=True):
            found = OBJECTS.get(sha)
            path.write_bytes(found.data if found else b"")
        done = subprocess.run(["git", "merge-file", "-p", *map(str, paths)], capture_output=True, check=False)
    if done.returncode != 0:
        raise MergeConflict("two changes of the same lines")
    return OBJECTS.keep("blob", done.stdout)


def _parse_commit(sha: str, data: bytes) -> Commit:
    head, _, message = data.decode("utf-8", "replace").partition("\n\n")
    fields: dict[str, list[str]] = {}
    for line in head.splitlines():
        name, _, value = line.partition(" ")
        fields.setdefault(name, []).append(value)
    author, authored_at = _signed(fields["author"][0])
    committer, committed_at = _signed(fields["committer"][0])
    parents = tuple(fields.get("parent", ()))
    return Commit(sha, fields["tree"][0], parents, author, authored_at, committer, committed_at, message.strip("\n"))


def _signed(line: str) -> tuple[Person, datetime]:
    name, _, rest = line.partition(" <")
    email, _, when = rest.partition("> ")
    return Person(name, email), datetime.fromtimestamp(int(when.split()[0]), UTC)


def _raw(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
