"""Workflow runs and their jobs."""

from bot.sandbox import payloads
from bot.sandbox.errors import Refusal
from bot.sandbox.model import WorkflowRun
from bot.sandbox.rest.http import Endpoint, Reply, Request, page

_BASE = "/repos/{owner}/{repo}/actions/runs"
_READ = ({"actions": "read"},)


async def list_runs(request: Request) -> Reply:
    """GET …/actions/runs, newest first; filters `head_sha`, `branch`, `event`, `status` (also a conclusion)."""
    git, found = request.world.git(request.repo), []
    for run in sorted(request.repo.runs.values(), key=lambda run: run.id, reverse=True):
        if _matches(run, request):
            commit = await git.commit(run.head_sha)
            found.append(payloads.workflow_run(request.world.site, request.repo, run, commit))
    return page(request, found, key="workflow_runs")


def _matches(run: WorkflowRun, request: Request) -> bool:
    facts: dict[str, set[str | None]] = {
        "head_sha": {run.head_sha},
        "branch": {run.head_branch},
        "event": {run.event},
        "status": {run.status, run.conclusion},
    }
    return all(request.query[name] in values for name, values in facts.items() if name in request.query)


async def list_jobs(request: Request) -> Reply:
    """GET …/actions/runs/{id}/jobs of the newest attempt (the only one kept)."""
    run = _run(request)
    jobs = [payloads.job(request.world.site, request.repo, run, job) for job in run.jobs]
    return page(request, jobs, key="jobs")


async def rerun_failed_jobs(request: Request) -> Reply:
    """POST …/actions/runs/{id}/rerun-failed-jobs; refused while the run goes on, or when none failed."""
    run = _run(request)
    if run.status != "completed":
        raise Refusal("FORBIDDEN", "The workflow run containing this job is already running")
    if run.conclusion in ("success", "skipped", "neutral"):
        raise Refusal("FORBIDDEN", "This workflow run has no failed jobs")
    for listener in request.world.on_rerun:
        await listener(request.repo, run, request.bot)
    return Reply(201, {})


async def cancel(request: Request) -> Reply:
    """POST …/actions/runs/{id}/cancel: accepted, and done a moment later; refused when the run has ended."""
    run = _run(request)
    if run.status == "completed":
        raise Refusal("CONFLICT", "Cannot cancel a workflow run that is completed.")
    for listener in request.world.on_cancel:
        await listener(request.repo, run, request.bot)
    return Reply(202, {})


def _run(request: Request) -> WorkflowRun:
    run = request.repo.runs.get(request.number("run_id"))
    if run is None:
        raise Refusal("NOT_FOUND", "no such run")
    return run


ENDPOINTS = [
    Endpoint("GET", _BASE, list_runs, _READ),
    Endpoint("GET", _BASE + r"/{run_id:\d+}/jobs", list_jobs, _READ),
    Endpoint("POST", _BASE + r"/{run_id:\d+}/rerun-failed-jobs", rerun_failed_jobs, ({"actions": "write"},)),
    Endpoint("POST", _BASE + r"/{run_id:\d+}/cancel", cancel, ({"actions": "write"},)),
]
