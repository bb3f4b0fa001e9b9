"""What the steps of a job do, as far as registries are concerned: which files they build, and where they publish. Pure.

Recognised are the tools that Rust and Python projects publish with; anything else builds and publishes nothing.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from bot.packaging.runners import Host, of_maturin, of_runner
from bot.sandbox.workflows import Job, Step

CRATES_IO, PYPI = "crates.io", "pypi"


@dataclass(frozen=True, slots=True)
class Build:
    """Files that a step makes for PyPI."""

    step: str
    folder: str
    """Where the project is, as far as the step says."""
    platform: str
    """A platform key (`linux-x86_64`), or `sdist`. A pure Python project makes one wheel for all platforms anyway."""
    interpreters: tuple[str, ...] = ()
    """`-i` of maturin: `3.12`, `python3.13t`; `*` for every one that it finds; empty when not said."""


@dataclass(frozen=True, slots=True)
class Publish:
    """An upload that a step makes."""

    step: str
    registry: str
    folder: str
    package: str | None = None
    """`-p` of `cargo publish`."""
    workspace: bool = False
    skip_existing: bool = False
    trusted: bool = False
    """Whether it is a trusted publisher's, with a token for this one job."""
    attests: bool = False
    """Whether it signs what it uploads."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a `run:` script."""

    words: tuple[str, ...]
    folder: str

    def option(self, *names: str) -> str | None:
        """The value of an option, in either of its spellings: `-p X`, `--package=X`."""
        for at, word in enumerate(self.words):
            name, equals, value = word.partition("=")
            if name in names:
                return value if equals else next(iter(self.words[at + 1 :]), None)
        return None

    def has(self, *flags: str) -> bool:
        """Whether one of these flags is given."""
        return any(word in flags for word in self.words)


def builds(job: Job) -> tuple[Build, ...]:
    """What the job's steps make for PyPI, in order."""
    return tuple(build for step in job.steps for build in _builds(job, step))


def publishes(job: Job) -> tuple[Publish, ...]:
    """The uploads that the job's steps make, in order."""
    return tuple(upload for step in job.steps for upload in _publishes(job, step))


def _maturin(step: Step) -> Command | None:
    """A maturin-action step as the command that it runs."""
    if not step.uses.lower().startswith(("pyo3/maturin-action", "messense/maturin-action")):
        return None
    words = ["maturin", step.inputs.get("command") or "build", *_words(step.inputs.get("args", ""))]
    for name in ("target", "manylinux"):
        if value := step.inputs.get(name):
            words += [f"--{name}", value]
    return Command(tuple(words), step.inputs.get("working-directory") or step.folder)


def _commands(step: Step) -> Iterator[Command]:
    if maturin := _maturin(step):
        yield maturin
    folder = step.folder
    text = re.sub(r"\$\{\{.*?\}\}", "EXPRESSION", step.run, flags=re.DOTALL).replace("\\\n", " ")
    for line in re.split(r"\n|&&|\|\||;|\|", text):
        words = _words(line)
        while words and (words[0] in _WRAPPERS or re.fullmatch(r"\w+=.*", words[0])):
            words = words[_WRAPPERS.get(words[0], 1) :]
        if words[:1] == ("cd",) and len(words) > 1:
            folder = str(PurePosixPath(folder, words[1]))
        elif words:
            yield Command(tuple(word for word in words if not word.startswith("+")), folder)


_WRAPPERS: Mapping[str, int] = {
    **dict.fromkeys(("if", "then", "else", "do", "!", "sudo", "time", "exec", "uvx"), 1),
    **dict.fromkeys(("uv-run", "poetry-run", "hatch-run"), 1),
    **dict.fromkeys(("python", "python3", "pipx"), 2),
}
"""Words before a command, and how many words each takes with it (`python -m twine`)."""


@lru_cache(maxsize=1024)  # every event looks at every step of every workflow
def _words(text: str) -> tuple[str, ...]:
    text = re.sub(r"\b(uv|poetry|hatch) run\b", r"\1-run", text)
    try:
        return tuple(shlex.split(text, comments=True))
    except ValueError:
        return tuple(text.split())


def _builds(job: Job, step: Step) -> Iterator[Build]:
    for command in _commands(step):
        tool, verb = (*command.words, "", "")[:2]
        if tool == "maturin" and verb in ("build", "publish", "sdist"):
            yield from _maturin_builds(job, step, command, verb)
        elif tool == "build" or (tool in ("uv", "hatch", "poetry", "flit", "pdm") and verb == "build"):
            only = {flag for flag in ("--sdist", "--wheel") if command.has(flag)}
            if only != {"--wheel"}:
                yield Build(step.name, command.folder, "sdist")
            if only != {"--sdist"} and (key := platform("", "", job.runs_on)):
                yield Build(step.name, command.folder, key)


def _maturin_builds(job: Job, step: Step, command: Command, verb: str) -> Iterator[Build]:
    folder = _folder(command)
    if verb == "sdist" or command.has("--sdist") or (verb == "publish" and not command.has("--no-sdist")):
        yield Build(step.name, folder, "sdist")
    if verb == "sdist":
        return
    target, manylinux = command.option("--target") or "", command.option("--manylinux", "--compatibility") or ""
    if key := platform(target, manylinux, job.runs_on):
        yield Build(step.name, folder, key, tuple(_interpreters(command.words)))


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


def _folder(command: Command) -> str:
    """Where a command's package is: its own manifest's folder, else where it runs."""
    manifest = command.option("-m", "--manifest-path")
    return str(PurePosixPath(command.folder, manifest).parent) if manifest else command.folder


def _publishes(job: Job, step: Step) -> Iterator[Publish]:
    if step.uses.startswith("pypa/gh-action-pypi-publish") and not _is_test(step.inputs.values()):
        skip = step.inputs.get("skip-existing", step.inputs.get("skip_existing")) == "true"
        trusted = job.may_identify and not step.inputs.get("password")
        attests = trusted and step.inputs.get("attestations", "true") != "false"
        yield Publish(step.name, PYPI, step.folder, skip_existing=skip, trusted=trusted, attests=attests)
    for command in _commands(step):
        tool, verb = (*command.words, "", "")[:2]
        if (tool, verb) == ("cargo", "publish") and not command.has("--dry-run", "-n"):
            package, workspace = command.option("-p", "--package"), command.has("--workspace", "--all")
            asked = any(each.uses.startswith("rust-lang/crates-io-auth-action") for each in job.steps)
            trusted = asked and job.may_identify
            yield Publish(step.name, CRATES_IO, _folder(command), package, workspace, trusted=trusted)
        elif (tool, verb) in _PYPI_COMMANDS and not _is_test(command.words):
            skip, trusted = command.has("--skip-existing"), job.may_identify and tool in ("maturin", "uv", "twine")
            yield Publish(step.name, PYPI, _folder(command), skip_existing=skip, trusted=trusted)


_PYPI_COMMANDS = {
    ("maturin", "publish"),
    ("maturin", "upload"),
    *((tool, "publish") for tool in ("uv", "hatch", "poetry", "flit", "pdm")),
    ("twine", "upload"),
}


def _is_test(words: Iterable[str]) -> bool:
    """Whether an upload goes to test.pypi.org."""
    return any("testpypi" in word or "test.pypi.org" in word for word in words)


_HOST = Host("linux", "x86_64")
"""A machine of the stand-in, where its labels tell nothing else."""


def platform(target: str, manylinux: str, runs_on: str) -> str | None:
    """The platform of the wheel that maturin builds, by its target, else by the runner; None for an unknown target."""
    host = of_runner(runs_on.split()) or _HOST
    host = host if host.architecture else Host(host.system, _HOST.architecture)
    keys = of_maturin(target, host, musl=manylinux.startswith("musllinux"))
    return "macos-universal2" if keys and len(keys) > 1 else keys[0] if keys else None
