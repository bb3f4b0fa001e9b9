"""The dependency tables of a Cargo.toml: every entry, and where it leads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.plan.manifests.toml import KeyPath, TomlFile, string, table
from bot.plan.paths import join, parent

_TABLES = ("dependencies", "dev-dependencies", "build-dependencies", "dev_dependencies", "build_dependencies")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One entry of a dependency table."""

    key: str
    """The name it is imported under."""
    crate: str
    """The name of the required package."""
    table: KeyPath
    """The dependency table, such as `("target", "cfg(unix)", "dependencies")`."""
    keys: KeyPath | None
    """Key path of the version requirement; None when the entry has none."""
    text: str | None
    """The version requirement."""
    folder: str | None
    """Folder that its `path` leads to, from the root of the repository; None without a path."""
    inherited: bool
    """Whether it is `workspace = true`, so that the workspace's own entry counts."""
    foreign: bool
    """Whether it names a git repository or another registry."""
    by_git: bool = False
    """Whether it names a git repository."""

    @property
    def is_shared(self) -> bool:
        """Whether it stands in `[workspace.dependencies]`, where it requires nothing by itself."""
        return self.table[0] == "workspace"

    @property
    def is_dev(self) -> bool:
        """Whether only tests and examples need it."""
        return string(self.table[-1]).startswith("dev")


def requirements(file: TomlFile) -> Iterator[Requirement]:
    """Every entry of every dependency table of a manifest."""
    for keys in _tables(file.data):
        for key, value in table(file.value(keys)).items():
            yield _requirement(file, keys, key, value)


def patches(file: TomlFile) -> Iterator[Requirement]:
    """Every entry of `[patch.*]`, which are never edited but may put a folder in a crate's place."""
    for source, entries in table(file.data, "patch").items():
        for key, value in table(entries).items():
            yield _requirement(file, ("patch", source), key, value)


def _tables(data: Any) -> Iterator[KeyPath]:
    for name in _TABLES:
        yield (name,)
    for target in table(data, "target"):
        for name in _TABLES:
            yield ("target", target, name)
    yield ("workspace", "dependencies")


def _requirement(file: TomlFile, keys: KeyPath, key: str, value: Any) -> Requirement:
    if isinstance(value, str):
        return Requirement(key, key, keys, (*keys, key), value, None, inherited=False, foreign=False)
    entry = table(value)
    version, path, name = entry.get("version"), entry.get("path"), entry.get("package")
    is_text = isinstance(version, str)
    return Requirement(
        key,
        name if isinstance(name, str) else key,
        keys,
        (*keys, key, "version") if is_text else None,
        version if is_text else None,
        join(parent(file.path), path) if isinstance(path, str) else None,
        inherited=entry.get("workspace") is True,
        foreign=not {"git", "registry", "registry-index"}.isdisjoint(entry),
        by_git="git" in entry,
    )
