"""The App's installations: which repositories it sees, and the webhooks that tell it."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.access.permissions import INSTALLED_PERMISSIONS
from bot.sandbox.model import Installation, Repository
from bot.sandbox.payloads.common import installation_json, user_json
from bot.sandbox.payloads.repositories import short_repository_json
from bot.sandbox.world.state import WorldState


class Installations(WorldState):
    """What an account's owner does with the App."""

    async def install(
        self, repo: Repository, *, permissions: Mapping[str, str] = INSTALLED_PERMISSIONS
    ) -> Installation:
        """Let the installation on the owner's account cover a repository; it is made when there is none."""
        is_new = all(each.account.id != repo.owner.id for each in self.installations.values())
        installation = self._cover(repo, permissions)
        if is_new:
            self._tell(
                installation,
                "installation",
                "created",
                {"repositories": [short_repository_json(repo)], "requester": None},
            )
        else:
            self._tell_selection(installation, "added", repo)
        return installation

    def _cover(self, repo: Repository, permissions: Mapping[str, str] = INSTALLED_PERMISSIONS) -> Installation:
        """The same without telling the App."""
        for installation in self.installations.values():
            if installation.account.id == repo.owner.id:
                installation.repository_ids.add(repo.id)
                return installation
        made = Installation(self.next_id(), repo.owner, {repo.id}, dict(permissions), self.clock.now())
        self.installations[made.id] = made
        return made

    async def uninstall(self, repo: Repository) -> None:
        """Take a repository out of the selection; tokens stop working for it."""
        installation = self.installation_of(repo)
        if installation is not None:
            installation.repository_ids.discard(repo.id)
            self._tell_selection(installation, "removed", repo)

    async def remove(self, installation: Installation) -> None:
        """The owner uninstalls the App from the account: its tokens die."""
        gone = [short_repository_json(self.repositories[each]) for each in sorted(installation.repository_ids)]
        del self.installations[installation.id]
        self._tell(installation, "installation", "deleted", {"repositories": gone, "requester": None})

    async def accept_permissions(self, installation: Installation, permissions: Mapping[str, str]) -> None:
        """The owner accepts other permissions; tokens that are out keep what they have."""
        installation.permissions = dict(permissions)
        self._tell(installation, "installation", "new_permissions_accepted", {})

    async def suspend(self, installation: Installation) -> None:
        """The owner suspends the installation: its tokens die, and it hears of nothing."""
        installation.suspended = True
        self._tell(installation, "installation", "suspend", {})

    async def unsuspend(self, installation: Installation) -> None:
        """The owner takes the suspension back."""
        installation.suspended = False
        self._tell(installation, "installation", "unsuspend", {})

    async def ping(self) -> None:
        """What GitHub sends first to a new webhook address."""
        payload = {"zen": "Anything added dilutes everything else.", "hook_id": self.app.id + 1}
        self.deliveries.append(self.webhooks.send("ping", payload))

    def _tell_selection(self, installation: Installation, action: str, repo: Repository) -> None:
        """`action` is added or removed."""
        own: dict[str, Any] = {"repository_selection": "selected", "requester": None}
        own |= {"repositories_added": [], "repositories_removed": []}
        own[f"repositories_{action}"] = [short_repository_json(repo)]
        self._tell(installation, "installation_repositories", action, own)

    def _tell(self, installation: Installation, event: str, action: str, own: dict[str, Any]) -> None:
        payload = {
            "action": action,
            "installation": installation_json(self.site, installation),
            **own,
            "sender": user_json(self.site, installation.account),
        }
        self.deliveries.append(self.webhooks.send(event, payload))
