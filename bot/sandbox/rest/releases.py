"""GitHub Releases."""

from bot.sandbox.access.permissions import allows
from bot.sandbox.errors import Refusal
from bot.sandbox.model import Asset, Release
from bot.sandbox.payloads.commits import asset_json, release_json
from bot.sandbox.payloads.common import Json
from bot.sandbox.rest.http import Endpoint, Reply, Request, error, page

_PATH = "/repos/{owner}/{repo}/releases"
_WRITE = {"contents": "write"}
_READ = ({"contents": "read"},)
_FIELDS = {
    *("tag_name", "target_commitish", "name", "body", "draft", "prerelease", "make_latest"),
    "generate_release_notes",
}


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
    text = request.text("body", default="")
    if request.flag("generate_release_notes"):
        text = "\n\n".join(part for part in (text, await world.generated_notes(repo, tag)) if part)
    release = await world.create_release(
        repo,
        tag=tag,
        target=target,
        name=request.text("name", default=tag),
        body=text,
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
        latest=latest if "make_latest" in body else None,
        by=request.bot,
    )
    return Reply(200, release_json(world.site, repo, edited))


async def get_release(request: Request) -> Reply:
    """GET …/releases/{id}."""
    release = _found(request)
    if release.draft and not allows(request.token.permissions, _WRITE):
        return error(404, "Not Found")
    return Reply(200, release_json(request.world.site, request.repo, release))


async def get_latest(request: Request) -> Reply:
    """GET …/releases/latest."""
    release = request.repo.releases.get(request.repo.latest_release or 0)
    return error(404, "Not Found") if release is None else Reply(200, _json(request, release))


async def get_by_tag(request: Request) -> Reply:
    """GET …/releases/tags/{tag}: a published one."""
    release = request.world.published_release(request.repo, request.params["tag"])
    return error(404, "Not Found") if release is None else Reply(200, _json(request, release))


def _json(request: Request, release: Release) -> Json:
    return release_json(request.world.site, request.repo, release)


async def list_assets(request: Request) -> Reply:
    """GET …/releases/{id}/assets."""
    assets = _found(request).assets
    return page(request, [asset_json(request.world.site, request.repo, _found(request), each) for each in assets])


async def upload_asset(request: Request) -> Reply:
    """POST …/releases/{id}/assets?name=…: the bytes, to the host that `upload_url` names; here it is this one."""
    release, name = _found(request), request.query.get("name", "")
    if not name:
        raise Refusal("UNPROCESSABLE", "name is missing", field="name", code="missing_field")
    if any(asset.name == name for asset in release.assets):
        raise Refusal("UNPROCESSABLE", "name already exists", field="name", code="already_exists")
    if release.immutable:
        raise Refusal("UNPROCESSABLE", "Cannot upload assets to an immutable release.")
    world, label, by = request.world, request.query.get("label"), request.bot
    asset = Asset(world.next_id(), name, label, request.kind, request.data, by, world.clock.now())
    release.assets.append(asset)
    return Reply(201, asset_json(world.site, request.repo, release, asset))


async def get_asset(request: Request) -> Reply:
    """GET …/releases/assets/{id}: what is known of it."""
    return Reply(200, asset_json(request.world.site, request.repo, *_asset(request)))


async def delete_asset(request: Request) -> Reply:
    """DELETE …/releases/assets/{id}."""
    release, asset = _asset(request)
    if release.immutable:
        raise Refusal("UNPROCESSABLE", "Cannot delete asset from an immutable release")
    release.assets.remove(asset)
    return Reply(204)


def _asset(request: Request) -> tuple[Release, Asset]:
    both = ((release, asset) for release in request.repo.releases.values() for asset in release.assets)
    found = next((pair for pair in both if pair[1].id == request.number("asset_id")), None)
    if found is None:
        raise Refusal("NOT_FOUND", "Not Found")
    return found


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
    Endpoint("GET", f"{_PATH}/latest", get_latest, _READ),
    Endpoint("GET", f"{_PATH}/tags/{{tag:.+}}", get_by_tag, _READ),
    Endpoint("GET", _PATH + r"/{id:\d+}", get_release, _READ),
    Endpoint("GET", _PATH + r"/{id:\d+}/assets", list_assets, _READ),
    Endpoint("POST", _PATH + r"/{id:\d+}/assets", upload_asset, (_WRITE,)),
    Endpoint("GET", _PATH + r"/assets/{asset_id:\d+}", get_asset, _READ),
    Endpoint("DELETE", _PATH + r"/assets/{asset_id:\d+}", delete_asset, (_WRITE,)),
    Endpoint("PATCH", _PATH + r"/{id:\d+}", edit_release, (_WRITE,)),
    Endpoint("DELETE", _PATH + r"/{id:\d+}", delete_release, (_WRITE,)),
]
