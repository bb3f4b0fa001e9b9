"""What every resolver may ask for: the world, the token's reach, and git objects read in one go."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from graphql import GraphQLResolveInfo

from bot.sandbox.access.auth import covers
from bot.sandbox.access.permissions import allows
from bot.sandbox.git.objects import GitObject
from bot.sandbox.git.repository import GitRepository
from bot.sandbox.graphql.errors import Problem, forbidden
from bot.sandbox.model import Repository, Token
from bot.sandbox.world import World


class ObjectLoader:
    """Git objects asked for at the same time (a query has one alias a file) are read by one git process."""

    def __init__(self, git: GitRepository) -> None:
        """Read from `git`."""
        self._git = git
        self._waiting: list[tuple[str, asyncio.Future[GitObject | None]]] = []
        self._reading: set[asyncio.Task[None]] = set()

    async def load(self, expression: str) -> GitObject | None:
        """What an expression names, or None."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._begin)
        answer: asyncio.Future[GitObject | None] = loop.create_future()
        self._waiting.append((expression, answer))
        return await answer

    def _begin(self) -> None:
        batch, self._waiting = self._waiting, []
        task = asyncio.ensure_future(self._read(batch))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _read(self, batch: list[tuple[str, asyncio.Future[GitObject | None]]]) -> None:
        try:
            found = await self._git.objects([expression for expression, _ in batch])
        except Exception as error:  # whatever it is, those who wait must hear of it
            for _, answer in batch:
                answer.set_exception(error)
            return
        for (_, answer), each in zip(batch, found, strict=True):
            answer.set_result(each)


@dataclass
class Context:
    """One request's view of the world."""

    world: World
    token: Token
    _loaders: dict[int, ObjectLoader] = field(default_factory=dict)

    def require(self, needs: Mapping[str, str]) -> None:
        """Refuse with FORBIDDEN unless the token has these permissions."""
        if not allows(self.token.permissions, needs):
            raise forbidden()

    def reaches(self, repo: Repository | None) -> bool:
        """Whether there is such a repository and the token is for it."""
        return repo is not None and covers(self.world, self.token, repo.id)

    def repository(self, node_id: str) -> Repository:
        """The repository that a mutation names by its id; NOT_FOUND when the token does not reach it."""
        repo = self.world.repository_by_node_id(node_id)
        if repo is None or not self.reaches(repo):
            raise Problem("NOT_FOUND", f"Could not resolve to a node with the global id of '{node_id}'.")
        return repo

    def git(self, repo: Repository) -> GitRepository:
        """The git repository of a repository."""
        return self.world.git(repo)

    async def git_object(self, repo: Repository, expression: str) -> GitObject | None:
        """What an expression names in a repository, or None."""
        loader = self._loaders.setdefault(repo.id, ObjectLoader(self.git(repo)))
        return await loader.load(expression)


Info: TypeAlias = GraphQLResolveInfo[Context]
"""What a resolver is told beside its source and arguments."""
