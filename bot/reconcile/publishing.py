"""What a look at publishing asks for: the runs, what holds them up, what failed, and whether it landed all the same."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from bot.github import Reader
from bot.github.facts import CommitChecks, Job, WorkflowRun
from bot.reconcile.unsettled import Unsettled
from bot.registries import Registries
from bot.release.ci.reported import BY_HAND
from bot.release.facts import Facts
from bot.release.model import Phase, Release, ReleasePackage
from bot.release.publishing.failures import failed, failed_jobs, may_have_landed
from bot.release.publishing.packages import FOLLOWING, follows_a_run, has_a_run, publish_runs, waits_for_a_hand
from bot.workflows.releasing import Start

MOST_LOGS = 3
"""Logs of one run that are read: a comment with more of them would not be read."""
LOG_APPEARS = timedelta(seconds=10)
"""A log may not be there yet when its run is said to have ended; so long it is waited for.

docs/live-check.md#log-delay
"""
LOG_AGAIN = timedelta(seconds=3)
UNSEEN = timedelta(minutes=1)
"""A package without a publish run for so long is looked for on its registry: somebody may have published it."""


async def publishing(reader: Reader, registries: Registries, release: Release, facts: Facts) -> Facts:
    """`facts` with the runs of the release's commit, and more of those that publish the stage's packages.

    Raises Unsettled while a log is not there yet.
    """
    checks = await runs_of(reader, release, facts)
    runs = _publish_runs(release, replace(facts, checks=checks))
    facts = await _pages(reader, release, replace(facts, checks=checks))
    unwell = [run for run in runs.values() if failed(run)]
    waiting = [run for run in runs.values() if run.status == "waiting"]
    jobs = {run.id: await reader.jobs(run.id) for run in unwell}
    facts = replace(facts, checks=replace(checks, jobs=jobs))
    kept_out = [run for run in unwell if any(not job.began for job in failed_jobs(run, facts))]
    checks = replace(
        checks,
        jobs=jobs,
        logs=await _logs(reader, unwell, facts),
        approvals={run.id: await reader.pending_approvals(run.id) for run in waiting},
        reviews={run.id: await reader.reviews(run.id) for run in kept_out},
    )
    return await _landed(registries, release, replace(facts, checks=checks))


async def jobs_of_publishing(reader: Reader, release: Release, facts: Facts) -> Facts:
    """`facts` with the runs of the release's commit, and the jobs of those that publish the stage's packages."""
    checks = await runs_of(reader, release, facts)
    runs = _publish_runs(release, replace(facts, checks=checks))
    jobs = {run: await reader.jobs(run) for run in sorted(runs)}
    return replace(facts, checks=replace(checks, jobs=jobs))


async def runs_of(reader: Reader, release: Release, facts: Facts) -> CommitChecks:
    """The workflow runs of the release's commit, and nothing else that was reported about it; where a publish workflow
    is started by hand, and before anything is undone, also what people started on the base branch since the tags stood.
    """
    commit = release.merge.commit or ""
    runs = {run.id: run for run in await reader.runs(commit)}
    since = release.publishing.tagged_at or release.reached(Phase.TAGGED)
    if since is not None and (waits_for_a_hand(release) or release.phase is Phase.ROLLING_BACK):
        runs |= {run.id: run for run in await reader.runs_by(BY_HAND, since, release.plan.base)}
    if since is not None and follows_a_run(release):
        runs |= {run.id: run for run in await reader.runs_by(FOLLOWING, since)}
    return CommitChecks(commit, facts.now, tuple(runs.values()), ())


def _publish_runs(release: Release, facts: Facts) -> dict[int, WorkflowRun]:
    """Those that publish the stage's packages, by id."""
    return {run.id: run for package in release.current for run in publish_runs(package, release, facts)}


async def _logs(reader: Reader, runs: Iterable[WorkflowRun], facts: Facts) -> dict[int, str]:
    found: dict[int, str] = {}
    for run in runs:
        for job in failed_jobs(run, facts)[:MOST_LOGS]:
            log = await _log(reader, run, job, facts) if job.began else "\n".join(await reader.annotations(job.id))
            if log is not None:
                found[job.id] = log
    return found


async def _log(reader: Reader, run: WorkflowRun, job: Job, facts: Facts) -> str | None:
    log = await reader.log(job.id)
    if log is None and facts.now < run.updated_at + LOG_APPEARS:
        raise Unsettled(f"the log of {run.name} / {job.name} is not there yet", facts.now + LOG_AGAIN)
    return log


def _is_unseen(package: ReleasePackage, release: Release, facts: Facts) -> bool:
    """Whether no run of its workflow, if it has one, is there, though its tag stands for a while."""
    since = release.publishing.tagged_at
    return since is not None and facts.now - since >= UNSEEN and not has_a_run(package, release, facts)


async def _pages(reader: Reader, release: Release, facts: Facts) -> Facts:
    """With the GitHub Releases whose publication is to start what has not started."""
    unstarted = [
        package.tag
        for package in release.current
        if package.start is Start.RELEASE and not has_a_run(package, release, facts)
    ]
    return replace(facts, releases=await reader.releases(unstarted)) if unstarted else facts


async def _landed(registries: Registries, release: Release, facts: Facts) -> Facts:
    """A failure that may be none is not called one before the registry was asked, nor is a run called lost."""
    doubtful = []
    for package in release.current:
        runs = publish_runs(package, release, facts)
        if may_have_landed([run for run in runs if failed(run)], facts) or _is_unseen(package, release, facts):
            doubtful.append(package)
    return replace(facts, registries={package.key: await registries.look(package) for package in doubtful})
