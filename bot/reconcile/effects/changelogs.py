"""Pull requests that only change changelogs: yanked versions marked, and what a maintenance branch released."""

import logging

from bot.comments.aftercare import carried_body
from bot.github import Writer
from bot.github.errors import AlreadyExists, GitHubError, Moved, NoAccess, RateLimited, StaleData, Unavailable
from bot.github.writing.opening import Proposal
from bot.ledger import Carried, Mark
from bot.release.actions import CarryChangelogs
from bot.release.facts import ChangelogEdits
from bot.release.model import Release

log = logging.getLogger(__name__)


async def carry(writer: Writer, release: Release, action: CarryChangelogs) -> int | None:
    """Propose to the default branch what a maintenance branch released; the pull request's number."""
    mark = Mark(release.subject, Carried(action.branch))
    message = f"Released from {release.plan.base} in #{release.request.issue}."
    body = carried_body(release)
    return await propose_changelogs(writer, release, action.edits, action.branch, action.title, message, body, mark)


async def propose_changelogs(
    writer: Writer,
    release: Release,
    edits: ChangelogEdits,
    branch: str,
    title: str,
    message: str,
    body: str,
    mark: Mark,
) -> int | None:
    """Open the pull request; its number, or None where GitHub refuses it. Raises what may be otherwise next time."""
    proposal = Proposal(
        base=edits.base,
        base_commit=edits.base_commit,
        branch=branch,
        headline=title,
        message=message,
        files=dict(edits.files),
        title=title,
        body=f"{body}\n\n{mark.text}",
    )
    try:
        opened = await writer.open_pull_request(proposal)
    except (AlreadyExists, StaleData, Moved, NoAccess, RateLimited, Unavailable):  # it may be done at the next look
        raise
    except GitHubError as refused:
        # Somebody's branch of that name, or a rule: the end says then what to do by hand.
        log.warning("%s: no pull request for the changelogs: %s", release.id, refused)
        return None
    return opened.pull_request.number
