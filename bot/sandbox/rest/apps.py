"""The App itself, its installations and their tokens."""

from dataclasses import replace

from bot.sandbox.access.auth import covers, mint
from bot.sandbox.errors import Refusal
from bot.sandbox.payloads.common import installation_json, integration_json, public_user_json, stamp
from bot.sandbox.payloads.repositories import repository_json
from bot.sandbox.rest.http import Endpoint, Reply, Request, error, page


async def get_app(request: Request) -> Reply:
    """GET /app."""
    world = request.world
    permissions = {name: level for each in world.installations.values() for name, level in each.permissions.items()}
    whole = integration_json(world.site, world.app.slug, world.app.id, permissions)
    return Reply(200, {**whole, "installations_count": len(world.installations)})


async def list_installations(request: Request) -> Reply:
    """GET /app/installations."""
    world = request.world
    found = [installation_json(world.site, each) for each in world.installations.values()]
    return page(request, found)


async def list_repositories(request: Request) -> Reply:
    """GET /installation/repositories: those that the token is for."""
    world, token = request.world, request.token
    found = [repo for repo in world.repositories.values() if covers(world, token, repo.id)]
    reply = page(request, [repository_json(world.site, repo) for repo in found], key="repositories")
    return replace(reply, body={**reply.body, "repository_selection": "selected"})


async def get_repository_installation(request: Request) -> Reply:
    """GET /repos/{owner}/{repo}/installation."""
    installation = request.world.installation_of(request.repo)
    if installation is None:
        return error(404, "Not Found")
    return Reply(200, installation_json(request.world.site, installation))


async def create_token(request: Request) -> Reply:
    """POST /app/installations/{id}/access_tokens."""
    world = request.world
    installation = world.installations.get(request.number("installation_id"))
    if installation is None:
        return error(404, "Not Found")
    if installation.suspended:
        return error(403, "This installation has been suspended")
    ids, permissions = _wanted_repositories(request), request.body.get("permissions")
    if permissions is not None and not isinstance(permissions, dict):
        raise Refusal("UNPROCESSABLE", "permissions is not an object", field="permissions", code="invalid")
    token = mint(world, installation, repository_ids=ids, permissions=permissions)
    body: dict[str, object] = {
        "token": token.value,
        "expires_at": stamp(token.expires_at),
        "permissions": token.permissions,
        "repository_selection": "selected",
    }
    if ids is not None:
        body["repositories"] = [repository_json(world.site, world.repositories[each]) for each in sorted(ids)]
    return Reply(201, body)


def _wanted_repositories(request: Request) -> list[int] | None:
    ids, names = request.body.get("repository_ids"), request.body.get("repositories")
    if names is not None:
        account = request.world.installations[request.number("installation_id")].account
        known = {
            repo.name.lower(): repo.id for repo in request.world.repositories.values() if repo.owner.id == account.id
        }
        return [known.get(name.lower(), 0) for name in names]
    if ids is not None and not (isinstance(ids, list) and all(isinstance(each, int) for each in ids)):
        raise Refusal("UNPROCESSABLE", "repository_ids is not a list", field="repository_ids", code="invalid")
    return ids


async def get_user(request: Request) -> Reply:
    """GET /users/{username}."""
    world = request.world
    user = world.find_user(request.params["username"])
    if user is None:
        return error(404, "Not Found")
    return Reply(200, public_user_json(world.site, user))


ENDPOINTS = [
    Endpoint("GET", "/users/{username}", get_user, ({"metadata": "read"},)),
    Endpoint("GET", "/app", get_app, caller="app"),
    Endpoint("GET", "/app/installations", list_installations, caller="app"),
    Endpoint("GET", "/installation/repositories", list_repositories, ({"metadata": "read"},)),
    Endpoint("GET", "/repos/{owner}/{repo}/installation", get_repository_installation, caller="app"),
    Endpoint("POST", r"/app/installations/{installation_id:\d+}/access_tokens", create_token, caller="app"),
]
