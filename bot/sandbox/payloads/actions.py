"""Workflows, their runs and jobs; check runs and check suites of any App."""

from bot.sandbox.git.objects import Commit
from bot.sandbox.model import CheckRun, Job, Repository, WorkflowRun
from bot.sandbox.payloads.commits import head_commit_json
from bot.sandbox.payloads.common import ACTIONS_APP, Json, integration_json, node_id, same, stamp, user_json
from bot.sandbox.payloads.repositories import api_url, page_url, repository_json
from bot.sandbox.site import Site


def workflow_run_json(site: Site, repo: Repository, run: WorkflowRun, commit: Commit | None) -> Json:
    """A workflow run; `commit` is its head commit (webhooks need it)."""
    url = run_url(site, repo, run)
    previous = f"{url}/attempts/{run.attempt - 1}" if run.attempt > 1 else None
    return {
        **same(site, run, "id name path event head_branch head_sha status conclusion workflow_id actor"),
        **same(site, run, "created_at updated_at"),
        "node_id": node_id("WFR", run.id),
        "display_title": commit.headline if commit else run.name,
        "head_commit": head_commit_json(commit) if commit else None,
        "run_number": run.number,
        "run_attempt": run.attempt,
        "check_suite_id": run.suite_id,
        "check_suite_node_id": node_id("CS", run.suite_id),
        "url": url,
        "html_url": run_page(site, repo, run),
        **{f"{name}_url": f"{url}/{name}" for name in ("jobs", "logs", "artifacts", "cancel", "rerun")},
        "previous_attempt_url": previous,
        "workflow_url": f"{api_url(site, repo)}/actions/workflows/{run.workflow_id}",
        "check_suite_url": f"{api_url(site, repo)}/check-suites/{run.suite_id}",
        "pull_requests": [],
        "triggering_actor": user_json(site, run.actor),
        "run_started_at": stamp(run.created_at),
        "repository": repository_json(site, repo),
        "head_repository": repository_json(site, repo),
    }


def workflow_json(site: Site, repo: Repository, run: WorkflowRun) -> Json:
    """The workflow that a run belongs to, as `workflow_run` events carry it."""
    file = run.path.rpartition("/")[2]
    return {
        **same(site, run, "name path"),
        "id": run.workflow_id,
        "node_id": node_id("W", run.workflow_id),
        "state": "active",
        "url": f"{api_url(site, repo)}/actions/workflows/{run.workflow_id}",
        "html_url": f"{page_url(site, repo)}/blob/{repo.default_branch}/{run.path}",
        "badge_url": f"{page_url(site, repo)}/actions/workflows/{file}/badge.svg",
        "created_at": stamp(repo.created_at),
        "updated_at": stamp(repo.created_at),
    }


def job_json(site: Site, repo: Repository, run: WorkflowRun, record: Job) -> Json:
    """A job of a run's newest attempt."""
    started = stamp(record.started_at or run.created_at)
    return {
        **same(site, record, "id name status conclusion completed_at"),
        **same(site, run, "head_sha head_branch"),
        "node_id": node_id("CR", record.id),
        "run_id": run.id,
        "run_attempt": run.attempt,
        "run_url": run_url(site, repo, run),
        "url": f"{api_url(site, repo)}/actions/jobs/{record.id}",
        "html_url": job_page(site, repo, run, record),
        "check_run_url": f"{api_url(site, repo)}/check-runs/{record.id}",
        "workflow_name": run.name,
        "created_at": started,
        "started_at": started,
        "labels": ["ubuntu-latest"],
        "runner_id": 1,
        "runner_name": "GitHub Actions 1",
        "runner_group_id": 0,
        "runner_group_name": "GitHub Actions",
        "steps": [same(site, step, "name number status conclusion") for step in record.steps],
    }


def annotation_json(site: Site, repo: Repository, run: WorkflowRun, kept_out: str = "") -> Json:
    """What the runner notes of a job of which a step failed, or GitHub of one that never began."""
    return {
        "path": ".github",
        "blob_href": f"{page_url(site, repo)}/blob/{run.head_sha}/.github",
        "start_line": 1,
        "end_line": 1,
        "start_column": None,
        "end_column": None,
        "annotation_level": "failure",
        "title": "",
        "message": kept_out or "Process completed with exit code 1.",
        "raw_details": "",
    }


def check_run_of(run: WorkflowRun, record: Job) -> CheckRun:
    """The check run that GitHub Actions keeps for a job."""
    slug, app_id = ACTIONS_APP
    return CheckRun(
        id=record.id,
        name=record.name,
        app_slug=slug,
        app_id=app_id,
        suite_id=run.suite_id,
        head_sha=run.head_sha,
        status=record.status,
        conclusion=record.conclusion,
        started_at=record.started_at or run.created_at,
        completed_at=record.completed_at,
    )


def check_run_json(site: Site, repo: Repository, record: CheckRun, *, page: str | None = None) -> Json:
    """A check run; `page` is where its details are (a job's page for GitHub Actions)."""
    url = f"{api_url(site, repo)}/check-runs/{record.id}"
    page = page or f"{page_url(site, repo)}/runs/{record.id}"
    return {
        **same(site, record, "id name head_sha status conclusion started_at completed_at"),
        "node_id": node_id("CR", record.id),
        "external_id": record.external_id,
        "url": url,
        "html_url": page,
        "details_url": record.details_url or page,
        "output": {
            **same(site, record, "title summary text"),
            "annotations_count": 0,
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": record.suite_id, "node_id": node_id("CS", record.suite_id)},
        "app": integration_json(site, record.app_slug, record.app_id, {"checks": "write", "metadata": "read"}),
        "pull_requests": [],
    }


def check_suite_json(site: Site, repo: Repository, run: WorkflowRun, commit: Commit) -> Json:
    """The check suite of a workflow run, as `check_suite` events carry it."""
    url = f"{api_url(site, repo)}/check-suites/{run.suite_id}"
    slug, app_id = ACTIONS_APP
    return {
        **same(site, run, "head_branch head_sha status conclusion created_at updated_at"),
        "id": run.suite_id,
        "node_id": node_id("CS", run.suite_id),
        "head_commit": head_commit_json(commit),
        "url": url,
        "check_runs_url": f"{url}/check-runs",
        "latest_check_runs_count": len(run.jobs),
        "before": commit.parents[0] if commit.parents else None,
        "after": run.head_sha,
        "pull_requests": [],
        "app": integration_json(site, slug, app_id, {"checks": "write", "metadata": "read"}),
    }


def run_url(site: Site, repo: Repository, run: WorkflowRun) -> str:
    """A run's address in the API."""
    return f"{api_url(site, repo)}/actions/runs/{run.id}"


def run_page(site: Site, repo: Repository, run: WorkflowRun) -> str:
    """A run's address for people."""
    return f"{page_url(site, repo)}/actions/runs/{run.id}"


def job_page(site: Site, repo: Repository, run: WorkflowRun, record: Job) -> str:
    """A job's address for people."""
    return f"{run_page(site, repo, run)}/job/{record.id}"
