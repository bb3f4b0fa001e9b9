"""One workflow run from its first job to its conclusion."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.sandbox.actions.approvals import Approvals
from bot.sandbox.actions.assumed import all_uploads
from bot.sandbox.actions.failures import CAUSES, CRATES_IO
from bot.sandbox.actions.failures import Job as FailedJob
from bot.sandbox.actions.local import read_tree
from bot.sandbox.actions.logs import job_log
from bot.sandbox.actions.packages import Tree
from bot.sandbox.actions.publishing import Artifacts, JobRun, Publisher, PublishFailed
from bot.sandbox.actions.runs import RunReporter
from bot.sandbox.actions.scenario import JobFacts, Outcome, Scenario
from bot.sandbox.actions.steps import builds
from bot.sandbox.git.repository import GitRepository
from bot.sandbox.model import Clock, Repository, WorkflowRun
from bot.sandbox.model import Job as JobRecord
from bot.workflows.actions import NOTHING, Local
from bot.workflows.events import Event
from bot.workflows.files import Workflow
from bot.workflows.publishing import Publish, publishes
from bot.workflows.runs import RunJob, holds

FAILED = ("failure", "cancelled", "timed_out", "startup_failure")
"""Conclusions after which a job counts as failed."""


@dataclass
class Plan:
    """A run with all that it takes to run it, and to run parts of it again."""

    repo: Repository
    run: WorkflowRun
    workflow: Workflow
    git: GitRepository
    ref: str
    """`refs/tags/v1.0.0`."""
    event: Event
    """What started it."""
    jobs: tuple[RunJob, ...] = ()
    local: Local = NOTHING
    """What else of its commit its steps may run."""
    leads: bool = False
    """Whether the workflow is the first of its kind in the repository."""
    lands_release: bool = False
    """Whether the run tests what merging the App's pull request made."""
    artifacts: Artifacts = field(default_factory=Artifacts)
    records: dict[int, JobRecord] = field(default_factory=dict)
    """The newest record of each job, by its place among the jobs: two may have one name."""
    tree: Tree | None = None
    cancelled: bool = False

    @property
    def uploads(self) -> bool:
        """Whether a job of this run publishes; jobs that build leave files for it then."""
        return any(job.runs is not False and self.sends(job) for job in self.jobs)

    def sends(self, job: RunJob) -> tuple[Publish, ...]:
        """What a job publishes; what is not sure, and what hangs on what is not known, only for a release."""
        if self.ref.startswith("refs/tags/") or self.run.event in ("workflow_run", "workflow_dispatch"):
            return all_uploads(job)
        sure = tuple(step for step in job.steps if step.runs is True)
        return publishes(replace(job, steps=sure)) if job.runs is True else ()

    def place(self, job: RunJob) -> int:
        """Where a job stands among those of the run."""
        return next(at for at, each in enumerate(self.jobs) if each is job)

    def ending_of(self, job_id: str) -> set[str]:
        """How the jobs of this key ended, as those that need it see it."""
        found = set()
        for at, job in enumerate(self.jobs):
            record = self.records.get(at)
            if job.id == job_id and record and record.conclusion:
                tolerated = job.may_fail is True and record.conclusion in FAILED
                failed = "failure" if record.conclusion in FAILED and record.conclusion != "cancelled" else None
                found.add("success" if tolerated else failed or record.conclusion)
        return found

    def to_repeat(self, only: JobRecord | None = None) -> list[RunJob]:
        """The jobs that failed, or one of them, and those that need them, directly or by a detour."""
        failed = {at for at, record in self.records.items() if record.conclusion in FAILED}
        if only is not None:
            failed = {at for at, record in self.records.items() if record is only}
        ids = {self.jobs[at].id for at in failed}
        while more := {job.id for job in self.jobs if ids & job.needs} - ids:
            ids |= more
        return [job for at, job in enumerate(self.jobs) if at in failed or ids & job.needs]


class Executor:
    """Runs plans."""

    def __init__(
        self, scenario: Scenario, clock: Clock, report: RunReporter, publisher: Publisher, approvals: Approvals
    ) -> None:
        self._scenario = scenario
        self._outputs: dict[int, list[str]] = {}
        self._approvals = approvals
        self._clock = clock
        self._report = report
        self._publisher = publisher

    async def run(self, plan: Plan, jobs: Collection[RunJob]) -> None:
        """Run these jobs of a plan, each when all that it needs has ended, and conclude; it is queued already."""
        repo, run = plan.repo, plan.run
        if plan.workflow.problem:
            await self._report.completed(repo, run, "startup_failure")
            return
        await self._report.started(repo, run)
        tasks: dict[str, list[asyncio.Task[None]]] = {job.id: [] for job in plan.jobs}
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                # No task begins before all are made, so each finds in `tasks` whatever it needs.
                tasks[job.id].append(group.create_task(self._job_in_turn(plan, job, tasks)))
        await self._report.completed(repo, run, _conclusion(plan))

    async def _job_in_turn(self, plan: Plan, job: RunJob, tasks: Mapping[str, list[asyncio.Task[None]]]) -> None:
        earlier = [task for need in job.needs for task in tasks[need]]
        if earlier:
            await asyncio.wait(earlier)
        before = {each for gate in job.gates for each in gate.before}
        endings = {each: plan.ending_of(each) for each in before}
        key = plan.place(job)
        if plan.cancelled:
            plan.records[key] = await self._report.job_skipped(plan.repo, plan.run, job.name, "cancelled")
        elif holds(job.gates, endings) is not False:
            await self._job(plan, job)
        else:
            plan.records[key] = await self._report.job_skipped(plan.repo, plan.run, job.name)

    async def _job(self, plan: Plan, job: RunJob) -> None:
        repo, run, place = plan.repo, plan.run, plan.place(job)
        job = replace(job, steps=tuple(step for step in job.steps if step.runs is not False))
        facts = _facts(plan, job)
        record = await self._approvals.passed(repo, run, job, self._scenario.asks_for_approval(facts))
        if record is None:
            record = await self._report.job_started(repo, run, job.name, [step.name for step in job.steps])
        plan.records[place] = record
        if record.status == "completed":
            return  # it was rejected
        if record.status == "queued":
            await self._report.job_let_begin(repo, run, record, [step.name for step in job.steps])
        outcome = self._scenario.decide(run, facts, run.attempt)
        begun = self._clock.now()
        await self._clock.sleep(outcome.seconds)
        if plan.cancelled:
            outcome = replace(outcome, conclusion="cancelled")
        failure = CAUSES.get(outcome.cause or "")
        if plan.uploads and (outcome.conclusion == "success" or (failure is not None and failure.uploads)):
            outcome = await self._finish(plan, place, job, record, outcome)
        failed_step = (outcome.failed_step or facts.main_step) if outcome.conclusion in FAILED else None
        if failure is not None and record.id not in self._outputs:
            self._outputs[record.id] = failure.output(_of_failure(plan, job, facts, self._clock.now()))
        output = self._outputs.get(record.id, ["Error: the command did not end well."])
        record.log = job_log(job.steps, begun, failed_step, output)
        await self._report.job_completed(repo, run, record, outcome.conclusion, failed_step)

    async def _finish(self, plan: Plan, place: int, job: RunJob, record: JobRecord, outcome: Outcome) -> Outcome:
        """Let the job build and publish; it fails after all when a registry refuses."""
        if plan.tree is None and (builds(job, plan.local.tree) or plan.sends(job)):
            plan.tree = await read_tree(plan.git, plan.run.head_sha)
        try:
            if plan.tree is not None:
                work = JobRun(
                    plan.repo,
                    plan.run,
                    plan.ref,
                    plan.jobs,
                    job,
                    plan.tree,
                    plan.artifacts,
                    plan.local,
                    place,
                    plan.sends(job),
                )
                self._publisher.finish(work, self._scenario)
        except PublishFailed as failure:
            self._outputs[record.id] = list(failure.output)
            return Outcome("failure", outcome.seconds, failure.step)
        return outcome


def _facts(plan: Plan, job: RunJob) -> JobFacts:
    sends, made = plan.sends(job), builds(job, plan.local.tree) if plan.uploads else ()
    steps = [step.name for step in job.steps]
    main = [upload.step for upload in sends] + [build.step for build in made] + steps[::-1]
    others = [each for each in plan.jobs if not plan.sends(each)]
    return JobFacts(
        name=job.name,
        main_step=main[0] if main else "Set up job",
        builds=tuple(build.platform for build in made),
        publishes=bool(sends),
        registries=tuple(dict.fromkeys(upload.registry.word for upload in sends)),
        environment=job.environment,
        lands_release=plan.lands_release,
        leads=plan.leads,
        last=bool(others) and (others[-1].id, others[-1].name) == (job.id, job.name),
    )


def _of_failure(plan: Plan, job: RunJob, facts: JobFacts, now: datetime) -> FailedJob:
    return FailedJob(
        repository=plan.repo.full_name,
        workflow=plan.run.path,
        ref=plan.ref,
        environment=job.environment,
        registry=facts.registries[0] if facts.registries else CRATES_IO,
        now=now,
    )


def _conclusion(plan: Plan) -> str:
    """A run's conclusion by those of its jobs; one that may fail does not count."""
    counted = set().union(*(plan.ending_of(job.id) for job in plan.jobs))
    for worst in ("failure", "timed_out", "startup_failure"):
        if worst in counted:
            return "failure"
    if "cancelled" in counted:
        return "cancelled"
    return "skipped" if counted == {"skipped"} else "success"
