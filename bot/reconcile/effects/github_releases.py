"""Publishing a GitHub Release, once: first a draft with a mark, then the same without it, for all to see.

A published Release is found by its tag and a draft by its mark, so a crash after either is looked at, not repeated.
Only a draft that was made just now may not be listed yet; that the intent was kept tells so, and it is waited for.
"""

import logging
from datetime import datetime

from bot.comments.markdown import RELEASE_LIMIT, cut
from bot.defused import quiet_mentions
from bot.github import GitHub, Writer
from bot.github.errors import Invalid
from bot.github.facts import GitHubRelease
from bot.ledger import Draft, Mark, Word, unmarked
from bot.reconcile.effects.once import Once
from bot.release.actions import CreateRelease
from bot.release.answers import Detail
from bot.release.model import Release
from bot.store import Lease

log = logging.getLogger(__name__)

SEE_CHANGELOG = "*The rest is in the changelog.*"


class GitHubReleases:
    """Publishes them in the repository of a lease."""

    def __init__(self, github: GitHub, once: Once) -> None:
        self._github = github
        self._once = once

    async def publish(self, lease: Lease, release: Release, action: CreateRelease) -> tuple[Detail, ...]:
        """Publish the Release of a tag; what a person has to know when GitHub takes none for this tag.

        Raises the adapter's errors, and Unsettled while a draft of an earlier try may not be shown yet.
        """
        writer = self._github.writer(lease)
        try:
            draft = action.draft or await self._draft(writer, release, action)
            await self._publish(writer, draft, action)
        except Invalid as refused:
            log.warning("%s: no Release of %s: %s", lease.repository.full_name, action.tag, refused)
            return (Detail(f"GitHub takes no Release for {action.tag}: {refused}"),)
        return ()

    async def prepare(self, lease: Lease, release: Release, page: CreateRelease) -> None:
        """Make the draft that workflows fill. Raises the adapter's errors, and Unsettled as `publish` does."""
        await self._draft(self._github.writer(lease), release, page)

    async def start(self, lease: Lease, page: CreateRelease) -> None:
        """Publish the Release of a tag for a workflow to start by. Made at once, not from a draft: then all that
        a workflow can wait for happens, `created` too. Whoever was faster has started it. Raises the adapter's errors.

        https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#release
        """
        writer = self._github.writer(lease)
        try:
            await writer.create_release(
                page.tag, name=page.title, body=await _text(writer, page), prerelease=page.prerelease
            )
        except Invalid as refused:
            if "already_exists" not in refused.codes:
                raise

    async def _draft(self, writer: Writer, release: Release, action: CreateRelease) -> GitHubRelease:
        async def not_listed(_: datetime) -> GitHubRelease | None:
            return None

        async def make() -> GitHubRelease:
            return await writer.draft_release(
                action.tag,
                name=action.title,
                body=f"{await _text(writer, action)}\n\n{Mark(release.subject, Word.DRAFT).text}",
                prerelease=action.prerelease,
            )

        return await self._once.make(Mark(release.subject, Draft(action.tag)), find=not_listed, make=make)

    async def _publish(self, writer: Writer, draft: GitHubRelease, action: CreateRelease) -> None:
        try:
            await writer.publish_release(draft, body=unmarked(draft.body), latest=action.latest)
        except Invalid as refused:
            await writer.delete_release(draft.id)
            # https://github.com/googleapis/release-please/issues/945
            if "already_exists" not in refused.codes:  # else somebody was faster, and theirs stays
                raise


async def _text(writer: Writer, action: CreateRelease) -> str:
    """The changelog section, which calls nobody by @name, and GitHub's own notes below it when they are wanted."""
    own = quiet_mentions(cut(action.body, RELEASE_LIMIT, SEE_CHANGELOG))
    if not action.generated:
        return own
    generated = await writer.generated_notes(action.tag, since=action.since)
    return cut("\n\n".join(part for part in (own, generated.strip()) if part), RELEASE_LIMIT, SEE_CHANGELOG)
