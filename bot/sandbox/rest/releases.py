"""GitHub Releases."""

from bot.sandbox.access.permissions import allows
from bot.sandbox.errors import Refusal
from bot.sandbox.model import Release
from bot.sandbox.payloads.commits import release_json
from bot.sandbox.rest.http import Endpoint, Reply, Request, error, page

_PATH = "/repos/{owner}/{repo}/releases"
_WRITE = {"contents": "write"}
_FIELDS = {"tag_name", "target_commitish", "name", "body", "draft", "prerelease", "make_latest"}


async def list_releases(request: Request) -> Reply:
    """GET …/releases, newest first; drafts only for those who may write."""
    drafts = allows(request.token.permissions, _WRITE)
    newest_first = sorted(request.repo.releases.values(), key=lambda each: each.id, reverse=True)
    visible = [each for each in newest_first if drafts or not each.draft]
    return page(request, [release_json(request.world.site, request.repo, each) for each in visible])


async def create_release(request: Request) -> Reply:
    """POST …/releases; 404 without workflows:write where the target has workflow files that the default branch has not.

    GitHub's REST description of this endpoint makes no exception for a draft or for a tag that exists, although the
    target is not used then. Without a target it is the head of the default branch, which differs in nothing.
    """
    world, repo = request.world, request.repo
    latest = _checked(request)
    tag, target = request.text("tag_name"), request.text("target_commitish", default=repo.default_branch)
    if "workflows" not in request.token.permissions and await _changes_workflows(request, target):
        accepted = "contents=write; contents=write,workflows=write"
        return error(404, "Not Found", headers={"X-Accepted-GitHub-Permissions": accepted})
    release = await world.create_release(
        repo,
        tag=tag,
        target=target,
        name=request.text("name", default=tag),
        body=request.text("body", default=""),
        draft=request.flag("draft"),
        prerelease=request.flag("prerelease"),
        latest=latest,
        by=request.bot,
    )
    whole = release_json(world.site, repo, release)
    return Reply(201, whole, {"Location": str(whole["url"])})


async def edit_release(request: Request) -> Reply:
    """PATCH …/releases/{id}: only what is sent changes; `draft: false` publishes."""
    world, repo, body = request.world, request.repo, request.body
    latest, release = _checked(request), _found(request)
    if {"tag_name", "target_commitish"} & set(body):
        raise Refusal("UNPROCESSABLE", "moving a Release to another tag is not played here", field="tag_name")
    edited = await world.edit_release(
        repo,
        release,
        name=request.text("name") if "name" in body else None,
        body=request.text("body") if "body" in body else None,
        publish="draft" in body and not request.flag("draft"),
        prerelease=request.flag("prerelease") if "prerelease" in body else None,
        latest=latest,
        by=request.bot,
    )
    return Reply(200, release_json(world.site, repo, edited))


async def delete_release(request: Request) -> Reply:
    """DELETE …/releases/{id}."""
    await request.world.delete_release(request.repo, _found(request), by=request.bot)
    return Reply(204)


async def generate_notes(request: Request) -> Reply:
    """POST …/releases/generate-notes: a text, of which nothing is kept."""
    tag = request.text("tag_name")
    since = request.text("previous_tag_name") if "previous_tag_name" in request.body else None
    return Reply(200, {"name": tag, "body": await request.world.generated_notes(request.repo, tag, since=since)})


def _checked(request: Request) -> str:
    """`make_latest` of a body in which nothing is wrong."""
    strange = sorted(set(request.body) - _FIELDS)
    if strange:
        raise Refusal("UNPROCESSABLE", f"{strange[0]} is not known here", field=strange[0], code="invalid")
    latest = request.text("make_latest", default="true")
    if latest not in ("true", "false", "legacy"):
        raise Refusal("UNPROCESSABLE", "make_latest is not included in the list", field="make_latest", code="invalid")
    return latest


def _found(request: Request) -> Release:
    release = request.repo.releases.get(request.number("id"))
    if release is None:
        raise Refusal("NOT_FOUND", "Not Found")
    return release


async def _changes_workflows(request: Request, target: str) -> bool:
    """Whether the target adds or modifies a workflow file, compared with the default branch."""
    git = request.world.git(request.repo)
    sha, main = await git.resolve(target), await git.resolve(request.repo.default_branch)
    if sha is None or main is None:
        return False
    changes = await git.changes(main, sha)
    return any(path.startswith(".github/workflows/") for path in changes.added + changes.modified)


ENDPOINTS = [
    Endpoint("GET", _PATH, list_releases, ({"contents": "read"},)),
    Endpoint("POST", _PATH, create_release, (_WRITE,)),
    Endpoint("POST", f"{_PATH}/generate-notes", generate_notes, (_WRITE,)),
    Endpoint("PATCH", _PATH + r"/{id:\d+}", edit_release, (_WRITE,)),
    Endpoint("DELETE", _PATH + r"/{id:\d+}", delete_release, (_WRITE,)),
]
