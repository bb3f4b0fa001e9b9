"""The files that a run promises to PyPI, and what about them nobody can know before it.

Jobs with `continue-on-error` count like all others: a wheel that may fail to build in silence is one to look for. What
may run or not, or builds for a platform that is not told, is no promise: it is listed as unknown.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.packaging.platforms import keys_of, position
from bot.workflows.building.builds import ANY, Build, How, builds
from bot.workflows.commands import action_of, commands
from bot.workflows.files import RunStep
from bot.workflows.runs import RunJob

_LIKE_BUILDING = re.compile(
    r"\b(?:bdist_wheel|cibuildwheel|maturin (?:build|publish)|auditwheel|delocate-\w+|pip wheel)\b"
)
_WHEELS = re.compile(r"\.whl\b|wheelhouse")
_OF_PYPI = re.compile(r"\b(?:wheels?|sdist|dist|pypi)(?:\b|_)")
_KEEPS = ("actions/upload-artifact", "actions/upload-artifact/merge")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a release should have, as far as somebody said so."""

    files: tuple[str, ...] = ()
    """`sdist`, `any` and platform keys such as `linux-x86_64`; empty when nothing tells."""
    may_fail: tuple[str, ...] = ()
    """Those whose every job has `continue-on-error`."""
    pythons: tuple[str, ...] = ()
    """Interpreters that every platform gets a wheel for (`cp312`), where they are named one by one."""
    unknown: tuple[str, ...] = ()
    """Which jobs may make more, each with the reason why that is not known: ends of a sentence about the files."""
    guessed: bool = False
    """Whether the files rest on a guess: a script read without its conditions, a platform that is only the runner's."""


def expected_files(
    jobs: Iterable[RunJob],
    *,
    extension: bool,
    pyproject: Mapping[str, Any] | None = None,
    own: Callable[[Build], bool] = lambda _: True,
    configs: Mapping[str, bytes] | None = None,
    needed: Collection[str] = (),
) -> Expected:
    """What the jobs of a run build; nothing when they do not tell.

    `extension` says that the project has compiled code, so that a plain build does not make a wheel for any platform.
    `own` tells the project's own builds from those of others; `configs` are files that a step may name.
    `needed` are the ids of the jobs that must have ended before the upload: where it is not known whether one of them
    runs, it is taken to, as a guess.
    """
    made = [(job, builds(job, pyproject, configs)) for job in jobs if job.runs is not False]
    running = [(job, tuple(build for build in built if own(build))) for job, built in made]
    compiled = extension or any(build.how is How.CIBUILDWHEEL for _, built in running for build in built)
    certain: set[str] = set()
    may_fail: set[str] = set()
    unknown: list[str] = []
    guessed: set[str] = set()
    sure: set[str] = set()
    interpreters: list[frozenset[str]] = []
    has_wheels = False
    for job, built in running:
        if job.unknown and (built or not job.steps):
            unknown.append(f"of the job `{job.name}` it is not known what it builds: {job.unknown}")
        for build in built:
            has_wheels |= build.keys is None
            taken = job.runs is not True and job.id in needed
            if doubt := _doubt(job, build, runs=taken):
                unknown.append(f"of the job `{job.name}` it is not known {doubt}")
                continue
            keys = _keys(build, compiled=compiled)
            (certain if _must_end_well(job, build) else may_fail).update(keys)
            (guessed if build.guessed or taken else sure).update(keys)
            if build.how is How.CIBUILDWHEEL:
                interpreters.append(frozenset(build.interpreters))
    unknown += [
        f"of the job `{job.name}` it is not known what it builds"
        for job, built in made
        if not built and not job.unknown and _seems_to_build(job, is_needed=job.id in needed)
    ]
    reasons = tuple(dict.fromkeys(unknown))
    if certain == {"sdist"} and not may_fail and has_wheels:
        return Expected(unknown=reasons)  # for whatever platforms: the sdist alone would promise too little
    named = frozenset.intersection(*interpreters) if interpreters and all(interpreters) else frozenset()
    return Expected(
        tuple(sorted(certain | may_fail, key=position)),
        tuple(sorted(may_fail - certain, key=position)),
        tuple(sorted(named, key=lambda name: (len(name), name))),
        reasons,
        bool(guessed - sure),
    )


def generated_files(pyproject: Mapping[str, Any]) -> Expected:
    """What `[tool.maturin.generate-ci.github.*] targets` lists, for a workflow that does not tell by itself.

    https://www.maturin.rs/config
    """
    found: set[str] = set()
    for name, targets in _generated(pyproject):
        listed = [each.get("target") if isinstance(each, dict) else each for each in targets]
        for target in listed:
            if isinstance(target, str) and name in ("linux", "musllinux", "manylinux", "macos", "windows"):
                system = "linux" if name == "manylinux" else name
                found.update(keys_of(system, target.lower().partition("-")[0]) or ())
    return Expected(tuple(sorted({"sdist", *found}, key=position)) if found else ())


def _generated(pyproject: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    table: Any = pyproject
    for key in ("tool", "maturin", "generate-ci", "github"):
        table = table.get(key) if isinstance(table, dict) else None
    for name, settings in table.items() if isinstance(table, dict) else ():
        targets = settings.get("targets") if isinstance(settings, dict) else None
        if isinstance(targets, list):
            yield name, targets


def _keys(build: Build, *, compiled: bool) -> tuple[str, ...]:
    """A plain build of a project with compiled code makes a wheel for the machine only; none that PyPI takes on Linux
    itself.
    """
    keys = build.compiled if build.keys == ANY and compiled else build.keys
    return keys or ()


def _doubt(job: RunJob, build: Build, *, runs: bool) -> str:
    """Why a build is no promise; empty when it is one."""
    if job.runs is not True and not runs:
        return "whether it runs"
    if build.step.runs is not True:
        return f"whether its step “{build.step.name}” runs"
    return "for which platform it builds" if build.keys is None else ""


def _must_end_well(job: RunJob, build: Build) -> bool:
    return job.may_fail is False and build.step.may_fail is False


def _seems_to_build(job: RunJob, *, is_needed: bool) -> bool:
    """Whether a job clearly makes wheels, though none of its steps is known to; less is clear of one that the upload
    waits for.
    """
    running = [step for step in job.steps if step.runs is not False]
    if any(_keeps_wheels(step, is_needed=is_needed) for step in running):
        return not any(action_of(step) == "actions/download-artifact" for step in running)
    words = (" ".join(command.words) for step in running for command in commands(step))
    return any(_LIKE_BUILDING.search(each) and "install" not in each for each in words)


def _keeps_wheels(step: RunStep, *, is_needed: bool) -> bool:
    if action_of(step) not in _KEEPS:
        return False
    path, name = step.inputs.get("path", ""), step.inputs.get("name", "")
    return bool(_WHEELS.search(path) or (is_needed and _OF_PYPI.search(f"{name} {path}")))
