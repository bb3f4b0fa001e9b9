"""What the registries really have. Facts out, never raw JSON; a registry that cannot be asked is a fact too."""

from typing import Protocol

import aiohttp

from bot.clock import Clock
from bot.registries import crates_io, pypi
from bot.registries.crates_io import CratesIO
from bot.registries.facts import CrateVersion, PyPIRelease, Unreachable
from bot.registries.pypi import PyPI

__all__ = ["CratesIO", "Published", "PyPI", "Registries"]


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
    """Both registries behind one question; the defaults are the real ones, but docs.rs is asked only at a
    `docs_url`. Nothing here raises."""

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
    ) -> None:
        self.crates_io = CratesIO(
            session,
            user_agent=user_agent,
            clock=clock,
            api_url=crates_api_url,
            index_url=crates_index_url,
            static_url=crates_static_url,
            docs_url=docs_url,
            api_interval=crates_api_interval,
        )
        self.pypi = PyPI(session, user_agent=user_agent, clock=clock, base_url=pypi_url)

    async def look(self, package: Published) -> CrateVersion | PyPIRelease | Unreachable:
        """Everything that is known about a published version."""
        match package.registry:
            case "crates.io":
                return await self.crates_io.version(package.name, package.new)
            case "pypi":
                return await self.pypi.release(package.name, package.new)
            case other:
                return Unreachable(other, "not a registry that is known here")

    async def exists(self, registry: str, name: str, version: str) -> bool | Unreachable:
        """Whether the version number is used up on the registry; preflight wants it unused."""
        match registry:
            case "crates.io":
                return await self.crates_io.exists(name, version)
            case "pypi":
                return await self.pypi.exists(name, version)
            case other:
                return Unreachable(other, "not a registry that is known here")
