"""Environments, as who may read the repository is shown them."""

from typing import Any

from bot.sandbox.model import Environment
from bot.sandbox.payloads.common import node_id, stamp, user_json
from bot.sandbox.payloads.deployments import environment_json
from bot.sandbox.rest.http import Endpoint, Reply, Request, error, page

_BASE = "/repos/{owner}/{repo}/environments"
_READ = ({"actions": "read"},)


async def list_environments(request: Request) -> Reply:
    """GET …/environments."""
    every = [_environment(request, each) for each in request.repo.environments.values()]
    return page(request, every, key="environments")


async def get_environment(request: Request) -> Reply:
    """GET …/environments/{name}."""
    found = request.repo.environments.get(request.params["name"])
    return Reply(200, _environment(request, found)) if found else error(404, "Not Found")


async def list_policies(request: Request) -> Reply:
    """GET …/environments/{name}/deployment-branch-policies."""
    found = request.repo.environments.get(request.params["name"])
    if found is None:
        return error(404, "Not Found")
    policies = [
        {"id": number, "node_id": node_id("GDBP", number), "name": pattern, "type": "tag"}
        for number, pattern in enumerate(found.tags or (), found.id + 1)
    ]
    return page(request, policies, key="branch_policies")


def _environment(request: Request, record: Environment) -> dict[str, Any]:
    people = [{"type": "User", "reviewer": user_json(request.world.site, each)} for each in record.reviewers]
    review = {"id": record.id, "node_id": node_id("GA", record.id), "type": "required_reviewers"}
    rules: list[dict[str, Any]] = [{**review, "prevent_self_review": False, "reviewers": people}] if people else []
    custom = record.tags is not None
    return {
        **environment_json(request.world.site, request.repo, record),
        "created_at": stamp(record.created_at),
        "updated_at": stamp(record.created_at),
        "protection_rules": rules,
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True} if custom else None,
    }


ENDPOINTS = [
    Endpoint("GET", _BASE, list_environments, _READ),
    Endpoint("GET", _BASE + "/{name}", get_environment, _READ),
    Endpoint("GET", _BASE + "/{name}/deployment-branch-policies", list_policies, _READ),
]
