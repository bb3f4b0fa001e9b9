"""Check runs: those of Actions and other Apps to read, the App's own to make and change."""

from collections.abc import Iterator

from bot.sandbox.errors import Refusal
from bot.sandbox.model import CheckRun
from bot.sandbox.payloads.actions import check_run_json, check_run_of, job_page
from bot.sandbox.payloads.common import Json
from bot.sandbox.rest.http import Endpoint, Reply, Request, error, page

_BASE = "/repos/{owner}/{repo}"
_READ, _WRITE = ({"checks": "read"},), ({"checks": "write"},)
STATUSES = ("queued", "in_progress", "completed")
CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out")
"""What an App may say; `stale` is GitHub's: https://docs.github.com/en/rest/checks/runs#create-a-check-run"""


async def create(request: Request) -> Reply:
    """POST …/check-runs."""
    name, head = request.text("name"), request.text("head_sha")
    status, conclusion = _state(request)
    sketch = _described(request, None)
    run = await request.world.create_check_run(request.repo, head, name)
    _take(run, sketch, status)
    await request.world.change_check_run(request.repo, run, conclusion, new=True)
    return Reply(201, _json(request, run))


async def update(request: Request) -> Reply:
    """PATCH …/check-runs/{id}: of the App's own only."""
    run = next((run for run in request.repo.checks if run.id == request.number("check_run_id")), None)
    if run is None:
        return error(404, "Not Found")
    if run.app_id != request.world.app.id:
        return error(403, f"Invalid app_id `{request.world.app.id}` - check run can only be modified by its own App.")
    status, conclusion = _state(request)
    run.name = request.text("name", default=run.name)
    _take(run, _described(request, run), status if "status" in request.body else run.status)
    await request.world.change_check_run(request.repo, run, conclusion, new=False)
    return Reply(200, _json(request, run))


async def get(request: Request) -> Reply:
    """GET …/check-runs/{id}."""
    wanted = request.number("check_run_id")
    found = next((each for run, each in _all(request) if run.id == wanted), None)
    return error(404, "Not Found") if found is None else Reply(200, found)


async def list_for_ref(request: Request) -> Reply:
    """GET …/commits/{ref}/check-runs: the newest of each name of an App (`filter=all`: all), newest first."""
    ref, git = request.params["ref"], request.world.git(request.repo)
    found = [await git.resolve(name) for name in (ref, f"refs/heads/{ref}", f"refs/tags/{ref}")]
    sha = next((sha for sha in found if sha is not None), None)
    if sha is None:
        return error(422, f"No commit found for SHA: {ref}")
    query = request.query
    runs = [(run, each) for run, each in _all(request) if run.head_sha == sha]
    if query.get("filter", "latest") == "latest":
        runs = list({(run.app_id, run.suite_id, run.name): (run, each) for run, each in runs}.values())
    wanted = [
        each
        for run, each in sorted(runs, key=lambda pair: pair[0].id, reverse=True)
        if query.get("check_name", run.name) == run.name
        and query.get("status", run.status) == run.status
        and query.get("app_id", str(run.app_id)) == str(run.app_id)
    ]
    return page(request, wanted, key="check_runs")


def _all(request: Request) -> Iterator[tuple[CheckRun, Json]]:
    site, repo = request.world.site, request.repo
    for run in repo.runs.values():
        for job in run.jobs:
            record = check_run_of(run, job)
            yield record, check_run_json(site, repo, record, page=job_page(site, repo, run, job))
    for check in repo.checks:
        yield check, check_run_json(site, repo, check)


def _json(request: Request, run: CheckRun) -> Json:
    return check_run_json(request.world.site, request.repo, run)


def _state(request: Request) -> tuple[str, str | None]:
    """The status and the conclusion that are asked for; one with a conclusion has ended."""
    conclusion = request.text("conclusion", default="") or None
    status = "completed" if conclusion else request.text("status", default="queued")
    if status not in STATUSES:
        raise Refusal("UNPROCESSABLE", f"{status} is no status", field="status", code="invalid")
    if status == "completed" and conclusion not in CONCLUSIONS:
        raise Refusal("UNPROCESSABLE", "a completed check run has a conclusion", field="conclusion", code="invalid")
    return status, conclusion


def _described(request: Request, known: CheckRun | None) -> tuple[str, str | None, tuple[str | None, ...]]:
    """External id, address and output as the body says them, else as they are known."""
    external = request.text("external_id", default=known.external_id if known else "")
    details = request.text("details_url", default=(known.details_url if known else None) or "") or None
    output = request.body.get("output")
    if output is None:
        return external, details, (known.title, known.summary, known.text) if known else (None, None, None)
    if not isinstance(output, dict) or not {"title", "summary"} <= set(output) or len(output["summary"]) > 65535:
        raise Refusal("UNPROCESSABLE", "output needs title and summary", field="output", code="invalid")
    return external, details, (output["title"], output["summary"], output.get("text"))


def _take(run: CheckRun, said: tuple[str, str | None, tuple[str | None, ...]], status: str) -> None:
    run.external_id, run.details_url, (run.title, run.summary, run.text) = said
    run.status = status


ENDPOINTS = [
    Endpoint("POST", _BASE + "/check-runs", create, _WRITE),
    Endpoint("PATCH", _BASE + r"/check-runs/{check_run_id:\d+}", update, _WRITE),
    Endpoint("GET", _BASE + r"/check-runs/{check_run_id:\d+}", get, _READ),
    Endpoint("GET", _BASE + "/commits/{ref:.+}/check-runs", list_for_ref, _READ),
]
