"""Repositories that get another name, another owner, or an end; the old address leads to the new one."""

from bot.sandbox.model import Repository
from bot.sandbox.payloads.common import user_json
from bot.sandbox.world.installations import Installations


class Relocation(Installations):
    """What an owner does with a repository as a whole."""

    async def rename_repository(self, repo: Repository, name: str) -> None:
        """Give it another name."""
        changes = {"repository": {"name": {"from": repo.name}}}
        repo.former_names.add(repo.full_name.lower())
        repo.name = name
        await self.emit(repo, "repository", {"action": "renamed", "changes": changes}, by=repo.owner)

    async def transfer_repository(self, repo: Repository, owner: str) -> None:
        """Give it to another owner; the App sees it there only when an installation of that owner covers it.

        Who owned it becomes a collaborator, as with personal accounts.
        """
        before, old = repo.owner, self.installation_of(repo)
        repo.former_names.add(repo.full_name.lower())
        repo.owner = self.user(owner)
        repo.permissions[before.login] = "write"
        if old is not None:
            old.repository_ids.discard(repo.id)
            self._tell_selection(old, "removed", repo)
        new = next((each for each in self.installations.values() if each.account.id == repo.owner.id), None)
        if new is not None:
            new.repository_ids.add(repo.id)
            self._tell_selection(new, "added", repo)
        changes = {"owner": {"from": {"user": user_json(self.site, before)}}}
        await self.emit(repo, "repository", {"action": "transferred", "changes": changes}, by=before)
