"""Copying a git checkout or a plain folder into a bare repository; the original is only read."""

import os
import tempfile
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from bot.sandbox.git.objects import ZERO, GitError, Person, RefUpdate
from bot.sandbox.git.plumbing import run_git
from bot.sandbox.git.repository import GitRepository

_MOST_BRANCHES = 200


async def import_source(source: Path, path: Path, *, branch: str, author: Person, at: datetime) -> str:
    """Make the bare repository `path` from a checkout (its branches and all tags) or a folder (one commit).

    Returns the name of its default branch: the checkout's current one, or `branch` where there is none.
    """
    source = _absolute(source)
    if _is_checkout(source):
        return await _import_checkout(source, path, branch=branch)
    await _import_folder(source, path, branch=branch, author=author, at=at)
    return branch


async def _import_checkout(source: Path, path: Path, *, branch: str) -> str:
    with tempfile.TemporaryDirectory(prefix="shipmate-import-") as folder:
        # The checkout may belong to someone else, which git accepts only from a configuration file.
        env = {"GIT_CONFIG_GLOBAL": _trusting_configuration(Path(folder))}
        try:
            named = await run_git("-C", str(source), "symbolic-ref", "--short", "HEAD", env=env)
            branch = named.decode().strip()
        except GitError:
            pass  # a detached HEAD: its commit becomes the head of `branch`
        repository = await GitRepository.create(path, branch)
        specs = [f"HEAD:refs/heads/{branch}", "refs/tags/*:refs/tags/*"]
        specs += [f"{ref}:refs/heads/{name}" for name, ref in (await _branches(source, branch, env)).items()]
        fetch = ["fetch", "--quiet", "--no-tags", "--update-shallow", "--no-auto-maintenance"]
        await repository.run(*fetch, str(source), *specs, env=env)
    return branch


async def _branches(source: Path, current: str, env: Mapping[str, str]) -> dict[str, str]:
    """The other branches, each with its ref: the checkout's own, and those that it has of where it was cloned from."""
    listed = ("for-each-ref", "--sort=-committerdate", "--format=%(refname)%00%(symref)")
    folders = ("refs/heads/", "refs/remotes/origin/")
    out = await run_git("-C", str(source), *listed, *folders, env=env)
    lines = [line.split("\0") for line in out.decode("utf-8", "replace").splitlines()]
    found: dict[str, str] = {}
    for folder in folders:
        for ref, link in lines:
            name = ref.removeprefix(folder)
            if ref.startswith(folder) and not link and not _clashes(name, {current, *found}):
                found[name] = ref
    return dict(list(found.items())[:_MOST_BRANCHES])


def _clashes(name: str, others: Collection[str]) -> bool:
    """Whether git cannot have a branch of this name beside the others."""
    return any(f"{name}/".startswith(f"{other}/") or other.startswith(f"{name}/") for other in others)


async def _import_folder(source: Path, path: Path, *, branch: str, author: Person, at: datetime) -> None:
    repository = await GitRepository.create(path, branch)
    files, links = _walk(source)
    listed = "".join(f"{source / name}\n" for name in files)
    out = await repository.run("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=os.fsencode(listed))
    lines = [
        f"{'100755' if os.access(source / name, os.X_OK) else '100644'} {sha}\t{name}"
        for name, sha in zip(files, out.decode().split(), strict=True)
    ]
    for name in links:
        target = os.fsencode((source / name).readlink())
        lines.append(f"120000 {await repository.write_blob(target)}\t{name}")
    tree = await repository.write_tree(None, lines)
    sha = await repository.write_commit(tree, [], "Import", author=author, committer=author, at=at)
    await repository.update_refs([RefUpdate(f"refs/heads/{branch}", sha, ZERO)])


def _walk(source: Path) -> tuple[list[str], list[str]]:
    """Paths of files and of symbolic links below a folder, but for `.git`."""
    files: list[str] = []
    links: list[str] = []
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names) + [name for name in folders if Path(folder, name).is_symlink()]:
            path = Path(folder, name)
            if "\n" in name or name == ".git":
                continue
            (links if path.is_symlink() else files).append(path.relative_to(source).as_posix())
    return files, links


def _absolute(path: Path) -> Path:
    return path.resolve()


def _is_checkout(source: Path) -> bool:
    return (source / ".git").exists()


def _trusting_configuration(folder: Path) -> str:
    path = folder / "gitconfig"
    path.write_text("[safe]\n\tdirectory = *\n")
    return str(path)
