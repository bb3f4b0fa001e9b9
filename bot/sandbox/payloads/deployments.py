"""Environments that hold up runs, and the reviews of what waits for them."""

from bot.sandbox.model import (
    DeploymentReview,
    Environment,
    Job,
    PendingDeployment,
    Repository,
    User,
    WorkflowRun,
)
from bot.sandbox.payloads.actions import job_page, workflow_run_json
from bot.sandbox.payloads.common import Json, node_id, same, stamp, user_json
from bot.sandbox.payloads.repositories import api_url, page_url
from bot.sandbox.site import Site


def environment_json(site: Site, repo: Repository, record: Environment) -> Json:
    """An environment, as far as pending deployments and reviews show it."""
    return {
        **same(site, record, "id name"),
        "node_id": node_id("EN", record.id),
        "url": f"{api_url(site, repo)}/environments/{record.name}",
        "html_url": f"{page_url(site, repo)}/deployments/activity_log?environments_filter={record.name}",
    }


def pending_deployment_json(site: Site, repo: Repository, record: PendingDeployment) -> Json:
    """What a run waits for; an App can never approve it."""
    return {
        "environment": environment_json(site, repo, record.environment),
        "wait_timer": 0,
        "wait_timer_started_at": None,
        "current_user_can_approve": False,
        "reviewers": _reviewers(site, record),
    }


def deployment_review_json(site: Site, repo: Repository, record: DeploymentReview) -> Json:
    """An entry of a run's review history."""
    return {
        **same(site, record, "user comment"),
        "state": record.verdict,
        "environments": [
            environment_json(site, repo, each) | dict.fromkeys(("created_at", "updated_at"), stamp(each.created_at))
            for each in record.environments
        ],
    }


def review_requested_json(site: Site, repo: Repository, run: WorkflowRun, pending: PendingDeployment, job: Job) -> Json:
    """What is the event's own of `deployment_review` when a job begins to wait."""
    return {
        "action": "requested",
        "environment": pending.environment.name,
        "requestor": user_json(site, run.actor),
        "reviewers": _reviewers(site, pending),
        "since": stamp(pending.since),
        "workflow_job_run": _job_run(site, repo, run, pending, job),
        "workflow_run": _run(site, repo, run),
    }


def review_given_json(
    site: Site, repo: Repository, run: WorkflowRun, pending: PendingDeployment, verdict: str, by: User, comment: str
) -> Json:
    """What is the event's own of `deployment_review` when somebody approves or rejects."""
    return {
        "action": verdict,
        "approver": user_json(site, by),
        "comment": comment,
        "reviewers": _reviewers(site, pending),
        "since": stamp(pending.since),
        "workflow_job_runs": [_job_run(site, repo, run, pending, job) for job in pending.jobs],
        "workflow_run": _run(site, repo, run),
    }


def _run(site: Site, repo: Repository, run: WorkflowRun) -> Json:
    return workflow_run_json(site, repo, run, None)


def _reviewers(site: Site, record: PendingDeployment) -> list[Json]:
    return [{"type": "User", "reviewer": user_json(site, each)} for each in record.environment.reviewers]


def _job_run(site: Site, repo: Repository, run: WorkflowRun, pending: PendingDeployment, job: Job) -> Json:
    return {
        **same(site, job, "id name status"),
        "conclusion": None,
        "html_url": job_page(site, repo, run, job),
        "environment": pending.environment.name,
        "created_at": stamp(pending.since),
        "updated_at": stamp(pending.since),
    }
