"""What a careful maintainer would ask about before merging a release."""

import re
from collections.abc import Iterator, Sequence

from bot.packaging.levels import level_between, skipped
from bot.packaging.versions import semver_of
from bot.plan.last_tag import final_before
from bot.plan.listed import listed
from bot.plan.manifests.cargo_lock import locked_crates
from bot.plan.manifests.python import VersionFrom
from bot.plan.manifests.python_pins import python_pin_edits
from bot.plan.model import Package, Section
from bot.plan.paths import inside, is_imitation, parent
from bot.plan.repository import Repository
from bot.plan.request import Target
from bot.workflows.files import FOLDER
from bot.workflows.releasing import Start

_BREAKING = re.compile(r"^#+\s*Removed\b|\bbreaking\b", re.IGNORECASE | re.MULTILINE)


def warnings_about(repository: Repository, targets: Sequence[Target], sections: Sequence[Section]) -> Iterator[str]:
    """Sentences for the pull request; none of them stops the release."""
    bodies = {section.package: section.body for section in sections}
    for target in targets:
        package, said, new = target.package, target.package.version, target.new
        old = final_before(package, new) or said
        yield from target.notes
        if target.source.place is None:
            yield f"{package.name} takes its version from the tag; no file says it."
        if expected := skipped(old, new):
            yield f"{package.name} goes from {old} to {new} and skips {expected}."
        if level_between(old, new) == "patch" and _BREAKING.search(bodies.get(package.key, "")):
            yield f"{package.name} {new} is a patch of {old}, but its changelog names something removed or breaking."
        crate = target.source.crate if target.source.project is None else None
        if crate and (missing := repository.published.missing_metadata(crate)):
            yield f"{crate.manifest} has no {missing}, without which crates.io takes no crate."
        if package.start is Start.HAND:
            mine = f"I start it after the tag {target.bump.tag}{_given(package)}"
            asked = f"only when it is started by hand; I ask for that after the tag {target.bump.tag}"
            how = f"when it is started; {mine}" if package.dispatch else asked
            yield f"{FOLDER}{package.workflow} publishes {package.name} {how}."
        if package.start is Start.RELEASE:
            when = f"when a GitHub Release is published; I publish it right after the tag {target.bump.tag}"
            yield f"{FOLDER}{package.workflow} publishes {package.name} {when}."
        for place in target.source.repeats:
            repeated = _said(repository, place.path, getattr(place, "keys", ()))
            if repeated is not None and semver_of(repeated) != semver_of(said):
                yield f"{place.path} said {repeated} while {target.package.manifest} said {said}; both get {new}."
    for note in repository.notes:
        yield f"{note.where} {note.what}, and is left out."
    for left in repository.unplaced:
        yield f"{left.problem.where} {left.problem.what}."
    yield from _poetry_hashes(repository, targets)
    yield from _bindings_apart(repository, targets)
    yield from _stale_locks(repository, targets)


def _given(package: Package) -> str:
    """What a workflow is started with."""
    inputs = package.dispatch.inputs if package.dispatch else ()
    return f" with {listed(f'{name} = {value}' for name, value in inputs)}" if inputs else ""


def _poetry_hashes(repository: Repository, targets: Sequence[Target]) -> Iterator[str]:
    """Poetry's lock files carry a hash of the requirements, which every version of Poetry makes in its own way."""
    released = [target for target in targets if target.source.project is not None]
    moved = (path for path, *_ in python_pin_edits(repository.pyprojects, released))
    for path in dict.fromkeys(moved):
        lock = inside(parent(path), "poetry.lock")
        if lock in repository.tree:
            yield f"{path} changes a requirement, so the `content-hash` in {lock} is stale: run `poetry lock`."


def _bindings_apart(repository: Repository, targets: Sequence[Target]) -> Iterator[str]:
    """Python packages with a version of their own, built from a crate that inherits another one from its workspace."""
    new = {target.source.place: target.new for target in targets}
    for source in repository.sources.values():
        crate, project = source.crate, source.project
        if project is None or project.version_from is not VersionFrom.PYPROJECT or crate is None or crate.place is None:
            continue
        inherits_apart = crate.place.path != crate.manifest and crate.place not in source.repeats
        if not inherits_apart or new.keys().isdisjoint((source.place, crate.place)):
            continue
        own, inherited = new.get(source.place, source.version or ""), new.get(crate.place, crate.version or "")
        if (semver_of(own) or own) != inherited:
            what = f"{source.manifest} gives {source.name} the version {own}, but the crate that it is built from"
            yield f"{what}, {crate.manifest}, inherits {inherited} from {crate.place.path}."


def _said(repository: Repository, path: str, keys: tuple[str | int, ...]) -> str | None:
    file = repository.crates.files.get(path)
    value = file.value(keys) if file else None
    return value if isinstance(value, str) else None


def _stale_locks(repository: Repository, targets: Sequence[Target]) -> Iterator[str]:
    released = {place for target in targets for place in (target.source.place, *target.source.repeats)}
    for lock in repository.locks("Cargo.lock"):
        if is_imitation(parent(lock.path)):
            continue
        for number, crate in locked_crates(lock, repository.crates).items():
            said, true = lock.value(("package", number, "version")), crate.version
            if crate.place not in released and true is not None and said != true:
                yield f"{lock.path} says {crate.name} {said}, but {crate.manifest} says {true}: `--locked` fails."
