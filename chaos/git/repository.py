"""git in memory, with the same object ids as on disk: a run makes thousands of small requests, and no process.

It stands in for `bot.sandbox.git.repository.GitRepository`; a test holds the two against each other. Only a merge
within a file is left to git itself (`git merge-file`).
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.sandbox.git.http_backend import GitAnswer, GitRequest
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
from bot.sandbox.git.plumbing import stamp, tag_object
from bot.sandbox.git.repository import GitRepository
from chaos.git.objects import OBJECTS, TREE, ancestors, lines_changed, merge_file
from chaos.git.receive_pack import serve, unpack
from chaos.git.revisions import Revisions


@dataclass(frozen=True, slots=True)
class Moved:
    """Refs that moved together."""

    changes: tuple[tuple[str, str, str], ...]
    """(full ref name, before, after); ZERO where there is nothing."""


class MemoryGit(Revisions, GitRepository):
    """One repository whose refs are a dict; `on_moved` hears of each move in the moment it is made."""

    def __init__(self, path: Path) -> None:
        GitRepository.__init__(self, path)
        Revisions.__init__(self)
        self.on_moved: Callable[[Moved], None] = lambda moved: None

    @classmethod
    async def create(cls, path: Path, default_branch: str) -> "MemoryGit":
        """An empty repository; nothing is written to `path`."""
        repository = cls(path)
        repository.default = f"refs/heads/{default_branch}"
        return repository

    def holds(self, rev: str, path: str) -> bool:
        """Whether a revision has a file."""
        return self._find(f"{rev}:{path}") is not None

    def read(self, rev: str, path: str) -> bytes:
        """A file at a revision; nothing when it is not there."""
        found = self._find(f"{rev}:{path}")
        return found.data if found else b""

    def history(self, rev: str) -> frozenset[str]:
        """A revision's commit and all before it."""
        return ancestors(self._commit_of(rev))

    # Reading

    async def _verify(self, rev: str) -> str | None:
        rev, _, kind = rev.partition("^")
        found = self._find(rev)
        if found is None:
            return None
        found = self._peel(found)
        if kind == "{tree}" and found.kind == "commit":
            return OBJECTS.commit(found.sha).tree
        return found.sha if found.kind == kind.strip("{}") else None

    async def refs(self, prefix: str) -> dict[str, Ref]:
        """The refs under a prefix by their full names, in name order."""
        found = {}
        for name in sorted(self.heads):
            if name == prefix or name.startswith(prefix.rstrip("/") + "/"):
                sha = self.heads[name]
                commit = self._commit_of(sha)
                kind = (OBJECTS.get(sha) or GitObject(sha, "commit", b"")).kind
                found[name] = Ref(name, sha, kind, commit, OBJECTS.commit(commit).committed_at)
        return found

    async def objects(self, expressions: Sequence[str]) -> list[GitObject | None]:
        """What each expression names, in order."""
        return [self._find(expression) for expression in expressions]

    async def ls_tree(self, rev: str, *, recursive: bool) -> list[TreeEntry]:
        """The entries of a revision's tree, sub-trees included."""
        found = self._find(rev)
        if found is None or (found := self._peel(found)).kind not in ("commit", "tree"):
            raise GitError(f"{rev} has no tree")
        tree = OBJECTS.commit(found.sha).tree if found.kind == "commit" else found.sha
        return list(self._list(tree, "", recursive=recursive))

    def _list(self, tree: str, folder: str, *, recursive: bool) -> Iterator[TreeEntry]:
        for mode, name, sha in OBJECTS.entries(tree):
            path = folder + name
            if mode == TREE:
                yield TreeEntry("040000", "tree", sha, path, None)
                if recursive:
                    yield from self._list(sha, f"{path}/", recursive=True)
            else:
                blob = OBJECTS.get(sha)
                yield TreeEntry(mode, "blob", sha, path, len(blob.data) if blob else None)

    async def commit(self, rev: str) -> Commit | None:
        """The commit that a revision leads to, or None."""
        sha = await self.resolve(rev)
        return None if sha is None else OBJECTS.commit(sha)

    async def commits(self, revisions: str, *, path: str | None = None, limit: int | None = None) -> list[Commit]:
        """Commits of a revision or range, newest first, as `git log` walks them."""
        return [OBJECTS.commit(sha) for sha in self._walk(revisions, path)][:limit]

    def _walk(self, revisions: str, path: str | None) -> Iterator[str]:
        before, dots, after = revisions.partition("..")
        hidden = ancestors(self._commit_of(before)) if dots else frozenset[str]()
        start = self._commit_of(after if dots else before)
        queue, seen = [(-OBJECTS.commit(start).committed_at.timestamp(), 0, start)], {start}
        while queue:
            sha = heapq.heappop(queue)[2]
            if sha in hidden:
                continue
            commit = OBJECTS.commit(sha)
            same = [parent for parent in commit.parents if path and self._at(parent, path) == self._at(sha, path)]
            touched = not same and (bool(commit.parents) or self._at(sha, path or "") is not None)
            if not path or touched:
                yield sha
            for parent in same[:1] or commit.parents:
                if parent not in seen:
                    seen.add(parent)
                    heapq.heappush(queue, (-OBJECTS.commit(parent).committed_at.timestamp(), len(seen), parent))

    async def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor, or None for unrelated histories."""
        common = ancestors(self._commit_of(one)) & ancestors(self._commit_of(other))
        best = [sha for sha in common if not any(sha != c and sha in ancestors(c) for c in common)]
        return max(best, key=lambda sha: (OBJECTS.commit(sha).committed_at, sha), default=None)

    async def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `older` is reachable from `newer`."""
        return self._commit_of(older) in ancestors(self._commit_of(newer))

    async def changes(self, before: str, after: str) -> Changes:
        """Paths that differ between two commits; ZERO as `before` makes every path an addition."""
        old = {} if before == ZERO else self._files(before)
        new = self._files(after)
        return Changes(
            tuple(path for path in sorted(new) if path not in old),
            tuple(path for path in sorted(new) if path in old and old[path] != new[path]),
            tuple(path for path in sorted(old) if path not in new),
        )

    async def stats(self, base: str, head: str) -> Stats:
        """What a branch brings since the two parted."""
        parted = await self.merge_base(base, head)
        old, new = self._files(parted) if parted else {}, self._files(head)
        paths = [path for path in {**old, **new} if old.get(path) != new.get(path)]
        counts = [lines_changed(old.get(path, ("", ""))[1], new.get(path, ("", ""))[1]) for path in paths]
        commits = len(list(self._walk(f"{base}..{head}", None)))
        return Stats(commits, len(paths), sum(added for added, _ in counts), sum(gone for _, gone in counts))

    # Writing

    async def update_refs(self, updates: Sequence[RefUpdate]) -> None:
        """Move, create and delete refs: all of them or, with a GitError, none."""
        changes = []
        for update in updates:
            before = self.heads.get(update.name, ZERO)
            if update.before is not None and update.before != before:
                raise GitError(f"cannot lock ref '{update.name}': is at {before} but expected {update.before}")
            if update.after != ZERO and OBJECTS.get(update.after) is None:
                raise GitError(f"cannot update ref '{update.name}': nonexistent object")
            if any(n.startswith(f"{update.name}/") or update.name.startswith(f"{n}/") for n in self.heads):
                raise GitError(f"cannot lock ref '{update.name}': a folder of that name is there")
            changes.append((update.name, before, update.after))
        for name, _, after in changes:
            if after == ZERO:
                self.heads.pop(name, None)
            else:
                self.heads[name] = after
        self.on_moved(Moved(tuple(changes)))

    async def write_blob(self, data: bytes) -> str:
        """Keep a file's content; its id."""
        return OBJECTS.keep("blob", data)

    async def edit_tree(self, base: str | None, additions: Mapping[str, bytes], deletions: Iterable[str] = ()) -> str:
        """The id of `base`'s tree with files set and removed."""
        files = dict(self._files(base)) if base else {}
        for path in deletions:
            if path not in files:
                raise MissingPath(path)
            del files[path]
        for path, data in additions.items():
            files[path] = (files[path][0] if path in files else "100644", OBJECTS.keep("blob", data))
        return OBJECTS.keep_tree(files)

    async def write_tree(self, base: str | None, index_lines: Iterable[str]) -> str:
        """Not needed: nothing is imported from a folder here."""
        raise NotImplementedError

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
        """Keep a commit; its id."""
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines.append(f"author {author.name} <{author.email}> {stamp(authored_at or at)}")
        lines.append(f"committer {committer.name} <{committer.email}> {stamp(at)}")
        return OBJECTS.keep("commit", ("\n".join(lines) + "\n\n" + message).encode())

    async def write_tag(self, name: str, target: str, message: str, *, tagger: Person, at: datetime) -> str:
        """Keep an annotated tag object; its id."""
        return OBJECTS.keep("tag", tag_object(name, target, message, tagger, at))

    async def merge_trees(self, ours: str, theirs: str) -> str:
        """The tree that merging two commits gives; MergeConflict when a person would have to decide."""
        parted = await self.merge_base(ours, theirs)
        old, one, other = self._files(parted) if parted else {}, self._files(ours), self._files(theirs)
        merged: dict[str, tuple[str, str]] = {}
        for path in {**one, **other}:
            sides = one.get(path), other.get(path)
            if sides[0] == sides[1] or sides[1] == old.get(path):
                kept = sides[0]
            elif sides[0] == old.get(path):
                kept = sides[1]
            else:
                before = old.get(path)
                if before is None or sides[0] is None or sides[1] is None:
                    raise MergeConflict(f"{theirs} does not merge into {ours}: {path}")
                kept = (sides[0][0], merge_file(before[1], sides[0][1], sides[1][1]))
            if kept is not None:
                merged[path] = kept
        return OBJECTS.keep_tree(merged)

    async def keep_pack(self, pack: bytes) -> None:
        """Keep the objects of a pack."""
        for kind, data in unpack(pack):
            OBJECTS.keep(kind, data)

    async def serve(self, request: GitRequest) -> GitAnswer:
        """What git's own server would answer."""
        return await serve(self, request)

    async def _git(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """No git command is run."""
        raise NotImplementedError(args)
