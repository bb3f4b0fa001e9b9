"""Steps about workflow runs: how they are told, their logs, and what running them again is answered with."""

from bot.cli.live_check.bench import Bench
from bot.cli.live_check.files import WORKFLOW
from bot.cli.live_check.pushing import ONE
from bot.cli.live_check.verdicts import (
    Verdict,
    as_believed,
    judge_allowed,
    judge_behind,
    judge_delay,
    judge_log,
    not_tried,
    otherwise,
)
from bot.github.facts import Job, WorkflowRun

FAILS = "live-check-fails"
LOG_SECONDS = 10.0
LOG_PAUSE = 1.0


async def fails(on: Bench) -> Verdict:
    """A run fails, and its job's log can be read soon after."""
    commit = await on.head()
    await on.make_tags(FAILS, commit=commit)
    on.failed, _ = await on.until(lambda: _ended(on, commit, FAILS))
    if on.failed is None:
        return not_tried(f"no run of {FAILS} ended")
    job = await _job(on, on.failed, "fails")
    if job is None or job.conclusion != "failure":
        return not_tried("the job that is to fail did not")
    log, seconds = await on.until(lambda: on.reader.log(job.id), within=6 * LOG_SECONDS, pause=LOG_PAUSE)
    return judge_delay(None if log is None else seconds, LOG_SECONDS, "the log")


async def log_lines(on: Bench) -> Verdict:
    """The failed step's lines are found in the log of three steps."""
    job = await _job(on, on.failed, "fails") if on.failed else None
    log = await on.reader.log(job.id) if job else None
    return not_tried("there is no log of a failed job") if log is None else judge_log(log)


async def call(on: Bench) -> Verdict:
    """The result of a call whose every job is skipped."""
    job = await _job(on, on.failed, "behind") if on.failed else None
    return not_tried("no run ended") if job is None else judge_behind(job.conclusion)


async def again(on: Bench) -> Verdict:
    """Running a failed run's jobs again, twice at once, and a job of its first attempt after that."""
    job = await _job(on, on.failed, "fails") if on.failed else None
    if on.failed is None or job is None:
        return not_tried("no run failed")
    number = on.failed.id
    for _ in range(2):
        if refusal := await on.refused(on.writer.rerun_failed_jobs(number)):
            return judge_allowed(refusal)
    refusal = await on.refused(on.writer.rerun_job(job.id))
    await on.until(lambda: _attempt_ended(on, number))
    return judge_allowed(refusal or await on.refused(on.writer.rerun_job(job.id)))


async def again_well(on: Bench) -> Verdict:
    """Running again what ended well."""
    commit = await on.head()
    run, _ = await on.until(lambda: _ended(on, commit, ONE))
    if run is None or run.conclusion != "success":
        return not_tried(f"no run of {ONE} ended well")
    return judge_allowed(await on.refused(on.writer.rerun_failed_jobs(run.id)))


async def suites(on: Bench) -> Verdict:
    """What GraphQL tells an App of the runs on a commit."""
    found = [run for run in (await on.reader.reported(await on.head())).runs if run.path.startswith(WORKFLOW)]
    if not found:
        return otherwise("none of the runs on the newest commit is told with the path of its file")
    return as_believed(f"{len(found)} runs with the path of their file")


async def dynamic(on: Bench) -> Verdict:
    """A run of a workflow that GitHub itself adds has no file."""
    where = f"Settings → Advanced Security of {on.repository.full_name}"
    told = f"Turn on CodeQL's default setup ({where}) and wait for its run"
    if not await on.ask(told):
        return not_tried("nobody turned it on")
    document = """
    query Dynamic($owner: String!, $name: String!, $commit: String!) { repository(owner: $owner, name: $name) {
      object(expression: $commit) { ... on Commit {
        checkSuites(first: 100) { nodes { workflowRun { event file { path } } } }
      } }
    } }"""
    client, here = await on.client(), on.repository
    asked = await client.graphql(document, owner=here.owner, name=here.name, commit=await on.head())
    nodes = asked.complete()["repository"]["object"]["checkSuites"]["nodes"]
    runs = [node["workflowRun"] for node in nodes if node["workflowRun"] and node["workflowRun"]["event"] == "dynamic"]
    if not runs:
        return not_tried("there is no such run on the newest commit")
    filed = [run for run in runs if run["file"] is not None]
    return otherwise(f"it has a file: {filed}") if filed else as_believed(f"{len(runs)} runs without a file")


async def _ended(on: Bench, commit: str, tag: str) -> WorkflowRun | None:
    return next((run for run in await on.runs_of(commit, tag) if run.status == "completed"), None)


async def _attempt_ended(on: Bench, number: int) -> WorkflowRun | None:
    runs = await on.reader.runs(await on.head())
    return next((run for run in runs if run.id == number and run.attempt > 1 and run.status == "completed"), None)


async def _job(on: Bench, run: WorkflowRun, name: str) -> Job | None:
    return next((job for job in await on.reader.jobs(run.id) if job.name == name), None)
