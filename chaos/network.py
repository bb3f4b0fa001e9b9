"""What becomes of requests on their way: the failings that GitHub, registries and networks have."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler

from chaos.script import Fault

LAG = 15.0
"""Seconds by which a replica may lag behind."""
SILENCE = 120.0
"""Longer than any client waits."""
FRESH = 5.0
"""Seconds until a token is known everywhere."""
LATE = 12.0
"""Seconds that a slow answer takes; clients still wait for it."""

_REST = (
    (r"POST /app/installations/\d+/access_tokens", "mint"),
    (r"GET /repos/[^/]+/[^/]+/collaborators/.*", "GET permission"),
    (r"GET /repos/[^/]+/[^/]+/git/trees/.*", "GET trees"),
    (r"GET /repos/[^/]+/[^/]+/actions/runs/\d+/jobs", "GET jobs"),
    (r"GET /repos/[^/]+/[^/]+/actions/runs", "GET runs"),
    (r"GET /repos/[^/]+/[^/]+/rules/.*", "GET rules"),
    (r"GET /repos/[^/]+/[^/]+/issues/\d+/comments", "GET comments"),
    (r"GET /repos/[^/]+/[^/]+/issues/comments", "GET recent comments"),
    (r"GET /repos/[^/]+/[^/]+/issues/comments/\d+", "GET comment"),
    (r"GET /repos/[^/]+/[^/]+/releases", "GET releases"),
    (r"GET /repos/[^/]+/[^/]+/installation", "GET installation"),
    (r"GET /app/installations", "GET installations"),
    (r"GET /installation/repositories", "GET repositories"),
    (r"GET /app/hook/deliveries", "GET deliveries"),
    (r"POST /repos/[^/]+/[^/]+/issues/\d+/comments", "POST comment"),
    (r"PATCH /repos/[^/]+/[^/]+/issues/comments/\d+", "PATCH comment"),
    (r"POST /repos/[^/]+/[^/]+/issues/comments/\d+/reactions", "POST reactions"),
    (r"POST /repos/[^/]+/[^/]+/releases", "POST releases"),
    (r"POST /repos/[^/]+/[^/]+/actions/runs/\d+/rerun-failed-jobs", "POST rerun"),
    (r"POST /app/hook/deliveries/\d+/attempts", "POST attempts"),
    (r"PATCH /repos/[^/]+/[^/]+/pulls/\d+", "PATCH pull"),
)
_BY_ID = re.compile(r"^/repositories/\d+/")
"""How a repository is addressed that was renamed."""
_KINDS = [(re.compile(pattern), kind) for pattern, kind in _REST]


@dataclass(frozen=True, slots=True)
class Hosts:
    """Which server is which, by `host:port`."""

    github: str
    crates: str
    pypi: str


@dataclass
class Network:
    """A middleware of all the sandbox's servers."""

    faults: Mapping[tuple[str, int], Fault]
    """By the request's kind (`*`: any) and its number among those of its kind."""
    told: Callable[[str], None]
    """Hears of what is done to requests, and of each restriction that ends."""
    hosts: Hosts | None = None
    """Faults begin when this is known."""
    out_of_order: dict[str, float] = field(default_factory=dict)
    """Until when `github` or `registries` cannot be reached."""
    injected: Counter[Fault] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    last_fault: float = float("-inf")
    """When something was last done to a request."""
    _answers: dict[tuple[str, ...], tuple[float, bytes]] = field(default_factory=dict)
    """The last whole answer to each question, for lagging replicas."""
    _tokens: dict[str, float] = field(default_factory=dict)
    """When each token was minted."""

    @web.middleware
    async def handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer, or fail as the script says."""
        if self.hosts is None:
            return await handler(request)
        kind = kind_of(request.method, request.path, await request.text(), request.host, self.hosts)
        fault = self._fault(kind)
        now = asyncio.get_running_loop().time()
        if now < self.out_of_order.get("registries" if kind in ("crates.io", "PyPI") else "github", 0.0):
            self.last_fault = now
            return web.Response(status=503)
        question = (request.host, request.raw_path, await request.text()) if _is_read(kind) else None
        known = self._answers.get(question) if question else None
        if known is not None and now - known[0] > LAG:
            known = None
        if not self._can_happen(fault, kind, request, known is not None):
            fault = None
        if fault is not None:
            self.last_fault = now
            self.injected[fault] += 1
            self.told(f"request {kind} {fault}")
        early = await self._before(fault, request, known[1] if known else b"")
        if early is not None:
            return early
        response = await handler(request)
        if not isinstance(response, web.Response):
            return response
        body = response.body if isinstance(response.body, bytes) else b""
        if kind == "mint" and response.status == 201:
            self._tokens[str(json.loads(body)["token"])] = now
        if question and response.status == 200:
            self._answers[question] = (now, body)
        return await self._after(fault, response, body)

    def _fault(self, kind: str) -> Fault | None:
        number, total = self.requests[kind], self.requests["*"]
        self.requests[kind] += 1
        self.requests["*"] += 1
        return self.faults.get((kind, number)) or self.faults.get(("*", total))

    def _can_happen(self, fault: Fault | None, kind: str, request: web.Request, known: bool) -> bool:
        match fault:
            case Fault.STALE:
                return known
            case Fault.PARTIAL:
                return kind.startswith("query")
            case Fault.UNKNOWN_TOKEN:
                token = request.headers.get("Authorization", "").partition(" ")[2]
                return asyncio.get_running_loop().time() - self._tokens.get(token, float("-inf")) < FRESH
            case Fault.LIMITED:
                return kind not in ("crates.io", "PyPI")
            case _:
                return True

    async def _before(self, fault: Fault | None, request: web.Request, known: bytes) -> web.Response | None:
        match fault:
            case Fault.REFUSED:
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=502)
            case Fault.ERROR_BEFORE:
                return web.Response(status=500, text="<html>Unicorn!</html>", content_type="text/html")
            case Fault.SILENCE_BEFORE:
                await asyncio.sleep(SILENCE)
                return web.Response(status=504)
            case Fault.LIMITED:
                said = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}
                return web.json_response(said, status=403, headers={"Retry-After": "60"})
            case Fault.TOO_MANY:
                return web.json_response({"message": "Too many requests"}, status=429, headers={"Retry-After": "30"})
            case Fault.UNKNOWN_TOKEN:
                return web.json_response({"message": "Bad credentials"}, status=401)
            case Fault.STALE:
                return web.Response(body=known, content_type="application/json")
            case Fault.SLOW:
                await asyncio.sleep(LATE)
        return None

    async def _after(self, fault: Fault | None, response: web.Response, body: bytes) -> web.Response:
        match fault:
            case Fault.ERROR_AFTER:
                return web.Response(status=502, text="<html>Bad gateway</html>", content_type="text/html")
            case Fault.SILENCE_AFTER:
                await asyncio.sleep(SILENCE)
            case Fault.GARBLED:
                return web.Response(status=200, text="<html>We'll be back soon.</html>", content_type="text/html")
            case Fault.PARTIAL if response.status == 200:
                return web.json_response(_in_part(json.loads(body)))
        return response


def kind_of(method: str, path: str, body: str, host: str, hosts: Hosts) -> str:
    """What a request is about, in two words."""
    if host != hosts.github:
        return "crates.io" if host == hosts.crates else "PyPI"
    if path == "/graphql":
        found = re.search(r"(?:\\n|\b)(query|mutation) (\w+)", body)  # in JSON, a line break is a backslash and an n
        return f"{found[1]} {found[2]}" if found else "query"
    line = f"{method} {_BY_ID.sub('/repos/the/same/', path)}"
    return next((kind for pattern, kind in _KINDS if pattern.fullmatch(line)), f"{method} {path.rsplit('/', 1)[-1]}")


def _is_read(kind: str) -> bool:
    return kind.startswith(("GET", "query")) or kind in ("crates.io", "PyPI")


def _in_part(answer: dict[str, object]) -> dict[str, object]:
    """The answer without its last part, as GitHub does when one of its services gives out."""
    data = answer.get("data")
    repository = data.get("repository") if isinstance(data, dict) else None
    if not isinstance(repository, dict) or not repository:
        return answer
    name = list(repository)[-1]
    repository[name] = None
    said = {"message": "Something went wrong while executing your query.", "path": ["repository", name]}
    return {**answer, "errors": [said]}
