"""Pull requests: opened, read, changed, closed and merged."""

from typing import get_args

from bot.sandbox.errors import Refusal
from bot.sandbox.rest.http import Endpoint, Reply, Request, error, page
from bot.sandbox.world.merging import MergeMethod

_BASE = "/repos/{owner}/{repo}/pulls"
_READ, _WRITE = ({"pull_requests": "read"},), ({"pull_requests": "write"},)
_FIELDS = {"state", "title", "body"}


async def list_pull_requests(request: Request) -> Reply:
    """GET …/pulls, newest first; filters `state` (open), `head` (owner:branch) and `base`."""
    query, repo = request.query, request.repo
    found = []
    for issue in sorted(repo.issues.values(), key=lambda each: each.number, reverse=True):
        pull = issue.pull_request
        wanted = {"open": ("open",), "closed": ("closed",)}.get(query.get("state", "open"), ("open", "closed"))
        if pull is None or issue.state not in wanted or query.get("base", pull.base) != pull.base:
            continue
        if query.get("head", f"{repo.owner.login}:{pull.head}") == f"{repo.owner.login}:{pull.head}":
            found.append(await request.world.pull_payload(repo, issue))
    return page(request, found)


async def get_pull_request(request: Request) -> Reply:
    """GET …/pulls/{n}."""
    issue, _ = request.world.pull_request(request.repo, request.number("number"))
    return Reply(200, await request.world.pull_payload(request.repo, issue))


async def create_pull_request(request: Request) -> Reply:
    """POST …/pulls, of a branch of the same repository."""
    issue = await request.world.open_pull_request(
        request.repo,
        head=request.text("head").removeprefix(f"{request.repo.owner.login}:"),
        base=request.text("base"),
        title=request.text("title"),
        body=request.text("body", default=""),
        by=request.bot,
    )
    whole = await request.world.pull_payload(request.repo, issue)
    return Reply(201, whole, {"Location": str(whole["url"])})


async def update_pull_request(request: Request) -> Reply:
    """PATCH …/pulls/{n}: its title and text, and closing it."""
    world = request.world
    issue, _ = world.pull_request(request.repo, request.number("number"))
    strange = sorted(set(request.body) - _FIELDS)
    if strange:
        raise Refusal("UNPROCESSABLE", f"{strange[0]} cannot be changed here", field=strange[0], code="invalid")
    state = request.text("state", default=issue.state)
    if state not in ("open", "closed") or (state == "open" and issue.state == "closed"):
        raise Refusal("UNPROCESSABLE", "state cannot be changed.", field="state", code="invalid")
    await world.edit_issue(
        request.repo,
        issue.number,
        title=request.text("title", default=issue.title),
        body=request.text("body", default=issue.body),
    )
    if state == "closed":
        await world.close_pull_request(request.repo, issue.number, by=request.bot)
    return Reply(200, await world.pull_payload(request.repo, issue))


async def merge_pull_request(request: Request) -> Reply:
    """PUT …/pulls/{n}/merge; 409 where `sha` is not its head any more, 405 where it cannot be merged."""
    issue, pull = request.world.pull_request(request.repo, request.number("number"))
    if request.text("sha", default=pull.head_sha) != pull.head_sha:
        return error(409, "Head branch was modified. Review and try the merge again.")
    methods: dict[str, MergeMethod] = {method: method for method in get_args(MergeMethod)}
    method = methods.get(request.text("merge_method", default="merge"))
    if method is None:
        raise Refusal("UNPROCESSABLE", "there is no such method", field="merge_method", code="invalid")
    try:
        sha = await request.world.merge(request.repo, issue.number, method=method, by=request.bot)
    except Refusal as refusal:
        return error(405, refusal.message)
    return Reply(200, {"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


ENDPOINTS = [
    Endpoint("GET", _BASE, list_pull_requests, _READ),
    Endpoint("POST", _BASE, create_pull_request, _WRITE),
    Endpoint("GET", _BASE + r"/{number:\d+}", get_pull_request, _READ),
    Endpoint("PATCH", _BASE + r"/{number:\d+}", update_pull_request, _WRITE),
    Endpoint("PUT", _BASE + r"/{number:\d+}/merge", merge_pull_request, ({"contents": "write"},)),
]
