"""Does a tree say the versions that a tag would promise?"""

from collections.abc import Iterator, Mapping

from bot.packaging.problem import Problem
from bot.packaging.requirements import holds
from bot.packaging.versions import parse_pep440, parse_semver, semver_of
from bot.plan.discovery import discover, sources_of
from bot.plan.manifests.cargo import Place
from bot.plan.manifests.cargo_lock import locked_crates
from bot.plan.manifests.cargo_pins import pins
from bot.plan.manifests.text_versions import TextPlace
from bot.plan.manifests.toml import string
from bot.plan.model import Tree
from bot.plan.repository import Repository, Source


def disagreements(tree: Tree, versions: Mapping[str, str]) -> tuple[Problem, ...]:
    """Everything in a tree that contradicts these versions; empty when the tree may be tagged.

    `versions` maps package keys (`crates.io:NAME`, `pypi:NAME`) to the versions that the tags promise. Looked at are
    manifests and the files that repeat them, requirements on the packages, and lock files.
    """
    repository = Repository(tree)
    sources = sources_of(repository, discover(tree).packages)
    problems: list[Problem] = []
    places: dict[Place | TextPlace | None, str] = {}
    for key, version in versions.items():
        source = sources.get(key)
        if source is None:
            problems.append(Problem(key, "is not a package of this tree", "Look at the manifests of the merge commit."))
            continue
        problems += _said_otherwise(repository, source, version)
        places |= dict.fromkeys((source.place, *source.repeats), semver_of(version) or version)
    crates = {
        crate.manifest: places[crate.place] for crate in repository.crates if crate.place and crate.place in places
    }
    problems += _pins(repository, crates)
    problems += _locks(repository, crates)
    return tuple(dict.fromkeys((*repository.problems, *problems)))


def _said_otherwise(repository: Repository, source: Source, version: str) -> Iterator[Problem]:
    for place in (source.place, *source.repeats):
        if place is None:
            continue
        said = place.version if isinstance(place, TextPlace) else _value(repository, place)
        if not _same(said, version):
            what = f"says {source.name} {said}, not {version}"
            yield Problem(place.path, what, f"Set it to {version} in another pull request, then `/release retry`.")


def _value(repository: Repository, place: Place) -> str:
    files = {file.path: file for file in repository.pyprojects} | repository.crates.files
    return string(files[place.path].value(place.keys))


def _same(said: str, version: str) -> bool:
    if parse_semver(said) and parse_semver(version):
        return said == version
    return parse_pep440(said) == parse_pep440(version) and parse_pep440(said) is not None


def _pins(repository: Repository, crates: Mapping[str, str]) -> Iterator[Problem]:
    for pin in pins(repository.crates):
        version = crates.get(pin.crate.manifest)
        if version is not None and holds(pin.text, version) is not True:
            line = repository.crates.files[pin.path].line(pin.keys)
            what = f"requires {pin.crate.name} {pin.text}, which {version} is not"
            yield Problem(
                f"{pin.path}:{line}", what, f"Require {version} in another pull request, then `/release retry`."
            )


def _locks(repository: Repository, crates: Mapping[str, str]) -> Iterator[Problem]:
    for lock in repository.locks("Cargo.lock"):
        for number, crate in locked_crates(lock, repository.crates).items():
            said, version = lock.value(("package", number, "version")), crates.get(crate.manifest)
            if version is not None and said != version:
                what = f"locks {crate.name} at {said}, not {version}"
                yield Problem(lock.path, what, "Run `cargo update --workspace` and commit the file.")
