"""The files that a publish workflow promises to PyPI, read from its build matrix.

Jobs with `continue-on-error` count like all others: a wheel that may fail to build in silence is one to look for.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.packaging.platforms import position
from bot.packaging.runners import Host, of_maturin, of_runner
from bot.plan.cibuildwheel import built_by_cibuildwheel, is_cibuildwheel
from bot.plan.conditions import never_runs
from bot.plan.manifests.toml import strings, table
from bot.plan.matrix import combinations, may_be_true, substituted
from bot.plan.workflows import Workflow, action_of, inputs_of, is_maturin, jobs_of, steps_of

_SDIST_RUN = re.compile(
    r"\bmaturin\s+sdist\b|\bmaturin\s+build\b[^\n]*--sdist\b|\b(?:python3?\s+-m\s+)?build\b[^\n]*--sdist\b"
)
_PURE_RUN = re.compile(
    r"(?:\bpython3?\s+-m\s+build\b|\bpyproject-build\b|\b(?:uv|hatch|poetry|flit|pdm)\s+build\b)(?:\\\n|[^\n;&|])*"
)
_ONLY_SDIST = re.compile(r"\s(?:--sdist|-s|(?:-t|--target|-f|--format)[ =]sdist|--no-wheel)(?!\S)")
_ONLY_WHEEL = re.compile(r"\s(?:--wheel|-w|(?:-t|--target|-f|--format)[ =]wheel|--no-sdist)(?!\S)")
_WHEELS_RUN = re.compile(r"\bmaturin\s+(?:build|publish)\b|\bpip\s+wheel\b|\bbuild\b[^\n;&|]*\s(?:--wheel|-w)(?!\S)")
_PURE_ACTION = "hynek/build-and-inspect-python-package"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a release should have, as far as somebody said so."""

    files: tuple[str, ...] = ()
    """`sdist`, `any` and platform keys such as `linux-x86_64`; empty when nothing tells."""
    may_fail: tuple[str, ...] = ()
    """Those whose every job has `continue-on-error`."""
    pythons: tuple[str, ...] = ()
    """Interpreters that every platform gets a wheel for (`cp312`), where they are named one by one."""


def expected_files(workflow: Workflow, *, extension: bool, pyproject: Mapping[str, Any] | None = None) -> Expected:
    """What the workflow builds; nothing when it does not tell.

    `extension` says that the project has compiled code, so that a plain build does not make a wheel for any platform.
    """
    certain: set[str] = set()
    uncertain: set[str] = set()
    interpreters: list[frozenset[str]] = []
    jobs = [job for job in jobs_of(workflow.data) if not never_runs(job)]
    extension = extension or any(is_cibuildwheel(step) for job in jobs for step in steps_of(job))
    for job in jobs:
        made = combinations(job)
        running = [step for step in steps_of(job) if not never_runs(step, made)]
        certain |= _plain_builds(running, extension=extension)
        steps = [step for step in running if is_maturin(step) or is_cibuildwheel(step)]
        for matrix in made if steps else ():
            for step in (each for each in steps if not never_runs(each, (matrix,))):
                keys = _built(workflow, job, step, matrix, pyproject or {}, interpreters)
                fails = any(may_be_true(str(each.get("continue-on-error", "")), matrix) for each in (job, step))
                (uncertain if fails else certain).update(keys)
    if certain == {"sdist"} and not uncertain and any(_builds_wheels(step) for job in jobs for step in steps_of(job)):
        return Expected()  # for whatever platforms: the sdist alone would promise too little
    named = frozenset.intersection(*interpreters) if interpreters and all(interpreters) else frozenset()
    return Expected(
        tuple(sorted(certain | uncertain, key=position)),
        tuple(sorted(uncertain - certain, key=position)),
        tuple(sorted(named, key=lambda name: (len(name), name))),
    )


def generated_files(pyproject: Mapping[str, Any]) -> Expected:
    """What `[tool.maturin.generate-ci.github.*] targets` lists, for a workflow that does not tell by itself."""
    found: set[str] = set()
    platforms = table(pyproject, "tool", "maturin", "generate-ci", "github")
    for name, settings in platforms.items():
        targets = table(settings).get("targets")
        listed = [table(each).get("target") if isinstance(each, dict) else each for each in targets or ()]
        host = Host("linux" if name == "manylinux" else name)
        found |= {key for target in strings(listed) for key in of_maturin(target, host) or ()}
    return Expected(tuple(sorted({"sdist", *found}, key=position)) if found else ())


def _builds_wheels(step: Mapping[str, Any]) -> bool:
    if is_maturin(step):
        return str(inputs_of(step).get("command") or "build") in ("build", "publish")
    return is_cibuildwheel(step) or _WHEELS_RUN.search(str(step.get("run") or "")) is not None


def _plain_builds(steps: list[Mapping[str, Any]], *, extension: bool) -> set[str]:
    runs = [str(step.get("run") or "") for step in steps]
    keys = {"sdist"} if any(_SDIST_RUN.search(run) for run in runs) else set()
    if extension:
        return keys
    if any(action_of(step) == _PURE_ACTION for step in steps):
        keys |= {"sdist", "any"}
    for command in (found[0] for run in runs for found in _PURE_RUN.finditer(run)):
        sdist, wheel = _ONLY_SDIST.search(command), _ONLY_WHEEL.search(command)
        keys |= ({"sdist"} if sdist or not wheel else set()) | ({"any"} if wheel or not sdist else set())
    return keys


def _built(
    workflow: Workflow,
    job: Mapping[str, Any],
    step: Mapping[str, Any],
    matrix: Mapping[str, Any],
    pyproject: Mapping[str, Any],
    interpreters: list[frozenset[str]],
) -> set[str]:
    runner = job.get("runs-on")
    host = of_runner(substituted(each, matrix) for each in strings(runner if isinstance(runner, list) else [runner]))
    if is_maturin(step):
        return set(_built_by_maturin(step, host, matrix))
    built = built_by_cibuildwheel(workflow.data, job, step, host, matrix, pyproject)
    if built.keys:
        interpreters.append(built.interpreters)
    return set(built.keys)


def _built_by_maturin(step: Mapping[str, Any], host: Host | None, matrix: Mapping[str, Any]) -> Iterator[str]:
    inputs = {name: substituted(str(value), matrix) for name, value in inputs_of(step).items()}
    command, args = inputs.get("command", "build") or "build", inputs.get("args", "")
    if command == "sdist" or "--sdist" in args.split():
        yield "sdist"
    if command in ("build", "publish"):
        yield from _platforms(inputs, host, args)


def _platforms(inputs: Mapping[str, str], host: Host | None, args: str) -> Iterator[str]:
    flag = re.search(r"--target[= ](\S+)", args)
    target = inputs.get("target") or (flag[1] if flag else "")
    if "--universal2" in args:
        target = "universal2-apple-darwin"
    musl = inputs.get("manylinux", "").startswith("musl") or "musllinux" in args
    yield from of_maturin(target, host, musl=musl) or ()
