"""Carrying out what a rollback undoes; doing one of these twice is doing it once."""

import logging
from dataclasses import replace

from bot.comments.rollback import yank_marks_body
from bot.github import Writer
from bot.ledger import Mark, Yanked
from bot.reconcile.effects.changelogs import propose_changelogs
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
    mark = Mark(release.subject, Yanked(action.branch))
    message = f"Rolled back in #{release.request.issue}."
    number = await propose_changelogs(
        writer, release, action.marks, action.branch, action.title, message, yank_marks_body(release), mark
    )
    return replace(release, rollback=replace(rollback_of(release), marked_in=number)) if number else release
