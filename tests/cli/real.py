"""Real repositories, reduced to what releasing looks at, as git checkouts with their tags and the days of these."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

NOBODY = {f"GIT_{who}_{what}": "nobody@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_DAY = 24 * 60 * 60


def checkout(source: Path, to: Path) -> dict[str, Any]:
    """Make a checkout at `to` with a commit for each day of a tag and one after them; what is known (its case.json)."""
    case: dict[str, Any] = json.loads((source / "case.json").read_text("utf-8"))
    shutil.copytree(source / "tree", to, symlinks=True)
    commit_all(to, case)
    return case


def commit_all(folder: Path, case: Mapping[str, Any]) -> None:
    """Make a repository of the folder: its branch, its tags, and the same files in each commit.

    The older tags, of which no day is known, stand on the first commit.
    """
    git(folder, "init", "--quiet", "--initial-branch", case["branch"])
    git(folder, "add", "--all", "--force")
    files = git(folder, "write-tree").strip()
    days: dict[int, list[str]] = {}
    for tag in case["tags"]:
        days.setdefault(int(datetime.fromisoformat(tag["date"]).timestamp()), []).append(tag["name"])
    first, last = min(days, default=_DAY), max(days, default=_DAY)
    commits = [(first - _DAY, case["older_tags"]), *sorted(days.items()), (last + _DAY, ())]
    git(folder, "fast-import", "--quiet", stdin="".join(_stream(case["branch"], files, commits)))
    git(folder, "remote", "add", "origin", f"https://github.com/{case['repository']}.git")


def _stream(branch: str, files: str, commits: Sequence[tuple[int, Sequence[str]]]) -> Iterator[str]:
    """What `git fast-import` reads: https://git-scm.com/docs/git-fast-import#_input_format."""
    for second, tags in commits:
        message = f"Released {', '.join(tags)}" if tags else "Work"
        yield f"commit refs/heads/{branch}\ncommitter Nobody <nobody@example.org> {second} +0000\n"
        yield f"data {len(message.encode())}\n{message}\nM 040000 {files} \n"
        yield from (f"reset refs/tags/{tag}\nfrom refs/heads/{branch}\n\n" for tag in tags)


def git(folder: Path, *args: str, stdin: str | None = None) -> str:
    """What git prints."""
    env = {**os.environ, **NOBODY, "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", "-C", str(folder), *args]
    return subprocess.run(command, env=env, input=stdin, capture_output=True, check=True, encoding="utf-8").stdout
