"""A directory on this machine as the planner sees it: its files, its tags, and what was merged since.

A git checkout tells all three; a plain folder only has files. Nothing is fetched, and nothing but git is run.
"""

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bot.cli.history import LOG, Commit, commits_of, mainline
from bot.plan import wants_path
from bot.plan.changelog.histories import MOST_UNTAGGED, History
from bot.plan.config import declared_paths
from bot.plan.elsewhere.looked_at import looked_at
from bot.plan.elsewhere.overlay import LARGEST
from bot.plan.fragments.collect import further_paths
from bot.plan.last_tag import last_tag
from bot.plan.model import Change, Tag, Tree

_SKIPPED_FOLDERS = {".git", "target", "node_modules", ".venv"}
_MOST_FILES = 4000
_MOST_BYTES = 40_000_000
MOST_TOLD = 300
"""A draft of a changelog that is longer than that helps nobody."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """One directory, read once."""

    root: Path
    tree: Tree
    tags: tuple[Tag, ...]
    """All tags, as the bot sees them on GitHub: releases may be made from other branches."""
    is_git: bool
    branch: str = ""
    """The branch that is checked out; empty when there is none."""
    head: str = "HEAD"
    """What is released, in git's words."""
    _authors: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)
    _logs: dict[str | None, Sequence[Commit] | None] = field(default_factory=dict, repr=False, compare=False)

    def changes(self, history: History) -> tuple[Change, ...] | None:
        """What was committed since the last release; None without git, or where only the history of years is known."""
        if not self.is_git:
            return None
        since = last_tag(history.packages[0], history.new)
        commits = self._commits(since)
        found = [commit.change for commit in commits or () if any(history.covers(path) for path in commit.files)]
        known = commits is not None and (since is not None or len(found) <= MOST_UNTAGGED)
        return self._with_newcomers(found[:MOST_TOLD], since) if known else None

    def _with_newcomers(self, changes: Sequence[Change], since: str | None) -> tuple[Change, ...]:
        """The changes, marked where their author made none before; where no tag says since when, nobody is new."""
        if since is None:
            return tuple(changes)
        if since not in self._authors:
            self._authors[since] = frozenset(_git(self.root, "log", "--format=%an", since, "--"))
        return tuple(replace(change, newcomer=change.credit not in self._authors[since]) for change in changes)

    def _commits(self, since: str | None) -> Sequence[Commit] | None:
        """The commits since a tag, read once for all packages that have the same."""
        if since not in self._logs:
            output = _output(self.root, *LOG, f"{since}..{self.head}" if since else self.head, "--")
            self._logs[since] = None if output is None else mainline(commits_of(output))
        return self._logs[since]


def origin_of(root: Path) -> str | None:
    """Full name of the repository on GitHub that a checkout was cloned from: workflows ask for it in conditions."""
    address = "".join(_git(root, "remote", "get-url", "origin")) if (root / ".git").exists() else ""
    found = re.search(r"github\.com[:/]([\w-][\w.-]*/[\w-][\w.-]*?)(?:\.git)?/?$", address)
    return found[1] if found else None


def read_checkout(root: Path) -> Checkout:
    """Read the files that the planner wants below `root`; raises OSError when the directory cannot be read.

    Links are not followed: a file outside of the directory is never read, and never written.
    """
    tree = _tree(sorted(_paths(root)), lambda path: (root / path).read_bytes(), lambda paths: _texts(root, paths))
    is_git = _git_or_nothing(root, "rev-parse", "--git-dir") is not None
    if not is_git:
        return Checkout(root, tree, (), is_git)
    branch = "".join(_git(root, "symbolic-ref", "--short", "HEAD"))
    return Checkout(root, tree, tuple(_tags(root)), is_git, branch)


def _tree(paths: Sequence[str], read: Callable[[str], bytes], others: Callable[[Iterable[str]], Iterable[str]]) -> Tree:
    """The files that the planner wants, those that the configuration names, and of `others` what there is room for."""
    tree = {path: read(path) for path in paths if wants_path(path)}
    known = set(paths)
    named = [*further_paths(tree, paths), *(path for path in declared_paths(tree) if path in known)]
    tree |= {path: read(path) for path in named}
    room = _MOST_BYTES
    for path in others(path for path in paths if path not in tree):
        content = read(path)
        if len(content) <= min(room, LARGEST):
            tree[path], room = content, room - len(content)
    return tree


def _texts(root: Path, paths: Iterable[str]) -> Iterable[str]:
    """Every text of moderate size: what is on this machine is read at once."""
    small = (path for path in paths if (root / path).stat().st_size <= LARGEST)
    return looked_at(small, most=_MOST_FILES, every=True)


def read_line(checkout: Checkout, branch: str) -> Checkout | None:
    """The same repository as another branch of it has it, ours or as it was fetched; None when there is none."""
    refs = (f"refs/heads/{branch}", f"refs/remotes/origin/{branch}")
    head = next((ref for ref in refs if _git(checkout.root, "rev-parse", "--verify", "--quiet", ref)), None)
    if head is None:
        return None
    listed = _output(checkout.root, "ls-tree", "-r", "-z", head) or ""
    entries = (entry.partition("\t") for entry in listed.split("\0") if entry)
    paths = [path for about, _, path in entries if about.startswith(("100644", "100755"))]
    tree = _tree(paths, lambda path: _file(checkout.root, head, path), looked_at)
    return replace(checkout, tree=tree, branch=branch, head=head, _authors={}, _logs={})


def branches_of(checkout: Checkout) -> Sequence[str]:
    """The names of its branches, also of those that were only fetched."""
    names = _git(checkout.root, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes/origin")
    return tuple(dict.fromkeys(re.sub("^refs/(?:heads|remotes/origin)/", "", name) for name in names))


def _file(root: Path, ref: str, path: str) -> bytes:
    return subprocess.run(["git", "-C", str(root), "show", f"{ref}:{path}"], capture_output=True, check=True).stdout


def _paths(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root, onerror=_raise):
        folders[:] = [name for name in folders if name not in _SKIPPED_FOLDERS]
        for name in names:
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(root).as_posix()


def _tags(root: Path) -> Iterator[Tag]:
    """Every tag, with its commit's date; of a tag that leads to no commit, and of a tag of a tag for an old git, none.

    https://git-scm.com/docs/git-for-each-ref#_field_names
    """
    fields = "%(refname:lstrip=2)%00%(committerdate:iso-strict)%00%(*committerdate:iso-strict)"
    for line in _git(root, "for-each-ref", f"--format={fields}", "refs/tags"):
        name, *dates = line.split("\0")
        date = next(filter(None, dates), None)
        yield Tag(name, datetime.fromisoformat(date) if date else None)


def _raise(error: OSError) -> None:
    raise error


def _git(root: Path, *args: str) -> Sequence[str]:
    return _git_or_nothing(root, *args) or ()


def _git_or_nothing(root: Path, *args: str) -> Sequence[str] | None:
    """The lines that git prints; None when it refuses or is not installed."""
    output = _output(root, *args)
    return None if output is None else output.splitlines()


def _output(root: Path, *args: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *args], capture_output=True, check=True, encoding="utf-8", errors="replace"
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout
