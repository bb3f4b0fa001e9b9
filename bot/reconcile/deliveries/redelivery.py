"""Webhooks that did not arrive: GitHub is asked which ones failed, and to make another attempt.

GitHub makes none by itself, and can be asked for three days. Asking twice is harmless, since every attempt at a webhook
has the same GUID and a kept one is not kept again; so any number of processes may look, and a crash costs at most a
second question.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.events import may_matter
from bot.github import GitHub
from bot.github.errors import GitHubError, Invalid, NotFound, RateLimited
from bot.github.facts import HookDelivery
from bot.store import Scan, Store, Tried

log = logging.getLogger(__name__)

WINDOW = timedelta(days=3)
"""How long GitHub redelivers.

https://docs.github.com/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
"""
LOG_OVERLAP = timedelta(minutes=10)
"""Read once more at each look: the log has an attempt when it ended, by when it began, and clocks differ.

How late an entry may show: docs/live-check.md#delivery-log-delay.
"""
FIRST_PAUSE, LONGEST_BETWEEN = timedelta(minutes=5), timedelta(hours=6)
"""Between attempts at one webhook that fails again and again."""
MOST_IN_SILENCE = 2
"""Attempts that are asked for although none shows."""
MOST_ASKED = 60
"""Questions in one look; GitHub limits those that make it do something.

https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api
"""


class Redelivery:
    """Looks at the App's log of deliveries."""

    def __init__(self, github: GitHub, store: Store, clock: Clock) -> None:
        """Nothing is asked yet."""
        self._github = github
        self._store = store
        self._clock = clock

    async def look(self) -> int:
        """Ask for another attempt at what failed and matters; for how many. Raises the adapter's errors.

        What could not be asked for now is asked for at a later look.
        """
        now = self._clock.now()
        since = await self._since(now)
        failed = await self._worth(_newest(await self._github.app.failed_deliveries(since)))
        asked, deferred, in_sight = 0, [], []
        for delivery in failed:
            times = await self._due(delivery, now)
            if times is None:
                continue
            if times < 0 or asked == MOST_ASKED or not await self._ask(delivery, times, now):
                deferred.append(delivery.delivered_at)
            else:
                asked += 1
                if times + 1 < MOST_IN_SILENCE:
                    in_sight.append(delivery.delivered_at)
        await self._store.bookmarks.move(Scan.DELIVERIES, to=min([now, *deferred, *in_sight]))
        if asked or deferred:
            log.warning("%d webhooks had failed and are redelivered, %d more will be", asked, len(deferred))
        return asked

    async def _since(self, now: datetime) -> datetime:
        """Where the last look ended, as far as GitHub still has it."""
        last, oldest = await self._store.bookmarks.find(Scan.DELIVERIES), now - WINDOW
        if last is None or last.at is None:
            return oldest
        looked = last.at
        if looked < oldest:
            log.warning("webhooks that failed from %s to %s can no longer be redelivered", looked, oldest)
        return max(looked - LOG_OVERLAP, oldest)

    async def _worth(self, failed: Sequence[HookDelivery]) -> list[HookDelivery]:
        """Those that nobody has and that can matter, comments first, then by their age."""
        known = await self._store.known_guids(each.guid for each in failed)
        is_open = {r.id for r in await self._store.repositories_with_something_open()}
        found = [
            each
            for each in failed
            if each.guid not in known
            and may_matter(each.event, each.action)
            and (each.event == "issue_comment" or each.repository is None or each.repository in is_open)
        ]
        return sorted(found, key=lambda each: (each.event != "issue_comment", each.delivered_at, each.id))

    async def _due(self, delivery: HookDelivery, now: datetime) -> int | None:
        """How often another attempt was asked for before; -1 when it is too early for the next, None when it shows no
        failure since: then it went well, unless GitHub accepted the question and forgot it, so it is asked again once.
        """
        before = await self._store.attempts.find(Tried.REDELIVERY, delivery.guid)
        if before.seen == delivery.id and before.count >= MOST_IN_SILENCE:
            return None
        return before.count if before.next_at is None or now >= before.next_at else -1

    async def _ask(self, delivery: HookDelivery, times: int, now: datetime) -> bool:
        """Whether that is settled: asked for, or out of reach."""
        try:
            await self._github.app.redeliver(delivery.id)
        except RateLimited as limited:
            log.info("%s: %s", delivery.guid, limited)
            return False
        except (Invalid, NotFound) as refused:
            log.error("webhook %s (%s) is lost: %s", delivery.guid, delivery.event, refused)
        except GitHubError as failure:
            log.warning("webhook %s (%s) could not be asked for: %s", delivery.guid, delivery.event, failure)
            return False
        pause = min(FIRST_PAUSE * 2**times, LONGEST_BETWEEN)
        await self._store.attempts.count(Tried.REDELIVERY, delivery.guid, next_at=now + pause, seen=delivery.id)
        return True


def _newest(failed: Sequence[HookDelivery]) -> list[HookDelivery]:
    """The newest attempt at each webhook; `failed` begins with the newest of all."""
    return list({each.guid: each for each in reversed(failed)}.values())
