"""A bare git repository on disk, driven by git's plumbing: what the stand-in GitHub keeps and anyone can clone."""

import hashlib
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from bot.sandbox.git.http_backend import GitAnswer, GitRequest, environment, read_answer
from bot.sandbox.git.objects import (
    ZERO,
    Changes,
    Commit,
    GitError,
    GitObject,
    MergeConflict,
    MissingPath,
    Person,
    Ref,
    RefUpdate,
    Stats,
    TreeEntry,
)
from bot.sandbox.git.plumbing import (
    COMMIT_FORMAT,
    date,
    keep_loose,
    parse_batch,
    parse_changes,
    parse_commit,
    run_git,
    stamp,
    tag_object,
)

_ID = re.compile("[0-9a-f]{40}")
_REMEMBERED = 1 << 16
"""Bytes of the largest object that is remembered."""


class GitRepository:
    """One bare repository; every method is a few git processes at most, and none reads the user's git configuration.

    What an id names never changes, and what a name leads to only by `update_refs`: neither is asked for twice.
    """

    def __init__(self, path: Path) -> None:
        """`path` is the git directory itself; it exists already (see `create`)."""
        self.path = path
        self._commits: dict[str, Commit] = {}
        self._objects: dict[str, GitObject] = {}
        self._for_ever: dict[tuple[str, ...], bytes] = {}
        self._until_moved: dict[tuple[str, ...], bytes] = {}

    @classmethod
    async def create(cls, path: Path, default_branch: str) -> "GitRepository":
        """Make an empty repository whose HEAD names `default_branch`."""
        repository = cls(path)
        await repository.run("init", "--quiet", "--bare", "--initial-branch", default_branch, str(path))
        return repository

    # Reading

    async def resolve(self, rev: str) -> str | None:
        """The commit that a revision leads to (an annotated tag is followed), or None."""
        return await self._verify(f"{rev}^{{commit}}")

    async def resolve_tree(self, rev: str) -> str | None:
        """The tree that a revision leads to, or None."""
        return await self._verify(f"{rev}^{{tree}}")

    async def _verify(self, rev: str) -> str | None:
        try:
            asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", rev)
            out = await self._ask(*asked, about=[rev.partition("^")[0]])
        except GitError:
            return None
        return out.decode().strip()

    async def refs(self, prefix: str) -> dict[str, Ref]:
        """The refs under a prefix (`refs/tags/`) by their full names, in name order."""
        fields = ("refname", "objectname", "objecttype", "committerdate:unix", "*objectname", "*committerdate:unix")
        asked = ("for-each-ref", "--format", "%00".join(f"%({name})" for name in fields), prefix)
        out = await self._ask(*asked, about=[prefix])
        found = {}
        for line in out.decode().splitlines():
            name, sha, kind, at, peeled, peeled_at = line.split("\0")
            found[name] = Ref(name, sha, kind, peeled or sha, date(peeled_at or at))
        return found

    async def ref(self, name: str) -> Ref | None:
        """One ref by its full name, or None."""
        return (await self.refs(name)).get(name)

    async def objects(self, expressions: Sequence[str]) -> list[GitObject | None]:
        """What each expression (`sha`, `main:Cargo.toml`) names, in order; None where there is nothing."""
        unknown = list(dict.fromkeys(each for each in expressions if each not in self._objects))
        found = dict(zip(unknown, await self._read(unknown), strict=True)) if unknown else {}
        for expression, each in found.items():
            if each and _ID.fullmatch(expression.partition(":")[0]) and len(each.data) <= _REMEMBERED:
                self._objects[expression] = each
        return [self._objects.get(expression) or found[expression] for expression in expressions]

    async def _read(self, expressions: Sequence[str]) -> list[GitObject | None]:
        asked = [expression if expression.isprintable() else ZERO for expression in expressions]
        out = await self._git("cat-file", "--batch", stdin="".join(f"{line}\n" for line in asked).encode())
        return parse_batch(out, len(asked))

    async def object(self, expression: str) -> GitObject | None:
        """What one expression names, or None."""
        return (await self.objects([expression]))[0]

    async def read_blob(self, sha: str) -> bytes | None:
        """A blob's content, or None when there is no such blob."""
        found = await self.object(sha)
        return found.data if found and found.kind == "blob" else None

    async def read_file(self, rev: str, path: str) -> bytes | None:
        """A file's content at a revision, or None."""
        return await self.read_blob(f"{rev}:{path}")

    async def ls_tree(self, rev: str, *, recursive: bool) -> list[TreeEntry]:
        """The entries of a revision's tree, sub-trees included; GitError when there is no such tree."""
        depth = ("-r", "-t") if recursive else ()
        out = await self._ask("ls-tree", "-z", "-l", *depth, "--end-of-options", rev, about=[rev])
        entries = []
        for line in filter(None, out.decode("utf-8", "surrogateescape").split("\0")):
            meta, path = line.split("\t", 1)
            mode, kind, sha, size = meta.split()
            entries.append(TreeEntry(mode, kind, sha, path, None if size == "-" else int(size)))
        return entries

    async def commit(self, rev: str) -> Commit | None:
        """The commit that a revision leads to, or None."""
        if rev in self._commits:
            return self._commits[rev]
        if await self.resolve(rev) is None:
            return None
        return (await self.commits(rev, limit=1))[0]

    async def commits(self, revisions: str, *, path: str | None = None, limit: int | None = None) -> list[Commit]:
        """Commits of a revision or range (`a..b`), newest first, as `git log` walks them."""
        args = ["log", f"--format={COMMIT_FORMAT}", "--no-color", "--no-show-signature"]
        if limit is not None:
            args.append(f"--max-count={limit}")
        args += ["--end-of-options", *revisions.split(), "--"]
        out = await self._ask(*args, *([path] if path else []), about=revisions.split())
        found = []
        for record in out.decode("utf-8", "replace").split("\0\x01")[:-1]:
            commit = parse_commit(record.lstrip("\n"))
            self._commits[commit.sha] = commit
            found.append(commit)
        return found

    async def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor, or None for unrelated histories."""
        try:
            return (await self._ask("merge-base", one, other, about=[one, other])).decode().strip()
        except GitError:
            return None

    async def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `older` is reachable from `newer` (a commit is its own ancestor)."""
        try:
            await self._ask("merge-base", "--is-ancestor", older, newer, about=[older, newer])
        except GitError:
            return False
        return True

    async def changes(self, before: str, after: str) -> Changes:
        """Paths that differ between two commits; ZERO as `before` makes every path an addition."""
        if before == ZERO:
            entries = await self.ls_tree(after, recursive=True)
            return Changes(tuple(entry.path for entry in entries if entry.kind != "tree"), (), ())
        asked = ("diff-tree", "-r", "-z", "--no-renames", "--name-status", before, after)
        return parse_changes(await self._ask(*asked, about=[before, after]))

    async def stats(self, base: str, head: str) -> Stats:
        """What a branch brings: commits of `base..head`, and the lines it changes since the two parted."""
        commits = len(await self.commits(f"{base}..{head}"))
        out = await self._ask("diff", "--numstat", "--no-renames", f"{base}...{head}", about=[base, head])
        rows = [line.split("\t")[:2] for line in out.decode(errors="replace").splitlines()]
        added, deleted = (sum(int(row[n]) for row in rows if row[n].isdigit()) for n in (0, 1))
        return Stats(commits, len(rows), added, deleted)

    # Writing

    async def update_refs(self, updates: Sequence[RefUpdate]) -> None:
        """Move, create and delete refs: all of them or, with a GitError, none."""
        lines = "".join(
            f"update {update.name}\0{update.after}\0{update.before or ''}\0"
            if update.after != ZERO
            else f"delete {update.name}\0{update.before or ''}\0"
            for update in updates
        )
        await self.run("update-ref", "-z", "--stdin", stdin=lines.encode())

    async def write_blob(self, data: bytes) -> str:
        """Keep a file's content; its id."""
        # By hand, since a commit brings many files: it is git's loose object, whose form is as settled as its id.
        whole = b"blob %d\0%b" % (len(data), data)
        sha = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        keep_loose(self.path / "objects" / sha[:2] / sha[2:], whole)
        return sha

    async def edit_tree(self, base: str | None, additions: Mapping[str, bytes], deletions: Iterable[str] = ()) -> str:
        """The id of `base`'s tree (None: an empty one) with files set and removed; existing files keep their mode.

        Raises MissingPath when a deletion names a path that is not there.
        """
        entries = await self.ls_tree(base, recursive=True) if base else []
        modes = {entry.path: entry.mode for entry in entries if entry.kind != "tree"}
        lines = []
        for path in deletions:
            if path not in modes:
                raise MissingPath(path)
            lines.append(f"0 {ZERO}\t{path}")
        for path, data in additions.items():
            lines.append(f"{modes.get(path, '100644')} {await self.write_blob(data)}\t{path}")
        return await self.write_tree(base, lines)

    async def write_tree(self, base: str | None, index_lines: Iterable[str]) -> str:
        """The id of `base`'s tree after `git update-index --index-info` with these lines."""
        with tempfile.TemporaryDirectory(prefix="shipmate-index-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            if base:
                await self._git("read-tree", base, env=index)
            info = "".join(f"{line}\0" for line in index_lines).encode("utf-8", "surrogateescape")
            await self._git("update-index", "-z", "--index-info", stdin=info, env=index)
            return (await self._git("write-tree", env=index)).decode().strip()

    async def write_commit(
        self,
        tree: str,
        parents: Sequence[str],
        message: str,
        *,
        author: Person,
        committer: Person,
        at: datetime,
        authored_at: datetime | None = None,
    ) -> str:
        """Keep a commit (no ref moves); its id. Dates are to the second, in UTC."""
        env = {
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_AUTHOR_DATE": stamp(authored_at or at),
            "GIT_COMMITTER_NAME": committer.name,
            "GIT_COMMITTER_EMAIL": committer.email,
            "GIT_COMMITTER_DATE": stamp(at),
        }
        args = [part for parent in parents for part in ("-p", parent)]
        out = await self._git("commit-tree", tree, *args, stdin=message.encode(), env=env)
        return out.decode().strip()

    async def write_tag(self, name: str, target: str, message: str, *, tagger: Person, at: datetime) -> str:
        """Keep an annotated tag object (no ref moves); its id."""
        return (await self._git("mktag", stdin=tag_object(name, target, message, tagger, at))).decode().strip()

    async def merge_trees(self, ours: str, theirs: str) -> str:
        """The tree that merging two commits gives; MergeConflict when a person would have to decide."""
        try:
            out = await self._git("merge-tree", "--write-tree", ours, theirs)
        except GitError as error:
            raise MergeConflict(f"{theirs} does not merge into {ours}") from error
        return out.decode().split()[0]

    async def keep_pack(self, pack: bytes) -> None:
        """Keep the objects of a pack that was pushed (no ref moves); GitError when it is none."""
        await self._git("unpack-objects", "-q", stdin=pack)

    async def serve(self, request: GitRequest) -> GitAnswer:
        """Have git's own HTTP server answer; a push moves refs."""
        return read_answer(await self.run("http-backend", stdin=request.body, env=environment(request, self.path)))

    async def run(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """One git command in this repository, which may move refs; its standard output, or GitError."""
        try:
            return await self._git(*args, stdin=stdin, env=env)
        finally:
            self._until_moved = {}  # a new one, for questions under way keep their answers in the old one

    async def _ask(self, *args: str, about: Iterable[str]) -> bytes:
        """The answer of a command that only reads; `about` are the revisions and ranges (`a..b`) that it hangs on."""
        fixed = all(_ID.fullmatch(end) for revision in about for end in re.split(r"\.{2,3}", revision))
        known = self._for_ever if fixed else self._until_moved
        if args not in known:
            known[args] = await self._git(*args)
        return known[args]

    async def _git(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        return await run_git("--git-dir", str(self.path), *args, stdin=stdin, env=env)
