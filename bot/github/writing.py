"""Everything that the bot changes in one repository; each method is safe to call again after an error.

Texts are sent as they are: keeping them below GitHub's limits is the caller's part.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from bot.github import decode
from bot.github.client import Client, Json
from bot.github.documents import PUSH_TAGS
from bot.github.errors import Conflict, Gone, Invalid, NotFound
from bot.github.facts import GitHubRelease, PullRequest, RepositoryRef
from bot.github.opening import Proposal, open_pull_request
from bot.github.tokens import Purpose, Tokens

TAGS_AT_ONCE = 3
"""GitHub sends no events, and starts no workflow, for more tags pushed together."""
NOTHING = "0" * 40
"""The id that means "must not exist" before an update."""


class Writer:
    """One repository through tokens of just the permissions that each act needs.

    Every method raises the errors of `bot.github.errors`; after Unavailable the act may have happened.
    """

    def __init__(self, tokens: Tokens, repository: RepositoryRef) -> None:
        """Tokens are minted when first needed."""
        self._tokens = tokens
        self._repository = repository

    async def open_pull_request(
        self,
        *,
        base: str,
        base_commit: str,
        branch: str,
        headline: str,
        message: str,
        files: Mapping[str, bytes | None],
        title: str,
        body: str,
    ) -> PullRequest:
        """Branch at `base_commit`, one commit on it, and the pull request; whatever is there already is kept.

        A path's None removes the file. Conflict when the branch holds somebody else's work; StaleData or
        AlreadyExists when somebody was faster.
        """
        proposal = Proposal(base, base_commit, branch, headline, message, files, title, body)
        return await open_pull_request(await self._client(Purpose.CHANGE), self._repository, proposal)

    async def close_pull_request(self, number: int) -> None:
        """Close without merging; one that is closed stays so. Conflict when somebody merged it before that."""
        client = await self._client(Purpose.CHANGE)
        path = self._path("/pulls/{number}")
        closed: Json = await client.patch(path, {"state": "closed"}, **self._names, number=number)
        if closed.get("merged"):
            raise Conflict(f"#{number} was merged before it could be closed")

    async def delete_branch(self, name: str) -> None:
        """Delete a branch; fine when it is gone."""
        client = await self._client(Purpose.CHANGE)
        try:
            await client.delete(self._path("/git/refs/heads/{branch}"), **self._names, branch=name)
        except (NotFound, Invalid):
            return

    async def push_tags(self, tags: Sequence[str], commit: str) -> None:
        """Create lightweight tags at a commit, all or none (of each three: with more GitHub keeps silent about them).

        Conflict or Invalid when one exists: no tag is ever moved.
        """
        client = await self._client(Purpose.CHANGE)
        remaining = iter(dict.fromkeys(tags))
        while batch := list(islice(remaining, TAGS_AT_ONCE)):
            updates = [{"name": f"refs/tags/{tag}", "beforeOid": NOTHING, "afterOid": commit} for tag in batch]
            pushed = {"repositoryId": self._repository.node_id, "refUpdates": updates}
            (await client.graphql(PUSH_TAGS, input=pushed)).complete()

    async def create_release(self, tag: str, *, name: str, body: str, prerelease: bool, latest: bool) -> GitHubRelease:
        """Publish the GitHub Release of an existing tag; the one that is there when somebody was faster."""
        client = await self._client(Purpose.CHANGE)
        wanted = {
            "tag_name": tag,
            "name": name,
            "body": body,
            "prerelease": prerelease,
            "make_latest": "true" if latest else "false",
        }
        try:
            return decode.release(await client.post(self._path("/releases"), wanted, **self._names))
        except Invalid as refused:
            if "already_exists" not in refused.codes:
                raise
            async for record in client.items(self._path("/releases{?per_page}"), **self._names, per_page=100):
                if record["tag_name"] == tag and not record["draft"]:
                    return decode.release(record)
            raise Conflict(f"The Release of {tag} exists, but is not listed yet") from refused

    async def comment(self, issue: int, body: str) -> int:
        """Write a comment; its id. The one act that is not safe to repeat: it has no natural key."""
        client = await self._client(Purpose.SPEAK)
        path = self._path("/issues/{issue}/comments")
        made: Json = await client.post(path, {"body": body}, **self._names, issue=issue)
        return int(made["id"])

    async def edit_comment(self, comment: int, body: str) -> None:
        """Replace a comment's text; NotFound when it was deleted."""
        client = await self._client(Purpose.SPEAK)
        await client.patch(self._path("/issues/comments/{id}"), {"body": body}, **self._names, id=comment)

    async def react(self, comment: int, content: str) -> None:
        """React to a comment (`eyes`, `+1`, `confused`, …), once; fine when the comment was deleted."""
        client = await self._client(Purpose.SPEAK)
        path = self._path("/issues/comments/{id}/reactions")
        try:
            await client.post(path, {"content": content}, **self._names, id=comment)
        except (NotFound, Gone):
            return

    async def rerun_failed_jobs(self, run_id: int) -> None:
        """Have GitHub run a workflow run's failed jobs again, as its next attempt."""
        client = await self._client(Purpose.RUN)
        await client.post(self._path("/actions/runs/{run}/rerun-failed-jobs"), {}, **self._names, run=run_id)

    async def _client(self, purpose: Purpose) -> Client:
        return await self._tokens.client(self._repository, purpose)

    def _path(self, rest: str) -> str:
        return "/repos/{owner}/{repo}" + rest

    @property
    def _names(self) -> dict[str, Any]:
        return {"owner": self._repository.owner, "repo": self._repository.name}
