"""What a job of a publish workflow leaves behind: files for PyPI, and uploads to the registries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.sandbox.failures import refused_by
from bot.sandbox.git import GitRepository
from bot.sandbox.model import Repository, WorkflowRun
from bot.sandbox.packages import Tree, crate_file, crates_to_publish, distributions, wanted
from bot.sandbox.registries.crate_file import CannotPackage
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.errors import Refused
from bot.sandbox.registries.pypi import PyPI
from bot.sandbox.steps import CRATES_IO, Build, Publish, builds, publishes, uses_trusted_publishing
from bot.sandbox.workflows import Job, Workflow


class PublishFailed(Exception):
    """An upload was refused, or there was nothing to upload; the message is what the tool prints."""

    def __init__(self, step: str, why: str, output: Sequence[str] = ()) -> None:
        super().__init__(why)
        self.step = step
        self.output = output or (f"error: {why}",)


@dataclass
class Artifacts:
    """The files that the jobs of one run have built so far; a re-run keeps those of the jobs that it leaves alone."""

    by_job: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """File contents by name, by the name of the job."""

    def all(self) -> dict[str, bytes]:
        """All files in the order in which tools upload them: by name."""
        return dict(sorted((name, data) for files in self.by_job.values() for name, data in files.items()))


async def read_tree(git: GitRepository, commit: str) -> Tree:
    """The files of a commit that packaging looks at."""
    entries = [entry for entry in await git.ls_tree(commit, recursive=True) if entry.kind == "blob"]
    paths = [entry.path for entry in entries if wanted(entry.path, entry.size)]
    found = await git.objects([f"{commit}:{path}" for path in paths])
    files = {path: blob.data for path, blob in zip(paths, found, strict=True) if blob is not None}
    return Tree(commit, files, frozenset(entry.path for entry in entries))


class Publisher:
    """Does what publish jobs do, on the registry stand-ins."""

    def __init__(self, crates: CratesIO, pypi: PyPI) -> None:
        self._crates = crates
        self._pypi = pypi

    def finish(
        self, repo: Repository, run: WorkflowRun, workflow: Workflow, job: Job, tree: Tree, artifacts: Artifacts
    ) -> None:
        """Leave behind what a job that ends well leaves behind. Raises PublishFailed when it does not end well."""
        made = builds(job)
        if made:
            artifacts.by_job[job.name] = self._build(run, made, tree)
        for upload in publishes(job):
            try:
                if upload.registry == CRATES_IO:
                    self._publish_crates(repo, run, job, upload, tree)
                else:
                    self._upload(run, workflow, upload, tree, artifacts)
            except CannotPackage as refusal:
                raise PublishFailed(upload.step, str(refusal)) from refusal
            except Refused as refusal:
                output = refused_by(upload.registry, str(refusal), refusal.status)
                raise PublishFailed(upload.step, str(refusal), output) from refusal

    def _build(self, run: WorkflowRun, made: tuple[Build, ...], tree: Tree) -> dict[str, bytes]:
        # Compiled code is hardly ever the same twice, so a job that runs again makes other bytes.
        stamp = f"run {run.id} attempt {run.attempt}"
        files: dict[str, bytes] = {}
        for build in made:
            try:
                files |= distributions(tree, build, ref_name=run.head_branch, stamp=stamp)
            except CannotPackage as refusal:
                raise PublishFailed(build.step, str(refusal)) from refusal
        return files

    def _publish_crates(self, repo: Repository, run: WorkflowRun, job: Job, upload: Publish, tree: Tree) -> None:
        trustpub = None
        if uses_trusted_publishing(job):
            trustpub = {
                "provider": "github",
                "repository": repo.full_name,
                "run_id": str(run.id),
                "sha": run.head_sha,
            }
        for crate in crates_to_publish(tree, upload):
            content = crate_file(tree, crate)
            self._crates.publish(crate.name, crate.version, content, published_by=repo.owner.login, trustpub=trustpub)

    def _upload(self, run: WorkflowRun, workflow: Workflow, upload: Publish, tree: Tree, artifacts: Artifacts) -> None:
        files: Mapping[str, bytes] = artifacts.all()
        if not files and not any(builds(job) for job in workflow.jobs):
            # Built by something that is not recognised; a plain build is taken in its place.
            plain = (Build(upload.step, upload.folder, "sdist"), Build(upload.step, upload.folder, "linux-x86_64"))
            files = self._build(run, plain, tree)
        if not files:
            raise PublishFailed(upload.step, "Cannot find file (or expand pattern): 'dist/*'")
        for name, content in files.items():
            try:
                self._pypi.upload(name, content)
            except Refused as refusal:
                if not (upload.skip_existing and "already exists" in str(refusal)):
                    raise
