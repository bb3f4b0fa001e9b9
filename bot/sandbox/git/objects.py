"""What git holds, as plain frozen data: the words between `repository.py` and the rest of the sandbox."""

from dataclasses import dataclass
from datetime import datetime

ZERO = "0" * 40
"""The object id that means "no such ref", before a creation and after a deletion."""


class GitError(Exception):
    """git refused; the message is its standard error."""


class NotInstalled(GitError):
    """A part of git is not on this machine; the message says which package has it."""


class MergeConflict(GitError):
    """Two trees change the same lines."""


class MissingPath(GitError):
    """A deletion names a path that the tree does not have; the message is that path."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands in a commit as its author or committer."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as git has it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    authored_at: datetime
    committer: Person
    committed_at: datetime
    message: str

    @property
    def headline(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Ref:
    """A ref: what it points to, and the commit that this leads to."""

    name: str
    """Full name, `refs/heads/main`."""
    sha: str
    kind: str
    """`commit`, or `tag` for an annotated tag."""
    commit: str
    committed_at: datetime
    """Date of that commit."""


@dataclass(frozen=True, slots=True)
class GitObject:
    """Any object with its raw content."""

    sha: str
    kind: str
    """blob, tree, commit or tag."""
    data: bytes


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One line of a tree; `path` is relative to the root of the repository."""

    mode: str
    kind: str
    sha: str
    path: str
    size: int | None
    """Bytes; None for anything but a blob."""


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """A ref to move from `before` (None: from wherever it is; ZERO: it must not exist) to `after` (ZERO: away)."""

    name: str
    after: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Paths that differ between two commits (a rename is a removal and an addition)."""

    added: tuple[str, ...]
    modified: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """All of them."""
        return self.added + self.modified + self.removed


@dataclass(frozen=True, slots=True)
class Stats:
    """How much a branch brings; `additions` and `deletions` count lines of text files."""

    commits: int
    files: int
    additions: int
    deletions: int
