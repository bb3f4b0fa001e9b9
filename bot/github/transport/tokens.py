"""Installation tokens: one for each repository and purpose, made when needed, shared until shortly before its end."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Protocol, cast
from weakref import WeakValueDictionary

import cachetools
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.github.errors import Forbidden, Invalid, NoAccess, NotFound
from bot.github.facts import RepositoryRef
from bot.github.transport.client import APP, Client
from bot.github.transport.wire import Wire

RENEWED_BEFORE = timedelta(minutes=5)
"""A token is not used in its last minutes: a call begun with it must not outlive it."""
MOST_TOKENS = 1024
JWT_LIFE = timedelta(minutes=9)
"""GitHub takes ten at most.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
"""
JWT_BACKDATED = timedelta(seconds=60)
"""Clocks differ; GitHub advises to date the JWT back by as much, on the same page."""


class Sealed(Protocol):
    """A secret that shows itself only when asked to."""

    def reveal(self) -> str:
        """The value itself."""
        ...


class Purpose(Enum):
    """What a token is for; the value names the permissions it gets, and it gets no others (least-privilege).

    `bot.github.app_form` makes of all of them what the App asks for.
    """

    OBSERVE = MappingProxyType(
        dict.fromkeys(("contents", "pull_requests", "issues", "checks", "statuses", "actions"), "read")
    )
    LISTEN = MappingProxyType({"issues": "read", "pull_requests": "read"})
    """The comments of repositories where nothing is open, several at a time."""
    SPEAK = MappingProxyType({"issues": "write", "pull_requests": "write"})
    CHANGE = MappingProxyType({"contents": "write", "pull_requests": "write"})
    RUN = MappingProxyType({"actions": "write"})
    PUBLISH = MappingProxyType({"contents": "write"})
    """Tags, and their GitHub Releases: drafts are shown, and notes generated, only for those who may write contents."""

    WORKFLOWS = MappingProxyType({"contents": "write", "workflows": "write"})
    """Optional, and used for one thing: to push a tag again that was refused because of workflow files."""

    CHECKS = MappingProxyType({"checks": "write"})
    """Optional: to say on a release's pull request whether it still is the plan, and to find what was said."""

    COMPARE = MappingProxyType({"contents": "read", "pull_requests": "read"})
    """Another repository's files, and whether it has our pull request; to open one takes CHANGE there."""
    DISCUSS = MappingProxyType({"discussions": "write"})
    """Asked for only where `[announce]` is configured; an App without this permission releases all the same."""

    @property
    def permissions(self) -> Mapping[str, str]:
        """Permission names to `read` or `write`."""
        return self.value

    @property
    def optional(self) -> bool:
        """Whether an installation that does not grant its permissions releases all the same."""
        return self in (Purpose.WORKFLOWS, Purpose.CHECKS, Purpose.DISCUSS)


@dataclass(frozen=True, slots=True)
class _Held:
    client: Client
    expires_at: datetime
    full_name: str
    """What the repository was called when the token was made."""


_Key = tuple[int, int, Purpose]


class Tokens:
    """Gives clients that are allowed just what their purpose needs."""

    def __init__(self, wire: Wire, *, app_id: int, private_key: Sealed) -> None:
        """The App's id and its RSA key in PEM."""
        self._wire = wire
        self._app_id = app_id
        self._private_key = private_key
        self._key: PrivateKeyTypes | None = None
        """Read once: to read and check an RSA key takes longer than any other step of a request."""
        self._app = Client(wire, self._app_authorization, limit=APP)
        self._held: cachetools.TLRUCache[_Key, _Held] = cachetools.TLRUCache(
            MOST_TOKENS,
            ttu=lambda _key, held, _now: (held.expires_at - RENEWED_BEFORE).timestamp(),
            timer=lambda: wire.clock.now().timestamp(),
        )
        self._minting: WeakValueDictionary[_Key, asyncio.Lock] = WeakValueDictionary()

    async def client(self, repository: RepositoryRef, purpose: Purpose) -> Client:
        """A client for one repository and purpose. Several who ask at once wait for one token.

        Raises NoAccess when the App is not installed there any more, Forbidden when the installation has not
        accepted a permission of the purpose.
        """
        return (await self._hold(repository, purpose)).client

    async def locate(self, repository: RepositoryRef) -> RepositoryRef:
        """The repository by its present name and installation: GitHub tells the name with each token, and a token
        that tells another name than a webhook did is made anew.

        NoAccess when no installation of the App covers it; it may have been transferred to another account.
        """
        try:
            held = await self._hold(repository, Purpose.OBSERVE)
        except NoAccess:
            try:
                installation = await self.installation_for(repository.full_name)
            except NotFound:
                installation = repository.installation_id
            if installation == repository.installation_id:
                raise
            repository = replace(repository, installation_id=installation)
            held = await self._hold(repository, Purpose.OBSERVE)
        if held.full_name != repository.full_name:
            self.forget(repository)
            held = await self._hold(repository, Purpose.OBSERVE)
        return replace(repository, full_name=held.full_name)

    def forget(self, repository: RepositoryRef) -> None:
        """Drop its tokens: what was true when they were made may be no more."""
        for key in [key for key in self._held if key[1] == repository.id]:
            del self._held[key]

    async def _hold(self, repository: RepositoryRef, purpose: Purpose) -> _Held:
        key = (repository.installation_id, repository.id, purpose)
        async with self._minting.setdefault(key, asyncio.Lock()):
            held = self._held.get(key)
            if held is None or held.client.rejected:
                held = self._held[key] = await self._mint(repository, purpose)
            return held

    async def installation_for(self, full_name: str) -> int:
        """The id of the installation that covers `owner/name`; NotFound when none does."""
        owner, _, repo = full_name.partition("/")
        found = await self._app.get("/repos/{owner}/{repo}/installation", owner=owner, repo=repo)
        return int(found["id"])

    async def find(self, full_name: str) -> RepositoryRef:
        """The repository of that name; NoAccess when no installation of the App covers it."""
        name = full_name.partition("/")[2]
        wanted = {"repositories": [name], "permissions": {"metadata": "read"}}
        try:
            installation = await self.installation_for(full_name)
            made = await self._app.post("/app/installations/{id}/access_tokens", wanted, id=installation)
        except (NotFound, Forbidden, Invalid) as refused:
            raise NoAccess(f"The App is not installed on {full_name}") from refused
        for each in made.get("repositories") or ():
            if each["full_name"].lower() == full_name.lower():
                return RepositoryRef(each["id"], each["node_id"], each["full_name"], installation)
        raise NoAccess(f"The App is not installed on {full_name}")

    @property
    def app(self) -> Client:
        """A client that speaks as the App itself."""
        return self._app

    async def survey(self, installation_id: int) -> Client:
        """A client that can only list an installation's repositories; a new one each time.

        NotFound when there is no such installation any more, Forbidden when it is suspended.
        """
        return await self._shared(installation_id, {"permissions": {"metadata": "read"}})

    async def _shared(self, installation_id: int, wanted: Mapping[str, object]) -> Client:
        made = await self._app.post("/app/installations/{id}/access_tokens", wanted, id=installation_id)
        value = made["token"]
        return Client(
            self._wire,
            lambda: f"Bearer {value}",
            limit=f"installation {installation_id}",
            valid_since=self._wire.clock.now(),
        )

    async def listener(self, installation_id: int, repositories: Iterable[int]) -> Client:
        """A client that can only read the comments of these repositories of an installation; a new one each time.

        NotFound when there is no such installation any more, Forbidden when it is suspended, Invalid when it has one of
        the repositories or permissions no more.
        """
        return await self._shared(
            installation_id, {"repository_ids": list(repositories), "permissions": dict(Purpose.LISTEN.permissions)}
        )

    async def _mint(self, repository: RepositoryRef, purpose: Purpose) -> _Held:
        wanted = {"repository_ids": [repository.id], "permissions": dict(purpose.permissions)}
        try:
            made = await self._app.post("/app/installations/{id}/access_tokens", wanted, id=repository.installation_id)
        except NotFound as refused:
            raise NoAccess(f"The App is not installed on {repository.full_name} any more") from refused
        except Forbidden as refused:
            raise NoAccess(f"GitHub gives the App no access to {repository.full_name}: {refused}") from refused
        except Invalid as refused:
            # The two reasons and their words: https://github.com/nearform/lastlight/issues/214
            if "permission" not in str(refused).lower():
                raise NoAccess(f"{repository.full_name} is not among the App's repositories any more") from refused
            needs = ",".join(f"{name}={level}" for name, level in purpose.permissions.items())
            raise Forbidden(f"No token for {repository.full_name}: {refused}", missing=needs) from refused
        value = made["token"]
        client = Client(
            self._wire,
            lambda: f"Bearer {value}",
            limit=f"installation {repository.installation_id}",
            valid_since=self._wire.clock.now(),
        )
        named = [each["full_name"] for each in made.get("repositories") or () if each["id"] == repository.id]
        return _Held(client, datetime.fromisoformat(made["expires_at"]), named[0] if named else repository.full_name)

    def _app_authorization(self) -> str:
        # Like gidgethub.apps.get_jwt, but by the bot's clock.
        now = self._wire.clock.now()
        claims = {"iat": now - JWT_BACKDATED, "exp": now - JWT_BACKDATED + JWT_LIFE, "iss": str(self._app_id)}
        if self._key is None:
            self._key = load_pem_private_key(self._private_key.reveal().encode(), password=None)
        return f"Bearer {jwt.encode(claims, cast(RSAPrivateKey, self._key), algorithm='RS256')}"
