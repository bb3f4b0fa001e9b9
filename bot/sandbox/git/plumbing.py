"""Running git, and the forms in which it takes and gives what it holds."""

import asyncio
import os
import subprocess
import tempfile
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.sandbox.git.objects import Changes, Commit, GitError, GitObject, Person

COMMIT_FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B%x00%x01"


def keep_loose(file: Path, whole: bytes) -> None:
    """Keep an object in a file of its own, which is git's loose form."""
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix="tmp_obj_", delete=False) as made:
            made.write(zlib.compress(whole, 1))
        Path(made.name).replace(file)  # whole or not at all, whoever else writes it


async def run_git(*args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
    """One git command that no configuration of this machine's influences; its standard output, or GitError."""
    base = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": os.devnull}
    base |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0"}
    # In a thread, not as the event loop's child: so it works on every loop, one with a time of its own included.
    process = await asyncio.to_thread(
        subprocess.run, ["git", *args], input=stdin, capture_output=True, env=base | dict(env or {}), check=False
    )
    if process.returncode != 0:
        raise GitError(process.stderr.decode(errors="replace").strip() or f"git {args[2:3]} failed")
    return process.stdout


def parse_commit(record: str) -> Commit:
    """A commit as `git log` shows it in COMMIT_FORMAT."""
    sha, tree, parents, name, email, at, committer, committer_email, committed_at, message = record.split("\0")
    return Commit(
        sha=sha,
        tree=tree,
        parents=tuple(parents.split()),
        author=Person(name, email),
        authored_at=date(at),
        committer=Person(committer, committer_email),
        committed_at=date(committed_at),
        message=message.strip("\n"),
    )


def date(unix: str) -> datetime:
    """An instant from its Unix time; the epoch where there is none."""
    return datetime.fromtimestamp(int(unix or 0), UTC)


def stamp(at: datetime) -> str:
    """An instant as git takes it, to the second."""
    return f"{int(at.timestamp())} +0000"


def parse_batch(out: bytes, count: int) -> list[GitObject | None]:
    """What `git cat-file --batch` answers to so many questions; None where there is nothing."""
    found: list[GitObject | None] = []
    at = 0
    for _ in range(count):
        end = out.index(b"\n", at)
        header = out[at:end].rsplit(b" ", 2)
        at = end + 1
        if len(header) < 3 or not header[2].isdigit():
            found.append(None)
            continue
        size = int(header[2])
        found.append(GitObject(header[0].decode(), header[1].decode(), out[at : at + size]))
        at += size + 1
    return found


def parse_changes(out: bytes) -> Changes:
    """What `git diff-tree -z --name-status` tells of two commits."""
    fields = out.decode("utf-8", "surrogateescape").split("\0")[:-1]
    pairs = list(zip(fields[::2], fields[1::2], strict=True))
    added, removed = (tuple(path for status, path in pairs if status == letter) for letter in "AD")
    return Changes(added, tuple(path for status, path in pairs if status not in "AD"), removed)


def tag_object(name: str, target: str, message: str, tagger: Person, at: datetime) -> bytes:
    """The content of an annotated tag object for a commit."""
    text = f"object {target}\ntype commit\ntag {name}\ntagger {tagger.name} <{tagger.email}> {stamp(at)}\n\n"
    return f"{text}{message.rstrip()}\n".encode()
