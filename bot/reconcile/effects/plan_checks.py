"""Showing in a check run whether a release's pull request still is the plan: once for each head and verdict.

It holds nothing up, whatever GitHub makes of it.
"""

import logging
from dataclasses import replace
from datetime import datetime

from bot.comments.plan_check import TITLES, summary
from bot.github import GitHub
from bot.github.errors import Conflict, Forbidden, GitHubError, NoAccess, RateLimited, Unavailable
from bot.github.writing.check_runs import CheckRun
from bot.ledger import Mark, PlanCheck
from bot.reconcile.effects.once import Once
from bot.reconcile.unsettled import Unsettled
from bot.release.actions import ShowPlan
from bot.release.model import Release
from bot.release.plan_check import NAME
from bot.release.records import PlanShown
from bot.store import Lease

log = logging.getLogger(__name__)

LACKS = "Checks: write"


class PlanChecks:
    """Makes them in the repository of a lease."""

    def __init__(self, github: GitHub, once: Once) -> None:
        self._github = github
        self._once = once

    async def show(self, lease: Lease, release: Release, action: ShowPlan) -> Release:
        """The release with what is shown now. What may come right by itself is tried again at the next look; without
        the permission, never again for this release.

        Raises RateLimited, and NoAccess.
        """
        head = action.head or next(reversed(release.review.ours), None)
        if head is None:
            return release
        shown = PlanShown(head, action.verdict)
        try:
            await self._show(lease, release, shown)
        except (RateLimited, NoAccess):
            raise
        except (Unavailable, Conflict, Unsettled) as passing:
            log.info("%s: the check run is still to be made: %s", release.id, passing)
            return release
        except Forbidden as refused:
            log.info("%s: no check run: %s", release.id, refused)
            shown = replace(shown, lacks=LACKS)
        except GitHubError as refused:  # of this head: it may be gone
            log.warning("%s: no check run: %s", release.id, refused)
        return replace(release, review=replace(release.review, shown=shown))

    async def _show(self, lease: Lease, release: Release, shown: PlanShown) -> None:
        writer = self._github.writer(lease)
        told = summary(release, shown.verdict)
        check = CheckRun(NAME, shown.head, shown.verdict, TITLES[shown.verdict], told, release.id)

        async def find(_: datetime | None = None) -> str | None:
            found = await writer.find_check_run(check)
            return None if found is None else str(found)

        async def make() -> str:
            # A store that has not seen the pull request opened may have been lost: nobody remembers what was shown.
            known = await find() if release.review.opening_at is None else None
            return known or str(await writer.create_check_run(check))

        await self._once.do(Mark(release.subject, PlanCheck(shown.verdict, shown.head)), find=find, make=make)
