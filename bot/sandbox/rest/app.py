"""The HTTP face of the stand-in GitHub: every request is authenticated, answered, counted and logged here."""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from aiohttp import web

from bot.sandbox.access.auth import Unauthorized, authenticate_app, authenticate_installation, covers
from bot.sandbox.access.permissions import accepted_header, allows
from bot.sandbox.errors import Elsewhere, Refusal
from bot.sandbox.model import Call, Repository, Token
from bot.sandbox.rest import (
    actions,
    apps,
    check_runs,
    deliveries,
    environments,
    issues,
    pulls,
    releases,
    repositories,
    rules,
)
from bot.sandbox.rest.blobs import add_blobs
from bot.sandbox.rest.git import add_git
from bot.sandbox.rest.http import Endpoint, Reply, Request, error, redirected, refused
from bot.sandbox.rest.limits import RateLimits
from bot.sandbox.world import World

ENDPOINTS: list[Endpoint] = [
    *apps.ENDPOINTS,
    *deliveries.ENDPOINTS,
    *check_runs.ENDPOINTS,  # before commits, whose names may hold slashes
    *repositories.ENDPOINTS,
    *rules.ENDPOINTS,
    *environments.ENDPOINTS,
    *issues.ENDPOINTS,
    *pulls.ENDPOINTS,
    *actions.ENDPOINTS,
    *releases.ENDPOINTS,
]

GraphQL = Callable[[World, Token, dict[str, Any]], Awaitable[tuple[int, dict[str, Any]]]]
"""Executes a GraphQL request: (world, token, decoded body) to (HTTP status, decoded answer)."""

Answer = Callable[[web.Request, dict[str, Any]], Awaitable[Reply]]

_BODY_LIMIT = 50 * 1024**2
_BY_NAME, _BY_ID = "/repos/{owner}/{repo}", r"/repositories/{repository_id:\d+}"
"""A repository's address, and the one that redirects lead to."""


def github_app(world: World, graphql: GraphQL) -> web.Application:
    """The application that answers REST and `/graphql` for a world."""
    face = _Face(world)
    app = web.Application(client_max_size=_BODY_LIMIT)
    for endpoint in ENDPOINTS:
        handler = face.handler(partial(face.rest, endpoint))
        app.router.add_route(endpoint.method, endpoint.path, handler)
        if endpoint.path.startswith(_BY_NAME):
            app.router.add_route(endpoint.method, _BY_ID + endpoint.path.removeprefix(_BY_NAME), handler)
    add_blobs(app, world)
    add_git(app, world)
    app.router.add_post("/graphql", face.handler(partial(face.graphql, graphql), "graphql"))
    app.router.add_route("*", "/{anything:.*}", face.unknown)
    return app


class _BadJson(Exception):
    """The body is no JSON object; the message is GitHub's."""


class _Face:
    """Turns aiohttp's requests into ours, and our replies into aiohttp's."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._limits = RateLimits(world.clock)

    def handler(self, answer: Answer, resource: str = "core") -> Callable[[web.Request], Awaitable[web.Response]]:
        """The aiohttp handler that says what `answer` says of a request and its decoded body."""

        async def handle(request: web.Request) -> web.Response:
            body: Any = None
            try:
                body = await _json(request)
                reply = await answer(request, body or {})
            except _BadJson as bad:
                reply = error(400, str(bad))
            except Unauthorized as unauthorized:
                reply = error(401, str(unauthorized))
            except Refusal as refusal:
                reply = refused(refusal)
            except Elsewhere as moved:
                reply = redirected(request.method, self._world.site.url + moved.path + _query(request))
            return self._respond(request, body, reply, resource)

        return handle

    async def graphql(self, execute: GraphQL, request: web.Request, body: dict[str, Any]) -> Reply:
        """The answer of `/graphql`."""
        token = authenticate_installation(self._world, request.headers.get("Authorization"))
        return Reply(*await execute(self._world, token, body))

    async def unknown(self, request: web.Request) -> web.Response:
        """Whatever the stand-in does not have, GitHub does not have either."""
        return self._respond(request, None, error(404, "Not Found"), "core")

    async def rest(self, endpoint: Endpoint, request: web.Request, body: dict[str, Any]) -> Reply:
        """The answer of one endpoint."""
        authorization = request.headers.get("Authorization")
        token = None
        if endpoint.caller == "app":
            authenticate_app(self._world, authorization)
        else:
            token = authenticate_installation(self._world, authorization)
        params, repo = request.match_info, None
        if "repo" in params or "repository_id" in params:
            repo = self._repository(request, token)
            if repo is None:
                return error(404, "Not Found")
        if token and not any(allows(token.permissions, needs) for needs in endpoint.needs):
            accepted = {"X-Accepted-GitHub-Permissions": accepted_header(*endpoint.needs)}
            return error(403, "Resource not accessible by integration", headers=accepted)
        data = await request.read() if _is_file(request) else b""
        query, kind = dict(request.query), request.content_type
        return await endpoint.handler(
            Request(self._world, dict(params), query, body, request.path, repo, token, data, kind)
        )

    def _repository(self, request: web.Request, token: Token | None) -> Repository | None:
        """The repository of a path; None when it is not to be seen. Raises Elsewhere for a former name."""
        params, world = request.match_info, self._world
        former = None
        if "repository_id" in params:
            repo = world.repositories.get(int(params["repository_id"]))
        else:
            name = f"{params['owner']}/{params['repo']}"
            former = world.formerly(name)
            repo = former or world.repository(name)
        if repo is None or (token is not None and not covers(world, token, repo.id)):
            return None
        if former is not None:
            raise Elsewhere(
                f"/repositories/{repo.id}{request.raw_path.partition('?')[0][len('/repos/') + len(name) :]}"
            )
        return repo

    def _respond(self, request: web.Request, body: Any, reply: Reply, resource: str) -> web.Response:
        authorization = request.headers.get("Authorization", "")
        caller = self._caller(authorization)
        headers = {"X-GitHub-Media-Type": "github.v3; format=json", "X-GitHub-Request-Id": "0000:SANDBOX"}
        status, answer = reply.status, reply.body
        data = b"" if answer is None else json.dumps(answer, separators=(",", ":")).encode()
        if request.method == "GET" and status == 200:
            # GitHub's ETags differ from token to token, also for the same content.
            headers["ETag"] = f'W/"{hashlib.sha256(authorization.encode() + data).hexdigest()}"'
            if request.headers.get("If-None-Match") == headers["ETag"]:
                status, answer, data = 304, None, b""
        headers |= self._limits.headers(caller, resource, cost=0 if status == 304 else 1)
        now = self._world.clock.now()
        self._world.calls.append(Call(request.method, request.raw_path, status, body, answer, now))
        if data:
            headers["Content-Type"] = "application/json; charset=utf-8"
        return web.Response(status=status, body=data or None, headers={**headers, **reply.headers})

    def _caller(self, authorization: str) -> str:
        token = self._world.tokens.get(authorization.partition(" ")[2])
        return f"installation {token.installation_id}" if token else "app"


def _query(request: web.Request) -> str:
    return f"?{request.query_string}" if request.query_string else ""


def _is_file(request: web.Request) -> bool:
    """Whether what is sent is a file of a Release, and no JSON."""
    return request.method == "POST" and re.search(r"/releases/\d+/assets$", request.path) is not None


async def _json(request: web.Request) -> dict[str, Any] | None:
    if _is_file(request):
        return None
    data = await request.read()
    if not data:
        return None
    try:
        body = json.loads(data)
    except ValueError as bad:
        raise _BadJson("Problems parsing JSON") from bad
    if not isinstance(body, dict):
        raise _BadJson("Body should be a JSON object")
    return body
