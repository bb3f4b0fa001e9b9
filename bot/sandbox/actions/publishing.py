"""What a job of a publish workflow leaves behind: files for PyPI, and uploads to the registries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.packaging.registry import Registry
from bot.sandbox.actions.assumed import crates_meant, is_assumed, not_followed, sentence
from bot.sandbox.actions.failures import refused_by
from bot.sandbox.actions.packages import (
    Crate,
    PythonPackage,
    Tree,
    crate_file,
    crates_to_publish,
    distributions,
    python_package,
    sibling,
    with_sibling,
)
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.actions.steps import Build, builds, downloads
from bot.sandbox.model import Clock, Repository, WorkflowRun
from bot.sandbox.registries.crate_file import CannotPackage
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.errors import Refused
from bot.sandbox.registries.provenance import Identity, Signer
from bot.sandbox.registries.pypi import PyPI
from bot.sandbox.registries.pypi_records import File
from bot.workflows.actions import Local
from bot.workflows.commands import OPEN
from bot.workflows.publishing import Publish
from bot.workflows.runs import RunJob

LATE, EARLIER = timedelta(minutes=16), timedelta(minutes=20)
"""How long before the rest the others of a late wheel, and what an earlier attempt built, were uploaded.

Nobody waits for that in a rehearsal: the earlier uploads are dated back.
"""

OTHER_LICENSE = "ISC"
"""What packages name whose metadata has drifted."""


class PublishFailed(Exception):
    """An upload was refused, or there was nothing to upload; the message is what the tool prints."""

    def __init__(self, step: str, why: str, output: Sequence[str] = ()) -> None:
        super().__init__(why)
        self.step = step
        self.output = output or (f"error: {why}",)


@dataclass
class Artifacts:
    """The files that the jobs of one run have built so far; a re-run keeps those of the jobs that it leaves alone."""

    by_job: dict[int, dict[str, bytes]] = field(default_factory=dict)
    """File contents by name, by the job's place among those of the run: two may have one name."""

    def for_job(self, job: RunJob, jobs: Sequence[RunJob]) -> dict[str, bytes]:
        """What the job downloads, else all files, in the order in which tools upload them: by name."""
        near = [files for at, files in self.by_job.items() if jobs[at] is job or downloads(job, jobs[at])]
        found = near if any(near) else self.by_job.values()
        return dict(sorted((name, data) for files in found for name, data in files.items()))


@dataclass(frozen=True, slots=True)
class JobRun:
    """A job at work, with what its run has made until now."""

    repo: Repository
    run: WorkflowRun
    ref: str
    """`refs/tags/v1.0.0`."""
    jobs: Sequence[RunJob]
    """Of the whole run."""
    job: RunJob
    tree: Tree
    artifacts: Artifacts
    local: Local
    place: int
    """Of the job among those of the run."""
    uploads: tuple[Publish, ...]
    """What the job sends."""

    def identity(self, scenario: Scenario) -> Identity:
        """What its OIDC token says of it."""
        repository = self.repo.full_name
        if scenario.strikes("fork"):
            repository = f"somebody-else/{self.repo.name}"
        return Identity(
            repository=repository,
            workflow=self.run.path,
            ref=self.ref,
            sha=_commit(self.tree, scenario),
            run_id=self.run.id,
            attempt=self.run.attempt,
            event=self.run.event,
            environment=self.job.environment,
            repository_id=self.repo.id,
            owner_id=self.repo.owner.id,
        )


def _commit(tree: Tree, scenario: Scenario) -> str:
    """The commit that packages are made from."""
    return tree.parent if tree.parent and scenario.strikes("commit") else tree.commit


class Publisher:
    """Does what publish jobs do, on the registry stand-ins, with the flaws that a scenario wants."""

    def __init__(self, crates: CratesIO, pypi: PyPI, clock: Clock) -> None:
        self._crates = crates
        self._pypi = pypi
        self._clock = clock
        self.assumed: dict[str, None] = {}
        """What could not be run and was taken for done, a sentence each."""

    def finish(self, work: JobRun, scenario: Scenario) -> None:
        """Leave behind what a job that ends well leaves behind. Raises PublishFailed when it does not end well."""
        self.assumed |= dict.fromkeys(not_followed(work.jobs))
        if made := builds(work.job, work.local.tree):
            # Compiled code is hardly ever the same twice, so a job that runs again makes other bytes.
            stamp = f"run {work.run.id} attempt {work.run.attempt}"
            work.artifacts.by_job[work.place] = _build(work, made, stamp, scenario)
        for upload in work.uploads:
            try:
                if upload.registry is Registry.CRATES_IO:
                    self._publish_crates(work, upload, scenario)
                else:
                    self._upload(work, upload, scenario)
            except CannotPackage as refusal:
                raise PublishFailed(upload.step, str(refusal)) from refusal
            except Refused as refusal:
                output = refused_by(upload.registry.word, str(refusal), refusal.status)
                raise PublishFailed(upload.step, str(refusal), output) from refusal
            if scenario.strikes("stale"):
                self._crates.index_delay = self._pypi.index_delay = scenario.stale_seconds

    # crates.io

    def _publish_crates(self, work: JobRun, upload: Publish, scenario: Scenario) -> None:
        owner, trustpub = work.repo.owner.login, None
        if upload.trusted and not scenario.strikes("token"):
            trustpub = work.identity(scenario).trustpub_data()
        for crate in self._crates_of(work, upload):
            other = sibling(crate)
            if scenario.strikes("dependency") and not self._crates.of(other.name):
                # crates.io refuses a dependency on a name that it does not know, and takes any version of one it knows.
                self._crates.publish(other.name, other.version, crate_file(work.tree, other), published_by=owner)
            content = crate_file(
                *_flawed_crate(work, crate, scenario),
                commit=_commit(work.tree, scenario),
                dirty=scenario.strikes("dirty"),
                with_readme=not scenario.strikes("readme"),
            )
            version = self._crates.publish(crate.name, crate.version, content, published_by=owner, trustpub=trustpub)
            if scenario.strikes("publish=timed-out"):
                self._crates.index_delay = scenario.stale_seconds
            if scenario.strikes("docs"):
                version.docs = False
            if scenario.strikes("yanked"):
                by = self._crates.owners_of(crate.name)[0]
                self._crates.yank(version, by=by, message="Published by mistake")

    def _crates_of(self, work: JobRun, upload: Publish) -> list[Crate]:
        if not is_assumed(upload):
            return crates_to_publish(work.tree, upload)
        meant = crates_meant(work.tree, work.run.head_branch)
        new = [crate for crate in meant if not self._crates.find(crate.name, crate.version)]
        said = sentence(work.run.path, upload, (f"{crate.name} {crate.version}" for crate in new))
        self.assumed[said] = None
        return new

    # PyPI

    def _upload(self, work: JobRun, upload: Publish, scenario: Scenario) -> None:
        files: Mapping[str, bytes] = work.artifacts.for_job(work.job, work.jobs)
        unknown = not files and not any(builds(job, work.local.tree) for job in work.jobs)
        if unknown:
            # Built by something that is not recognised; a plain build is taken in its place.
            folder = "." if OPEN in upload.folder else upload.folder
            plain = (Build(upload.step, folder, "sdist"), Build(upload.step, folder, "linux-x86_64"))
            files = _build(work, plain, f"run {work.run.id}", scenario)
        if unknown or is_assumed(upload):
            self.assumed[sentence(work.run.path, upload, files)] = None
        sdists = {name for name in files if name.endswith(".tar.gz")}
        if sdists and scenario.strikes("sdist"):
            files = {name: content for name, content in files.items() if name not in sdists}
        if not files:
            raise PublishFailed(upload.step, "Cannot find file (or expand pattern): 'dist/*'")
        earlier = _earlier(work, files, scenario)
        others = _all_but_one_wheel(files) if scenario.strikes("late") else []
        sender = self._sender(work, upload, scenario)
        for name, content in earlier.items():
            sender.send(name, content, before=EARLIER)
        for name in [*others, *(name for name in files if name not in others)]:
            try:
                done = sender.send(name, files[name], before=LATE if name in others else timedelta())
            except Refused as refusal:
                if not ((upload.skip_existing or name in earlier) and "already exists" in str(refusal)):
                    raise
        self._befall(done, scenario)

    def _sender(self, work: JobRun, upload: Publish, scenario: Scenario) -> "_Sender":
        if upload.trusted and not scenario.strikes("token"):
            identity = work.identity(scenario)
            signer = Signer(identity, self._clock.now()) if upload.attests else None
            return _Sender(self._pypi, self._clock, identity, signer)
        return _Sender(self._pypi, self._clock)

    def _befall(self, uploaded: File, scenario: Scenario) -> None:
        """What becomes of a release once it is there."""
        project, version = uploaded.name, str(uploaded.version)
        if scenario.strikes("yanked"):
            self._pypi.yank(project, version, "Published by mistake")
        if scenario.strikes("quarantined"):
            self._pypi.mark(project, "quarantined")
        if scenario.strikes("deleted"):
            self._pypi.delete(project, version)


@dataclass(frozen=True)
class _Sender:
    """Uploads to PyPI in somebody's name."""

    pypi: PyPI
    clock: Clock
    publisher: Identity | None = None
    signer: Signer | None = None

    def send(self, name: str, content: bytes, *, before: timedelta) -> File:
        """Upload a file, `before` now."""
        attestations = [self.signer.attest(name, content)] if self.signer else []
        at = self.clock.now() - before
        return self.pypi.upload(name, content, publisher=self.publisher, attestations=attestations, at=at)


def _build(work: JobRun, made: tuple[Build, ...], stamp: str, scenario: Scenario) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for build in made:
        try:
            package = python_package(work.tree, build, work.run.head_branch)
            files |= distributions(_flawed(work, package, build, scenario), build, stamp=stamp)
        except CannotPackage as refusal:
            raise PublishFailed(build.step, str(refusal)) from refusal
    return files


def _flawed_crate(work: JobRun, crate: Crate, scenario: Scenario) -> tuple[Tree, Crate]:
    """The crate as it is packaged, and the tree that it is packaged from."""
    if scenario.strikes("metadata"):
        said = {"license": OTHER_LICENSE, "repository": _other_repository(work)}
        crate = replace(crate, manifest={**crate.manifest, "package": {**crate.manifest["package"], **said}})
    return with_sibling(work.tree, crate) if scenario.strikes("dependency") else (work.tree, crate)


def _other_repository(work: JobRun) -> str:
    return f"https://github.com/somebody-else/{work.repo.name}"


def _flawed(work: JobRun, package: PythonPackage, build: Build, scenario: Scenario) -> PythonPackage:
    """The package as it is built, with what the scenario wants to be wrong with it."""
    project, tags = package.project, package.tags
    if scenario.strikes("readme"):
        project = replace(project, readme="")
    if scenario.strikes("metadata"):
        project = replace(project, license=OTHER_LICENSE, urls={"Repository": _other_repository(work)})
    if scenario.strikes("pythons"):
        project = replace(project, requires_python=",".join(filter(None, (project.requires_python, "<3.12"))))
    if package.native and scenario.strikes(f"abi={build.platform}"):
        tags = ("cp38-cp38",)
    return replace(package, project=project, tags=tags)


def _earlier(work: JobRun, files: Mapping[str, bytes], scenario: Scenario) -> dict[str, bytes]:
    """The half of the wheels that an earlier attempt built otherwise and uploaded; none unless that is wanted."""
    if "rebuilt" not in scenario.failures:
        return {}
    made = tuple(build for job in work.jobs for build in builds(job, work.local.tree))
    again = _build(work, made, f"run {work.run.id}, an earlier attempt", scenario)
    other = sorted(name for name, content in files.items() if name in again and again[name] != content)
    found = {name: again[name] for name in other[: (len(other) + 1) // 2]}
    return found if found and scenario.strikes("rebuilt") else {}


def _all_but_one_wheel(files: Mapping[str, bytes]) -> list[str]:
    """All names but that of the wheel that comes late: Linux on ARM, which is built slowest, else the last one."""
    wheels = [name for name in files if name.endswith(".whl")]
    slow = [name for name in wheels if "manylinux" in name and "aarch64" in name] or wheels[-1:]
    return [name for name in files if name not in slow[:1]]
