"""What the planner reads and what it answers: frozen data, no behaviour beyond names.

A tree is a mapping from a path (POSIX, relative to the repository's root) to the file's bytes. It need hold only
the files for which `bot.plan.wants_path` answers true.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from bot.packaging.problem import Problem
from bot.packaging.registry import Registry, Scheme
from bot.packaging.versions import newest
from bot.plan.elsewhere.declaration import Declared
from bot.plan.policy import Policy
from bot.workflows.releasing import Start

Tree: TypeAlias = Mapping[str, bytes]

EVERY_GROUP = "all"
"""In place of a package's name in a request: every group of the repository."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of the repository."""

    name: str
    date: datetime | None = None
    """When the commit that it leads to was made; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Promises:
    """What the tree promises of a published package besides its version; None where it says nothing."""

    requires_python: str | None = None
    rust_version: str | None = None
    license: str | None = None
    """An SPDX expression, or what stands in its place."""
    repository: str | None = None
    readme: bool | None = None
    """Whether it has a README; None when the tree does not say for certain."""
    may_fail: tuple[str, ...] = ()
    """Expected files whose job has `continue-on-error`: the workflow ends well without them."""
    pythons: tuple[str, ...] = ()
    """Interpreters that each platform gets a wheel for (`cp312`), where the workflow names them."""
    guessed: bool = False
    """Whether the expected files rest on a guess: one that is missing blocks only where the last release has it."""
    partial: bool = False
    """Whether there may be more than the expected files: some jobs were not understood."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """How Shipmate starts a publish workflow that has `workflow_dispatch`."""

    on_tag: bool
    """Whether on the tag; else on the branch that is released from."""
    inputs: tuple[tuple[str, str], ...] = ()
    """Name and value of each input that is given."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package that the repository publishes, as discovery or the configuration describes it."""

    name: str
    registry: Registry
    path: str
    """Folder of the manifest, `.` for the root."""
    manifest: str
    """Path of the file that holds the version (Cargo.toml or pyproject.toml)."""
    version: str
    """The current version as the manifest writes it."""
    tag: str
    """Tag format with `{version}` in it, such as `v{version}`."""
    changelog: str | None
    """Path of its changelog; None when it has none."""
    workflow: str | None
    """File name of its publish workflow below .github/workflows; None when none was found."""
    files: tuple[str, ...] = ()
    """Expected files on PyPI: `sdist` and platform keys such as `linux-x86_64`; empty when nothing promises any."""
    after: tuple[str, ...] = ()
    """Names of packages that must be on their registry before this one's tag is pushed."""
    follows: str | None = None
    """Name of the package whose bump level this one takes when its own is not given."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """For each fact above, by field name, where it came from: a path, `.github/release.toml`, `tags`, `default`."""
    promises: Promises = Promises()
    start: Start = Start.TAG
    """What makes its publish workflow run for the tag that is planned."""
    also: tuple[Declared, ...] = ()
    """Further places of its version that the configuration declares."""
    robot: str = ""
    """The name of another robot that tags and publishes it; empty where none does."""
    asks: tuple[str, ...] = ()
    """Names of the inputs that a person may give who starts it."""
    inputs: Mapping[str, str] | None = None
    """What release.toml gives them, with {tag}, {version} and {commit} in it; None where it says nothing."""
    dispatch: Dispatch | None = None
    """How it is started for the tag that is planned; None where a tag or a person does that."""
    include: tuple[str, ...] = ()
    """Patterns of files besides its own whose changes are told in its changelog."""
    exclude: tuple[str, ...] = ()
    """Patterns of files whose changes are not."""
    releases: tuple[str, ...] = ()
    """The versions that tags say were released, newest first, as the tags spell them."""
    published: str | None = None
    """The newest version on its registry; None where that has none, or was not asked."""

    def tag_for(self, version: str) -> str:
        """The tag name of `version`."""
        return self.tag.format(version=version)

    @property
    def released(self) -> str | None:
        """The newest released version, by tags and, where it was asked, the registry; None where neither knows one.

        What the files say is the version of the next release as often as that of the last.
        """
        known = [*self.releases[:1], *([self.published] if self.published else [])]
        return newest(self.registry.scheme, known) if known else None

    @property
    def key(self) -> str:
        """Unambiguous name: `crates.io:NAME` or `pypi:NAME`."""
        return f"{self.registry}:{self.name}"


@dataclass(frozen=True, slots=True)
class Downstream:
    """Another repository whose requirement on one of our packages follows each release."""

    repository: str
    package: str


@dataclass(frozen=True, slots=True)
class Group:
    """What one tag releases: packages that move together."""

    packages: tuple[str, ...]
    """Package keys, in the repository's order."""
    tag: str
    """Tag format."""
    last: str | None = None
    """The last tag of that format that is no prerelease's, or else the last one; None where there is none."""
    spelled: Scheme | None = None
    """How prereleases are spelled in its tags; None where none tells."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """Everything that the planner knows about a repository before anybody asks for a release."""

    packages: tuple[Package, ...]
    """The first is the primary package."""
    policy: Policy = Policy()
    downstream: tuple[Downstream, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Configuration mistakes and ambiguities; while there is one, nothing can be released."""
    has_clear_primary: bool = True
    """Whether a bare `/release 0.5.0` can mean only the first group; otherwise it is answered with the choices."""
    repository: str = ""
    """Its full name, for which workflows may ask; empty when it is not known."""
    default_branch: str = ""
    """Likewise."""
    groups: tuple[Group, ...] = ()
    """Every package in one of them: what a bare version means first, if that is clear; then the most used."""

    def group_of(self, key: str) -> Group | None:
        """The group of a package."""
        return next((group for group in self.groups if key in group.packages), None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One item of a request: which package, and a version or a level."""

    package: str | None
    """`name`, `crates.io:name`, `pypi:name`: its group; None for the primary package's, `all` for every one."""
    version: str
    """A version (`0.5.0`) or a level (`major`, `minor`, `patch`, `rc`)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One merged pull request, or a commit without one, since a package's last tag."""

    title: str
    """Pull request title, or the commit's headline."""
    number: int | None = None
    """Pull request number."""
    labels: tuple[str, ...] = ()
    author: str | None = None
    bot: bool = False
    breaking: bool = False
    """Whether the text below the title says so; the title may, too."""
    credit: str | None = None
    """How a changelog names who made it: `@ann`, or a name that git knows; None for robots."""
    newcomer: bool = False
    """Whether nothing of theirs was released before."""


@dataclass(frozen=True, slots=True)
class Bump:
    """One package of the plan: from which version to which, under which tag."""

    package: Package
    old: str
    new: str
    tag: str

    @property
    def title(self) -> str:
        """How it is named in a title: `edgequake-llm v0.5.0`."""
        return f"{self.package.name} v{self.new}"


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One file of the release commit, whole, before and after."""

    path: str
    before: bytes | None
    """None for a file that the plan creates."""
    after: bytes | None
    """None for a file that the plan deletes."""
    why: str
    """One sentence fragment for the pull request: `version and its requirement on edgequake-llm`."""
    changes: tuple[str, ...] = ()
    """Each changed value in words: `package.version: 0.4.0 → 0.5.0`."""


@dataclass(frozen=True, slots=True)
class Section:
    """The changelog section of one released package, without its heading."""

    package: str
    """Package key."""
    version: str
    heading: str
    """The heading's text, such as `[0.5.0] - 2026-04-04`."""
    body: str
    """Markdown below the heading, stripped."""
    drafted: bool
    """True when Shipmate wrote it from what was merged; a person should edit it in the pull request."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A release that can be proposed: every byte of the commit, and what it is called."""

    bumps: tuple[Bump, ...]
    edits: tuple[FileEdit, ...]
    sections: tuple[Section, ...]
    title: str
    """The pull request's: `release: edgequake-llm v0.5.0 + edgequake-litellm v0.4.0`."""
    headline: str
    """First line of the commit message, by which the commit is known for ours."""
    branch: str
    """Branch of the release commit: `shipmate/v0.5.0+py-v0.4.0`."""
    warnings: tuple[str, ...] = ()
    offer: str = ""
    """What could have been meant, too, with the command for it: Markdown, one sentence."""
    policy: Policy = Policy()
    downstream: tuple[Downstream, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that cannot be planned; never empty."""

    problems: tuple[Problem, ...]
