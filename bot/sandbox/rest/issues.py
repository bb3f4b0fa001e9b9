"""Issues, comments and reactions."""

from datetime import datetime

from bot.sandbox.access.permissions import allows
from bot.sandbox.errors import Refusal
from bot.sandbox.model import Comment, Issue
from bot.sandbox.payloads.common import Json, stamp
from bot.sandbox.payloads.issues import comment_json, issue_json, reaction_json
from bot.sandbox.rest.http import Endpoint, Reply, Request, page

_BASE = "/repos/{owner}/{repo}"
_READ = ({"issues": "read"}, {"pull_requests": "read"})
_WRITE = ({"issues": "write"}, {"pull_requests": "write"})


def _check_thread(request: Request, issue: Issue, level: str) -> None:
    """The permission for pull requests opens their threads, and no issue's."""
    if issue.pull_request is None and not allows(request.token.permissions, {"issues": level}):
        raise Refusal("FORBIDDEN", "Resource not accessible by integration")


async def list_issues(request: Request) -> Reply:
    """GET …/issues, newest first, pull requests among them; filter `state` (open)."""
    wanted = {"open": ("open",), "closed": ("closed",)}.get(request.query.get("state", "open"), ("open", "closed"))
    newest = sorted(request.repo.issues.values(), key=lambda issue: issue.number, reverse=True)
    found = [issue for issue in newest if issue.state in wanted]
    return page(request, [_whole(request, issue) for issue in found])


async def get_issue(request: Request) -> Reply:
    """GET …/issues/{n}."""
    issue = request.world.issue(request.repo, request.number("number"))
    _check_thread(request, issue, "read")
    return Reply(200, {**_whole(request, issue), "closed_by": None})


async def create_issue(request: Request) -> Reply:
    """POST …/issues."""
    text = request.text("body", default="")
    issue = await request.world.open_issue(request.repo, request.text("title"), text, by=request.bot)
    whole = {**_whole(request, issue), "closed_by": None}
    return Reply(201, whole, {"Location": str(whole["url"])})


def _whole(request: Request, issue: Issue) -> Json:
    return issue_json(request.world.site, request.repo, issue)


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


ENDPOINTS = [
    Endpoint("GET", _BASE + "/issues", list_issues, _READ),
    Endpoint("POST", _BASE + "/issues", create_issue, ({"issues": "write"},)),
    Endpoint("GET", _BASE + r"/issues/{number:\d+}", get_issue, _READ),
    Endpoint("GET", _BASE + r"/issues/comments/{comment_id:\d+}", get_comment, _READ),
    Endpoint("PATCH", _BASE + r"/issues/comments/{comment_id:\d+}", update_comment, _WRITE),
    Endpoint("POST", _BASE + r"/issues/comments/{comment_id:\d+}/reactions", create_reaction, ({"issues": "write"},)),
    Endpoint("GET", _BASE + "/issues/comments", list_all_comments, ({"issues": "read"},)),
    Endpoint("GET", _BASE + r"/issues/{number:\d+}/comments", list_comments, _READ),
    Endpoint("POST", _BASE + r"/issues/{number:\d+}/comments", create_comment, _WRITE),
]
