"""The files that the steps of a job make here, where nothing is compiled: one for each platform. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.workflows.building.builds import ANY
from bot.workflows.building.builds import builds as builds_of
from bot.workflows.runs import RunJob

_BOTH_MACS = ("macos-x86_64", "macos-arm64")


@dataclass(frozen=True, slots=True)
class Build:
    """Files that a step makes for PyPI."""

    step: str
    folder: str
    """Where the project is, as far as the step says."""
    platform: str
    """A platform key (`linux-x86_64`), or `sdist`. A pure Python project makes one wheel for all platforms anyway."""
    interpreters: tuple[str, ...] = ()
    """`3.12`, `3.13t`; `*` for every one that maturin finds; empty when not said."""


def builds(job: RunJob) -> tuple[Build, ...]:
    """What the job's steps make for PyPI, in order."""
    return tuple(_builds(job))


def _builds(job: RunJob) -> Iterator[Build]:
    own = job.host.keys if job.host else None
    for build in builds_of(job):
        keys = own if build.keys == ANY else build.keys
        if keys is None and own is not None:
            continue  # a target that is not known
        keys = keys or ("linux-x86_64",)  # a machine of which nothing is known
        platform = "macos-universal2" if keys == _BOTH_MACS else keys[0]
        yield Build(build.step.name, build.folder, platform, tuple(map(_version, build.interpreters)))


def _version(interpreter: str) -> str:
    """`cp313t`, as cibuildwheel names it, is `3.13t`."""
    name = interpreter.removeprefix("cp3")
    return interpreter if name == interpreter else f"3.{name}"
