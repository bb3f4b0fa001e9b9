"""The registries that packages are published on, in words: one entry each, compared by identity.

What is asked of a registry and how its answers are judged stand in its folder below `bot/registries`; how its packages
are found in a tree, and how requirements on them move, in the planner. docs/adr/0013 says why it is open.
"""

import re
from enum import Enum, auto
from typing import ClassVar

from packaging.utils import canonicalize_name


class Scheme(Enum):
    """How versions are written and ordered."""

    SEMVER = auto()
    """https://semver.org"""
    PEP440 = auto()
    """https://peps.python.org/pep-0440/"""


class Registry:
    """Where a package is published. Templates hold `{name}` and `{version}`; `text` fills them."""

    CRATES_IO: ClassVar["Registry"]
    PYPI: ClassVar["Registry"]

    word: str
    """What people type before the colon, and what is stored of it."""
    label: str
    """Its name as it is written in a sentence."""
    noun: str
    """What a package is there, with its article."""
    names: re.Pattern[str]
    """The names that a package can have there."""
    name_rule: str
    """The same in words: a name … ."""
    longest_name: int = 0
    """Characters; 0 for no limit."""
    scheme: Scheme
    manifest: str
    """The file name that makes a folder a package of it."""
    locks: tuple[str, ...] = ()
    """The names of lock files that hold its packages."""
    several_files: bool = False
    """Whether a version is several files, which platform keys name."""
    tag_words: re.Pattern[str] = re.compile(r"(?!)")
    """Parts of a tag that speak of its language."""
    tag_beside: str = ""
    """Tag format of a package beside packages of other registries; empty where its name stands in it."""
    tag_prefix: str
    """What tells its packages' tags apart from those of another registry."""
    requirement: str
    """Template of what another project writes to require a package: TOML."""
    update: str
    """Template of the commands that bring that project's lock file along."""
    locks_by_index: bool = False
    """Whether lock files are edited by what its index says."""
    yank_command: str = ""
    """Template; empty where a person has to yank on a page."""
    yank_page: str = ""
    """Template of that page's address."""
    yank_steps: str = ""
    """What is chosen there, in Markdown."""

    def __str__(self) -> str:
        """The word."""
        return self.word

    def __repr__(self) -> str:
        """For failed assertions."""
        return f"<{self.word}>"

    def canonical(self, name: str) -> str:
        """The form in which it compares names."""
        return name.lower().replace("_", "-")

    @staticmethod
    def named(word: str) -> "Registry | None":
        """The registry of a word, however it is capitalised."""
        return REGISTRIES.get(word.lower())


def text(template: str, name: str, version: str) -> str:
    """A template of a registry, filled in."""
    return template.replace("{name}", name).replace("{version}", version)


class _CratesIO(Registry):
    """Names: `validate_crate_name` in https://github.com/rust-lang/crates.io/blob/main/src/models/krate.rs, with
    https://doc.rust-lang.org/cargo/reference/manifest.html#the-name-field. It takes `-` for `_` and capitals for small
    letters (`canon_crate_name` in the database of its server).
    """

    word = label = "crates.io"
    noun = "a crate"
    names = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
    name_rule = "must begin with a letter and hold nothing but ASCII letters, digits, `-` and `_`"
    longest_name = 64
    scheme = Scheme.SEMVER
    manifest = "Cargo.toml"
    locks = ("Cargo.lock",)
    tag_words = re.compile(r"(?:^|[^a-z])(?:rs|rust|crates?|cargo)(?:[^a-z]|$|v)", re.I)
    tag_prefix = "rust"
    requirement = '# Cargo.toml\n[dependencies]\n{name} = "{version}"'
    update = "cargo update -p {name} --precise {version}"
    locks_by_index = True
    yank_command = "cargo yank {name}@{version}"


class _PyPI(Registry):
    """Names: https://packaging.python.org/en/latest/specifications/name-normalization/#name-format."""

    word, label = "pypi", "PyPI"
    noun = "a Python package"
    names = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
    name_rule = "must hold nothing but ASCII letters, digits, `.`, `-` and `_`, and begin and end without"
    scheme = Scheme.PEP440
    manifest = "pyproject.toml"
    locks = ("uv.lock", "poetry.lock")
    several_files = True
    tag_words = re.compile(r"(?:^|[^a-z])(?:py|pypi|python|wheels?)(?:[^a-z]|$|v)", re.I)
    tag_beside = "py-v{version}"
    tag_prefix = "py"
    requirement = '# pyproject.toml\n[project]\ndependencies = ["{name}>={version}"]'
    update = "uv lock --upgrade-package {name}  # with uv\npoetry update {name}  # with Poetry"
    yank_page = "https://pypi.org/manage/project/{name}/release/{version}/"
    yank_steps = "*Options → Yank*"

    def canonical(self, name: str) -> str:
        """Every run of `-`, `_` and `.` is one `-`, too (PEP 503)."""
        return str(canonicalize_name(name))


Registry.CRATES_IO, Registry.PYPI = _CratesIO(), _PyPI()

REGISTRIES: dict[str, Registry] = {each.word: each for each in (Registry.CRATES_IO, Registry.PYPI)}
"""Every registry, by its word; in this order their packages are released."""
