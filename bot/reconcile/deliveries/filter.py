"""What is worth keeping of what comes through the door, decided before anything is written.

A command is kept always. Everything else is a reason to look again at something that is open; where nothing is open,
it costs an indexed read and no write. A repository counts as open as soon as a command of it is kept.
"""

import asyncio

import cachetools
import msgspec

from bot.clock import Clock
from bot.events import ChecksChanged, CommentCreated, InstallationChanged, RepositoryEvent, is_command, normalized
from bot.github.facts import RepositoryRef
from bot.payloads import Id, InstallationDelivery, RepositoryRecord
from bot.store import Delivery, Store

QUIET_REPOSITORIES = 4096
REMEMBERED_SECONDS = 1.0
"""How long a repository is taken to have nothing open; what is kept here is known at once."""


class DeliveryFilter:
    """Keeps what matters; one for each process with a door."""

    def __init__(self, store: Store, clock: Clock, app_id: int | None = None) -> None:
        """What our own App's checks say, the App `app_id`'s, is no news. Nothing is read yet."""
        self._app_id = app_id
        self._store = store
        self._clock = clock
        self._quiet: cachetools.TTLCache[int, bool] = cachetools.TTLCache(
            QUIET_REPOSITORIES, REMEMBERED_SECONDS, timer=lambda: clock.now().timestamp()
        )

    async def keep(self, event: str, guid: str, body: bytes) -> bool | None:
        """Keep a delivery as far as it matters: whether it was new, and None when it does not matter.

        Returns only after the commit. Raises MalformedEvent for a body that GitHub would not send.
        """
        found = normalized(event, body)
        if found is None:
            return None
        if isinstance(found.event, InstallationChanged):
            return await self._keep_for_each(event, guid, found.event)
        if not await self._matters(found.event):
            return None
        return await self._keep(Delivery(guid, event, found.event.repository, found.body, self._clock.now()))

    async def _keep(self, delivery: Delivery) -> bool:
        new = await self._store.keep(delivery)
        self._quiet.pop(delivery.repository.id, None)
        return new

    async def _matters(self, event: RepositoryEvent) -> bool:
        if isinstance(event, CommentCreated):
            return is_command(event)
        if isinstance(event, ChecksChanged) and event.app is not None and event.app == self._app_id:
            return False
        number = event.repository.id
        if number in self._quiet:
            return False
        if await self._store.has_something_open(number):
            return True
        self._quiet[number] = True
        return False

    async def _keep_for_each(self, event: str, guid: str, change: InstallationChanged) -> bool | None:
        """One delivery for each repository with something open that the change concerns."""
        concerned = _concerned(change, await self._store.repositories_with_something_open())
        now = self._clock.now()
        parts = [Delivery(f"{guid}/{r.id}", event, r, _only_for(r, change), now) for r in concerned]
        kept = await asyncio.gather(*map(self._keep, parts))
        return any(kept) if kept else None


def _concerned(change: InstallationChanged, repositories: tuple[RepositoryRef, ...]) -> list[RepositoryRef]:
    """As they are to be addressed from now on: what an installation got is reached through it, what it lost is left
    as it is known, for another installation may have it by now.
    """
    got = {repository.id: repository for repository in change.added}
    lost = {repository.id for repository in change.removed}
    found = []
    for known in repositories:
        if known.id in got:
            found.append(got[known.id])
        elif known.installation_id == change.installation_id and (known.id in lost or _is_about_all(change)):
            found.append(known)
    return found


def _is_about_all(change: InstallationChanged) -> bool:
    """Suspended, taken up again, uninstalled, or with other permissions: all that it covers is concerned."""
    return (not change.added and not change.removed) or change.action == "deleted"


def _only_for(repository: RepositoryRef, event: InstallationChanged) -> bytes:
    """The normalized form of an installation's delivery as far as it concerns one repository."""
    record = RepositoryRecord(repository.id, repository.node_id, repository.full_name)
    added = [record] if any(each.id == repository.id for each in event.added) else []
    removed = [record] if any(each.id == repository.id for each in event.removed) else []
    payload = InstallationDelivery(
        action=event.action,
        installation=Id(event.installation_id),
        repositories_added=added,
        repositories_removed=removed,
    )
    return msgspec.json.encode(payload)
