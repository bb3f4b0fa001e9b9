"""What a careful maintainer would ask about before merging a release."""

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.packaging.levels import level_between, skipped
from bot.packaging.registry import Registry
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

_MOST_NAMED = 6
_BREAKING = re.compile(r"^#+\s*Removed\b|\bbreaking\b", re.IGNORECASE | re.MULTILINE)


def warnings_about(repository: Repository, targets: Sequence[Target], sections: Sequence[Section]) -> Iterator[str]:
    """Sentences for the pull request; none of them stops the release."""
    bodies = {section.package: section.body for section in sections}
    called = _called(targets)
    for target in targets:
        package, said, new = target.package, target.package.version, target.new
        old = final_before(package, new) or said
        yield from target.notes
        if target.source.place is None:
            yield f"{called[package.key]} takes its version from the tag; no file says it."
        if expected := skipped(old, new):
            yield f"{called[package.key]} goes from {old} to {new} and skips {expected}."
        if level_between(old, new) == "patch" and _BREAKING.search(bodies.get(package.key, "")):
            name = called[package.key]
            yield f"{name} {new} is a patch of {old}, but its changelog names something removed or breaking."
        crate = target.source.crate if target.source.project is None else None
        if crate and (missing := repository.published.missing_metadata(crate)):
            yield f"{crate.manifest} has no {missing}, without which crates.io takes no crate."
        for place in target.source.repeats:
            repeated = _said(repository, place.path, getattr(place, "keys", ()))
            if repeated is not None and semver_of(repeated) != semver_of(said):
                yield f"{place.path} said {repeated} while {target.package.manifest} said {said}; both get {new}."
    yield from _workflows(targets, called)
    for note in repository.notes:
        yield f"{note.where} {note.what}, and is left out."
    for left in repository.unplaced:
        yield f"{left.problem.where} {left.problem.what}."
    yield from _poetry_hashes(repository, targets)
    yield from _bindings_apart(repository, targets)
    yield from _stale_locks(repository, targets)


def _called(targets: Sequence[Target]) -> Mapping[str, str]:
    """What each package is called, by its key: its name, and with its registry where two have one name."""
    names = [Registry.PYPI.canonical(target.package.name) for target in targets]
    return {
        target.package.key: f"{target.package.name} on {target.package.registry.label}"
        if names.count(name) > 1
        else target.package.name
        for target, name in zip(targets, names, strict=True)
    }


def _workflows(targets: Sequence[Target], called: Mapping[str, str]) -> Iterator[str]:
    """What does not publish on its tag by itself: one sentence for each workflow and the way it is started."""
    groups: dict[tuple[str | None, Start, str, bool], list[Target]] = {}
    for target in targets:
        package = target.package
        if package.start in (Start.HAND, Start.RELEASE):
            how = (package.workflow, package.start, _given(package), package.dispatch is not None)
            groups.setdefault(how, []).append(target)
    for (workflow, start, given, is_mine), group in groups.items():
        names = listed((called[target.package.key] for target in group), most=_MOST_NAMED)
        tags = list(dict.fromkeys(target.bump.tag for target in group))
        after = f"the tag{'s' if len(tags) > 1 else ''} {listed(tags, most=_MOST_NAMED)}"
        if start is Start.RELEASE:
            how_it_is = f"when a GitHub Release is published; I publish it right after {after}"
        elif is_mine:
            how_it_is = f"when it is started; I start it after {after}{given}"
        else:
            how_it_is = f"only when it is started by hand; I ask for that after {after}"
        yield f"{FOLDER}{workflow} publishes {names} {how_it_is}."


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
        behind = []
        for number, crate in locked_crates(lock, repository.crates).items():
            said, true = lock.value(("package", number, "version")), crate.version
            if crate.place not in released and true is not None and said != true:
                behind.append((f"{crate.name} {said}", f"{crate.manifest} says {true}"))
        if behind:
            says = behind[0][1] if len(behind) == 1 else f"their manifests do not ({behind[0][1]})"
            named = listed((entry for entry, _ in behind), most=_MOST_NAMED)
            yield f"{lock.path} says {named}, but {says}: `--locked` fails."
