"""Which packages of a repository are built on each other, and which of them only at one exact version."""

from collections.abc import Sequence

from bot.plan.manifests.cargo_pins import pins
from bot.plan.repository import Repository, Source


class Ties:
    """What the manifests say of two packages."""

    def __init__(self, repository: Repository, sources: Sequence[Source]) -> None:
        keys: dict[str, list[str]] = {}
        for source in sources:
            if source.crate is not None:
                keys.setdefault(source.crate.manifest, []).append(source.key)
        self._exact: set[frozenset[str]] = set()
        self._built: set[frozenset[str]] = set()
        for pin in pins(repository.crates):
            if pin.text.lstrip().startswith("="):
                self._exact |= _pairs(keys, pin.path, pin.crate.manifest)
        for source in sources:
            if source.crate is not None:
                for required in repository.crates.required_by(source.crate):
                    self._built |= _pairs(keys, source.crate.manifest, required.manifest)

    def are_exact(self, one: Source, other: Source) -> bool:
        """Whether one requires exactly one version of the other: `=0.4.0`."""
        return frozenset((one.key, other.key)) in self._exact

    def are_built(self, one: Source, other: Source) -> bool:
        """Whether one is built on the other by its path, or both are of one crate."""
        return (one.crate is not None and one.crate is other.crate) or frozenset((one.key, other.key)) in self._built


def _pairs(keys: dict[str, list[str]], one: str, other: str) -> set[frozenset[str]]:
    return {frozenset((a, b)) for a in keys.get(one, ()) for b in keys.get(other, ()) if a != b}
