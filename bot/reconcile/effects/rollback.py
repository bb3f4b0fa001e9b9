"""Carrying out what a rollback undoes; doing one of these twice is doing it once."""

import logging
from dataclasses import replace

from bot.comments.rollback import yank_marks_body
from bot.github import Writer
from bot.github.errors import AlreadyExists, GitHubError, Moved, NoAccess, RateLimited, StaleData, Unavailable
from bot.github.writing.opening import Proposal
from bot.ledger import Mark, Yanked
from bot.registries import Registries
from bot.registries.adapter import Refused
from bot.release.actions import CancelRun, DeleteRelease, DeleteTags, MarkYanked, Yank
from bot.release.found import Unreachable
from bot.release.model import Release
from bot.release.rollback.ladder import rollback_of

log = logging.getLogger(__name__)

Undoing = CancelRun | DeleteTags | DeleteRelease | Yank | MarkYanked


async def undo(writer: Writer, registries: Registries, release: Release, action: Undoing) -> Release:
    """Do it; answers the release with what is known because of that. Raises the adapter's errors."""
    match action:
        case CancelRun():
            await writer.cancel_run(action.run)
        case DeleteTags():
            await writer.delete_tags(action.tags)
        case DeleteRelease():
            await writer.delete_release(action.id)
        case Yank():
            return await _yank(registries, release, action)
        case MarkYanked():
            return await _mark(writer, release, action)
    return release


async def _yank(registries: Registries, release: Release, action: Yank) -> Release:
    answer = await registries.yank(action.registry, action.name, action.version, action.message)
    match answer:
        case Refused():
            return replace(release, rollback=replace(rollback_of(release), yank_refused=answer.why))
        case Unreachable():
            log.warning("%s %s is not yanked yet: %s", action.name, action.version, answer.why)
    return release


async def _mark(writer: Writer, release: Release, action: MarkYanked) -> Release:
    proposal = Proposal(
        base=release.plan.base,
        base_commit=action.marks.base_commit,
        branch=action.branch,
        headline=action.title,
        message=f"Rolled back in #{release.request.issue}.",
        files=dict(action.marks.files),
        title=action.title,
        body=f"{yank_marks_body(release)}\n\n{Mark(release.subject, Yanked(action.branch)).text}",
    )
    try:
        opened = await writer.open_pull_request(proposal)
    except (AlreadyExists, StaleData, Moved, NoAccess, RateLimited, Unavailable):  # it may be done at the next look
        raise
    except GitHubError as refused:
        # Somebody's branch of that name, or a rule: the end of the rollback says then what to do by hand.
        log.warning("%s: the changelogs are not marked: %s", release.id, refused)
        return release
    return replace(release, rollback=replace(rollback_of(release), marked_in=opened.pull_request.number))
