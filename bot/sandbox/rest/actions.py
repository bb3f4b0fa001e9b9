"""Workflow runs and their jobs."""

from bot.sandbox.errors import Refusal
from bot.sandbox.model import WorkflowRun
from bot.sandbox.payloads.actions import annotation_json, job_json, workflow_run_json
from bot.sandbox.payloads.deployments import deployment_review_json, pending_deployment_json
from bot.sandbox.rest.blobs import log_address
from bot.sandbox.rest.http import Endpoint, Reply, Request, page
from bot.workflows.files import FOLDER

_BASE = "/repos/{owner}/{repo}/actions/runs"
_READ = ({"actions": "read"},)
_CHECKS = ({"checks": "read"},)


async def list_runs(request: Request) -> Reply:
    """GET …/actions/runs, newest first; filters `head_sha`, `branch`, `event`, `status` (also a conclusion)."""
    git, found = request.world.git(request.repo), []
    for run in sorted(request.repo.runs.values(), key=lambda run: run.id, reverse=True):
        if _matches(run, request):
            commit = await git.commit(run.head_sha)
            found.append(workflow_run_json(request.world.site, request.repo, run, commit))
    return page(request, found, key="workflow_runs")


def _matches(run: WorkflowRun, request: Request) -> bool:
    facts: dict[str, set[str | None]] = {
        "head_sha": {run.head_sha},
        "branch": {run.head_branch},
        "event": {run.event},
        "status": {run.status, run.conclusion},
    }
    return all(request.query[name] in values for name, values in facts.items() if name in request.query)


async def get_run(request: Request) -> Reply:
    """GET …/actions/runs/{id}."""
    run = _run(request)
    commit = await request.world.git(request.repo).commit(run.head_sha)
    return Reply(200, workflow_run_json(request.world.site, request.repo, run, commit))


async def list_jobs(request: Request) -> Reply:
    """GET …/actions/runs/{id}/jobs of the newest attempt (the only one kept)."""
    run = _run(request)
    jobs = [job_json(request.world.site, request.repo, run, job) for job in run.jobs]
    return page(request, jobs, key="jobs")


async def rerun_failed_jobs(request: Request) -> Reply:
    """POST …/actions/runs/{id}/rerun-failed-jobs; refused while the run goes on, after a month, or when none failed."""
    run = _run(request)
    _check_repeatable(request, run)
    if run.conclusion in ("success", "skipped", "neutral"):
        raise Refusal("FORBIDDEN", "This workflow run has no failed jobs")
    for listener in request.world.on_rerun:
        await listener(request.repo, run, request.bot)
    return Reply(201, {})


async def rerun_job(request: Request) -> Reply:
    """POST …/actions/jobs/{id}/rerun: this job and those that need it; refused while its run goes on."""
    found = [(run, job) for run in request.repo.runs.values() for job in run.jobs]
    job_id = request.number("job_id")
    run, job = next(((run, job) for run, job in found if job.id == job_id), (None, None))
    if run is None or job is None:
        raise Refusal("NOT_FOUND", "no such job in the newest attempt")
    _check_repeatable(request, run)
    for listener in request.world.on_rerun_job:
        await listener(request.repo, run, job, request.bot)
    return Reply(201, {})


async def list_pending_deployments(request: Request) -> Reply:
    """GET …/actions/runs/{id}/pending_deployments: a list that is not paged."""
    world, repo = request.world, request.repo
    pending = _run(request).pending.values()
    return Reply(200, [pending_deployment_json(world.site, repo, each) for each in pending])


async def list_approvals(request: Request) -> Reply:
    """GET …/actions/runs/{id}/approvals: the reviews of all attempts."""
    reviews = _run(request).reviews
    return Reply(200, [deployment_review_json(request.world.site, request.repo, each) for each in reviews])


async def download_log(request: Request) -> Reply:
    """GET …/actions/jobs/{id}/logs: sends on to where the text is, for a minute on GitHub."""
    jobs = {job.id: job for run in request.repo.runs.values() for job in run.jobs}
    job = jobs.get(request.number("job_id"))
    if job is None or not job.log:
        raise Refusal("NOT_FOUND", "no such job, or it has not ended")
    return Reply(302, None, {"Location": log_address(request.world, job.id)})


async def list_annotations(request: Request) -> Reply:
    """GET …/check-runs/{id}/annotations: a failed step leaves one, and a job that its environment kept out."""
    found = [(run, job) for run in request.repo.runs.values() for job in run.jobs]
    for run, job in found:
        if job.id == request.number("check_run_id"):
            failed = job.kept_out or any(step.conclusion == "failure" for step in job.steps)
            noted = [annotation_json(request.world.site, request.repo, run, job.kept_out)] if failed else []
            return Reply(200, noted)
    raise Refusal("NOT_FOUND", "no such check run")


async def cancel(request: Request) -> Reply:
    """POST …/actions/runs/{id}/cancel: accepted, and done a moment later; refused when the run has ended."""
    run = _run(request)
    if run.status == "completed":
        raise Refusal("CONFLICT", "Cannot cancel a workflow run that is completed.")
    for listener in request.world.on_cancel:
        await listener(request.repo, run, request.bot)
    return Reply(202, {})


async def dispatch(request: Request) -> Reply:
    """POST …/actions/workflows/{file}/dispatches: starts a workflow that has `workflow_dispatch` on a branch or tag."""
    world, repo, name = request.world, request.repo, request.text("ref")
    refs = [ref for kind in ("heads", "tags") if await world.git(repo).resolve(ref := f"refs/{kind}/{name}")]
    if not refs:
        raise Refusal("UNPROCESSABLE", f"No ref found for: {name}")
    if world.start_workflow is None:
        raise Refusal("NOT_FOUND", "Not Found")
    given = request.body.get("inputs", {})
    run = await world.start_workflow(repo, FOLDER + request.params["file"], request.bot, refs[0], given)
    if not request.flag("return_run_details"):
        return Reply(204, None)
    commit = await world.git(repo).commit(run.head_sha)
    whole = workflow_run_json(world.site, repo, run, commit)
    return Reply(200, {"workflow_run_id": run.id, "run_url": whole["url"], "html_url": whole["html_url"]})


def _check_repeatable(request: Request, run: WorkflowRun) -> None:
    if request.world.clock.now() - run.created_at > request.world.repeatable:
        message = "Unable to retry this workflow run because it was created over a month ago"
        raise Refusal("FORBIDDEN", message)  # in these words: https://github.com/cli/cli/issues/9989
    if run.status != "completed":
        raise Refusal("FORBIDDEN", "The workflow run containing this job is already running")


def _run(request: Request) -> WorkflowRun:
    run = request.repo.runs.get(request.number("run_id"))
    if run is None:
        raise Refusal("NOT_FOUND", "no such run")
    return run


ENDPOINTS = [
    Endpoint("GET", _BASE, list_runs, _READ),
    Endpoint("GET", _BASE + r"/{run_id:\d+}", get_run, _READ),
    Endpoint("GET", _BASE + r"/{run_id:\d+}/jobs", list_jobs, _READ),
    Endpoint("GET", _BASE + r"/{run_id:\d+}/pending_deployments", list_pending_deployments, _READ),
    Endpoint("GET", _BASE + r"/{run_id:\d+}/approvals", list_approvals, _READ),
    Endpoint("GET", r"/repos/{owner}/{repo}/actions/jobs/{job_id:\d+}/logs", download_log, _READ),
    Endpoint("GET", r"/repos/{owner}/{repo}/check-runs/{check_run_id:\d+}/annotations", list_annotations, _CHECKS),
    Endpoint("POST", "/repos/{owner}/{repo}/actions/workflows/{file}/dispatches", dispatch, ({"actions": "write"},)),
    Endpoint("POST", r"/repos/{owner}/{repo}/actions/jobs/{job_id:\d+}/rerun", rerun_job, ({"actions": "write"},)),
    Endpoint("POST", _BASE + r"/{run_id:\d+}/rerun-failed-jobs", rerun_failed_jobs, ({"actions": "write"},)),
    Endpoint("POST", _BASE + r"/{run_id:\d+}/cancel", cancel, ({"actions": "write"},)),
]
