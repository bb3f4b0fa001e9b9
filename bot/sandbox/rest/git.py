"""Repositories over git's smart HTTP: GitHub's credentials and rules in front of git's own server."""

import base64
import binascii
from typing import Any

from aiohttp import web

from bot.sandbox.access.auth import Unauthorized, authenticate_installation, covers
from bot.sandbox.access.permissions import allows
from bot.sandbox.errors import Refusal
from bot.sandbox.git.http_backend import GitRequest
from bot.sandbox.git.objects import ZERO, GitError
from bot.sandbox.git.receive_pack import Push, answer, read_push
from bot.sandbox.model import Call, Repository, Token
from bot.sandbox.world import World

_NO_PUSH = "Invalid username or token. Password authentication is not supported for Git operations."
_PASSED_ON = ("Content-Type", "Git-Protocol")


def add_git(app: web.Application, world: World) -> None:
    """Serve the repositories of a world for `git clone`, `git fetch` and `git push`."""
    app.router.add_route(
        "*", r"/{owner}/{repo}.git/{path:info/refs|git-upload-pack|git-receive-pack}", _Git(world).handle
    )


class _Git:
    def __init__(self, world: World) -> None:
        self._world = world

    async def handle(self, request: web.Request) -> web.Response:
        """One request; noted among the calls, a push with the refs that it is about."""
        noted: dict[str, Any] = {}
        response = await self._answer(request, noted)
        now = self._world.clock.now()
        call = Call(request.method, request.raw_path, response.status, noted or None, None, now)
        self._world.calls.append(call)
        return response

    async def _answer(self, request: web.Request, noted: dict[str, Any]) -> web.Response:
        pushes = "git-receive-pack" in request.path_qs
        name = f"{request.match_info['owner']}/{request.match_info['repo']}"
        try:
            token = self._token(request)
        except Unauthorized:
            return _unauthorized()
        former = self._world.formerly(name)
        repo = former or self._world.repository(name)
        if repo is None or not (covers(self._world, token, repo.id) if token else not repo.private):
            return web.Response(status=404, text="Repository not found.") if token else _unauthorized()
        if former is not None:
            moved = request.raw_path.replace(f"/{name}.git", f"/{repo.full_name}.git", 1)
            return web.Response(status=301, headers={"Location": self._world.site.url + moved})
        if pushes and token is None:
            return _unauthorized()
        if token is not None and not allows(token.permissions, {"contents": "write" if pushes else "read"}):
            return web.Response(status=403, text="Write access to repository not granted.")
        asked = GitRequest(
            request.method,
            f"/{request.match_info['path']}",
            request.query_string,
            await request.read(),
            {each: request.headers[each] for each in _PASSED_ON if each in request.headers},
            self._world.app.bot.login if token else "",
        )
        if pushes and request.method == "POST" and token is not None:
            return await self._push(repo, token, asked, noted)
        return await self._serve(repo, asked)

    def _token(self, request: web.Request) -> Token | None:
        """Whose request it is; None for a stranger's."""
        header = request.headers.get("Authorization")
        if header is None:
            return None
        scheme, _, credential = header.partition(" ")
        if scheme.lower() == "basic":
            try:
                credential = base64.b64decode(credential, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError) as bad:
                raise Unauthorized(_NO_PUSH) from bad
        return authenticate_installation(self._world, f"Bearer {credential}")

    async def _serve(self, repo: Repository, asked: GitRequest) -> web.Response:
        told = await self._world.git(repo).serve(asked)
        return web.Response(status=told.status, headers=told.headers, body=told.body)

    async def _push(self, repo: Repository, token: Token, asked: GitRequest, noted: dict[str, Any]) -> web.Response:
        try:
            push = read_push(asked.body)
            if int.from_bytes(push.pack[8:12], "big"):
                await self._world.git(repo).keep_pack(push.pack)
        except GitError as bad:
            return web.Response(status=400, text=str(bad))
        noted["refUpdates"] = [
            {"name": each.name, "beforeOid": each.before, "afterOid": each.after} for each in push.updates
        ]
        refused = await self._refusal(repo, token, push)
        if refused is not None:
            reasons, remarks = refused
            media = "application/x-git-receive-pack-result"
            return web.Response(body=answer(push, reasons, remarks.encode()), headers={"Content-Type": media})
        bot = self._world.app.bot
        return await self._world.served(repo, push.updates, lambda: self._serve(repo, asked), by=bot)

    async def _refusal(self, repo: Repository, token: Token, push: Push) -> tuple[list[str], str] | None:
        """A reason for each update, and remarks; None where nothing forbids the push."""
        broken = {update.name: rules for update in push.updates if (rules := self._world.broken_rules(repo, update))}
        if broken:  # as in https://github.com/opensearch-project/.github/issues/531
            lines = [line for name, rules in broken.items() for line in _violation(self._world, repo, name, rules)]
            return ["push declined due to repository rule violations"] * len(push.updates), "\n".join([*lines, ""])
        for update in push.updates:
            try:
                self._world.check_immutable(repo, update)
            except Refusal as refusal:
                return [refusal.message] * len(push.updates), ""
            makes = update.after != ZERO and not allows(token.permissions, {"workflows": "write"})
            if makes and await self._world.touches_workflows(repo, update.after):
                what = f"refusing to allow a GitHub App to create or update workflow `{_A_FILE}`"
                return [f"{what} without `workflows` permission"] * len(push.updates), ""
        return None


_A_FILE = ".github/workflows/ci.yml"


def _violation(world: World, repo: Repository, ref: str, rules: list[str]) -> list[str]:
    where = f"{world.site.url}/{repo.full_name}/rules?ref={ref.replace('/', '%2F')}"
    return [
        f"error: GH013: Repository rule violations found for {ref}.",
        f"Review all repository rules at {where}",
        "",
        *(f"- {rule}" for rule in rules),
        "",
    ]


def _unauthorized() -> web.Response:
    return web.Response(status=401, text=_NO_PUSH, headers={"WWW-Authenticate": 'Basic realm="GitHub"'})
