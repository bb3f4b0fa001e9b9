"""Another repository: what is read of it and opened in it, through tokens of its own installation."""

from collections.abc import Sequence

from bot.github import decode
from bot.github.documents import DOWNSTREAM
from bot.github.errors import NotFound
from bot.github.facts import DownstreamFacts, Permission, Proposed, RepositoryRef
from bot.github.reading.files import REGULAR, list_tree, read_files
from bot.github.transport.tokens import Purpose, Tokens
from bot.github.writing.opening import Proposal, open_what_stands


class DownstreamRepository:
    """Every method raises the errors of `bot.github.errors`; nothing but `open` can change anything."""

    def __init__(self, tokens: Tokens, repository: RepositoryRef) -> None:
        """Tokens are minted when first needed."""
        self._tokens = tokens
        self._repository = repository

    async def stand(self, branch: str) -> DownstreamFacts:
        """The default branch, and our pull request from `branch`; NotFound when there is no commit yet."""
        client = await self._tokens.client(self._repository, Purpose.COMPARE)
        names = {"owner": self._repository.owner, "name": self._repository.name}
        found = (await client.graphql(DOWNSTREAM, **names, head=branch)).complete()["repository"]
        base = decode.branch(found["defaultBranchRef"])
        if base is None:
            raise NotFound(f"{self._repository.full_name} has no commit yet")
        return DownstreamFacts(base, found["isPrivate"], decode.our_pull_request(found["pullRequests"]["nodes"]))

    async def role(self, login: str) -> Permission:
        """Somebody's role there now, as `Reader.permission` tells it."""
        client = await self._tokens.client(self._repository, Purpose.COMPARE)
        path = "/repos/{owner}/{repo}/collaborators/{login}/permission"
        try:
            found = await client.get(path, owner=self._repository.owner, repo=self._repository.name, login=login)
        except NotFound:
            return Permission.NONE
        named = found.get("role_name")
        return Permission(named if named in list(Permission) else found["permission"])

    async def paths(self, commit: str) -> tuple[str, ...]:
        """Every regular file at a commit."""
        client = await self._tokens.client(self._repository, Purpose.COMPARE)
        listing = await list_tree(client, self._repository, commit)
        return tuple(path for path, (mode, _) in listing.items() if mode in REGULAR)

    async def files(self, commit: str, paths: Sequence[str]) -> dict[str, bytes]:
        """Files at a commit, byte for byte."""
        client = await self._tokens.client(self._repository, Purpose.COMPARE)
        return await read_files(client, self._repository, commit, paths)

    async def open(self, proposal: Proposal) -> Proposed:
        """Open the pull request; a branch that is there already is continued and never reset.

        Conflict when it holds somebody else's work.
        """
        client = await self._tokens.client(self._repository, Purpose.CHANGE)
        return await open_what_stands(client, self._repository, proposal)
