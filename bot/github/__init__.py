"""GitHub, as the bot sees it: facts out, acts in; the only room that knows gidgethub and GitHub's JSON."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import aiohttp
import cachetools

from bot.clock import Clock
from bot.github.app import AppReader
from bot.github.downstream import DownstreamRepository
from bot.github.facts import Board, CommentState, RecentComment, RepositoryRef
from bot.github.reading.comments import Listener, comment_states
from bot.github.reading.file_cache import FileCache
from bot.github.reading.reader import Reader, RulesOfBranches
from bot.github.reading.runs import JobLogs
from bot.github.transport.tokens import Purpose, Sealed, Tokens
from bot.github.transport.wire import Exchange, Wire
from bot.github.writing.discussions import read_board, start_discussion
from bot.github.writing.writer import Held, Writer

__all__ = ["DownstreamRepository", "GitHub", "Held", "Listener", "Reader", "Writer"]

REMEMBERED_RULES = 1024
REMEMBERED_LOGS = 64
RULES_LIFE_SECONDS = 60.0


class GitHub:
    """One App on one GitHub; hands out a reader and a writer for each repository."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        app_id: int,
        private_key: Sealed,
        base_url: str,
        user_agent: str,
        clock: Clock,
        heard: Callable[[Exchange], None] | None = None,
    ) -> None:
        """`base_url` is REST's address; nothing is asked yet. `heard` hears of every answer."""
        self._wire = Wire(session, base_url.rstrip("/"), user_agent, clock, heard=heard)
        self._tokens = Tokens(self._wire, app_id=app_id, private_key=private_key)
        self._app_id = app_id
        self._branch_rules: RulesOfBranches = cachetools.TTLCache(
            REMEMBERED_RULES, RULES_LIFE_SECONDS, timer=lambda: clock.now().timestamp()
        )
        self._job_logs: JobLogs = cachetools.LRUCache(REMEMBERED_LOGS)
        self._known = FileCache()

    @property
    def requests(self) -> int:
        """HTTP requests sent until now: REST and GraphQL, tokens and repetitions included."""
        return self._wire.requests

    @property
    def tokens(self) -> Tokens:
        """Clients for what the bot itself never asks; `live-check` does."""
        return self._tokens

    def reader(self, repository: RepositoryRef) -> Reader:
        """What can be read of a repository."""
        return Reader(
            self._tokens,
            repository,
            app_id=self._app_id,
            branch_rules=self._branch_rules,
            job_logs=self._job_logs,
            known=self._known,
        )

    def writer(self, held: Held) -> Writer:
        """What can be changed in the repository that is held."""
        return Writer(self._tokens, held, known=self._known)

    async def locate(self, repository: RepositoryRef) -> RepositoryRef:
        """The repository by its present name and installation; NoAccess when the App has none to it any more."""
        return await self._tokens.locate(repository)

    async def find(self, full_name: str) -> RepositoryRef:
        """The repository of that name; NoAccess when the App is not installed there."""
        return await self._tokens.find(full_name)

    def downstream_repository(self, repository: RepositoryRef) -> DownstreamRepository:
        """What can be read and opened in another repository."""
        return DownstreamRepository(self._tokens, repository)

    async def board(self, repository: RepositoryRef) -> Board:
        """The repository's discussion categories and our newest discussions."""
        return await read_board(await self._tokens.client(repository, Purpose.DISCUSS), repository)

    async def start_discussion(self, held: Held, category: str, title: str, body: str) -> str:
        """Start a discussion in the category of that node id; its address. Not safe to repeat."""
        client = await self._tokens.client(held.repository, Purpose.DISCUSS)
        return await start_discussion(client, held.repository, category, title, body)

    def forget(self, repository: RepositoryRef) -> None:
        """Ask anew, at the next call, what the App may do there and what the repository is called."""
        self._tokens.forget(repository)

    async def installation_for(self, full_name: str) -> int:
        """The id of the installation that covers `owner/name`; NotFound when the App is not installed there."""
        return await self._tokens.installation_for(full_name)

    @property
    def app(self) -> AppReader:
        """What the App reads about itself."""
        return AppReader(self._tokens)

    async def recent_comments(self, repository: RepositoryRef, since: datetime) -> tuple[RecentComment, ...]:
        """Every comment of a repository that was written at or after that time, oldest first."""
        client = await self._tokens.client(repository, Purpose.OBSERVE)
        return await Listener(client, self._app_id).recent_comments(repository, since)

    async def listener(self, installation: int, repositories: Iterable[int]) -> Listener:
        """What reads the comments of these repositories of an installation, with one token for all of them."""
        return Listener(await self._tokens.listener(installation, repositories), self._app_id)

    async def comment_states(self, repository: RepositoryRef, node_ids: Sequence[str]) -> dict[int, CommentState]:
        """What became of comments of a repository, by their ids; one that was deleted is left out."""
        return await comment_states(await self._tokens.client(repository, Purpose.OBSERVE), node_ids)
