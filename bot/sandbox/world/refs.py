"""Branches and tags: pushes by people, commits and refs by the App, and what a moved ref sets off."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from bot.sandbox.errors import Refusal
from bot.sandbox.git.objects import ZERO, Commit, GitError, MissingPath, RefUpdate
from bot.sandbox.model import Repository, User
from bot.sandbox.payloads.commits import create_json, delete_json, push_commit_json, push_json
from bot.sandbox.payloads.common import Json
from bot.sandbox.world.pulls import Pulls
from bot.sandbox.world.state import GITHUB

RefChange = tuple[str, str, str]
"""(full ref name, before, after); ZERO where there is nothing."""

T = TypeVar("T")

OBJECT_ID = re.compile("[0-9a-f]{40}")
"""Where an object's id is asked for, neither a branch's name nor the beginning of an id will do."""
TAGS_PER_PUSH = 3
"""With more tags at once GitHub sends no events at all, and starts no workflow."""


class Refs(Pulls):
    """The acts that move refs; all end in `refs_changed`."""

    async def refs_changed(self, repo: Repository, changes: Sequence[RefChange], *, by: User) -> None:
        """Tell the world of refs that have moved: webhooks, pull requests, `on_push` listeners, in this order."""
        tags = [change for change in changes if change[0].startswith("refs/tags/")]
        silent = tags if len(tags) > TAGS_PER_PUSH else []
        for change in changes:
            ref, before, after = change
            if change in silent or before == after:
                continue
            await self._push_events(repo, change, by=by)
            if ref == f"refs/heads/{repo.default_branch}" and after != ZERO:
                for commit in await self._news(repo, change):
                    await self.close_named(repo, commit.message, by=by)
            if ref.startswith("refs/heads/"):
                await self._pull_requests_follow(repo, ref, before, after, by=by)
            for listener in self.on_push:
                await listener(repo, ref, before, after, by)

    async def _push_events(self, repo: Repository, change: RefChange, *, by: User) -> None:
        ref, before, after = change
        if before == ZERO:
            await self.emit(repo, "create", create_json(repo, ref), by=by)
        if after == ZERO:
            await self.emit(repo, "delete", delete_json(ref), by=by)
        await self.emit(repo, "push", await self._push_payload(repo, change, by=by), by=by)

    async def _push_payload(self, repo: Repository, change: RefChange, *, by: User) -> dict[str, object]:
        ref, before, after = change
        git = self.git(repo)
        head = await git.commit(after) if after != ZERO else None
        listed = []
        if head is not None and ref.startswith("refs/heads/"):
            listed = [await self._push_commit(repo, commit) for commit in await self._news(repo, change)]
        head_json = await self._push_commit(repo, head) if head is not None else None
        moved = ZERO not in (before, after)
        forced = moved and not await git.is_ancestor(before, after)
        return push_json(self.site, repo, change, by, listed, head_json, forced=forced)

    async def _news(self, repo: Repository, change: RefChange) -> list[Commit]:
        """The commits that a push to a branch brings, oldest first; GitHub's list is longer than our twenty."""
        ref, before, after = change
        known = before if before != ZERO else f"refs/heads/{repo.default_branch}"
        is_first = known == ref
        news = await self.git(repo).commits(after if is_first else f"{known}..{after}", limit=20)
        return news[::-1]

    async def _push_commit(self, repo: Repository, commit: Commit) -> Json:
        parent = commit.parents[0] if commit.parents else ZERO
        changes = await self.git(repo).changes(parent, commit.sha)
        return push_commit_json(self.site, repo, commit, changes)

    async def update_refs(self, repo: Repository, updates: Sequence[RefUpdate], *, by: User | str) -> None:
        """Move, create and delete refs at once, all or none; fast-forward is not asked for.

        Refused as UNPROCESSABLE: a malformed name, an unknown object, a ref that is not where `before` says.
        """
        git = self.git(repo)
        for update in updates:
            if not update.name.startswith(("refs/heads/", "refs/tags/")) or update.name.endswith("/"):
                raise Refusal("UNPROCESSABLE", f"{update.name} is not a valid ref name.", field="ref", code="invalid")
            whole = OBJECT_ID.fullmatch(update.after)
            if not whole or (update.after != ZERO and await git.resolve(update.after) is None):
                raise Refusal("UNPROCESSABLE", "Object does not exist", field="sha", code="invalid")
        changes = []
        for update in updates:
            self.check_immutable(repo, update)
            old = await git.ref(update.name)
            before = old.sha if old else ZERO
            if update.after == before == ZERO:
                raise Refusal("UNPROCESSABLE", "Reference does not exist")
            changes.append((update.name, before, update.after))
        try:
            await git.update_refs(updates)
        except GitError as error:
            exists = any(update.before == ZERO != change[1] for update, change in zip(updates, changes, strict=True))
            message = "Reference already exists" if exists else f"Reference cannot be updated: {error}"
            raise Refusal("UNPROCESSABLE", message) from error
        await self.refs_changed(repo, changes, by=self.actor(by))

    def check_immutable(self, repo: Repository, update: RefUpdate) -> None:
        """Refuse to move or delete the tag of an immutable Release."""
        tag = update.name.removeprefix("refs/tags/")
        if update.before != ZERO and any(each.immutable and each.tag == tag for each in repo.releases.values()):
            raise Refusal("UNPROCESSABLE", f"Cannot update or delete {tag}: it is the tag of an immutable release")

    async def served(
        self, repo: Repository, updates: Sequence[RefUpdate], serve: Callable[[], Awaitable[T]], *, by: User
    ) -> T:
        """What git's own server answers to a push; what it moved of these refs is told to the world."""
        before = {update.name: await self._stands(repo, update.name) for update in updates}
        answer = await serve()
        changes = [(name, old, await self._stands(repo, name)) for name, old in before.items()]
        await self.refs_changed(repo, [change for change in changes if change[1] != change[2]], by=by)
        return answer

    async def _stands(self, repo: Repository, name: str) -> str:
        ref = await self.git(repo).ref(name)
        return ref.sha if ref else ZERO

    async def commit_on_branch(
        self,
        repo: Repository,
        branch: str,
        *,
        expected_head: str,
        message: str,
        additions: Mapping[str, bytes],
        deletions: Iterable[str] = (),
        by: User | str,
    ) -> str:
        """GitHub's createCommitOnBranch: a signed commit on top of a branch; its id.

        Refused: NOT_FOUND without the branch, STALE_DATA when its head is not `expected_head`, UNPROCESSABLE
        when a path to delete is not there. An empty commit is allowed.
        """
        git, user, ref = self.git(repo), self.actor(by), f"refs/heads/{branch}"
        head = await git.resolve(ref)
        if head is None:
            raise Refusal("NOT_FOUND", f"Could not resolve to a Branch with the name of {branch}.")
        stale = f'Expected branch to point to "{expected_head}" but it did not. Pull and try again.'
        if head != expected_head:
            raise Refusal("STALE_DATA", stale)
        try:
            tree = await git.edit_tree(head, additions, deletions)
        except MissingPath as error:
            message = f"A path was requested for deletion which does not exist: {error}"
            raise Refusal("UNPROCESSABLE", message) from error
        sha = await git.write_commit(
            tree, [head], message, author=self.identity(user), committer=GITHUB, at=self.clock.now()
        )
        try:
            await git.update_refs([RefUpdate(ref, sha, head)])
        except GitError as error:
            raise Refusal("STALE_DATA", stale) from error
        self.signed.add(sha)
        await self.refs_changed(repo, [(ref, head, sha)], by=user)
        return sha

    async def push(
        self,
        repo: Repository,
        branch: str,
        files: Mapping[str, str | bytes | None],
        message: str = "Change",
        *,
        by: User | str,
    ) -> str:
        """A person pushes one commit to a branch (made from the default branch when new); its id.

        `files` maps a path to its new content, None removes it.
        """
        git, user, ref = self.git(repo), self.actor(by), f"refs/heads/{branch}"
        old = await git.resolve(ref)
        parent = old or await git.resolve(f"refs/heads/{repo.default_branch}")
        texts = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
        additions = {path: data for path, data in texts.items() if data is not None}
        tree = await git.edit_tree(parent, additions, [path for path, data in texts.items() if data is None])
        person = self.identity(user)
        sha = await git.write_commit(
            tree, [parent] if parent else [], message, author=person, committer=person, at=self.clock.now()
        )
        await self.update_refs(repo, [RefUpdate(ref, sha, old or ZERO)], by=user)
        return sha

    async def push_tags(
        self, repo: Repository, tags: Mapping[str, str], *, by: User | str, message: str | None = None
    ) -> None:
        """A person pushes tags (name to commit) in one push; annotated ones when a message is given."""
        git, user = self.git(repo), self.actor(by)
        updates = []
        for name, sha in tags.items():
            target = sha
            if message is not None:
                tagger = self.identity(user)
                target = await git.write_tag(name, sha, message, tagger=tagger, at=self.clock.now())
            updates.append(RefUpdate(f"refs/tags/{name}", target))
        await self.update_refs(repo, updates, by=user)

    async def push_tag(
        self, repo: Repository, tag: str, sha: str, *, by: User | str, message: str | None = None
    ) -> None:
        """A person pushes one tag."""
        await self.push_tags(repo, {tag: sha}, by=by, message=message)

    async def delete_tag(self, repo: Repository, tag: str, *, by: User | str) -> None:
        """A person deletes a tag; UNPROCESSABLE when there is none."""
        await self.update_refs(repo, [RefUpdate(f"refs/tags/{tag}", ZERO)], by=by)

    async def delete_branch(self, repo: Repository, branch: str, *, by: User | str) -> None:
        """Delete a branch, which closes the pull requests from it; UNPROCESSABLE when there is none."""
        await self.update_refs(repo, [RefUpdate(f"refs/heads/{branch}", ZERO)], by=by)

    async def tags(self, repo: Repository) -> dict[str, str]:
        """The commits of all tags, by tag name."""
        refs = await self.git(repo).refs("refs/tags/")
        return {name.removeprefix("refs/tags/"): ref.commit for name, ref in refs.items()}

    async def touches_workflows(self, repo: Repository, sha: str) -> bool:
        """Whether a ref to this commit needs the Workflows permission: no branch has its workflow files.

        So a tag on an older commit is refused to an App that may write contents but not workflows, although it
        changes no workflow (GitHub's REST description says so where a Release makes its tag).
        """
        git = self.git(repo)
        folder = await git.object(f"{sha}:.github/workflows")
        if folder is None:
            return False
        for branch in (await git.refs("refs/heads/")).values():
            there = await git.object(f"{branch.commit}:.github/workflows")
            if there and there.sha == folder.sha:
                return False
        return True
