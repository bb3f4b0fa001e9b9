"""Issues, comments, reactions, and closing pull requests."""

from datetime import datetime

from bot.sandbox.access.permissions import allows
from bot.sandbox.errors import Refusal
from bot.sandbox.model import Comment, Issue
from bot.sandbox.payloads.common import stamp
from bot.sandbox.payloads.issues import comment_json, reaction_json
from bot.sandbox.rest.http import Endpoint, Reply, Request, page

_BASE = "/repos/{owner}/{repo}"
_READ = ({"issues": "read"}, {"pull_requests": "read"})
_WRITE = ({"issues": "write"}, {"pull_requests": "write"})
_PULL_FIELDS = {"state", "title", "body"}


def _check_thread(request: Request, issue: Issue, level: str) -> None:
    """The permission for pull requests opens their threads, and no issue's."""
    if issue.pull_request is None and not allows(request.token.permissions, {"issues": level}):
        raise Refusal("FORBIDDEN", "Resource not accessible by integration")


async def list_comments(request: Request) -> Reply:
    """GET …/issues/{n}/comments, oldest first; `since` is by the last change."""
    issue = request.world.issue(request.repo, request.number("number"))
    _check_thread(request, issue, "read")
    comments = [comment for comment in issue.comments if _changed_since(request, comment)]
    return page(request, [comment_json(request.world.site, request.repo, issue, each) for each in comments])


async def list_all_comments(request: Request) -> Reply:
    """GET …/issues/comments: of all issues and pull requests, by `sort` (created, updated) and `direction`."""
    sort, direction = request.query.get("sort", "created"), request.query.get("direction", "asc")
    if sort not in ("created", "updated") or direction not in ("asc", "desc"):
        raise Refusal("UNPROCESSABLE", "there is no such order", field="sort", code="invalid")
    both = [(issue, comment) for issue in request.repo.issues.values() for comment in issue.comments]
    found = [(issue, comment) for issue, comment in both if _changed_since(request, comment)]
    found.sort(key=lambda pair: (pair[1].updated_at if sort == "updated" else pair[1].created_at, pair[1].id))
    if direction == "desc" and "sort" in request.query:
        found.reverse()
    return page(request, [comment_json(request.world.site, request.repo, *pair) for pair in found])


def _changed_since(request: Request, comment: Comment) -> bool:
    if "since" not in request.query:
        return True
    try:
        since = datetime.fromisoformat(request.query["since"])
    except ValueError as error:
        raise Refusal("UNPROCESSABLE", "since is not a date", field="since", code="invalid") from error
    return comment.updated_at.replace(microsecond=0) >= since


async def create_comment(request: Request) -> Reply:
    """POST …/issues/{n}/comments."""
    issue = request.world.issue(request.repo, request.number("number"))
    _check_thread(request, issue, "write")
    comment = await request.world.comment(request.repo, issue.number, request.text("body"), by=request.bot)
    whole = comment_json(request.world.site, request.repo, issue, comment)
    return Reply(201, whole, {"Location": str(whole["url"])})


async def get_comment(request: Request) -> Reply:
    """GET …/issues/comments/{id}."""
    issue, comment = request.world.find_comment(request.repo, request.number("comment_id"))
    _check_thread(request, issue, "read")
    return Reply(200, comment_json(request.world.site, request.repo, issue, comment))


async def update_comment(request: Request) -> Reply:
    """PATCH …/issues/comments/{id}."""
    comment_id = request.number("comment_id")
    issue, _ = request.world.find_comment(request.repo, comment_id)
    _check_thread(request, issue, "write")
    comment = await request.world.edit_comment(request.repo, comment_id, request.text("body"), by=request.bot)
    return Reply(200, comment_json(request.world.site, request.repo, issue, comment))


async def create_reaction(request: Request) -> Reply:
    """POST …/issues/comments/{id}/reactions: 201, or 200 when the App has reacted so before."""
    comment_id, content = request.number("comment_id"), request.text("content")
    reaction, new = await request.world.react(request.repo, comment_id, content, by=request.bot)
    at = stamp(request.world.clock.now())
    return Reply(201 if new else 200, reaction_json(request.world.site, reaction, at))


async def update_pull_request(request: Request) -> Reply:
    """PATCH …/pulls/{n}: its title and text, and closing it."""
    world = request.world
    issue, _ = world.pull_request(request.repo, request.number("number"))
    strange = sorted(set(request.body) - _PULL_FIELDS)
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


ENDPOINTS = [
    Endpoint("GET", _BASE + r"/issues/comments/{comment_id:\d+}", get_comment, _READ),
    Endpoint("PATCH", _BASE + r"/issues/comments/{comment_id:\d+}", update_comment, _WRITE),
    Endpoint("POST", _BASE + r"/issues/comments/{comment_id:\d+}/reactions", create_reaction, ({"issues": "write"},)),
    Endpoint("GET", _BASE + "/issues/comments", list_all_comments, ({"issues": "read"},)),
    Endpoint("GET", _BASE + r"/issues/{number:\d+}/comments", list_comments, _READ),
    Endpoint("POST", _BASE + r"/issues/{number:\d+}/comments", create_comment, _WRITE),
    Endpoint("PATCH", _BASE + r"/pulls/{number:\d+}", update_pull_request, ({"pull_requests": "write"},)),
]
