"""Crates that nobody publishes, but which carry the version of a released one: bindings for npm, Java and the like."""

from collections.abc import Iterator, Mapping, Sequence

from bot.packaging.versions import semver_of
from bot.plan.manifests.cargo import Crate, Place
from bot.plan.paths import is_product
from bot.plan.repository import Repository
from bot.plan.request import Target

_FIRST_VERSIONS = {"0.0.0", "0.0.1", "0.1.0", "1.0.0"}
"""Versions that crates have because nobody ever changed them, so that being equal says nothing."""


def lockstep_places(
    repository: Repository, targets: Sequence[Target], beside: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[Place, str]]:
    """The places of the versions of such crates that move with the targets, and to what.

    Those are the crates with `publish = false` that are at the released version and lie beside a package.json that
    gets the new one (`beside`: its old and new version by folder), or require a released crate by path.
    """
    released = {place for target in targets for place in (target.source.place, *target.source.repeats)}
    new = {target.source.place: semver_of(target.new) or target.new for target in targets if target.source.crate}
    of_projects = {source.crate.manifest for source in repository.sources.values() if source.project and source.crate}
    for crate in repository.crates:
        if crate.place is None or crate.place in released or crate.place.path != crate.manifest:
            continue
        if repository.crates.publishable(crate) or crate.manifest in of_projects:
            continue
        old, to = beside.get(crate.folder, ("", ""))
        if old == crate.version:
            yield crate.place, to
        elif is_product(crate.folder) and crate.version not in _FIRST_VERSIONS:
            moved = {new[each.place] for each in _at_its_version(repository, crate) if each.place in new}
            if len(moved) == 1:
                yield crate.place, moved.pop()


def _at_its_version(repository: Repository, crate: Crate) -> list[Crate]:
    return [each for each in repository.crates.required_by(crate, dev=False) if each.version == crate.version]
