"""Which files the steps of a job build for PyPI, with maturin, cibuildwheel or one of the plain build tools."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from bot.packaging.platforms import Keys
from bot.packaging.runners import of_maturin
from bot.workflows.building.cibuildwheel import built_by_cibuildwheel, is_cibuildwheel
from bot.workflows.commands import MATURIN, Command, action_of, commands
from bot.workflows.files import RunStep
from bot.workflows.runs import RunJob

SDIST: Keys = ("sdist",)
ANY: Keys = ("any",)
_INSPECTING = "hynek/build-and-inspect-python-package"
_ONLY_SDIST = ("--sdist", "-s", "--no-wheel")
_ONLY_WHEEL = ("--wheel", "-w", "--no-sdist")


class How(Enum):
    """What makes a file."""

    MATURIN = auto()
    """As a command, on the runner itself."""
    MATURIN_ACTION = auto()
    """In an image of its own on Linux."""
    CIBUILDWHEEL = auto()
    PLAIN = auto()
    """`python -m build` and its like: a wheel for any platform, unless something is compiled."""


@dataclass(frozen=True, slots=True)
class Build:
    """A file, or one for each interpreter, that a step makes for PyPI."""

    step: RunStep
    how: How
    folder: str
    """Where the project is, as far as the step says."""
    keys: Keys | None
    """What it serves: `("sdist",)`, a platform, both Macs; None when only the run tells."""
    interpreters: tuple[str, ...] = ()
    """Those that are named: `3.12`, `3.13t`, `cp312`; `*` for every one that maturin finds."""


def builds(job: RunJob, pyproject: Mapping[str, Any] | None = None) -> tuple[Build, ...]:
    """What the job's steps make, in order; nothing of steps that do not run."""
    steps = (step for step in job.steps if step.runs is not False)
    return tuple(build for step in steps for build in _of_step(job, step, pyproject or {}))


def _of_step(job: RunJob, step: RunStep, pyproject: Mapping[str, Any]) -> Iterator[Build]:
    if action_of(step) == _INSPECTING:
        yield Build(step, How.PLAIN, step.folder, SDIST)
        yield Build(step, How.PLAIN, step.folder, ANY)
    if is_cibuildwheel(step):
        built = built_by_cibuildwheel(step, job, pyproject)
        keys = [(key,) for key in built.keys] if built.keys is not None else [None]
        for each in keys:
            yield Build(step, How.CIBUILDWHEEL, step.folder, each, built.interpreters)
    how = How.MATURIN_ACTION if action_of(step) in MATURIN else How.MATURIN
    for command in commands(step):
        tool, verb = command.tool
        if tool == "maturin" and verb in ("build", "publish", "sdist"):
            yield from _by_maturin(job, step, command, how)
        elif (tool, verb) == ("pip", "wheel"):
            yield Build(step, How.MATURIN, command.folder, None)
        elif tool in ("build", "pyproject-build") or (
            tool in ("uv", "hatch", "poetry", "flit", "pdm") and verb == "build"
        ):
            yield from _by_a_plain_tool(job, step, command)


def _by_maturin(job: RunJob, step: RunStep, command: Command, how: How) -> Iterator[Build]:
    verb, folder = command.words[1], command.package_folder
    uploads_it = verb == "publish" and how is How.MATURIN and not command.has("--no-sdist")
    if verb == "sdist" or command.has("--sdist") or uploads_it:
        yield Build(step, how, folder, SDIST)
    if verb == "sdist":
        return
    target, manylinux = command.option("--target") or "", command.option("--manylinux", "--compatibility") or ""
    if command.has("--universal2"):
        target = "universal2-apple-darwin"
    is_open = "$" in target or "$" in manylinux
    keys = None if is_open else of_maturin(target, job.host, musl=manylinux.startswith("musl"))
    yield Build(step, how, folder, keys, tuple(_interpreters(command.words)))


def _by_a_plain_tool(job: RunJob, step: RunStep, command: Command) -> Iterator[Build]:
    kind = command.option("-t", "--target", "-f", "--format")
    sdist, wheel = command.has(*_ONLY_SDIST) or kind == "sdist", command.has(*_ONLY_WHEEL) or kind == "wheel"
    if sdist or not wheel:
        yield Build(step, How.PLAIN, command.folder, SDIST)
    if wheel or not sdist:
        yield Build(step, How.PLAIN, command.folder, ANY)


def _interpreters(words: Sequence[str]) -> Iterator[str]:
    taking = False
    for word in words:
        if word in ("-f", "--find-interpreter"):
            yield "*"
        if word in ("-i", "--interpreter"):
            taking = True
        elif taking and re.fullmatch(r"(python)?3\.\d+t?", word):
            yield word
        else:
            taking = False
