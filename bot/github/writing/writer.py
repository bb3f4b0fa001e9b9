"""Everything that the bot changes in one repository; each method is safe to call again after an error.

Texts are sent as they are: keeping them below GitHub's limits is the caller's part.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeVar

from bot.github import decode
from bot.github.errors import Conflict, Forbidden, Gone, Locked, NotFound, StaleData, WorkflowsDiffer
from bot.github.facts import GitHubRelease, Proposed, RepositoryRef, Tag
from bot.github.reading.file_cache import FileCache
from bot.github.transport.client import Client, Json
from bot.github.transport.tokens import Purpose, Tokens
from bot.github.writing.check_runs import CheckRun, create_check_run, find_check_run
from bot.github.writing.opening import Proposal, open_pull_request
from bot.github.writing.rebasing import left_behind, leftover, make_successor, succeed, successor_of
from bot.github.writing.receive_pack import NO_OBJECT, RefUpdate, TagObject
from bot.github.writing.refs import push
from bot.github.writing.runs import RunsWriter

TAGS_AT_ONCE = 3
"""GitHub sends no events, and starts no workflow, for more tags pushed together.

https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows and, for `create`,
https://github.com/actions/runner/issues/3644.
"""


T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter."""
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


class Held(Protocol):
    """The right to change a repository: a lease, which nobody else has meanwhile."""

    @property
    def repository(self) -> RepositoryRef:
        """Whose it is."""
        ...

    @property
    def until(self) -> datetime:
        """When it ends."""
        ...


class Writer(RunsWriter):
    """One repository through tokens of just the permissions that each act needs.

    Every method raises the errors of `bot.github.errors`; after Unavailable the act may have happened.
    """

    def __init__(self, tokens: Tokens, held: Held, *, known: FileCache) -> None:
        """Tokens are minted when first needed; what is written is `known` afterwards."""
        super().__init__(tokens, held.repository)
        self._known = known

    async def open_pull_request(self, proposal: Proposal) -> Proposed:
        """Branch, one commit on it, and the pull request; whatever is there already is kept.

        Conflict when the branch holds somebody else's work; StaleData or AlreadyExists when somebody was faster.
        """
        self._remember(proposal)
        return await open_pull_request(await self._client(Purpose.CHANGE), self._repository, proposal)

    async def make_successor(self, proposal: Proposal, *, instead_of: str) -> str:
        """Make the commit that is to take the place of ours, `instead_of`, at the head of an open pull request.

        StaleData when the branch does not end in that commit any more.
        """
        self._remember(proposal)
        client = await self._client(Purpose.CHANGE)
        return await make_successor(client, self._repository, proposal, instead_of=instead_of)

    async def follow_base(self, number: int, proposal: Proposal, commit: str, *, instead_of: str) -> None:
        """Have an open pull request end in that `commit`, and say what it brings; only our own commit is replaced."""
        client = await self._client(Purpose.CHANGE)
        await succeed(client, self._repository, proposal.branch, commit, instead_of=instead_of)
        said = {"title": proposal.title, "body": proposal.body}
        await client.patch(self._path("/pulls/{number}"), said, **self._names, number=number)

    async def drop_successor(self, branch: str, headline: str) -> None:
        """Delete the branch on which a commit with that headline was made for `branch` and never taken over."""
        client = await self._client(Purpose.CHANGE)
        commit = await leftover(client, self._repository, branch, headline)
        if commit is not None:
            await self.delete_branch(successor_of(branch), commit)

    async def drop_left_behind(self, branch: str, headline: str, parent: str) -> None:
        """Delete a branch that was made for a pull request which was never opened, if nothing else came of it."""
        commit = await left_behind(await self._client(Purpose.CHANGE), self._repository, branch, headline, parent)
        if commit is not None:
            await self.delete_branch(branch, commit)

    async def close_pull_request(self, number: int) -> None:
        """Close without merging; one that is closed stays so. Conflict when somebody merged it before that."""
        client = await self._client(Purpose.CHANGE)
        path = self._path("/pulls/{number}")
        closed: Json = await client.patch(path, {"state": "closed"}, **self._names, number=number)
        if closed.get("merged"):
            raise Conflict(f"#{number} was merged before it could be closed")

    async def delete_branch(self, name: str, head: str) -> None:
        """Delete a branch that ends in `head`; fine when it is gone, or when a person moved it on."""
        await self._delete(Purpose.CHANGE, [RefUpdate(f"refs/heads/{name}", head, NO_OBJECT)])

    async def push_tags(self, tags: Sequence[str], commit: str, messages: Mapping[str, str] | None = None) -> None:
        """Create tags at a commit, all or none (of each three: with more GitHub keeps silent about them): annotated
        ones where there are `messages`, by tag.

        AlreadyExists when one is there: no tag is ever moved. RefRuleViolation or WorkflowsDiffer when a person has to
        change something first; for the latter a token with the optional permission for workflows is tried.
        """
        client = await self._client(Purpose.PUBLISH)
        names = list(dict.fromkeys(tags))
        tagger = await self._tagger(client) if messages else ""
        objects = [TagObject(tag, commit, text, tagger, client.now) for tag, text in (messages or {}).items()]
        targets = dict.fromkeys(names, commit) | {tag.name: tag.id for tag in objects}
        for batch in batched(names, TAGS_AT_ONCE):
            updates = [RefUpdate(f"refs/tags/{tag}", NO_OBJECT, targets[tag]) for tag in batch]
            made = [tag for tag in objects if tag.name in batch]
            try:
                await push(client, self._repository, updates, made)
            except WorkflowsDiffer as refused:
                try:
                    client = await self._client(Purpose.WORKFLOWS)
                except Forbidden:
                    raise refused from None
                await push(client, self._repository, updates, made)

    async def delete_tags(self, tags: Sequence[Tag]) -> None:
        """Delete tags that stand where they were seen, all or none of each three; fine when one is gone, or when a
        person moved it.
        """
        for batch in batched(dict.fromkeys(tags), TAGS_AT_ONCE):
            gone = [RefUpdate(f"refs/tags/{tag.name}", tag.object, NO_OBJECT) for tag in batch]
            await self._delete(Purpose.PUBLISH, gone)

    async def _delete(self, purpose: Purpose, gone: Sequence[RefUpdate]) -> None:
        try:
            await push(await self._client(purpose), self._repository, gone)
        except StaleData:
            return

    async def _tagger(self, client: Client) -> str:
        """The App's bot, as GitHub shows it for an author: https://github.com/actions/create-github-app-token#readme"""
        login = f"{(await self._tokens.app.get('/app'))['slug']}[bot]"
        number = (await client.get("/users/{login}", login=login))["id"]
        return f"{login} <{number}+{login}@users.noreply.github.com>"

    async def delete_release(self, release_id: int) -> None:
        """Delete a GitHub Release, mostly a draft; fine when it is gone. Its tag stays."""
        client = await self._client(Purpose.PUBLISH)
        try:
            await client.delete(self._path("/releases/{release}"), **self._names, release=release_id)
        except NotFound:
            return

    async def draft_release(self, tag: str, *, name: str, body: str, prerelease: bool) -> GitHubRelease:
        """Make a draft of a GitHub Release of a tag that exists. Nobody is told of it. Not idempotent: a tag can have
        several drafts.

        No `target_commitish` is sent. GitHub does not use it where the tag exists, and still answers 404 without the
        Workflows permission when that commit's workflow files differ from those of the default branch:
        https://docs.github.com/en/rest/releases/releases#create-a-release
        """
        wanted = {"tag_name": tag, "name": name, "body": body, "draft": True, "prerelease": prerelease}
        return await self._make_release(wanted)

    async def create_release(self, tag: str, *, name: str, body: str, prerelease: bool) -> GitHubRelease:
        """Publish the GitHub Release of a tag that exists, not as the latest. Invalid with `already_exists` when the
        tag has one. No `target_commitish`, as in a draft.
        """
        wanted = {"tag_name": tag, "name": name, "body": body, "prerelease": prerelease, "make_latest": "false"}
        return await self._make_release(wanted)

    async def _make_release(self, wanted: Mapping[str, object]) -> GitHubRelease:
        client = await self._client(Purpose.PUBLISH)
        return decode.release(await client.post(self._path("/releases"), wanted, **self._names))

    async def make_latest(self, release_id: int) -> None:
        """Have GitHub show a published Release as the latest: `Update a release`, with nothing else changed.

        https://docs.github.com/en/rest/releases/releases#update-a-release
        """
        client = await self._client(Purpose.PUBLISH)
        await client.patch(self._path("/releases/{id}"), {"make_latest": "true"}, **self._names, id=release_id)

    async def publish_release(self, draft: GitHubRelease, *, body: str, latest: bool) -> GitHubRelease:
        """Publish a draft with this text. From then on watchers know of it, and where Releases are immutable neither
        its tag nor its files can be changed.

        Invalid when the tag has a published Release, or GitHub takes none for it; NotFound when the draft is gone.
        """
        client = await self._client(Purpose.PUBLISH)
        wanted = {"draft": False, "body": body, "make_latest": "true" if latest else "false"}
        path = self._path("/releases/{id}")
        return decode.release(await client.patch(path, wanted, **self._names, id=draft.id))

    async def generated_notes(self, tag: str, *, since: str | None) -> str:
        """What GitHub itself says of the changes between two tags, in Markdown; nothing is kept there.

        Without `since` GitHub chooses the previous Release.
        """
        client = await self._client(Purpose.PUBLISH)
        wanted = {"tag_name": tag} | ({"previous_tag_name": since} if since else {})
        made: Json = await client.post(self._path("/releases/generate-notes"), wanted, **self._names)
        return str(made["body"])

    async def comment(self, issue: int, body: str) -> int:
        """Write a comment; its id. The one act that is not safe to repeat: it has no natural key.

        Locked when the conversation is, NotFound, Gone or Moved when the issue was deleted or taken elsewhere.
        """
        client = await self._client(Purpose.SPEAK)
        path = self._path("/issues/{issue}/comments")
        made: Json = await client.post(path, {"body": body}, **self._names, issue=issue)
        return int(made["id"])

    async def edit_comment(self, comment: int, body: str) -> None:
        """Replace a comment's text; NotFound when it was deleted."""
        client = await self._client(Purpose.SPEAK)
        await client.patch(self._path("/issues/comments/{id}"), {"body": body}, **self._names, id=comment)

    async def react(self, comment: int, content: str) -> bool:
        """React to a comment (`eyes`, `+1`, `confused`, …), once; whether nobody misses it: False where the issue is
        locked, True where the comment was deleted.
        """
        client = await self._client(Purpose.SPEAK)
        path = self._path("/issues/comments/{id}/reactions")
        try:
            await client.post(path, {"content": content}, **self._names, id=comment)
        except Locked:
            return False
        except (NotFound, Gone):
            pass
        return True

    async def create_check_run(self, check: CheckRun) -> int:
        """Say how a check ended; its id. Forbidden where the App lacks the optional permission for that."""
        return await create_check_run(await self._client(Purpose.CHECKS), self._repository, check)

    async def find_check_run(self, check: CheckRun) -> int | None:
        """The id of ours that says so already. Forbidden as above."""
        return await find_check_run(await self._client(Purpose.CHECKS), self._repository, check)

    def _remember(self, proposal: Proposal) -> None:
        for content in proposal.files.values():
            if content is not None:
                self._known.remember(self._repository, content)
