"""Calls to GitHub's REST and GraphQL with one credential: JSON in, JSON out, and errors of this room."""

import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import gidgethub

from bot.github.errors import BadCredentials, GitHubError, RateLimited, Unavailable
from bot.github.transport.translate import from_git, from_graphql, from_http, graphql_limit
from bot.github.transport.wire import Authorization, GitRefused, Wire, WireAPI

log = logging.getLogger(__name__)

Json: TypeAlias = Any
"""Decoded JSON; it never leaves this room."""

APP = "app"
"""The rate limit of the App itself, which no repository's token counts towards."""
PER_PAGE = 100
"""https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One part of a GraphQL document that failed; `path` leads to the null in the data."""

    path: tuple[str | int, ...]
    error: GitHubError


@dataclass(frozen=True, slots=True)
class GraphQLAnswer:
    """What came of a document: GitHub may answer one part of it and refuse another."""

    data: Mapping[str, Json]
    """Empty when nothing was answered."""
    faults: tuple[Fault, ...] = ()

    def complete(self) -> Mapping[str, Json]:
        """The data, if nothing failed; else raises the error of the first fault."""
        for fault in self.faults:
            raise fault.error
        return self.data


class Client:
    """One credential's view of GitHub. REST paths are URI templates, their variables keyword arguments.

    GETs are repeated when GitHub is out of order, nothing else is: Unavailable means that it may have happened.
    """

    def __init__(
        self, wire: Wire, authorization: Authorization, *, limit: str, valid_since: datetime | None = None
    ) -> None:
        """`limit` names the rate limit that calls count towards; `valid_since` is when the token was made."""
        self._wire = wire
        self._api = WireAPI(wire, authorization, valid_since=valid_since)
        self._limit = limit
        self.rejected = False
        """Whether GitHub said that the credential is no good; it will not get better."""

    @property
    def now(self) -> datetime:
        """The current instant by the bot's clock."""
        return self._wire.clock.now()

    @property
    def requests(self) -> int:
        """HTTP requests sent until now by all clients of this wire."""
        return self._wire.requests

    async def get(self, path: str, **variables: Any) -> Json:
        """One thing."""
        with self._errors():
            return await self._api.getitem(path, variables)

    async def items(self, path: str, *, key: str | None = None, **variables: Any) -> AsyncIterator[Json]:
        """A list, asked for page by page as far as it is read; `key` is where GitHub wraps it in an object."""
        with self._errors():
            async for item in self._api.getiter(path, variables, iterable_key=key):
                yield item

    async def end_of_file(self, path: str, *, keep: int, **variables: Any) -> bytes:
        """The last `keep` bytes of a file that GitHub sends on to, as it does for logs; what is too long raises."""
        with self._errors():
            return await self._api.end_of_file(await self._api.location(path, variables), keep)

    async def post(self, path: str, body: Mapping[str, Json], **variables: Any) -> Json:
        """Make or do something."""
        with self._errors():
            return await self._api.post(path, variables, data=dict(body))

    async def patch(self, path: str, body: Mapping[str, Json], **variables: Any) -> Json:
        """Change something."""
        with self._errors():
            return await self._api.patch(path, variables, data=dict(body))

    async def delete(self, path: str, **variables: Any) -> None:
        """Remove something."""
        with self._errors():
            await self._api.delete(path, variables)

    async def advertised_refs(self, full_name: str) -> bytes:
        """What git's server of a repository says before a push: its refs and capabilities."""
        with self._errors():
            return await self._api.git("GET", f"/{full_name}.git/info/refs?service=git-receive-pack")

    async def push(self, full_name: str, body: bytes) -> bytes:
        """Send a push; what the server reports of it."""
        with self._errors():
            return await self._api.git("POST", f"/{full_name}.git/git-receive-pack", body)

    async def graphql(self, document: str, **variables: Json) -> GraphQLAnswer:
        """Run a document; what failed in it are faults. Raises when a limit is reached or nothing was run."""
        with self._errors():
            answer, headers = await self._api.run_document(document, variables)
            if not isinstance(answer, dict):
                raise ValueError("no JSON object")
        errors = answer.get("errors") or []
        limited = graphql_limit(errors, headers, self._wire.clock.now())
        if limited:
            raise self._noted(limited)
        faults = tuple(Fault(tuple(error.get("path") or ()), from_graphql(error)) for error in errors)
        return GraphQLAnswer(answer.get("data") or {}, faults)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Errors of this room instead of gidgethub's; nothing is sent while a limit is known to hold."""
        now = self._wire.clock.now()
        until = self._wire.limited_until.get(self._limit)
        if until is not None and now < until:
            raise RateLimited(until)
        try:
            yield
        except gidgethub.HTTPException as failure:
            raise self._noted(from_http(failure, self._wire.clock.now())) from failure
        except GitRefused as failure:
            raise self._noted(from_git(failure.status, failure.headers, str(failure), now)) from failure
        except ValueError as failure:
            raise Unavailable("GitHub's answer is not the JSON that it says it is") from failure

    def _noted(self, error: GitHubError) -> GitHubError:
        if isinstance(error, BadCredentials):
            self.rejected = True
            if self._limit == APP:
                log.error("%s: check GITHUB_APP_ID, GITHUB_PRIVATE_KEY and the machine's clock", error)
        if isinstance(error, RateLimited):
            self._wire.limited_until[self._limit] = error.until
        return error
