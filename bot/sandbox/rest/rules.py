"""What rules hold for a repository, as an App that reads metadata is shown them."""

from typing import Any

from bot.sandbox.model.rulesets import Ruleset
from bot.sandbox.payloads.common import node_id, stamp
from bot.sandbox.payloads.repositories import api_url, page_url
from bot.sandbox.rest.http import Endpoint, Reply, Request, error, page

_BASE = "/repos/{owner}/{repo}"
_METADATA = ({"metadata": "read"},)
UPGRADE = "Upgrade to GitHub Pro or make this repository public to enable this feature."


async def get_branch_rules(request: Request) -> Reply:
    """GET …/rules/branches/{branch}: of all active rulesets; the branch need not exist."""
    repo, branch = request.repo, request.params["branch"]
    if not repo.has_rules:
        return error(403, UPGRADE)
    source = {"ruleset_source_type": "Repository", "ruleset_source": repo.full_name}
    rules = [
        {"type": kind, **({"parameters": parameters} if parameters else {}), **source, "ruleset_id": ruleset.id}
        for ruleset in repo.rulesets
        if ruleset.enforcement == "active" and ruleset.is_about(f"refs/heads/{branch}")
        for kind, parameters in ruleset.rules.items()
    ]
    if names := repo.required_checks.get(branch):
        checks = {
            "strict_required_status_checks_policy": False,
            "required_status_checks": [{"context": name} for name in names],
        }
        rules.append({"type": "required_status_checks", "parameters": checks, **source, "ruleset_id": repo.id})
    return page(request, rules)


async def list_rulesets(request: Request) -> Reply:
    """GET …/rulesets: without what each says."""
    if not request.repo.has_rules:
        return error(403, UPGRADE)
    targets = request.query.get("targets", "branch,tag,push").split(",")
    return page(request, [_summary(request, each) for each in request.repo.rulesets if each.target in targets])


async def get_ruleset(request: Request) -> Reply:
    """GET …/rulesets/{id}: whole, but for the bypass actors, which only who may write it is shown."""
    if not request.repo.has_rules:
        return error(403, UPGRADE)
    found = next((each for each in request.repo.rulesets if each.id == request.number("ruleset_id")), None)
    if found is None:
        return error(404, "Not Found")
    rules = [
        {"type": kind, **({"parameters": parameters} if parameters else {})} for kind, parameters in found.rules.items()
    ]
    return Reply(
        200,
        {
            **_summary(request, found),
            "conditions": {"ref_name": {"include": found.include, "exclude": found.exclude}},
            "rules": rules,
            "current_user_can_bypass": found.bypass,
        },
    )


def _summary(request: Request, ruleset: Ruleset) -> dict[str, Any]:
    site, repo = request.world.site, request.repo
    return {
        "id": ruleset.id,
        "name": ruleset.name,
        "target": ruleset.target,
        "source_type": "Repository",
        "source": repo.full_name,
        "enforcement": ruleset.enforcement,
        "node_id": node_id("RRS", ruleset.id),
        "_links": {
            "self": {"href": f"{api_url(site, repo)}/rulesets/{ruleset.id}"},
            "html": {"href": f"{page_url(site, repo)}/rules/{ruleset.id}"},
        },
        "created_at": stamp(ruleset.created_at),
        "updated_at": stamp(ruleset.created_at),
    }


ENDPOINTS = [
    Endpoint("GET", _BASE + "/rules/branches/{branch:.+}", get_branch_rules, _METADATA),
    Endpoint("GET", _BASE + "/rulesets", list_rulesets, _METADATA),
    Endpoint("GET", _BASE + r"/rulesets/{ruleset_id:\d+}", get_ruleset, _METADATA),
]
