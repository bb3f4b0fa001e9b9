"""The files that the steps of a job make here, where nothing is compiled: one for each platform. Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from bot.workflows.building.builds import ANY, How
from bot.workflows.building.builds import builds as builds_of
from bot.workflows.commands import OPEN, action_of
from bot.workflows.runs import RunJob

KEEPS = ("actions/upload-artifact", "actions/upload-artifact/merge")
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
    compiles: bool = False
    """Whether the tool is one that only projects with compiled code need."""


def builds(job: RunJob, tree: Mapping[str, bytes]) -> tuple[Build, ...]:
    """What the job's steps make for PyPI, in order; `tree` has the settings that they name."""
    return tuple(_builds(job, tree))


def _builds(job: RunJob, tree: Mapping[str, bytes]) -> Iterator[Build]:
    own = job.host.keys if job.host else None
    folders = dict.fromkeys(build.folder for build in builds_of(job, None, tree))
    settings = [found for folder in folders if (found := _settings(tree, folder))]
    for build in builds_of(job, settings[0] if settings else None, tree):
        keys = own if build.keys == ANY else build.keys
        if keys is None and own is not None:
            continue  # a target that is not known
        keys = keys or ("linux-x86_64",)  # a machine of which nothing is known
        for platform in ("macos-universal2",) if keys == _BOTH_MACS else keys:
            versions = tuple(map(_version, build.interpreters))
            yield Build(build.step.name, build.folder, platform, versions, build.how is How.CIBUILDWHEEL)


def downloads(job: RunJob, other: RunJob) -> bool:
    """Whether a job downloads by name what the other keeps: https://github.com/actions/download-artifact#inputs."""
    asked = [step.inputs for step in job.steps if action_of(step) == "actions/download-artifact"]
    patterns = [inputs.get("name") or inputs.get("pattern") or "*" for inputs in asked]
    kept = [step.inputs.get("name", "artifact") for step in other.steps if action_of(step) in KEEPS]
    return any(
        OPEN in name or fnmatchcase(name, re.sub(r"[$]+", "*", pattern)) for name in kept for pattern in patterns
    )


def _settings(tree: Mapping[str, bytes], folder: str) -> dict[str, Any]:
    """A project's pyproject.toml; empty where there is none that can be read."""
    try:
        return tomllib.loads(tree.get(str(PurePosixPath(folder, "pyproject.toml")), b"").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}


def _version(interpreter: str) -> str:
    """`cp313t`, as cibuildwheel names it, is `3.13t`."""
    name = interpreter.removeprefix("cp3")
    return interpreter if name == interpreter else f"3.{name}"
