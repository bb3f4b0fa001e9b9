"""What a git checkout knows of a range of commits: who made what of which files, and what came by a pull request."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.plan.changelog.drafting.titles import is_breaking
from bot.plan.model import Change

MOST_LOGGED = 2000
LOG = (
    "log",
    "-z",
    f"--max-count={MOST_LOGGED}",
    "--name-only",
    "--diff-merges=first-parent",
    "--format=%x1e%H%x1f%P%x1f%an%x1f%B%x1f",
)
"""Arguments of git; a merge lists what it brought: https://git-scm.com/docs/git-log (`--diff-merges`, git 2.31)."""

_RECORD = re.compile(r"\x1e(?=[0-9a-f]{40,64}\x1f)")
_NUMBER = re.compile(r"\s*\(#(\d+)\)$")
_MERGED = re.compile(r"Merge pull request #(?P<number>\d+) from \S+")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a log."""

    oid: str
    parents: tuple[str, ...]
    author: str
    headline: str
    body: str
    files: tuple[str, ...]

    @property
    def number(self) -> int | None:
        """The pull request that it says it brought; GitHub puts the number into what it merges or squashes."""
        found = _MERGED.match(self.headline) if self.is_merge else None
        found = found or _NUMBER.search(self.headline)
        return int(found.group(1)) if found else None

    @property
    def is_merge(self) -> bool:
        """Whether it has several parents."""
        return len(self.parents) > 1

    @property
    def change(self) -> Change:
        """As a draft takes it. Below the headline of GitHub's merge commits stands the pull request's title."""
        title, body = _NUMBER.sub("", self.headline), self.body
        if self.is_merge and _MERGED.match(self.headline):
            title, _, body = self.body.strip().partition("\n")
        return Change(
            title=title or self.headline,
            number=self.number,
            author=self.author,
            bot=self.author.endswith("[bot]"),
            breaking=is_breaking(body),
            credit=None if self.author.endswith("[bot]") else self.author,
        )


def commits_of(output: str) -> list[Commit]:
    """The commits that git's log lists, newest first."""
    return [_commit(record) for record in _RECORD.split(output)[1:]]


def mainline(commits: Sequence[Commit]) -> list[Commit]:
    """The commits without those that a pull request's merge stands for; what names a pull request itself stays."""
    by_oid = {commit.oid: commit for commit in commits}
    behind: set[str] = set()
    for commit in commits:
        if commit.is_merge and commit.number is not None:
            before = _reached(by_oid, commit.parents[:1])
            behind |= _reached(by_oid, commit.parents[1:]) - before
    return [commit for commit in commits if commit.oid not in behind or commit.number is not None]


def _reached(commits: Mapping[str, Commit], heads: Sequence[str]) -> set[str]:
    found: set[str] = set()
    waiting = [head for head in heads if head in commits]
    while waiting:
        oid = waiting.pop()
        if oid not in found:
            found.add(oid)
            waiting += [parent for parent in commits[oid].parents if parent in commits]
    return found


def _commit(record: str) -> Commit:
    oid, parents, author, rest = record.split("\x1f", 3)
    message, _, files = rest.rpartition("\x1f")
    headline, _, body = message.partition("\n")
    names = (name.lstrip("\n") for name in files.split("\0"))
    return Commit(
        oid, tuple(parents.split()), author, headline, body.strip("\n"), tuple(name for name in names if name)
    )
