"""The release's branch and pull request: opened, moved to a newer plan, and deleted."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

from bot.comments.pull_request import commit_message, pull_request_body
from bot.github import Writer
from bot.github.errors import Forbidden, NotFound, RuleViolation
from bot.github.writing.opening import Proposal
from bot.ledger import Mark, Proposes
from bot.plan.model import Plan
from bot.plan.naming import PREFIXES, prefix_of
from bot.release.actions import FollowBase, OpenPullRequest
from bot.release.model import Release

log = logging.getLogger(__name__)

Keep: TypeAlias = Callable[[Release], Awaitable[None]]
"""Keeps what is known so far of a release whose acts are not all done."""


async def open_pull_request(writer: Writer, release: Release, action: OpenPullRequest) -> Release:
    """Branch, commit and pull request; answers the release that knows them."""
    proposed = await writer.open_pull_request(proposal_of(release, action.plan, action.base_commit))
    ours = (proposed.commit,) if proposed.commit else ()
    pull = proposed.pull_request
    return replace(release, review=replace(release.review, pull_request=pull.number, url=pull.url, ours=ours))


async def follow_base(writer: Writer, before: Release, release: Release, action: FollowBase, keep: Keep) -> Release:
    """The new commit is known for ours before the branch is moved to it: a crash in between mistakes it for
    nobody else's. That it is about to be made is kept, so that its branch is not left behind.
    """
    proposal = proposal_of(release, action.plan, action.base_commit)
    await keep(replace(before, review=replace(before.review, following=True)))
    commit = await writer.make_successor(proposal, instead_of=action.instead_of)
    ours = (action.instead_of, commit)
    await keep(replace(before, review=replace(before.review, ours=ours, following=True)))
    await writer.follow_base(release.review.pull_request or 0, proposal, commit, instead_of=action.instead_of)
    return replace(release, review=replace(release.review, ours=ours, following=False))


async def delete_branch(writer: Writer, release: Release, head: str) -> None:
    """A branch that may not be deleted stays: nothing waits for it to go."""
    try:
        await writer.delete_branch(release.review.branch, head)
    except (Forbidden, RuleViolation) as kept:
        log.info("%s: %s", release.id, kept)


async def drop_left_behind(writer: Writer, release: Release) -> None:
    """As above: what refused the pull request may refuse this as well."""
    try:
        await writer.drop_left_behind(release.review.branch, release.plan.commit_headline, release.plan.base_commit)
    except (Forbidden, NotFound, RuleViolation) as kept:
        log.info("%s: %s", release.id, kept)


def proposal_of(release: Release, plan: Plan, base_commit: str) -> Proposal:
    """What is opened for a plan."""
    body = pull_request_body(plan, requested_by=release.request.by, issue=release.request.issue)
    prefix = prefix_of(release.review.branch, [package.tag for package in release.packages])
    proposes = Proposes(base_commit, None if prefix in PREFIXES else prefix or None)
    return Proposal(
        base=release.plan.base,
        base_commit=base_commit,
        branch=release.review.branch,
        headline=release.plan.commit_headline,
        message=commit_message(release.request),
        files={edit.path: edit.after for edit in plan.edits},
        title=plan.title,
        body=f"{body}\n\n{Mark(release.subject, proposes).text}",
        release=release.subject,
    )
