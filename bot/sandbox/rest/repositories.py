"""A repository, who may do what in it, and its git objects."""

import base64

from bot.sandbox.access.permissions import ROLES
from bot.sandbox.payloads.common import node_id, user_json
from bot.sandbox.payloads.repositories import api_url, full_repository_json
from bot.sandbox.rest.http import Endpoint, Reply, Request, error

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
    Endpoint("DELETE", _BASE + "/git/refs/{ref:.+}", delete_ref, ({"contents": "write"},)),
]
