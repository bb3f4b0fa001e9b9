"""The vocabulary of the sandbox's own tests: a clock to turn, an App with its key, and a client of the REST API."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import aiohttp
import jwt

from bot.sandbox.access.app_key import RegisteredApp
from bot.sandbox.model import Repository, Token
from bot.sandbox.world import World
from tests.contract.openapi import RestContract


class TurnedClock:
    """A clock that stands still until a test turns it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 4, 4, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Answer(NamedTuple):
    status: int
    body: Any
    headers: Any


class Api:
    """A client that speaks as the App; every exchange is held against GitHub's description where that is at hand."""

    def __init__(
        self, url: str, session: aiohttp.ClientSession, world: World, key: RegisteredApp, contract: RestContract
    ) -> None:
        self.url = url
        self.world = world
        self._session = session
        self._key = key
        self._contract = contract

    def jwt(self, **changes: Any) -> str:
        now = int(self.world.clock.now().timestamp())
        claims = {"iss": str(self.world.app.id), "iat": now - 60, "exp": now + 540} | changes
        return jwt.encode(claims, self._key.private_key_pem, algorithm="RS256")

    async def token(self, repo: Repository, **permissions: str) -> str:
        """An installation token, with these permissions only when any are named."""
        installation = self.world.installation_of(repo)
        assert installation is not None
        body: dict[str, Any] = {"repository_ids": [repo.id]}
        if permissions:
            body["permissions"] = permissions
        path = f"/app/installations/{installation.id}/access_tokens"
        answer = await self.call("POST", path, body, as_=self.jwt())
        assert answer.status == 201, answer.body
        return str(answer.body["token"])

    async def call(
        self, method: str, path: str, body: Any = None, *, as_: str | None, headers: dict[str, str] | None = None
    ) -> Answer:
        sent = {"Authorization": f"Bearer {as_}"} if as_ else {}
        async with self._session.request(
            method, self.url + path, json=body, headers={**sent, **(headers or {})}, allow_redirects=False
        ) as response:
            answer = await response.json() if await response.read() else None
            if path != "/graphql":
                self._contract.check(method, path, response.status, body, answer)
            return Answer(response.status, answer, response.headers)


def only_token(world: World) -> Token:
    """The single token minted so far."""
    (token,) = world.tokens.values()
    return token
