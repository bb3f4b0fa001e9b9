"""Where the steps of a job publish: uploads to crates.io and PyPI.

Recognised are the tools and actions that Rust and Python projects publish with, also in the scripts and local actions
that a step runs; a step that is given a registry's token, and that cannot be read, may publish there. Anything else
publishes nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.packaging.registry import Registry
from bot.workflows.commands import OPEN, Command, action_of, commands
from bot.workflows.files import RunStep
from bot.workflows.runs import RunJob

_AUTH = "rust-lang/crates-io-auth-action"
_PYPI_ACTION = "pypa/gh-action-pypi-publish"
_LIKE_PYPI = re.compile(r".*/.*(?:(?:publish|upload|deploy)(?:-to)?-pypi|pypi-(?:auto-)?(?:publish|upload|deploy)).*")
_LIKE_CRATES = re.compile(r".*/.*(?:publish-(?:rust-)?crates?|cargo-publish|crates?(?:-?io)?-publish|publish-cargo).*")
"""Names of other people's actions that say what they do."""
_WORKSPACE_TOOLS = ("ws", "workspaces", "smart-release")
_PYPI_COMMANDS = {
    ("maturin", "publish"),
    ("maturin", "upload"),
    *((tool, "publish") for tool in ("uv", "hatch", "poetry", "flit", "pdm", "rye")),
    ("twine", "upload"),
}
_TOKENS = {
    **dict.fromkeys(("CARGO_REGISTRY_TOKEN", "CARGO_REGISTRIES_CRATES_IO_TOKEN"), Registry.CRATES_IO),
    **dict.fromkeys(("TWINE_PASSWORD", "UV_PUBLISH_TOKEN", "MATURIN_PYPI_TOKEN", "FLIT_PASSWORD"), Registry.PYPI),
    **dict.fromkeys(("HATCH_INDEX_AUTH", "POETRY_PYPI_TOKEN_PYPI", "PDM_PUBLISH_PASSWORD"), Registry.PYPI),
    **dict.fromkeys(("PYPI_TOKEN", "PYPI_API_TOKEN", "PYPI_PASSWORD"), Registry.PYPI),
}
"""Variables from which publishing tools take a token, and what people call one.

https://doc.rust-lang.org/cargo/reference/publishing.html, https://docs.astral.sh/uv/guides/package/,
https://twine.readthedocs.io/en/stable/#environment-variables, https://www.maturin.rs/distribution
"""
_SAYS_SO = re.compile(r"publish|releas|deploy|upload", re.IGNORECASE)
_SCRIPTED = ("make", "just", "nox", "tox", "task", "invoke", "python", "bash", "sh", "node", "npm", "yarn", "pnpm")
"""Programs that run what is read elsewhere, or not at all."""
_INDEXES = ("--repository-url", "--publish-url", "--index-url", "--repository", "--index", "--repo", "-r", "--registry")
"""https://twine.readthedocs.io/en/stable/#twine-upload, https://doc.rust-lang.org/cargo/commands/cargo-publish.html"""
_ADDRESSES = ("TWINE_REPOSITORY_URL", "TWINE_REPOSITORY", "UV_PUBLISH_URL", "UV_PUBLISH_INDEX", "MATURIN_REPOSITORY")
"""Variables that name another registry, as the options above do.

https://twine.readthedocs.io/en/stable/#environment-variables, https://docs.astral.sh/uv/reference/environment/
"""


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
    guessed: bool = False
    """Whether only the token that the step is given tells that it may publish."""
    builds: bool = False
    """Whether the command makes what it uploads: then its folder is the package's."""


def publishes(job: RunJob) -> tuple[Publish, ...]:
    """The uploads that the job's steps make, in order; not those of steps that do not run."""
    return tuple(upload for step in job.steps if step.runs is not False for upload in _of_step(job, step))


def uploads(job: RunJob) -> tuple[Publish, ...]:
    """The same, and what a job may upload that gets a token and does not say what for."""
    found = publishes(job)
    known = {each.registry for each in found}
    guessed = (guess for step in job.steps if step.runs is not False for guess in _guessed(job, step))
    return (*found, *(guess for guess in guessed if guess.registry not in known))


def registries(jobs: Iterable[RunJob]) -> frozenset[Registry]:
    """Where the jobs that run, or may run, publish to.

    An action that only gets a token for crates.io counts: what publishes with it may be a script.
    """
    return frozenset(upload.registry for job in jobs if job.runs is not False for upload in uploads(job))


def _of_step(job: RunJob, step: RunStep) -> Iterator[Publish]:
    action, inputs = action_of(step), step.inputs
    if action == _PYPI_ACTION or _LIKE_PYPI.fullmatch(action):
        if not _is_elsewhere(inputs.get("repository-url", inputs.get("repository_url", "")), Registry.PYPI):
            skip = inputs.get("skip-existing", inputs.get("skip_existing")) == "true"
            trusted = job.may_identify and not inputs.get("password")
            attests = trusted and inputs.get("attestations", "true") != "false" and action == _PYPI_ACTION
            yield Publish(step.name, Registry.PYPI, step.folder, skip_existing=skip, trusted=trusted, attests=attests)
    elif _LIKE_CRATES.fullmatch(action) and inputs.get("dry-run") != "true":
        folder = inputs.get("path") or inputs.get("working-directory") or step.folder
        yield Publish(step.name, Registry.CRATES_IO, folder, inputs.get("package"), workspace=True)
    for command in commands(step):
        yield from _of_command(job, step, command)


def _of_command(job: RunJob, step: RunStep, command: Command) -> Iterator[Publish]:
    tool, verb = command.tool
    if tool == "cargo" and _publishes_crates(command) and not _goes_elsewhere(command, step, Registry.CRATES_IO):
        workspace = command.has("--workspace", "--all") or verb in _WORKSPACE_TOOLS or verb == "release"
        trusted = any(action_of(each) == _AUTH for each in job.steps) and job.may_identify
        packages: list[str | None] = [*command.options("-p", "--package")]
        for package in packages or [None]:
            yield Publish(
                step.name, Registry.CRATES_IO, command.package_folder, package, workspace, trusted=trusted, builds=True
            )
    elif _uploads_to_pypi(command) and not _goes_elsewhere(command, step, Registry.PYPI):
        skip, trusted = command.has("--skip-existing"), job.may_identify and tool in ("maturin", "uv", "twine")
        builds = tool in ("flit", "pdm") or command.has("--build") or (tool, verb) == ("maturin", "publish")
        folder = command.package_folder
        yield Publish(step.name, Registry.PYPI, folder, skip_existing=skip, trusted=trusted, builds=builds)


def _publishes_crates(command: Command) -> bool:
    """https://github.com/crate-ci/cargo-release/blob/master/docs/reference.md and
    https://github.com/pksunkara/cargo-workspaces.
    """
    _, verb = command.tool
    if command.has("--dry-run", "-n"):
        return False
    if verb == "release":
        steps = set(command.words[2:]) & {"version", "replace", "hook", "commit", "tag", "push", "changes", "owner"}
        return command.has("--execute", "-x") and not command.has("--no-publish") and not steps
    return verb == "publish" or (verb in _WORKSPACE_TOOLS and "publish" in command.words[2:])


def _uploads_to_pypi(command: Command) -> bool:
    return (command.tool in _PYPI_COMMANDS and not command.has("--dry-run")) or (
        command.tool == ("python", "setup.py") and command.has("upload")
    )


def _goes_elsewhere(command: Command, step: RunStep, registry: Registry) -> bool:
    """Whether an upload goes to test.pypi.org, or to a registry of one's own."""
    env = {**step.env, **(command.env or {})}
    addresses = [env.get(name, "") for name in _ADDRESSES if registry is Registry.PYPI]
    given = [value for name in _INDEXES for value in command.options(name)]
    tested = any("testpypi" in word or "test.pypi.org" in word for word in command.words)
    return tested or any(_is_elsewhere(each, registry) for each in (*addresses, *given))


def _is_elsewhere(address: str, registry: Registry) -> bool:
    """Whether an address or a name is another one than the registry's; what is not known is not."""
    address = address.strip().lower().removeprefix("sparse+")
    if not address or OPEN in address:
        return "test.pypi.org" in address
    own = ("pypi", "upload.pypi.org", "pypi.org", "crates-io", "crates.io", "index.crates.io")
    if "/" in address:
        return re.sub(r"^https?://", "", address).partition("/")[0] not in own
    return address not in own if registry is Registry.PYPI else address != "crates-io"


def _guessed(job: RunJob, step: RunStep) -> Iterator[Publish]:
    """What a step may upload with the token that it gets, where it cannot be read."""
    if action_of(step) == _AUTH:
        yield Publish(step.name, Registry.CRATES_IO, OPEN, trusted=job.may_identify, guessed=True)
    given = {name: registry for name, registry in _TOKENS.items() if name in step.env}
    unread = [" ".join(each.words[:2]) for each in commands(step) if cannot_be_read(each)] if given else []
    for name, registry in given.items():
        if any(name not in job.env or _SAYS_SO.search(each) for each in unread):
            yield Publish(step.name, registry, OPEN, guessed=True)


def cannot_be_read(command: Command) -> bool:
    """Whether a command runs something that is not a program known by its name."""
    name, verb = command.tool
    return name in _SCRIPTED or "/" in name or (name == "cargo" and verb in ("xtask", "make", "run", "x", "task"))
