"""`.github/release.toml`: read, checked key by key, and answered with line and allowed values where it is wrong."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from bot.packaging.platforms import WORDS, allowed_words, named_platforms
from bot.packaging.problem import Problem
from bot.packaging.registry import REGISTRIES, Registry
from bot.plan.config_values import ValueReader
from bot.plan.elsewhere.declaration import Declared
from bot.plan.manifests.toml import KeyPath, read_toml
from bot.plan.model import Downstream, Tree
from bot.plan.naming import PLACEHOLDERS_ARE, mistake_in_title
from bot.plan.paths import CONFIG_PATH
from bot.plan.policy import TITLE, Policy

__all__ = ["CONFIG_PATH", "Config", "GroupConfig", "PackageConfig", "read_config"]

KEYS = {
    "release": (
        *("branch", "required", "permission", "changelog", "generated-notes", "release", "tags", "pins"),
        *("branch-prefix", "commit-message", "pull-request-title", "contributors", "robot"),
    ),
    "package": (
        *("name", "registry", "path", "tag", "changelog", "publish", "inputs", "follows", "after", "files"),
        *("include", "exclude", "also"),
    ),
    "group": ("packages", "tag", "publish"),
    "downstream": ("repository", "package"),
    "announce": ("category",),
}
"""The keys of each table."""

_ALSO_KEYS = ("path", "search", "count")
_ALSO = '`also = [{ path = "docs/conf.py", search = \'release = "{version}"\' }]`'
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9_.-]{1,100}")
_TAG = re.compile(r"(?!/|-)(?!.*(?:\.\.|//|@\{))[A-Za-z0-9_./@+-]*\{version\}[A-Za-z0-9_./@+-]*(?<![./])")
_TAG_IS = 'a tag with {version} once in it, such as "v{version}"'
_WORKFLOW = re.compile(r"[^/\\]+\.ya?ml")
_WORKFLOW_IS = 'the file name of a workflow, such as "publish.yml"'
_PREFIX = re.compile(r"(?!/|-|\.|refs/)(?!.*(?:\.\.|//|/\.|@\{|\.lock/))[A-Za-z0-9_./@+-]{1,60}(?<!\.)")
_PREFIX_IS = 'the beginning of a branch name, such as "shipmate/": letters, digits and _./@+-, at most 60'
"""With a tag behind it, it is a branch name by https://git-scm.com/docs/git-check-ref-format, and GitHub takes it:
https://github.blog/changelog/2023-03-23-block-ambiguous-branch-and-tag-names.
"""


GIVEN = ("{tag}", "{version}")
"""What may stand in the inputs of a workflow."""


def mistake_in_input(value: str) -> str | None:
    """What is wrong with the braces of a text, as it follows its name; None when nothing is."""
    left = value
    for placeholder in GIVEN:
        left = left.replace(placeholder, "")
    return f"cannot be {value!r}" if "{" in left or "}" in left else None


@dataclass(frozen=True, slots=True)
class PackageConfig:
    """One `[[package]]`: only what it says, so that discovery answers the rest."""

    name: str
    line: int
    registry: Registry | None = None
    path: str | None = None
    tag: str | None = None
    changelog: str | None = None
    publish: str | None = None
    follows: str | None = None
    after: tuple[str, ...] | None = None
    files: tuple[str, ...] | None = None
    also: tuple[Declared, ...] = ()
    inputs: Mapping[str, str] | None = None
    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class GroupConfig:
    """One `[[group]]`: packages that one tag releases."""

    packages: tuple[str, ...]
    """Their names, perhaps with a registry; empty for all of the workspace."""
    lines: tuple[int, ...]
    """Where each name stands; of the whole table, where there is none."""
    line: int
    tag: str | None = None
    publish: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file; defaults where it is absent."""

    policy: Policy = Policy()
    packages: tuple[PackageConfig, ...] = ()
    downstream: tuple[Downstream, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    groups: tuple[GroupConfig, ...] = ()


def read_config(tree: Tree) -> Config:
    """The configuration of a tree; every mistake in it is a Problem, and the values around it are still read."""
    if CONFIG_PATH not in tree:
        return Config()
    file = read_toml(CONFIG_PATH, tree)
    if isinstance(file, Problem):
        return Config(problems=(file,))
    reader = _Reader(file)
    reader.only(file.data, (), tuple(KEYS))
    policy = reader.policy(file.data.get("release", {}), reader.category(file.data.get("announce", {})))
    packages = tuple(reader.packages(file.data.get("package", [])))
    groups = tuple(reader.groups(file.data.get("group", [])))
    downstream = tuple(reader.downstream(file.data.get("downstream", [])))
    return Config(policy, packages, downstream, tuple(reader.problems), groups)


def declared_paths(tree: Tree) -> list[str]:
    """The files that the configuration in a tree declares to say a version, wherever they lie."""
    return [place.path for package in read_config(tree).packages for place in package.also]


class _Reader(ValueReader):
    """Reads the tables of the file."""

    def policy(self, release: Any, announce: str | None) -> Policy:
        here: KeyPath = ("release",)
        if not isinstance(release, dict):
            self.wrong(here, "`release` must be a table", "Write `[release]`.")
            return Policy()
        if "auto-merge" in release:
            self.wrong((*here, "auto-merge"), "`auto-merge` does not work yet", "Take the line out.")
        self.only({key: release[key] for key in release if key != "auto-merge"}, here, KEYS["release"])
        return Policy(
            branch=self.text(release, here, "branch"),
            required=self.texts(release, here, "required") or (),
            unchecked=release.get("required") == [],
            permission=self.choice(release, here, "permission", ("write", "maintain", "admin")) or Policy().permission,
            changelog=self.choice(release, here, "changelog", ("draft", "require")) or Policy().changelog,
            generated_notes=self.switch(release, here, "generated-notes"),
            draft_first=self.choice(release, here, "release", ("verified", "draft-first")) == "draft-first",
            contributors=self.switch(release, here, "contributors"),
            annotated=self.choice(release, here, "tags", ("lightweight", "annotated")) == "annotated",
            lift_all_pins=self.choice(release, here, "pins", ("needed", "always")) == "always",
            branch_prefix=self.shaped(release, here, "branch-prefix", _PREFIX, _PREFIX_IS) or Policy().branch_prefix,
            commit_message=self.title(release, here, "commit-message") or Policy().commit_message,
            pull_request_title=self.title(release, here, "pull-request-title") or Policy().pull_request_title,
            ignores_robots=self.choice(release, here, "robot", ("refuse", "ignore")) == "ignore",
            announce=announce,
        )

    def category(self, announce: Any) -> str | None:
        here: KeyPath = ("announce",)
        if not isinstance(announce, dict):
            self.wrong(here, "`announce` must be a table", "Write `[announce]`.")
            return None
        self.only(announce, here, KEYS["announce"])
        return self.text(announce, here, "category")

    def packages(self, entries: Any) -> Iterable[PackageConfig]:
        for here, entry in self.tables("package", entries):
            self.only(entry, here, KEYS["package"])
            name = self.text(entry, here, "name")
            if name is None:
                if "name" not in entry:
                    self.wrong(here, "`[[package]]` has no `name`", "Add the package's name, as on its registry.")
                continue
            registry = self.choice(entry, here, "registry", tuple(REGISTRIES))
            yield PackageConfig(
                name=name,
                line=self.file.line(here) or 1,
                registry=REGISTRIES[registry] if registry else None,
                path=self.path(entry, here, "path"),
                tag=self.shaped(entry, here, "tag", _TAG, _TAG_IS),
                changelog=self.path(entry, here, "changelog"),
                publish=self.shaped(entry, here, "publish", _WORKFLOW, _WORKFLOW_IS),
                follows=self.text(entry, here, "follows"),
                after=self.texts(entry, here, "after"),
                files=self.files(entry, here),
                inputs=self.inputs(entry, here),
                include=self.texts(entry, here, "include"),
                exclude=self.texts(entry, here, "exclude"),
                also=tuple(self.also(entry, here)),
            )

    def groups(self, entries: Any) -> Iterable[GroupConfig]:
        for here, entry in self.tables("group", entries):
            self.only(entry, here, KEYS["group"])
            packages, whole = entry.get("packages"), self.file.line(here) or 1
            if packages == "workspace":
                names: tuple[str, ...] = ()
            elif isinstance(packages, list) and packages and all(isinstance(name, str) and name for name in packages):
                names = tuple(packages)
            else:
                what = "`packages` must be a list of names, or" if "packages" in entry else "`[[group]]` has no"
                wanted = '"workspace"' if "packages" in entry else "`packages`"
                where = (*here, "packages") if "packages" in entry else here
                self.wrong(where, f"{what} {wanted}", 'Write `packages = ["NAME", …]` or `packages = "workspace"`.')
                continue
            yield GroupConfig(
                names,
                tuple(self.file.line((*here, "packages", at)) or whole for at in range(len(names))),
                whole,
                self.shaped(entry, here, "tag", _TAG, _TAG_IS),
                self.shaped(entry, here, "publish", _WORKFLOW, _WORKFLOW_IS),
            )

    def downstream(self, entries: Any) -> Iterable[Downstream]:
        for here, entry in self.tables("downstream", entries):
            self.only(entry, here, KEYS["downstream"])
            repository = self.shaped(entry, here, "repository", _REPOSITORY, '"owner/name"')
            package = self.text(entry, here, "package")
            for key in KEYS["downstream"]:
                if key not in entry:
                    self.wrong(here, f"`[[downstream]]` has no `{key}`", f"Add `{key}`.")
            if repository and package:
                yield Downstream(repository, package)

    def title(self, found: dict[str, Any], here: KeyPath, key: str) -> str | None:
        """One line with placeholders in braces."""
        value = self.text(found, here, key)
        mistake = None if value is None else mistake_in_title(value)
        if mistake is not None:
            self.wrong((*here, key), f"`{key}` {mistake}", f'Write one line, such as "{TITLE}". {PLACEHOLDERS_ARE}.')
        return None if mistake else value

    def files(self, found: dict[str, Any], here: KeyPath) -> tuple[str, ...] | None:
        values = self.texts(found, here, "files")
        keys: list[str] = []
        for number, value in enumerate(values or ()):
            meant = named_platforms(value)
            if meant is None:
                close = get_close_matches(value.lower(), WORDS, 1, 0.8)
                hint = f"Did you mean `{close[0]}`? " if close else ""
                self.wrong((*here, "files", number), f"`files` cannot hold {value!r}", f"{hint}{allowed_words()}.")
            keys += meant or ()
        return None if values is None else tuple(dict.fromkeys(keys))

    def also(self, found: dict[str, Any], here: KeyPath) -> Iterable[Declared]:
        """Further places of the version: a path, a text with {version} in it, and how often it is there."""
        entries = found.get("also", [])
        if not isinstance(entries, list) or any(not isinstance(entry, dict) for entry in entries):
            self.wrong((*here, "also"), "`also` must be a list of tables", f"Write {_ALSO}.")
            return
        for number, entry in enumerate(entries):
            place: KeyPath = (*here, "also", number)
            self.only(entry, place, _ALSO_KEYS)
            path, search, count = (
                self.path(entry, place, "path"),
                self.text(entry, place, "search"),
                entry.get("count", 1),
            )
            for key in ("path", "search"):
                if key not in entry:
                    self.wrong(place, f"an entry of `also` has no `{key}`", f"Write {_ALSO}.")
            if search is not None and (search.count("{version}") != 1 or len(search) > 200):
                what = "`search` must have {version} in it, once, and at most 200 characters"
                self.wrong((*place, "search"), what, f"Write {_ALSO}.")
            elif isinstance(count, bool) or not isinstance(count, int) or not 0 < count <= 1000:
                self.wrong((*place, "count"), "`count` must be a number from 1 to 1000", "Write how often it is there.")
            elif path is not None and search is not None:
                yield Declared(path, search, count, self.file.line(place) or 1)

    def inputs(self, found: dict[str, Any], here: KeyPath) -> Mapping[str, str] | None:
        """What a workflow is started with: texts with placeholders in braces."""
        values = found.get("inputs")
        if values is None:
            return None
        if not isinstance(values, dict) or any(not isinstance(value, str) for value in values.values()):
            self.wrong((*here, "inputs"), "`inputs` must be a table of strings", 'Write `inputs = {tag = "{tag}"}`.')
            return None
        for name, value in values.items():
            if mistake := mistake_in_input(value):
                self.wrong((*here, "inputs", name), f"`{name}` {mistake}", f"Placeholders: {', '.join(GIVEN)}.")
        return values
