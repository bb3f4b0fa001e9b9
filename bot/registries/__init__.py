"""What the registries really have. Facts out, never raw JSON; a registry that cannot be asked is a fact too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import aiohttp

from bot.clock import Clock
from bot.packaging.registry import Registry
from bot.plan.downstream.lock import IndexedVersion
from bot.registries.adapter import Adapter, Refused
from bot.registries.crates_io import client as crates_io
from bot.registries.crates_io.yanking import Sealed
from bot.registries.pypi import client as pypi
from bot.release.found import RegistryFacts, Unreachable

__all__ = ["Access", "Published", "Registries"]


class Published(Protocol):
    """What is asked about: a package's name, its registry and its new version."""

    @property
    def name(self) -> str:
        """The name on the registry."""

    @property
    def registry(self) -> Registry:
        """Where it is published."""

    @property
    def new(self) -> str:
        """The version."""


@dataclass(frozen=True, slots=True)
class Access:
    """How the registries are reached; the addresses are the real ones, but docs.rs is asked only at a `docs_url`."""

    session: aiohttp.ClientSession
    user_agent: str
    """Who asks."""
    clock: Clock
    crates_api_url: str = crates_io.API_URL
    crates_index_url: str = crates_io.INDEX_URL
    crates_static_url: str = crates_io.STATIC_URL
    docs_url: str = ""
    crates_api_interval: float = crates_io.API_INTERVAL
    pypi_url: str = pypi.BASE_URL
    yank_token: Sealed | None = None
    """The operator's, for crates.io."""


def _crates_io(access: Access) -> Adapter:
    return crates_io.CratesIO(
        access.session,
        user_agent=access.user_agent,
        clock=access.clock,
        api_url=access.crates_api_url,
        index_url=access.crates_index_url,
        static_url=access.crates_static_url,
        docs_url=access.docs_url,
        api_interval=access.crates_api_interval,
        yank_token=access.yank_token,
    )


def _pypi(access: Access) -> Adapter:
    return pypi.PyPI(access.session, user_agent=access.user_agent, clock=access.clock, base_url=access.pypi_url)


ADAPTERS: dict[Registry, Callable[[Access], Adapter]] = {Registry.CRATES_IO: _crates_io, Registry.PYPI: _pypi}
"""The adapter of each registry."""


class Registries:
    """Every registry behind one question. Nothing here raises."""

    def __init__(self, access: Access) -> None:
        self._adapters = {registry: adapter(access) for registry, adapter in ADAPTERS.items()}

    async def look(self, package: Published) -> RegistryFacts:
        """Everything that is known about a published version."""
        return await self._adapters[package.registry].look(package.name, package.new)

    async def exists(self, registry: Registry, name: str, version: str) -> bool | Unreachable:
        """Whether the version number is used up on the registry; preflight wants it unused."""
        return await self._adapters[registry].exists(name, version)

    async def index(self, registry: Registry, name: str) -> Sequence[IndexedVersion] | Unreachable:
        """Every version of a package with what a lock file must know of it."""
        return await self._adapters[registry].index(name)

    @property
    def can_yank(self) -> frozenset[Registry]:
        """The registries on which the operator lets versions be yanked."""
        return frozenset(registry for registry, adapter in self._adapters.items() if adapter.can_yank)

    async def yank(self, registry: Registry, name: str, version: str, message: str) -> Refused | Unreachable | None:
        """Yank a version; None when that is done."""
        return await self._adapters[registry].yank(name, version, message)
