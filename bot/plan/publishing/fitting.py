"""Whether an upload or a build is a package's own: by the folder, the name and the manifest that a command names."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.packaging.names import same_name
from bot.packaging.registry import Registry
from bot.plan.manifests.toml import strings, table
from bot.plan.paths import inside, is_below, parent
from bot.plan.repository import Repository, Source
from bot.workflows.building.builds import Build, builds
from bot.workflows.commands import OPEN
from bot.workflows.publishing import Publish, uploads
from bot.workflows.releasing import Way
from bot.workflows.robots import robots
from bot.workflows.runs import RunJob

NONE, OPENLY, BROADLY, EXACTLY = 0, 1, 2, 3
"""How surely an upload is a package's: another's, nothing tells, one of a workspace, by its folder or name."""

_COMPILING = re.compile(
    r"(?:setuptools-rust|cython|cffi|pybind11|nanobind|meson-python|scikit-build(?:-core)?|mypy|maturin|py-build-cmake)\b",
    re.IGNORECASE,
)
"""Build requirements of projects with compiled code."""
_EXTENSIONS = re.compile(rb"ext_modules|cffi_modules|rust_extensions|\bExtension\(")
_ON_PYPI = re.compile(r"pypi\.org/(?:p|project)/([A-Za-z0-9._-]+)")


class Fitting:
    """Compares uploads and builds with the packages of a repository."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._crates = {crate.folder: crate.name for crate in repository.crates}
        self._projects = {parent(file.path) for file in repository.pyprojects if _builds_something(file.data)}
        self._names = [source.name for source in repository.sources.values() if source.registry is Registry.PYPI]
        self._made: dict[tuple[int, ...], tuple[Build, ...]] = {}

    def fit(self, source: Source, way: Way, jobs: Sequence[RunJob]) -> int:
        """How surely the publishing jobs of a run publish this package."""
        found = [
            self._upload_fits(source, way, job, upload)
            for job in jobs
            for upload in uploads(job)
            if upload.registry is source.registry
        ]
        by_robot = OPENLY if any(source.registry in robot.publishes for job in jobs for robot in robots(job)) else NONE
        return max(found, default=by_robot)

    def is_own(self, build: Build, source: Source) -> bool:
        """Whether a build may be the package's: not where it names another one."""
        if build.package:
            return same_name(Registry.PYPI, build.package, source.name)
        return build.folder in _folders(source) or build.folder not in self._others(source)

    def is_compiled(self, source: Source) -> bool:
        """Whether a Python project has compiled code, as far as its files say."""
        if source.crate is not None or source.project is None:
            return source.crate is not None
        required = strings(table(source.project.file.data, "build-system").get("requires"))
        setup = self._repository.tree.get(inside(source.project.folder, "setup.py"), b"")
        return any(_COMPILING.match(each.strip()) for each in required) or _EXTENSIONS.search(setup) is not None

    def _upload_fits(self, source: Source, way: Way, job: RunJob, upload: Publish) -> int:
        if source.registry is Registry.CRATES_IO:
            return self._crate_fits(source, upload)
        named = [name for name in _ON_PYPI.findall(job.environment_url) if "$" not in name]
        if any(same_name(Registry.PYPI, name, source.name) for name in named):
            return EXACTLY
        if any(same_name(Registry.PYPI, name, other) for name in named for other in self._names):
            return NONE
        if upload.builds:
            return EXACTLY if upload.folder in _folders(source) else self._elsewhere(source, upload.folder)
        made = self._builds(way.jobs)
        if any(self._is_exact(build, source) for build in made):
            return EXACTLY
        if any(not self.is_own(build, source) for build in made):
            return OPENLY if any(build.folder == OPEN for build in made) else NONE
        return OPENLY

    def _crate_fits(self, source: Source, upload: Publish) -> int:
        if upload.package and OPEN not in upload.package:
            return EXACTLY if same_name(Registry.CRATES_IO, upload.package, source.name) else NONE
        if upload.guessed or upload.package or upload.folder == OPEN:
            return OPENLY
        if upload.workspace:
            return BROADLY if is_below(source.folder, upload.folder) else NONE
        if upload.folder in self._crates:
            return EXACTLY if upload.folder == source.folder else NONE
        return BROADLY if is_below(source.folder, upload.folder) else NONE

    def _elsewhere(self, source: Source, folder: str) -> int:
        return NONE if folder in self._others(source) else OPENLY

    def _is_exact(self, build: Build, source: Source) -> bool:
        return build.folder in _folders(source) if not build.package else self.is_own(build, source)

    def _others(self, source: Source) -> set[str]:
        return self._projects - _folders(source)

    def _builds(self, jobs: Iterable[RunJob]) -> tuple[Build, ...]:
        """The builds of a run, read once for all packages."""
        running = [job for job in jobs if job.runs is not False]
        key = tuple(map(id, running))
        if key not in self._made:
            self._made[key] = tuple(build for job in running for build in builds(job))
        return self._made[key]


def _folders(source: Source) -> set[str]:
    """Where a command may say that the package is: its own folder, or that of the crate it is built from."""
    return {source.folder, *((source.crate.folder,) if source.crate else ())}


def _builds_something(data: Mapping[str, Any]) -> bool:
    return "build-system" in data or "project" in data
