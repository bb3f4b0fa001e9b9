"""Repositories that get another name, another owner, or an end; the old address leads to the new one."""

from typing import Any

from bot.sandbox.model import Repository, User
from bot.sandbox.payloads.common import user_json
from bot.sandbox.payloads.repositories import short_repository_json
from bot.sandbox.world.installations import Installations


class Relocation(Installations):
    """What an owner does with a repository as a whole."""

    async def rename_repository(self, repo: Repository, name: str, *, by: User | str | None = None) -> None:
        """Give it another name."""
        before = repo.name
        self._leave_name(repo)
        repo.name = name
        await self._tell_repository(repo, "renamed", {"repository": {"name": {"from": before}}}, by=by)

    async def transfer_repository(self, repo: Repository, owner: str, *, by: User | str | None = None) -> None:
        """Give it to another owner; the App sees it there only when an installation of that owner covers it.

        Who owned it becomes a collaborator, as with personal accounts.
        """
        before, old = repo.owner, self.installation_of(repo)
        self._leave_name(repo)
        repo.owner = self.user(owner)
        repo.permissions[before.login] = "write"
        if old is not None:
            old.repository_ids.discard(repo.id)
            self._tell_selection(old, "removed", removed=[short_repository_json(repo)])
        new = next((each for each in self.installations.values() if each.account.id == repo.owner.id), None)
        if new is not None:
            new.repository_ids.add(repo.id)
            self._tell_selection(new, "added", added=[short_repository_json(repo)])
        changes = {"owner": {"from": {"user": user_json(self.site, before)}}}
        await self._tell_repository(repo, "transferred", changes, by=by or before)

    async def delete_repository(self, repo: Repository, *, by: User | str | None = None) -> None:
        """Delete it for good."""
        await self._tell_repository(repo, "deleted", None, by=by)
        del self.repositories[repo.id]
        for installation in self.installations.values():
            installation.repository_ids.discard(repo.id)

    def _leave_name(self, repo: Repository) -> None:
        repo.former_names.add(repo.full_name.lower())

    async def _tell_repository(
        self, repo: Repository, action: str, changes: dict[str, Any] | None, *, by: User | str | None
    ) -> None:
        own = {"action": action} | ({"changes": changes} if changes else {})
        await self.emit(repo, "repository", own, by=self.actor(by or repo.owner))
