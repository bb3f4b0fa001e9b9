"""Where the steps of a job publish: uploads to crates.io and PyPI.

Recognised are the tools and actions that Rust and Python projects publish with; anything else publishes nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.packaging.registry import Registry
from bot.workflows.commands import action_of, commands
from bot.workflows.files import RunStep
from bot.workflows.runs import RunJob

_AUTH = "rust-lang/crates-io-auth-action"
_CRATES_IO_ACTIONS = ("katyo/publish-crates", _AUTH)
_PYPI_ACTION = "pypa/gh-action-pypi-publish"
_WORKSPACE_TOOLS = ("ws", "workspaces", "smart-release")
_PYPI_COMMANDS = {
    ("maturin", "publish"),
    ("maturin", "upload"),
    *((tool, "publish") for tool in ("uv", "hatch", "poetry", "flit", "pdm")),
    ("twine", "upload"),
}


@dataclass(frozen=True, slots=True)
class Publish:
    """An upload that a step makes."""

    step: str
    registry: Registry
    folder: str
    package: str | None = None
    """`-p` of `cargo publish`."""
    workspace: bool = False
    skip_existing: bool = False
    trusted: bool = False
    """Whether it is a trusted publisher's, with a token for this one job."""
    attests: bool = False
    """Whether it signs what it uploads."""


def publishes(job: RunJob) -> tuple[Publish, ...]:
    """The uploads that the job's steps make, in order; not those of steps that do not run."""
    return tuple(upload for step in job.steps if step.runs is not False for upload in _of_step(job, step))


def registries(jobs: Iterable[RunJob]) -> frozenset[Registry]:
    """Where the jobs that run, or may run, publish to.

    An action that only gets a token for crates.io counts: what publishes with it may be a script.
    """
    found = set()
    for job in jobs:
        if job.runs is not False:
            found |= {upload.registry for upload in publishes(job)}
            used = {action_of(step) for step in job.steps if step.runs is not False}
            found |= {Registry.CRATES_IO} if used & set(_CRATES_IO_ACTIONS) else set()
    return frozenset(found)


def _of_step(job: RunJob, step: RunStep) -> Iterator[Publish]:
    if action_of(step) == _PYPI_ACTION and not _is_test(step.inputs.values()):
        skip = step.inputs.get("skip-existing", step.inputs.get("skip_existing")) == "true"
        trusted = job.may_identify and not step.inputs.get("password")
        attests = trusted and step.inputs.get("attestations", "true") != "false"
        yield Publish(step.name, Registry.PYPI, step.folder, skip_existing=skip, trusted=trusted, attests=attests)
    for command in commands(step):
        tool, verb = command.tool
        words = command.words[2:3] if tool == "cargo" and verb in _WORKSPACE_TOOLS else (verb,)
        if tool == "cargo" and words == ("publish",) and not command.has("--dry-run", "-n"):
            package = command.option("-p", "--package")
            workspace = command.has("--workspace", "--all") or verb in _WORKSPACE_TOOLS
            trusted = any(action_of(each) == _AUTH for each in job.steps) and job.may_identify
            folder = command.package_folder
            yield Publish(step.name, Registry.CRATES_IO, folder, package, workspace, trusted=trusted)
        elif (tool, verb) in _PYPI_COMMANDS and not _is_test(command.words):
            skip, trusted = command.has("--skip-existing"), job.may_identify and tool in ("maturin", "uv", "twine")
            yield Publish(step.name, Registry.PYPI, command.package_folder, skip_existing=skip, trusted=trusted)


def _is_test(words: Iterable[str]) -> bool:
    """Whether an upload goes to test.pypi.org."""
    return any("testpypi" in word or "test.pypi.org" in word for word in words)
