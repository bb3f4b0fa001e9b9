"""Paths inside a repository: which files the planner needs, and how one path leads to another."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from posixpath import normpath

from bot.packaging.registry import REGISTRIES

CONFIG_PATH = ".github/release.toml"

_OF_CARGO = {"Cargo.toml", "Cargo.lock"}
_OF_SETUPTOOLS = {"setup.cfg", "setup.py"}
_OF_FRAGMENTS = {"towncrier.toml", "knope.toml"}
_CHANGESET = re.compile(r"\.changeset/[^/]+\.(?:md|json)")
_LOCKS = {
    *("Cargo.lock", "uv.lock", "poetry.lock"),
    *("package.json", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"),
}
_CHANGELOG = re.compile(r"(?:CHANGELOG|CHANGES|HISTORY|RELEASES|RELEASE[-_]NOTES|NEWS)(?:\.md|\.markdown|\.rst)?", re.I)
_LIKE_CHANGELOG = re.compile(r".*(?:change|history|release|news).*\.(?:md|markdown|rst)", re.I)
_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
_ACTION = re.compile(r"(?:[^/]+/){1,4}action\.ya?ml")
_RECIPES = re.compile(
    r"(?:[^/]+/){0,2}(?:GNUmakefile|[Mm]akefile|\.?justfile|Justfile|JUSTFILE|noxfile\.py|tox\.ini|pixi\.toml)"
)
_OF_ROBOTS = re.compile(r"(?:\.config/)?\.?release-plz\.toml|(?:[^/]+/){0,2}\.?cibuildwheel\.toml")
_OF_RELEASING = re.compile(
    r"(?:^|[-_./])(?:re)?(?:publish|releas|deploy|upload|build|wheel|ship|dist|pypi|crate|pack)", re.I
)
_OF_SCRIPTS = re.compile(
    r"\.github(?:/[^/]+){0,3}|"
    r"(?:[^/]+/)?(?:scripts?|ci|\.ci|tools?|bin|dev|hack|maint|release|releasing|utils?|etc|misc|support)(?:/[^/]+)?|"
)
"""Folders where repositories keep the scripts that a workflow runs; the root, too."""
_SCRIPT = re.compile(r"[a-z][\w-]*|[\w.-]+\.(?:sh|bash|zsh|py|ps1)")
_VERSION_FILES = {
    "_version.py",
    "__version__.py",
    "version.py",
    "__about__.py",
    "VERSION",
    "VERSION.txt",
    "version.txt",
}
_PACKAGE_INIT = re.compile(r"(?:(?:[^/]+/){0,2}(?:src|python|py_src|lib|py)/|(?:[^/]+/)?)[^/]+/__init__\.py")

# Other people's files, build output, and templates, whose manifests are often not TOML.
_NOT_OURS = {
    *("vendor", "vendored", "third_party", "third-party", "thirdparty", "external", "node_modules", "site-packages"),
    *("target", "dist", ".git", ".venv", "venv", ".tox", ".nox", "__pycache__"),
    *("snapshots", "template", "templates"),
}
# What only imitates a project: it releases nothing, but may lead by path to what is released.
_IMITATIONS = {"fixture", "fixtures", "testdata", "test_data", "test-data"}
_NOT_PRODUCT = {
    *_IMITATIONS,
    *("example", "examples", "bench", "benches", "benchmark", "benchmarks", "fuzz", "test", "tests", "testing"),
    *("xtask", "demo", "demos", "playground", "sandbox", "doc", "docs", "tools", "scripts", "ci", "e2e"),
}
_TESTS = re.compile(r"(?:.+[-_])?tests(?:[-_].+)?|pytests|tests?[-_]?crates?")
"""Folders of tests by longer names. `NAME-test` is none: crates that help to test are published under such names."""


def wants_path(path: str) -> bool:
    """Whether the planner reads this file of a repository (POSIX path, relative to its root).

    True for manifests, lock files, changelogs, small files that usually hold a Python version, workflows
    with the actions and scripts that they may run, and `.github/release.toml`; False below vendored and generated
    folders. Of fixtures only what Cargo reads, for their requirements and lock files move with the crates that they
    lead to.
    """
    if path == CONFIG_PATH or _WORKFLOW.fullmatch(path) or _CHANGESET.fullmatch(path) or is_script(path):
        return True
    folder, _, name = path.rpartition("/")
    if not _NOT_OURS.isdisjoint(folder.split("/")):
        return False
    if is_imitation(folder):
        return name in _OF_CARGO
    if (
        name in _OF_SETUPTOOLS
        or name in _OF_FRAGMENTS
        or any(name == registry.manifest for registry in REGISTRIES.values())
        or name in _LOCKS
        or name in _VERSION_FILES
        or _CHANGELOG.fullmatch(name)
        or _LIKE_CHANGELOG.fullmatch(name)
    ):
        return True
    return _PACKAGE_INIT.fullmatch(path) is not None


def is_script(path: str) -> bool:
    """Whether a workflow may run this file to build or publish: an action, a recipe, or a script that is called so."""
    folder, _, name = path.rpartition("/")
    if not _NOT_OURS.isdisjoint(folder.split("/")):
        return False
    if _RECIPES.fullmatch(path) or _OF_ROBOTS.fullmatch(path) or _ACTION.fullmatch(path):
        return True
    if not _OF_SCRIPTS.fullmatch(folder) or name in _OF_SETUPTOOLS:
        return False
    return _SCRIPT.fullmatch(name) is not None and _OF_RELEASING.search(name) is not None


def is_changelog(path: str) -> bool:
    """Whether the file's name is one that changelogs have."""
    return _CHANGELOG.fullmatch(path.rpartition("/")[2]) is not None


def is_like_changelog(path: str) -> bool:
    """Whether a Markdown file's name says that it tells of changes or releases."""
    return _LIKE_CHANGELOG.fullmatch(path.rpartition("/")[2]) is not None


def is_ours(folder: str) -> bool:
    """False below folders of other people's files, of build output, and of files that only imitate a project."""
    return _NOT_OURS.isdisjoint(folder.split("/")) and not is_imitation(folder)


def is_imitation(folder: str) -> bool:
    """Whether it lies below the fixtures of tests."""
    return not _IMITATIONS.isdisjoint(folder.split("/"))


def is_product(folder: str) -> bool:
    """False below folders whose packages serve the repository itself: examples, benchmarks, fuzzers, tests."""
    parts = folder.lower().split("/")
    return _NOT_PRODUCT.isdisjoint(parts) and not any(_TESTS.fullmatch(part) for part in parts)


def parent(path: str) -> str:
    """The folder of a file, `.` for the root."""
    return path.rpartition("/")[0] or "."


def join(folder: str, relative: str) -> str | None:
    """`relative` seen from `folder`, normalised; None when it leaves the repository or is absolute."""
    if relative.startswith(("/", "~")) or "\\" in relative or "\0" in relative:
        return None
    path = normpath(f"{folder}/{relative}")
    return None if path == ".." or path.startswith("../") else path


def inside(folder: str, name: str) -> str:
    """The path of the file `name` in `folder`."""
    return name if folder == "." else f"{folder}/{name}"


def ancestors(folder: str) -> Iterable[str]:
    """The folders above `folder`, nearest first, ending with `.`; nothing for the root itself."""
    while folder != ".":
        folder = parent(folder)
        yield folder


def depth(folder: str) -> int:
    """How many folders below the root."""
    return 0 if folder == "." else folder.count("/") + 1


def is_below(folder: str, other: str) -> bool:
    """Whether `folder` is `other` or somewhere below it."""
    return other == "." or folder == other or folder.startswith(f"{other}/")


def matches_glob(folder: str, pattern: str) -> bool:
    """Whether a folder matches a pattern of Cargo's `members`: `*` stays in one folder, `**` does not."""
    patterns = normpath(pattern).split("/")
    reached = _past_stars({0}, patterns)
    for part in folder.split("/"):
        stayed = {place for place in reached if patterns[place : place + 1] == ["**"]}
        passed = {
            place + 1 for place in reached - stayed if place < len(patterns) and fnmatchcase(part, patterns[place])
        }
        reached = _past_stars(stayed | passed, patterns)
    return len(patterns) in reached


def _past_stars(places: set[int], patterns: list[str]) -> set[int]:
    """The places, and those after any `**` that they stand before: it may match nothing."""
    found = set(places)
    for place, pattern in enumerate(patterns):
        if place in found and pattern == "**":
            found.add(place + 1)
    return found
