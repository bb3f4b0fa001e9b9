"""What the registries really have. Facts out, never raw JSON; a registry that cannot be asked is a fact too."""

from collections.abc import Callable, Sequence
from typing import Protocol

from bot.packaging.registry import Registry
from bot.plan.downstream.lock import IndexedVersion
from bot.registries.access import Access
from bot.registries.adapter import Adapter, Refused
from bot.registries.crates_io.client import CratesIO
from bot.registries.pypi.client import PyPI
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


ADAPTERS: dict[Registry, Callable[[Access], Adapter]] = {Registry.CRATES_IO: CratesIO, Registry.PYPI: PyPI}
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

    async def knows(self, registry: Registry, name: str) -> bool | Unreachable:
        """Whether the name is on the registry, with any version."""
        return await self._adapters[registry].knows(name)

    async def takes_tokens(self, registry: Registry, name: str) -> bool | Unreachable:
        """Whether a version can be published with a token; False where trusted publishers alone may."""
        return await self._adapters[registry].takes_tokens(name)

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
