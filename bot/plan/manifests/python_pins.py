"""Requirements on Python packages of this tree in other projects of it, and their entries in Python lock files."""

from collections.abc import Iterator, Sequence

from bot.packaging.names import same_name
from bot.packaging.registry import Registry
from bot.packaging.requirements import moved_poetry, moved_python
from bot.packaging.versions import parse_pep440
from bot.plan.manifests.toml import KeyPath, TomlFile, table
from bot.plan.request import Target

_LOCAL_SOURCES = {"editable", "virtual", "directory", "path"}


def python_pin_edits(files: Sequence[TomlFile], targets: Sequence[Target]) -> Iterator[tuple[str, KeyPath, str, str]]:
    """Requirements that accept a released package's old version and would refuse its new one.

    Yields the file's path, the key path, the required package's name and the new requirement.
    """
    for file in files:
        yield from _poetry_pin_edits(file, targets)
        for keys in requirement_lists(file):
            listed = file.value(keys)
            for number, text in enumerate(listed if isinstance(listed, list) else ()):
                for target in targets if isinstance(text, str) else ():
                    new = moved_python(text, target.package.name, target.package.version, target.new)
                    if new is not None:
                        yield file.path, (*keys, number), target.package.name, new


def _poetry_pin_edits(file: TomlFile, targets: Sequence[Target]) -> Iterator[tuple[str, KeyPath, str, str]]:
    for keys, required in poetry_constraints(file):
        text = file.value(keys)
        for target in targets:
            if same_name(Registry.PYPI, required, target.package.name) and isinstance(text, str):
                new = moved_poetry(text, target.package.version, target.new)
                if new is not None:
                    yield file.path, keys, target.package.name, new


def poetry_constraints(file: TomlFile) -> Iterator[tuple[KeyPath, str]]:
    """Each constraint in Poetry's tables, plain or `version` of a table or of several, with the name it is for."""
    for keys in poetry_tables(file):
        for name, entry in table(file.value(keys)).items():
            if isinstance(entry, str):
                yield (*keys, name), name
            choices: list[tuple[KeyPath, object]] = [((*keys, name), entry)]
            if isinstance(entry, list):
                choices = [((*keys, name, number), choice) for number, choice in enumerate(entry)]
            for place, choice in choices:
                if "version" in table(choice) and not {"git", "url"} & set(table(choice)):
                    yield (*place, "version"), name


def poetry_tables(file: TomlFile) -> tuple[KeyPath, ...]:
    """Where Poetry lists dependencies by name."""
    poetry = ("tool", "poetry")
    groups = tuple((*poetry, "group", group, "dependencies") for group in table(file.data, *poetry, "group"))
    return ((*poetry, "dependencies"), (*poetry, "dev-dependencies"), *groups)


def python_lock_edits(lock: TomlFile, targets: Sequence[Target]) -> dict[KeyPath, str]:
    """The versions of released packages in a uv.lock or poetry.lock, where the entry is this tree's own project.

    An entry that came from an index is a published release that somebody chose; it stays.
    """
    edits: dict[KeyPath, str] = {}
    entries = lock.data.get("package")
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        source = table(entry, "source")
        local = not _LOCAL_SOURCES.isdisjoint(source) or source.get("type") == "directory"
        for target in targets if local else ():
            name, version = table(entry).get("name"), table(entry).get("version")
            if not isinstance(name, str) or not isinstance(version, str):
                continue
            if same_name(Registry.PYPI, name, target.package.name):
                edits["package", number, "version"] = str(parse_pep440(target.new) or target.new)
    return edits


def requirement_lists(file: TomlFile) -> Iterator[KeyPath]:
    """Where a pyproject.toml lists requirements in PEP 508's words."""
    yield ("project", "dependencies")
    yield ("build-system", "requires")
    for group in table(file.data, "project", "optional-dependencies"):
        yield ("project", "optional-dependencies", group)
    for group in table(file.data, "dependency-groups"):
        yield ("dependency-groups", group)
