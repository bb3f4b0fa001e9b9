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
        exact = {(pin.path, pin.crate.manifest) for pin in pins(repository.crates) if pin.text.lstrip().startswith("=")}
        for crate in {source.crate.manifest: source.crate for source in sources if source.crate}.values():
            for required in repository.crates.required_by(crate):
                both = _pairs(keys, crate.manifest, required.manifest)
                self._built |= both
                # a requirement stands in the crate's own manifest, or in the table of its workspace that it inherits
                if not exact.isdisjoint({(crate.manifest, required.manifest), (crate.root, required.manifest)}):
                    self._exact |= both

    def are_exact(self, one: Source, other: Source) -> bool:
        """Whether one requires exactly one version of the other: `=0.4.0`."""
        return frozenset((one.key, other.key)) in self._exact

    def are_built(self, one: Source, other: Source) -> bool:
        """Whether one is built on the other by its path, or both are of one crate."""
        return (one.crate is not None and one.crate is other.crate) or frozenset((one.key, other.key)) in self._built


def _pairs(keys: dict[str, list[str]], one: str, other: str) -> set[frozenset[str]]:
    return {frozenset((a, b)) for a in keys.get(one, ()) for b in keys.get(other, ()) if a != b}
