"""The files that a publish workflow promises to PyPI, read from its build matrix.

Jobs with `continue-on-error` count like all others: a wheel that may fail to build in silence is one to look for.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from bot.plan.workflows import Workflow, inputs_of, is_maturin, jobs_of, steps_of

_MOST_COMBINATIONS = 256
_ORDER = ("sdist", "any", "linux", "musllinux", "macos", "windows")
_ARCHITECTURES = {
    "x64": "x86_64", "amd64": "x86_64", "x86_64": "x86_64",
    "x86": "i686", "i686": "i686", "i586": "i686", "i386": "i686",
    "aarch64": "aarch64", "arm64": "aarch64",
    "armv7": "armv7l", "armv7l": "armv7l", "arm": "armv7l",
    "ppc64le": "ppc64le", "powerpc64le": "ppc64le", "s390x": "s390x", "riscv64": "riscv64", "riscv64gc": "riscv64",
}  # fmt: skip
_EXPRESSION = re.compile(r"\$\{\{\s*matrix\.([\w.-]+)\s*\}\}")
_SDIST_RUN = re.compile(
    r"\bmaturin\s+sdist\b|\bmaturin\s+build\b[^\n]*--sdist\b|\b(?:python3?\s+-m\s+)?build\b[^\n]*--sdist\b"
)
_PURE_RUN = re.compile(r"\bpython3?\s+-m\s+build\b|\bpyproject-build\b|\b(?:uv|hatch|poetry|flit|pdm)\s+build\b")


def expected_files(workflow: Workflow, *, extension: bool) -> tuple[str, ...]:
    """`sdist`, `any` and platform keys such as `linux-x86_64`; empty when the workflow does not tell.

    `extension` says that the project has compiled code, so that a plain build does not make a wheel for any platform.
    """
    keys: set[str] = set()
    for job in jobs_of(workflow.data):
        steps = steps_of(job)
        maturin = [step for step in steps if is_maturin(step)]
        runs = [str(step.get("run") or "") for step in steps]
        if any(_SDIST_RUN.search(run) for run in runs):
            keys.add("sdist")
        if not extension and any(_PURE_RUN.search(run) for run in runs):
            keys |= {"sdist", "any"}
        for combination in _combinations(job) if maturin else ():
            keys |= {key for step in maturin for key in _built(job, step, combination)}
    return tuple(sorted(keys, key=_position))


def _built(job: Mapping[str, Any], step: Mapping[str, Any], matrix: Mapping[str, Any]) -> Iterator[str]:
    inputs = {name: _substituted(str(value), matrix) for name, value in inputs_of(step).items()}
    command, args = inputs.get("command", "build") or "build", inputs.get("args", "")
    if command == "sdist" or "--sdist" in args.split():
        yield "sdist"
    if command in ("build", "publish"):
        runner = job.get("runs-on")
        labels = " ".join(runner) if isinstance(runner, list) else str(runner)
        yield from _platforms(inputs, _substituted(labels, matrix), args)


def _platforms(inputs: Mapping[str, str], runner: str, args: str) -> Iterator[str]:
    flag = re.search(r"--target[= ](\S+)", args)
    target = (inputs.get("target") or (flag[1] if flag else "")).lower()
    if "${{" in target or "${{" in runner:
        return
    system = _system(target) or _system(runner.lower())
    if system is None:
        return
    if "universal2" in target or "universal2" in args:
        yield from ("macos-x86_64", "macos-arm64")
        return
    architecture = _ARCHITECTURES.get(target.partition("-")[0]) or _runner_architecture(runner.lower(), system)
    musl = "musl" in target or inputs.get("manylinux", "").startswith("musl") or "musllinux" in args
    if system == "linux":
        yield f"{'musllinux' if musl else 'linux'}-{architecture}"
    elif system == "macos":
        yield f"macos-{'arm64' if architecture == 'aarch64' else architecture}"
    else:
        yield f"windows-{'arm64' if architecture == 'aarch64' else architecture}"


def _system(text: str) -> str | None:
    for words, system in (
        (("apple", "darwin", "macos"), "macos"),
        (("windows",), "windows"),
        (("linux", "ubuntu"), "linux"),
    ):
        if any(word in text for word in words):
            return system
    return None


def _runner_architecture(runner: str, system: str) -> str:
    if re.search(r"arm|aarch64", runner):
        return "aarch64"
    if system == "macos":  # macos-14 and later are Apple silicon unless named otherwise
        version = re.search(r"macos-(\d+)", runner)
        return "x86_64" if "intel" in runner or "large" in runner or (version and int(version[1]) < 14) else "aarch64"
    return "x86_64"


def _combinations(job: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The matrix of a job as GitHub expands it; one empty combination without a matrix, none for a computed one."""
    strategy = job.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, dict) else None
    if not isinstance(matrix, dict):
        return [{}] if matrix is None else []
    axes = {name: values for name, values in matrix.items() if name not in ("include", "exclude")}
    if any(not isinstance(values, list) for values in axes.values()):
        return []
    size = 1
    for values in axes.values():
        size *= max(1, len(values))
    if size > _MOST_COMBINATIONS:
        return []
    combinations = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())] if axes else []
    combinations = [made for made in combinations if not any(_agrees(made, out) for out in _tables(matrix, "exclude"))]
    return _included(combinations, set(axes), _tables(matrix, "include"))


def _included(
    combinations: list[dict[str, Any]], axes: set[str], includes: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """GitHub's rule: an include extends the combinations whose axes it does not contradict, or is one of its own."""
    extended, added = [dict(made) for made in combinations], []
    for include in includes:
        fitting = [
            index
            for index, made in enumerate(combinations)
            if all(made[name] == value for name, value in include.items() if name in axes)
        ]
        for index in fitting:
            extended[index].update(include)
        if not fitting:
            added.append(dict(include))
    return extended + added


def _tables(matrix: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    entries = matrix.get(name)
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries[:_MOST_COMBINATIONS] if isinstance(entry, dict)]


def _agrees(made: Mapping[str, Any], pattern: Mapping[str, Any]) -> bool:
    return all(made.get(name) == value for name, value in pattern.items())


def _substituted(text: str, matrix: Mapping[str, Any]) -> str:
    def value(expression: re.Match[str]) -> str:
        found: Any = matrix
        for key in expression[1].split("."):
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, str) else ""

    return _EXPRESSION.sub(value, text)


def _position(key: str) -> tuple[int, bool, str]:
    system, _, architecture = key.partition("-")
    return _ORDER.index(system), architecture != "x86_64", architecture
