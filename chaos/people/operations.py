"""What people can do with a repository: comment, push, and move the base branch."""

from collections.abc import Mapping

from bot.sandbox.errors import Refusal
from bot.sandbox.git.objects import RefUpdate
from bot.sandbox.model import Comment, Issue
from chaos.oracle.records import BASE
from chaos.oracle.witness import Witness
from chaos.people.cast import OWNER


class Operations:
    """The operations that the people of one run share."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._world = witness.sandbox.world
        self._repo = witness.repository
        self.issue: Issue | None = None
        """In which the release is asked for."""
        self.quiet_since = 0.0
        """Since when nobody has done anything."""

    async def say(self, text: str, *, by: str, issue: Issue | None = None) -> Comment | None:
        """Comment, where that is possible."""
        where = issue or self.issue
        self.quiet_since = self._witness.now
        if where is None or where.number not in self._repo.issues:
            return None
        try:
            return await self._world.comment(self._repo, where.number, text, by=by)
        except Refusal as refusal:
            self._witness.tell(f"{by} cannot comment: {refusal}")
            return None

    async def push(self, files: Mapping[str, str | bytes | None], message: str, branch: str = BASE) -> None:
        """A commit of the owner's."""
        await self._world.push(self._repo, branch, files, message, by=OWNER)

    async def move_base(self, commit: str) -> None:
        """Force the base branch to a commit."""
        await self._world.update_refs(self._repo, [RefUpdate(f"refs/heads/{BASE}", commit)], by=OWNER)
