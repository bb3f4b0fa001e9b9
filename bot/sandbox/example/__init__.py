"""The demo's repository: a Rust crate and its Python bindings, with a little history after their last release.

`tree/base` is the repository as it was released (crate 0.4.0, bindings 0.3.0); each other folder of `tree` holds the
files that one pull request of `HISTORY` changed after that.
"""

from dataclasses import dataclass
from importlib.resources import files as package_files
from importlib.resources.abc import Traversable
from typing import Protocol

from bot.sandbox.actions.local import read_tree
from bot.sandbox.actions.packages import crate_at, crate_file, distributions, python_package
from bot.sandbox.actions.steps import builds
from bot.sandbox.git.objects import ZERO, RefUpdate
from bot.sandbox.model import Repository
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.provenance import Identity, Signer
from bot.sandbox.registries.pypi import PyPI
from bot.sandbox.world import World
from bot.workflows.events import push_of_tag
from bot.workflows.files import read_workflow
from bot.workflows.runs import run_of

FULL_NAME = "morgan/tidewater"
OWNER = "morgan"
CRATE_TAG, PYTHON_TAG = "v0.4.0", "py-v0.3.0"


@dataclass(frozen=True, slots=True)
class Merged:
    """A pull request that was merged after the last release."""

    number: int
    branch: str
    """Also the end of its folder's name below `tree`."""
    title: str
    labels: tuple[str, ...]
    author: str

    def files(self) -> dict[str, bytes]:
        """The files that it changed, whole, as they were afterwards."""
        return _read(f"{self.number}-{self.branch}")


HISTORY = (
    Merged(1, "extremes", "Add `Station::extremes` to list high and low waters", ("enhancement",), "ada"),
    Merged(2, "phases", "Fix phases outside of 0 to 360 degrees", ("bug",), "bruno"),
    Merged(3, "python-extremes", "Add `Station.extremes` to the Python bindings", ("enhancement", "python"), "ada"),
)
"""Oldest first."""


class Registries(Protocol):
    """What `build` needs of a sandbox."""

    world: World
    crates: CratesIO
    pypi: PyPI


def base() -> dict[str, bytes]:
    """The repository's files at its last release."""
    return _read("base")


def files() -> dict[str, bytes]:
    """The repository's files as they are now."""
    found = base()
    for merged in HISTORY:
        found |= merged.files()
    return found


async def build(sandbox: Registries) -> Repository:
    """Make the repository in a sandbox, with its history, its tags, its people and what they published.

    CI runs on its main branch when this returns; `sandbox.actions.idle()` waits for it.
    """
    world = sandbox.world
    roles = {merged.author: "write" for merged in HISTORY}
    repo = await world.create_repository(FULL_NAME, files=base(), roles=roles)
    await publish_history(world, repo, sandbox.crates, sandbox.pypi)
    for merged in HISTORY:
        await world.push(repo, merged.branch, dict(merged.files()), merged.title, by=merged.author)
        issue = await world.open_pull_request(
            repo, head=merged.branch, base=repo.default_branch, title=merged.title, by=merged.author
        )
        await world.label(repo, issue.number, *merged.labels)
        await world.merge(repo, issue.number, method="squash", by=OWNER)
        await world.delete_branch(repo, merged.branch, by=OWNER)
    return repo


async def publish_history(world: World, repo: Repository, crates: CratesIO, pypi: PyPI) -> None:
    """Tag the head of main as the last release of both packages, and put what was released on the registries.

    It has happened long ago: no events are sent, and no workflow runs.
    """
    git = world.git(repo)
    head = await git.resolve(f"refs/heads/{repo.default_branch}") or ZERO
    await git.update_refs([RefUpdate(f"refs/tags/{tag}", head, ZERO) for tag in (CRATE_TAG, PYTHON_TAG)])
    tree = await read_tree(git, head)
    crate = crate_at(tree, ".")
    path = ".github/workflows/publish.yml"
    publisher = Identity(FULL_NAME, path, f"refs/tags/{CRATE_TAG}", head, run_id=1, environment="crates-io")
    crates.publish(crate.name, crate.version, crate_file(tree, crate), trustpub=publisher.trustpub_data())
    path = ".github/workflows/python-publish.yml"
    publisher = Identity(FULL_NAME, path, f"refs/tags/{PYTHON_TAG}", head, run_id=2, environment="pypi")
    signer = Signer(publisher, world.clock.now())
    jobs = run_of(read_workflow(path, base()[path]), push_of_tag(PYTHON_TAG), {})
    for made in (build for job in jobs for build in builds(job, {})):
        package = python_package(tree, made, PYTHON_TAG)
        for name, content in distributions(package, made, stamp="an earlier run").items():
            pypi.upload(name, content, publisher=publisher, attestations=[signer.attest(name, content)])
    for tag, title in ((CRATE_TAG, "tidewater 0.4.0"), (PYTHON_TAG, "tidewater-py 0.3.0")):
        await world.create_release(repo, tag=tag, name=title, body="See the changelog.", by=OWNER)


def _read(folder: str) -> dict[str, bytes]:
    root = package_files(__name__).joinpath("tree", folder)
    return dict(sorted(_walk(root, "")))


def _walk(folder: Traversable, path: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        name = f"{path}{entry.name}"
        if entry.is_dir():
            found += _walk(entry, f"{name}/")
        else:
            found.append((name, entry.read_bytes()))
    return found
