"""Workflow runs and their jobs as GitHub keeps them, with the events that each change of theirs sends."""

from collections.abc import Collection, Sequence

from bot.sandbox.git.objects import Commit
from bot.sandbox.model import Environment, Job, Repository, Step, User, WorkflowRun
from bot.sandbox.payloads.actions import (
    check_run_json,
    check_run_of,
    check_suite_json,
    job_page,
    workflow_json,
    workflow_run_json,
)
from bot.sandbox.world import World
from bot.workflows.files import Workflow


class RunReporter:
    """Keeps the records of runs in a world and tells it of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._workflow_ids: dict[tuple[int, str], int] = {}
        self._numbers: dict[int, int] = {}

    def new_run(
        self, repo: Repository, workflow: Workflow, event: str, branch: str, sha: str, actor: User
    ) -> WorkflowRun:
        """A queued run; `branch` is the tag's name for a run of a tag. A workflow keeps its id by its path."""
        world, now = self._world, self._world.clock.now()
        key = (repo.id, workflow.path)
        workflow_id = self._workflow_ids.setdefault(key, world.next_id())
        self._numbers[workflow_id] = self._numbers.get(workflow_id, 0) + 1
        run = WorkflowRun(
            id=world.next_id(),
            workflow_id=workflow_id,
            name=workflow.name,
            path=workflow.path,
            event=event,
            head_branch=branch,
            head_sha=sha,
            number=self._numbers[workflow_id],
            suite_id=world.next_id(),
            actor=actor,
            created_at=now,
            updated_at=now,
        )
        repo.runs[run.id] = run
        return run

    def begin_attempt(self, run: WorkflowRun, without: Collection[int], actor: User) -> None:
        """Queue a run again; the jobs whose ids are in `without` will be made anew."""
        run.attempt += 1
        run.status, run.conclusion, run.actor = "queued", None, actor
        run.jobs = [job for job in run.jobs if job.id not in without]
        run.updated_at = self._world.clock.now()

    async def requested(self, repo: Repository, run: WorkflowRun) -> None:
        """The run is queued."""
        await self._run_event(repo, run, "requested")

    async def pends(self, run: WorkflowRun) -> None:
        """It waits for another run of its concurrency group to end."""
        run.status, run.updated_at = "pending", self._world.clock.now()

    async def started(self, repo: Repository, run: WorkflowRun) -> None:
        """Its first job begins."""
        run.status, run.updated_at = "in_progress", self._world.clock.now()
        await self._run_event(repo, run, "in_progress")

    async def completed(self, repo: Repository, run: WorkflowRun, conclusion: str) -> None:
        """The run is over, and so is its check suite."""
        run.status, run.conclusion, run.updated_at = "completed", conclusion, self._world.clock.now()
        await self._run_event(repo, run, "completed")
        suite = check_suite_json(self._world.site, repo, run, await self._commit(repo, run))
        await self._world.emit(repo, "check_suite", {"action": "completed", "check_suite": suite}, by=run.actor)

    async def given_up(self, repo: Repository, run: WorkflowRun) -> None:
        """What plays the run went wrong: it fails with all that has not ended."""
        for job in [job for job in run.jobs if job.status != "completed"]:
            await self.job_completed(repo, run, job, "failure", None)
        if run.status != "completed":
            await self.completed(repo, run, "failure")

    async def job_started(self, repo: Repository, run: WorkflowRun, name: str, steps: Sequence[str]) -> Job:
        """A job, which is also a check run, begins; `steps` are its own, without GitHub's first and last."""
        job = Job(id=self._world.next_id(), name=name)
        run.jobs.append(job)
        await self.job_let_begin(repo, run, job, steps)
        return job

    async def job_let_begin(self, repo: Repository, run: WorkflowRun, job: Job, steps: Sequence[str]) -> None:
        """A job that has waited begins."""
        names = ["Set up job", *steps, "Complete job"]
        job.status, job.started_at = "in_progress", self._world.clock.now()
        job.steps = [Step(step, number, "queued") for number, step in enumerate(names, 1)]
        self._settle(run)
        await self._check_run_event(repo, run, job, "created")

    async def job_waits(self, repo: Repository, run: WorkflowRun, name: str, environment: Environment) -> Job:
        """A job waits for a reviewer of its environment; as a check run it is not heard of before it begins."""
        job = Job(self._world.next_id(), name, "waiting", started_at=self._world.clock.now())
        run.jobs.append(job)
        self._settle(run)
        await self._world.request_review(repo, run, environment, job)
        return job

    def _settle(self, run: WorkflowRun) -> None:
        """A run waits when a job of it does, and none is at work."""
        states = {job.status for job in run.jobs}
        status = "waiting" if "waiting" in states and "in_progress" not in states else "in_progress"
        if status != run.status:
            run.status, run.updated_at = status, self._world.clock.now()

    async def job_skipped(self, repo: Repository, run: WorkflowRun, name: str, conclusion: str = "skipped") -> Job:
        """A job does not run."""
        now = self._world.clock.now()
        job = Job(self._world.next_id(), name, "completed", conclusion, now, now)
        run.jobs.append(job)
        await self._check_run_event(repo, run, job, "created")
        await self._check_run_event(repo, run, job, "completed")
        return job

    async def job_completed(
        self, repo: Repository, run: WorkflowRun, job: Job, conclusion: str, failed_step: str | None
    ) -> None:
        """A job is over; the steps before the failed one succeeded, those after it were skipped."""
        reached = True
        for step in job.steps:
            failed = reached and step.name == failed_step
            step.status = "completed"
            step.conclusion = "failure" if failed else "success" if reached or step is job.steps[-1] else "skipped"
            reached = reached and not failed
        job.status, job.conclusion, job.completed_at = "completed", conclusion, self._world.clock.now()
        self._settle(run)
        await self._check_run_event(repo, run, job, "completed")

    async def _commit(self, repo: Repository, run: WorkflowRun) -> Commit:
        commit = await self._world.git(repo).commit(run.head_sha)
        if commit is None:
            raise LookupError(f"run {run.id} has no commit {run.head_sha}")
        return commit

    async def _run_event(self, repo: Repository, run: WorkflowRun, action: str) -> None:
        site = self._world.site
        payload = {
            "action": action,
            "workflow_run": workflow_run_json(site, repo, run, await self._commit(repo, run)),
            "workflow": workflow_json(site, repo, run),
        }
        await self._world.emit(repo, "workflow_run", payload, by=run.actor)

    async def _check_run_event(self, repo: Repository, run: WorkflowRun, job: Job, action: str) -> None:
        site = self._world.site
        page = job_page(site, repo, run, job)
        check_run = check_run_json(site, repo, check_run_of(run, job), page=page)
        await self._world.emit(repo, "check_run", {"action": action, "check_run": check_run}, by=run.actor)
