"""GitHub Actions: its runs from their start to their end, run again and cancelled."""

import asyncio
from collections.abc import Callable, Collection

from bot.sandbox.actions.approvals import Approvals
from bot.sandbox.actions.concurrency import Turns
from bot.sandbox.actions.execution import Executor, Plan
from bot.sandbox.actions.publishing import Publisher
from bot.sandbox.actions.runs import RunReporter
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.actions.starts import Starts
from bot.sandbox.errors import StandInFailed
from bot.sandbox.model import Job as JobRecord
from bot.sandbox.model import Repository, User, WorkflowRun
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.pypi import PyPI
from bot.sandbox.world import World
from bot.workflows.runs import RunJob


class Actions:
    """Runs the workflows of a world's repositories; publish jobs that succeed upload to the registries.

    It listens to the world by itself; `close` it at the end. A job's outcome is the scenario's to decide.
    """

    def __init__(self, world: World, scenario: Scenario, crates: CratesIO, pypi: PyPI) -> None:
        self._world = world
        self.scenario = scenario
        """The script, which may be changed while things run."""
        self._report = RunReporter(world)
        approvals = Approvals(world, self._report)
        self._publisher = publisher = Publisher(crates, pypi, world.clock)
        self._turns = Turns()
        self._executor = Executor(scenario, world.clock, self._report, publisher, approvals)
        self._plans: dict[int, Plan] = {}
        self._tasks: dict[asyncio.Task[None], WorkflowRun] = {}
        self._broken: list[BaseException] = []
        self._awaited: list[asyncio.Task[None]] = []
        self._starts = Starts(world, scenario, self._report, self._start, self._later)
        self.dispatch = self._starts.dispatch
        """A person starts a workflow, or a run does by its token (`starts.OF_ACTIONS`)."""
        self.schedule = self._starts.schedule
        self.start_dynamic = self._starts.dynamic
        world.on_rerun.append(self._rerun)
        world.on_rerun_job.append(self._rerun_job)
        world.on_cancel.append(self._cancel)

    async def idle(self) -> None:
        """Return when no run is active, but for those that wait for a person.

        Raises what went wrong inside the sandbox itself.
        """
        while active := self._active():
            # Not for long: what is active now may come to wait for a person.
            await asyncio.wait(active, timeout=0.05)
        self.raise_broken()

    @property
    def assumed(self) -> list[str]:
        """What could not be run and was taken for done, a sentence each."""
        return list(self._publisher.assumed)

    def raise_broken(self) -> None:
        """Raise what went wrong inside the sandbox itself, if something did."""
        if self._broken:
            raise self._broken.pop()

    def _active(self) -> list[asyncio.Task[None]]:
        """What goes on; what is pending goes on soon, unless it is behind a run that waits for a person."""
        waits = any(run.status == "waiting" for run in self._tasks.values())
        resting = ("waiting", "pending") if waits else ("waiting",)
        return [task for task, run in self._tasks.items() if run.status not in resting]

    async def close(self) -> None:
        """Stop all runs where they are."""
        tasks = {*self._tasks, *self._awaited}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _later(self, begin: Callable[[], None], seconds: float) -> None:
        async def wait() -> None:
            await self._world.clock.sleep(seconds)
            begin()

        self._awaited.append(asyncio.create_task(wait()))

    async def _rerun(self, repo: Repository, run: WorkflowRun, actor: User) -> None:
        """The failed jobs run again, and those that need them; the others stay as they are."""
        plan = self._plans[run.id]
        self._repeat(plan, plan.to_repeat(), actor)

    async def _rerun_job(self, repo: Repository, run: WorkflowRun, job: JobRecord, actor: User) -> None:
        """This job runs again, whatever became of it, and those that need it."""
        plan = self._plans[run.id]
        self._repeat(plan, plan.to_repeat(job), actor)

    def _repeat(self, plan: Plan, jobs: Collection[RunJob], actor: User) -> None:
        old = {plan.records.pop(at).id for at in map(plan.place, jobs) if at in plan.records}
        plan.cancelled = False
        self._report.begin_attempt(plan.run, old, actor)
        self._start(plan, jobs)

    async def _cancel(self, repo: Repository, run: WorkflowRun, actor: User) -> None:
        """No job begins any more; those that run end cancelled when their time is over, as a runner takes its time."""
        self._plans[run.id].cancelled = True
        self._turns.give_up(self._plans[run.id])

    def _start(self, plan: Plan, jobs: Collection[RunJob]) -> None:
        self._plans[plan.run.id] = plan
        task = asyncio.create_task(self._whole(plan, jobs))
        self._tasks[task] = plan.run
        task.add_done_callback(self._ended)

    async def _whole(self, plan: Plan, jobs: Collection[RunJob]) -> None:
        """A run of these jobs, and what follows; no run stays in progress where the sandbox itself goes wrong."""
        try:
            await self._in_turn(plan, jobs)
        except Exception as error:
            self._broken.append(StandInFailed.of(plan.run.path, error))
            await self._report.given_up(plan.repo, plan.run)

    async def _in_turn(self, plan: Plan, jobs: Collection[RunJob]) -> None:
        """A run of these jobs of a plan, once it is its turn, and what follows from it."""
        await self._report.requested(plan.repo, plan.run)
        await self._starts.followed(plan, "requested")
        turn = self._turns.ask(plan)
        if not turn.done():
            await self._report.pends(plan.run)
        try:
            if await turn:
                await self._executor.run(plan, jobs)
            else:
                await self._report.completed(plan.repo, plan.run, "cancelled")
        finally:
            self._turns.over(plan)
        await self._starts.followed(plan, "completed")

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._broken.append(error)
