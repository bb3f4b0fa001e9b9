"""Which files the steps of a job build for PyPI, with maturin, cibuildwheel or one of the plain build tools."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from posixpath import normpath
from typing import Any

from bot.packaging.platforms import Keys, keys_of
from bot.packaging.runners import of_image, of_maturin
from bot.workflows.building.cibuildwheel import built_by_cibuildwheel, folder_of, is_cibuildwheel
from bot.workflows.commands import MATURIN, Command, action_of, commands
from bot.workflows.files import RunStep
from bot.workflows.runs import RunJob
from bot.workflows.scripts.shell import below

SDIST: Keys = ("sdist",)
ANY: Keys = ("any",)
_INSPECTING = "hynek/build-and-inspect-python-package"
_ONLY_SDIST = ("--sdist", "-s", "--no-wheel")
_ONLY_WHEEL = ("--wheel", "-w", "--no-sdist", "--wheels")
_EMSCRIPTEN = ("MATURIN_PYEMSCRIPTEN_PLATFORM_VERSION", "PYEMSCRIPTEN_PLATFORM_VERSION", "PYODIDE_ABI_VERSION")
"""What tells maturin to make a wheel that PyPI takes: https://github.com/PyO3/maturin/pull/3191."""


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
    package: str = ""
    """The package by its name, where the command says that."""
    compiled: Keys | None = None
    """Of How.PLAIN with keys ANY: the platform, where the project has compiled code; None for one that PyPI refuses."""
    guessed: bool = False
    """Whether it rests on a guess: a script that was read without its conditions, a platform that is the runner's."""


def builds(
    job: RunJob, pyproject: Mapping[str, Any] | None = None, configs: Mapping[str, bytes] | None = None
) -> tuple[Build, ...]:
    """What the job's steps make, in order; nothing of steps that do not run. `configs` are files that they may name."""
    steps = (step for step in job.steps if step.runs is not False)
    return tuple(build for step in steps for build in _of_step(job, step, pyproject or {}, configs or {}))


def _of_step(job: RunJob, step: RunStep, pyproject: Mapping[str, Any], configs: Mapping[str, bytes]) -> Iterator[Build]:
    if action_of(step) == _INSPECTING:
        folder = below(".", step.inputs.get("path", ""))
        yield Build(step, How.PLAIN, folder, SDIST)
        yield Build(step, How.PLAIN, folder, ANY)
    if is_cibuildwheel(step):
        built = built_by_cibuildwheel(step, job, pyproject, configs)
        keys = [(key,) for key in built.keys] if built.keys is not None else [None]
        for each in keys:
            yield Build(step, How.CIBUILDWHEEL, folder_of(step), each, built.interpreters)
    how = How.MATURIN_ACTION if action_of(step) in MATURIN else How.MATURIN
    for command in commands(step):
        tool, verb = command.tool
        if tool == "maturin" and verb in ("build", "publish", "sdist"):
            yield from _by_maturin(job, step, command, how)
        elif (tool, verb) == ("pip", "wheel") and (project := _project_of(command)):
            folder = below(command.folder, project)
            yield Build(step, How.PLAIN, folder, ANY, compiled=_compiled(job, step, command), guessed=True)
        elif tool in ("build", "pyproject-build") or (
            tool in ("uv", "hatch", "poetry", "flit", "pdm", "rye") and verb == "build"
        ):
            yield from _by_a_plain_tool(job, step, command)
        elif (tool, verb) == ("python", "setup.py"):
            yield from _by_setup_py(job, step, command)


def _by_maturin(job: RunJob, step: RunStep, command: Command, how: How) -> Iterator[Build]:
    verb, folder = command.words[1], command.package_folder
    guessed = how is How.MATURIN
    uploads_it = verb == "publish" and how is How.MATURIN and not command.has("--no-sdist")
    if verb == "sdist" or command.has("--sdist") or uploads_it:
        yield Build(step, how, folder, SDIST, guessed=bool(command.read))
    if verb == "sdist":
        return
    target, manylinux = command.option("--target") or "", command.option("--manylinux", "--compatibility") or ""
    if command.has("--universal2"):
        target = "universal2-apple-darwin"
    names = tuple(_interpreters(command.words))
    yield Build(step, how, folder, _keys_of_maturin(job, step, command, target, manylinux), names, guessed=guessed)


def _keys_of_maturin(job: RunJob, step: RunStep, command: Command, target: str, manylinux: str) -> Keys | None:
    if "$" in target or "$" in manylinux:
        return None
    if target.endswith("-emscripten"):
        named = {**step.env, **(command.env or {})}
        return keys_of("pyemscripten", "wasm32") if any(name in named for name in _EMSCRIPTEN) else None
    image = command.image or job.image
    if image and not target and (keys := of_image(image, job.host)):
        return keys
    libraries = {word[:4] for word in _values(command.words, "--compatibility", "--manylinux")}
    if {"many", "musl"} <= libraries:  # one wheel for both: https://www.maturin.rs/distribution#build-wheels
        found = (of_maturin(target, job.host, musl=musl) for musl in (False, True))
        return (
            tuple(
                dict.fromkeys(
                    re.sub("^musllinux-", f"{libc}-", key)
                    for libc, keys in zip(("linux", "musllinux"), found, strict=True)
                    for key in keys or ()
                )
            )
            or None
        )
    return of_maturin(target, job.host, musl=manylinux.startswith("musl"))


def _by_a_plain_tool(job: RunJob, step: RunStep, command: Command) -> Iterator[Build]:
    kind = command.option("-t", "--target", "-f", "--format")
    sdist, wheel = command.has(*_ONLY_SDIST) or kind == "sdist", command.has(*_ONLY_WHEEL) or kind == "wheel"
    folder, package = _folder_of(command), command.option("--package") or ""
    guessed = bool(command.read)
    if sdist or not wheel:
        yield Build(step, How.PLAIN, folder, SDIST, package=package, guessed=guessed)
    if wheel or not sdist:
        compiled = _compiled(job, step, command)
        yield Build(step, How.PLAIN, folder, ANY, package=package, compiled=compiled, guessed=guessed)


def _by_setup_py(job: RunJob, step: RunStep, command: Command) -> Iterator[Build]:
    if command.has("sdist"):
        yield Build(step, How.PLAIN, command.folder, SDIST)
    if command.has("bdist_wheel"):
        yield Build(step, How.PLAIN, command.folder, ANY, compiled=_compiled(job, step, command), guessed=True)


def _compiled(job: RunJob, step: RunStep, command: Command) -> Keys | None:
    """For what a wheel with compiled code is made by a plain tool; PyPI takes none that Linux itself made."""
    if image := command.image or job.image:
        return of_image(image, job.host)
    env = {**step.env, **(command.env or {})}
    if job.host is None or job.host.system == "linux":
        return None
    if job.host.system == "macos":
        flags = env.get("ARCHFLAGS", "") + env.get("_PYTHON_HOST_PLATFORM", "")
        both = "universal2" in flags or ("arm64" in flags and "x86_64" in flags)
        return keys_of("macos", "universal2") if both else job.host.keys
    asked = [each.inputs.get("architecture", "") for each in job.steps if action_of(each) == "actions/setup-python"]
    return keys_of("windows", "i686") if "x86" in asked else job.host.keys


def _folder_of(command: Command) -> str:
    """Where a plain build tool is sent: an option, or a folder as its argument."""
    said = command.option("--directory", "--project", "-C")
    if said:
        return below(command.folder, said)
    valued = ("-o", "--out-dir", "--outdir", "-t", "--target", "-f", "--format", "-C", "-p", "--python", "--package")
    words = command.words[1:] if command.words[0] in ("build", "pyproject-build") else command.words[2:]
    for at, word in enumerate(words):
        if not word.startswith("-") and "=" not in word and (at == 0 or words[at - 1] not in valued):
            return below(command.folder, word)
    return command.folder


def _project_of(command: Command) -> str:
    """What `pip wheel` makes a wheel of, if that is the project itself: a folder, or its sdist."""
    if command.has("-r", "--requirement"):
        return ""
    valued = ("-w", "--wheel-dir", "-f", "--find-links", "-i", "--index-url", "-c", "--constraint")
    for at, word in enumerate(command.words[2:], 2):
        if word.startswith("-") or command.words[at - 1] in valued:
            continue
        if word.endswith((".tar.gz", ".zip")):
            return normpath(word.rpartition("/")[0] or ".")
        if word.startswith(".") or "/" in word:
            return word
    return ""


def _values(words: Sequence[str], *names: str) -> Iterator[str]:
    """The words after an option that takes several."""
    taking = False
    for word in words:
        name, equals, value = word.partition("=")
        if name in names and equals:
            yield value
        taking = word in names or (taking and not word.startswith("-"))
        if taking and word not in names:
            yield word


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
