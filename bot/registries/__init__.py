"""What the registries really have. Facts out, never raw JSON; a registry that cannot be asked is a fact too."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import aiohttp

from bot.clock import Clock
from bot.plan.downstream.lock import IndexedVersion
from bot.registries.adapter import Adapter, Refused
from bot.registries.crates_io import client as crates_io
from bot.registries.crates_io.yanking import Sealed
from bot.registries.pypi import client as pypi
from bot.release.found import RegistryFacts, Unreachable

__all__ = ["Published", "Registries"]


class Published(Protocol):
    """What is asked about: a package's name, its registry (`crates.io` or `pypi`) and its new version."""

    @property
    def name(self) -> str:
        """The name on the registry."""

    @property
    def registry(self) -> str:
        """`crates.io` or `pypi`."""

    @property
    def new(self) -> str:
        """The version."""


class Registries:
    """Every registry behind one question; the defaults are the real ones, but docs.rs is asked only at a `docs_url`.

    Nothing here raises.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        user_agent: str,
        clock: Clock,
        crates_api_url: str = crates_io.API_URL,
        crates_index_url: str = crates_io.INDEX_URL,
        crates_static_url: str = crates_io.STATIC_URL,
        docs_url: str = "",
        crates_api_interval: float = crates_io.API_INTERVAL,
        pypi_url: str = pypi.BASE_URL,
        yank_token: Sealed | None = None,
    ) -> None:
        self._adapters: Mapping[str, Adapter] = {
            "crates.io": crates_io.CratesIO(
                session,
                user_agent=user_agent,
                clock=clock,
                api_url=crates_api_url,
                index_url=crates_index_url,
                static_url=crates_static_url,
                docs_url=docs_url,
                api_interval=crates_api_interval,
                yank_token=yank_token,
            ),
            "pypi": pypi.PyPI(session, user_agent=user_agent, clock=clock, base_url=pypi_url),
        }

    async def look(self, package: Published) -> RegistryFacts:
        """Everything that is known about a published version."""
        return await self._adapters[package.registry].look(package.name, package.new)

    async def exists(self, registry: str, name: str, version: str) -> bool | Unreachable:
        """Whether the version number is used up on the registry; preflight wants it unused."""
        return await self._adapters[registry].exists(name, version)

    async def index(self, registry: str, name: str) -> Sequence[IndexedVersion] | Unreachable:
        """Every version of a package with what a lock file must know of it."""
        return await self._adapters[registry].index(name)

    @property
    def can_yank(self) -> frozenset[str]:
        """The registries on which the operator lets versions be yanked."""
        return frozenset(registry for registry, adapter in self._adapters.items() if adapter.can_yank)

    async def yank(self, registry: str, name: str, version: str, message: str) -> Refused | Unreachable | None:
        """Yank a version; None when that is done."""
        return await self._adapters[registry].yank(name, version, message)
