"""A repository, who may do what in it, and its git objects."""

import base64

from bot.sandbox.access.permissions import ROLES
from bot.sandbox.git.objects import ZERO, Ref, RefUpdate
from bot.sandbox.payloads.commits import commit_json
from bot.sandbox.payloads.common import Json, node_id, user_json
from bot.sandbox.payloads.repositories import api_url, full_repository_json, page_url
from bot.sandbox.rest.http import Endpoint, Reply, Request, error, page

_BASE = "/repos/{owner}/{repo}"
_METADATA = ({"metadata": "read"},)
_CONTENTS = ({"contents": "read"},)
_BASE_LEVEL = {"maintain": "write", "triage": "read"}
"""What `permission` says for the roles that it has no word for."""


async def get_repository(request: Request) -> Reply:
    """GET /repos/{owner}/{repo}."""
    return Reply(200, full_repository_json(request.world.site, request.repo))


async def get_permission(request: Request) -> Reply:
    """GET …/collaborators/{user}/permission."""
    world = request.world
    user = world.find_user(request.params["username"])
    if user is None or user.type == "Bot":
        return error(404, "Not Found")
    role = world.role(request.repo, user)
    rank = ROLES.index(role)
    levels = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}
    whole = {
        **user_json(world.site, user),
        "role_name": role,
        "permissions": {name: rank >= ROLES.index(level) for name, level in levels.items()},
    }
    return Reply(200, {"permission": _BASE_LEVEL.get(role, role), "role_name": role, "user": whole})


async def get_tree(request: Request) -> Reply:
    """GET …/git/trees/{sha}: by tree, commit, branch or tag; any value of `recursive` means all levels."""
    git, url = request.world.git(request.repo), api_url(request.world.site, request.repo)
    sha = await git.resolve_tree(request.params["sha"])
    if sha is None:
        return error(404, "Not Found")
    tree = []
    for entry in await git.ls_tree(sha, recursive="recursive" in request.query):
        item = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha}
        if entry.kind != "commit":
            item["url"] = f"{url}/git/{entry.kind}s/{entry.sha}"
        tree.append(item if entry.size is None else {**item, "size": entry.size})
    return Reply(200, {"sha": sha, "url": f"{url}/git/trees/{sha}", "tree": tree, "truncated": False})


async def get_blob(request: Request) -> Reply:
    """GET …/git/blobs/{sha}: base64 in lines, as GitHub breaks them."""
    sha = request.params["sha"]
    data = await request.world.git(request.repo).read_blob(sha)
    if data is None:
        return error(404, "Not Found")
    return Reply(
        200,
        {
            "sha": sha,
            "node_id": node_id("B", sha),
            "size": len(data),
            "url": f"{api_url(request.world.site, request.repo)}/git/blobs/{sha}",
            "content": base64.encodebytes(data).decode(),
            "encoding": "base64",
        },
    )


async def list_branches(request: Request) -> Reply:
    """GET …/branches, by name."""
    refs = await request.world.git(request.repo).refs("refs/heads/")
    return page(request, [_branch(request, ref) for ref in refs.values()])


async def get_branch(request: Request) -> Reply:
    """GET …/branches/{branch}."""
    name = request.params["branch"]
    ref = await request.world.git(request.repo).ref(f"refs/heads/{name}")
    if ref is None:
        return error(404, "Branch not found")
    short, url = _branch(request, ref), f"{_url(request)}/branches/{name}"
    pages = f"{page_url(request.world.site, request.repo)}/tree/{name}"
    whole = {**short, "commit": await _commit(request, ref.commit), "_links": {"self": url, "html": pages}}
    none = {"enforcement_level": "off", "contexts": [], "checks": []}
    protection = {"enabled": False, "required_status_checks": none}
    return Reply(200, {**whole, "protection": protection, "protection_url": f"{url}/protection"})


def _branch(request: Request, ref: Ref) -> Json:
    commit = {"sha": ref.commit, "url": f"{_url(request)}/commits/{ref.commit}"}
    return {"name": ref.name.removeprefix("refs/heads/"), "commit": commit, "protected": False}


async def list_tags(request: Request) -> Reply:
    """GET …/tags, by name."""
    found = []
    for ref in (await request.world.git(request.repo).refs("refs/tags/")).values():
        name = ref.name.removeprefix("refs/tags/")
        found.append(
            {
                "name": name,
                "commit": {"sha": ref.commit, "url": f"{_url(request)}/commits/{ref.commit}"},
                **{f"{kind}_url": f"{_url(request)}/{kind}/refs/tags/{name}" for kind in ("zipball", "tarball")},
                "node_id": node_id("REF", ref.name),
            }
        )
    return page(request, found)


async def get_commit(request: Request) -> Reply:
    """GET …/commits/{ref}: by commit, branch or tag, with the files that it changes."""
    git, ref = request.world.git(request.repo), request.params["ref"]
    sha = await git.resolve(ref)
    if sha is None:
        return error(422, f"No commit found for SHA: {ref}")
    return Reply(200, await _commit(request, sha))


async def list_commits(request: Request) -> Reply:
    """GET …/commits, newest first: of the default branch, or from `sha`."""
    git = request.world.git(request.repo)
    start = request.query.get("sha", request.repo.default_branch)
    if await git.resolve(start) is None:
        return error(404, "Not Found")
    return page(request, [await _commit(request, each.sha) for each in await git.commits(start)])


async def _commit(request: Request, sha: str) -> Json:
    world, repo = request.world, request.repo
    commit = await world.git(repo).commit(sha)
    if commit is None:
        raise LookupError(sha)
    author, signed = world.user_of(commit.author), sha in world.signed
    committer = world.user("web-flow") if signed else world.user_of(commit.committer)
    whole = commit_json(world.site, repo, commit, author, verified=signed)
    return whole | ({"committer": user_json(world.site, committer)} if committer else {})


async def get_ref(request: Request) -> Reply:
    """GET …/git/ref/{heads/… or tags/…}: that very one."""
    ref = await request.world.git(request.repo).ref(f"refs/{request.params['ref']}")
    return error(404, "Not Found") if ref is None else Reply(200, _ref(request, ref))


async def list_matching_refs(request: Request) -> Reply:
    """GET …/git/matching-refs/{heads/… or tags/…}: all that begin so, by name."""
    wanted = f"refs/{request.params['ref']}"
    refs = await request.world.git(request.repo).refs("refs/")
    return page(request, [_ref(request, ref) for name, ref in refs.items() if name.startswith(wanted)])


async def create_ref(request: Request) -> Reply:
    """POST …/git/refs."""
    name, sha = request.text("ref"), request.text("sha")
    if name.count("/") < 2 or not name.startswith(("refs/heads/", "refs/tags/")):
        return error(422, "Reference name must start with 'refs/heads/' or 'refs/tags/'.")
    git = request.world.git(request.repo)
    if await git.ref(name) is not None:
        return error(422, "Reference already exists")
    if await git.resolve_tree(sha) is None:
        return error(422, "Object does not exist")
    await request.world.update_refs(request.repo, [RefUpdate(name, sha, ZERO)], by=request.bot)
    made = await git.ref(name)
    if made is None:
        raise LookupError(name)
    whole = _ref(request, made)
    return Reply(201, whole, {"Location": str(whole["url"])})


def _ref(request: Request, ref: Ref) -> Json:
    url = f"{_url(request)}/git"
    target = {"sha": ref.sha, "type": ref.kind, "url": f"{url}/{ref.kind}s/{ref.sha}"}
    return {"ref": ref.name, "node_id": node_id("REF", ref.name), "url": f"{url}/{ref.name}", "object": target}


def _url(request: Request) -> str:
    return api_url(request.world.site, request.repo)


async def delete_ref(request: Request) -> Reply:
    """DELETE …/git/refs/{heads/… or tags/…}."""
    ref = request.params["ref"]
    if ref.startswith("heads/"):
        await request.world.delete_branch(request.repo, ref.removeprefix("heads/"), by=request.bot)
    elif ref.startswith("tags/"):
        await request.world.delete_tag(request.repo, ref.removeprefix("tags/"), by=request.bot)
    else:
        return error(422, "Reference does not exist")
    return Reply(204)


ENDPOINTS = [
    Endpoint("GET", _BASE, get_repository, _METADATA),
    Endpoint("GET", _BASE + "/collaborators/{username}/permission", get_permission, _METADATA),
    Endpoint("GET", _BASE + "/git/trees/{sha:.+}", get_tree, _CONTENTS),
    Endpoint("GET", _BASE + "/git/blobs/{sha:[0-9a-f]{40}}", get_blob, _CONTENTS),
    Endpoint("GET", _BASE + "/branches", list_branches, _CONTENTS),
    Endpoint("GET", _BASE + "/branches/{branch:.+}", get_branch, _CONTENTS),
    Endpoint("GET", _BASE + "/tags", list_tags, _METADATA),
    Endpoint("GET", _BASE + "/commits", list_commits, _CONTENTS),
    Endpoint("GET", _BASE + "/commits/{ref:.+}", get_commit, _CONTENTS),
    Endpoint("GET", _BASE + "/git/ref/{ref:.+}", get_ref, _CONTENTS),
    Endpoint("GET", _BASE + "/git/matching-refs/{ref:.+}", list_matching_refs, _CONTENTS),
    Endpoint("POST", _BASE + "/git/refs", create_ref, ({"contents": "write"},)),
    Endpoint("DELETE", _BASE + "/git/refs/{ref:.+}", delete_ref, ({"contents": "write"},)),
]
