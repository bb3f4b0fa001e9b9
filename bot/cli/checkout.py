"""A directory on this machine as the planner sees it: its files, its tags, and what was merged since.

A git checkout tells all three; a plain folder only has files. Nothing is fetched, and nothing but git is run.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.github.reading.merged_changes import MOST_CHANGES
from bot.plan import wants_path
from bot.plan.last_tag import last_tag
from bot.plan.model import Bump, Change, Tree

_NUMBER = re.compile(r"\s*\(#(\d+)\)$")
_SKIPPED_FOLDERS = {".git", "target", "node_modules", ".venv"}
_RECORD = "%s%x1f%an"


@dataclass(frozen=True, slots=True)
class Checkout:
    """One directory, read once."""

    root: Path
    tree: Tree
    tags: tuple[str, ...]
    is_git: bool
    branch: str = ""
    """The branch that is checked out; empty when there is none."""

    def changes(self, bump: Bump) -> tuple[Change, ...]:
        """What was committed below the package's folder since its last tag; nothing without git or without a tag."""
        package = bump.package
        since = last_tag(package, bump.new) if self.is_git else None
        if since is None:
            return ()
        args = ("log", f"--max-count={MOST_CHANGES}", "--no-merges", f"--format={_RECORD}", f"{since}..HEAD")
        return tuple(_change(line) for line in _git(self.root, *args, "--", package.path))


def read_checkout(root: Path) -> Checkout:
    """Read the files that the planner wants below `root`; raises OSError when the directory cannot be read.

    Links are not followed: a file outside of the directory is never read, and never written.
    """
    tree = {path: (root / path).read_bytes() for path in sorted(_paths(root)) if wants_path(path)}
    is_git = _git_or_nothing(root, "rev-parse", "--git-dir") is not None
    if not is_git:
        return Checkout(root, tree, (), is_git)
    branch = "".join(_git(root, "symbolic-ref", "--short", "HEAD"))
    return Checkout(root, tree, tuple(_git(root, "tag", "--merged")), is_git, branch)


def _paths(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root, onerror=_raise):
        folders[:] = [name for name in folders if name not in _SKIPPED_FOLDERS]
        for name in names:
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(root).as_posix()


def _raise(error: OSError) -> None:
    raise error


def _change(line: str) -> Change:
    title, _, author = line.partition("\x1f")
    number = _NUMBER.search(title)
    return Change(
        title=_NUMBER.sub("", title),
        number=int(number[1]) if number else None,
        author=author,
        bot=author.endswith("[bot]"),
    )


def _git(root: Path, *args: str) -> Sequence[str]:
    return _git_or_nothing(root, *args) or ()


def _git_or_nothing(root: Path, *args: str) -> Sequence[str] | None:
    """The lines that git prints; None when it refuses or is not installed."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *args], capture_output=True, check=True, encoding="utf-8", errors="replace"
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.splitlines()
