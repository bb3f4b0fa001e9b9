"""Doing what was decided, once: intent, call, record; after a crash, look before repeating.

Natural keys make most acts idempotent by themselves (a branch, a tag, a GitHub Release, a reaction). A comment has
none, so it carries a hidden marker, and an intent without a result is resolved by looking for that marker among the
comments that our own App wrote.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from bot.comments.markdown import COMMENT_LIMIT, RELEASE_LIMIT, cut, marker
from bot.comments.milestones import MILESTONES
from bot.comments.status import status_comment
from bot.github import GitHub, Reader, Writer
from bot.github.errors import NotFound
from bot.github.facts import RepositoryRef
from bot.plan.model import Problem
from bot.plan.text import pull_request_body, quiet_mentions
from bot.release.actions import (
    Announce,
    ClosePullRequest,
    CreateRelease,
    OpenPullRequest,
    PushTags,
    React,
    RerunFailedJobs,
)
from bot.release.decide import Decision
from bot.release.model import Release
from bot.store import Store

MORE = "*The rest is too long for GitHub; see the pull request's files.*"

Keep: TypeAlias = Callable[[Release], Awaitable[None]]
"""Keeps what is known so far of a release whose acts are not all done."""


class Actor:
    """Changes the world for one release at a time; the caller holds the repository's lease."""

    def __init__(self, github: GitHub, store: Store) -> None:
        self._github = github
        self._store = store

    async def perform(
        self, repository: RepositoryRef, decision: Decision, problems: Sequence[Problem], keep: Keep
    ) -> Release:
        """Do the decision's actions in order; answers the release as it stands after them.

        A pull request is kept as soon as it is open: it may be merged before the next look, and preflight could
        not tell that from a version that is taken.
        Raises the adapter's errors; what was done until then is recorded or will be observed.
        """
        release = decision.release
        writer = self._github.writer(repository)
        for action in decision.actions:
            match action:
                case OpenPullRequest():
                    release = await self._open_pull_request(repository, writer, release, action)
                    await keep(release)
                case ClosePullRequest():
                    await writer.close_pull_request(release.pull_request or 0)
                    await writer.delete_branch(release.branch)
                case PushTags():
                    await writer.push_tags(action.tags, action.commit)
                case CreateRelease():
                    await self._create_release(writer, action)
                case RerunFailedJobs():
                    await writer.rerun_failed_jobs(action.run)
                case Announce():
                    body = MILESTONES[action.milestone](release, decision, problems)
                    await self.say(repository, release.request.issue, release.id, _key(action), body)
                case React():
                    await writer.react(release.request.comment, action.content)
        return release

    async def react(self, repository: RepositoryRef, comment: int, content: str) -> None:
        """Put a reaction on a comment; GitHub keeps one of each kind."""
        await self._github.writer(repository).react(comment, content)

    async def say(self, repository: RepositoryRef, issue: int, subject: str, key: str, body: str) -> None:
        """Post a comment once for this subject and key, whatever crashes in between."""
        text = f"{cut(body, COMMENT_LIMIT, MORE)}\n\n{marker(subject, key)}"
        writer = self._github.writer(repository)
        await self._once(repository, issue, subject, key, lambda: writer.comment(issue, text))

    async def show_status(self, repository: RepositoryRef, release: Release, decision: Decision) -> None:
        """Post the status comment, or bring it up to date; nothing is sent when it says so already.

        A release that ends before there was anything to show gets none.
        """
        body = cut(status_comment(release, decision.answer), COMMENT_LIMIT, MORE)
        text = f"{body}\n\n{marker(release.id, 'status')}"
        digest = hashlib.sha256(text.encode()).hexdigest()
        writer = self._github.writer(repository)
        issue = release.request.issue
        known = await self._store.effect(release.id, "status")
        if known is None and release.phase.is_end and release.pull_request is None:
            return
        if known is None or not known.done or known.result is None:
            await self._once(repository, issue, release.id, "status", lambda: writer.comment(issue, text), digest)
            return
        shown = json.loads(known.result)
        if shown["digest"] == digest:
            return
        try:
            comment = shown["comment"]
            await writer.edit_comment(comment, text)
        except NotFound:  # somebody deleted it
            comment = await writer.comment(issue, text)
        await self._store.record(release.id, "status", json.dumps({"comment": comment, "digest": digest}))

    async def answer_status(self, repository: RepositoryRef, release: Release, decision: Decision) -> None:
        """Answer `/release status`: the card once more, where the question was asked."""
        body = status_comment(release, decision.answer)
        await self.say(repository, release.request.issue, release.id, f"status-{release.status_asked}", body)

    async def _once(
        self,
        repository: RepositoryRef,
        issue: int,
        subject: str,
        key: str,
        post: Callable[[], Awaitable[int]],
        digest: str = "",
    ) -> None:
        effect = await self._store.intend(subject, key)
        if effect.done:
            return
        comment = None
        if not effect.fresh:
            reader = self._github.reader(repository)
            comment = await _find_comment(reader, issue, marker(subject, key), effect.at - timedelta(minutes=5))
        if comment is None:
            comment = await post()
        await self._store.record(subject, key, json.dumps({"comment": comment, "digest": digest}))

    async def _open_pull_request(
        self, repository: RepositoryRef, writer: Writer, release: Release, action: OpenPullRequest
    ) -> Release:
        plan = action.plan
        body = pull_request_body(plan, requested_by=release.request.by, issue=release.request.issue)
        pull = await writer.open_pull_request(
            base=release.base,
            base_commit=action.base_commit,
            branch=plan.branch,
            headline=plan.title,
            message=f"Requested by {release.request.by} in #{release.request.issue}.",
            files={edit.path: edit.after for edit in plan.edits},
            title=plan.title,
            body=f"{body}\n\n{marker(release.id, 'release')}",
        )
        return replace(release, pull_request=pull.number, pull_request_url=pull.url)

    async def _create_release(self, writer: Writer, action: CreateRelease) -> None:
        await writer.create_release(
            action.tag,
            name=action.title,
            body=quiet_mentions(cut(action.body, RELEASE_LIMIT, "*The rest is in the changelog.*")),
            prerelease=action.prerelease,
            latest=action.latest,
        )


async def _find_comment(reader: Reader, issue: int, mark: str, since: datetime) -> int | None:
    for comment in await reader.comments(issue, since):
        if comment.by_us and mark in comment.body:
            return comment.id
    return None


def _key(action: Announce) -> str:
    return f"{action.milestone}-{action.variant}" if action.variant else str(action.milestone)
