"""What the App reads about itself: where it is installed, and the log of what GitHub told it."""

from datetime import datetime

from bot.github.facts import HookDelivery, Installation, RepositoryRef
from bot.github.transport.client import PER_PAGE, Json
from bot.github.transport.tokens import Tokens


class AppReader:
    """The App's own view. Every method raises the errors of `bot.github.errors`."""

    def __init__(self, tokens: Tokens) -> None:
        """Nothing is asked yet."""
        self._tokens = tokens

    async def installations(self) -> tuple[Installation, ...]:
        """All installations, those that are suspended too."""
        path = "/app/installations{?per_page}"
        return tuple(
            [
                Installation(each["id"], datetime.fromisoformat(each["created_at"]), each["suspended_at"] is not None)
                async for each in self._tokens.app.items(path, per_page=PER_PAGE)
            ]
        )

    async def repositories(self, installation: int) -> tuple[RepositoryRef, ...]:
        """Every repository that an installation covers, but archived ones: nothing can be done there."""
        client = await self._tokens.survey(installation)
        path = "/installation/repositories{?per_page}"
        return tuple(
            [
                RepositoryRef(each["id"], each["node_id"], each["full_name"], installation)
                async for each in client.items(path, key="repositories", per_page=PER_PAGE)
                if not each.get("archived")
            ]
        )

    async def failed_deliveries(self, since: datetime) -> tuple[HookDelivery, ...]:
        """Attempts that failed at or after that time, newest first; each webhook may be there several times."""
        found: list[HookDelivery] = []
        path = "/app/hook/deliveries{?status,per_page}"
        async for each in self._tokens.app.items(path, status="failure", per_page=PER_PAGE):
            delivered_at = datetime.fromisoformat(each["delivered_at"])
            if delivered_at < since:
                break
            found.append(_delivery(each, delivered_at))
        return tuple(found)

    async def redeliver(self, delivery: int) -> None:
        """Have GitHub make another attempt, with the same GUID. Invalid or NotFound for one that is too old."""
        await self._tokens.app.post("/app/hook/deliveries/{id}/attempts", {}, id=delivery)


def _delivery(item: Json, delivered_at: datetime) -> HookDelivery:
    return HookDelivery(
        id=item["id"],
        guid=item["guid"],
        event=item["event"],
        action=item["action"] or "",
        repository=item["repository_id"],
        delivered_at=delivered_at,
    )
