"""What becomes of requests on their way: the failings that GitHub, registries and networks have."""

import asyncio
import base64
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from chaos.script import Fault
from chaos.simulation.loop import BEGINNING
from chaos.simulation.requests import REGISTRIES, Hosts, is_read, kind_of

LAG = 25.0
"""Seconds by which a replica may lag behind; the bot believes that it is up to `timeouts.lag`."""
SILENCE = 120.0
"""Longer than any client waits."""
FRESH = 5.0
"""Seconds until a token is known everywhere."""
STRANGE = ((401,), (403,), (401, 403), (403, 401, 401))
"""How servers answer that do not know a token yet."""
NOWHERE = "0" * 40
LATE = 12.0
"""Seconds that a slow answer takes; clients still wait for it."""


@dataclass
class Network:
    """A middleware of all the sandbox's servers.

    A fault that cannot happen to its request (a lagging replica has the same answer, the token is not new) waits for
    the next of its kind.
    """

    faults: Mapping[tuple[str, int], Fault]
    """By the request's kind (`*`: any) and its number among those of its kind."""
    told: Callable[[str], None]
    """Hears of what is done to requests, and of each restriction that ends."""
    hosts: Hosts | None = None
    """Faults begin when this is known."""
    ref_at: Callable[[str, float], str] = lambda ref, when: NOWHERE
    """Where a ref, by its full name, stood at a time."""
    ahead: Callable[[str, str], int] = lambda base, head: 0
    """How many commits a head has and a base has not."""
    out_of_order: dict[str, float] = field(default_factory=dict)
    """Until when `github` or `registries` cannot be reached."""
    injected: Counter[Fault] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    failure: Exception | None = None
    """What went wrong that was not meant to."""
    last_fault: float = float("-inf")
    """When something was last done to a request."""
    _due: dict[str, list[Fault]] = field(default_factory=dict)
    """Faults that wait, by the kind of request."""
    _answers: dict[tuple[str, ...], tuple[float, bytes]] = field(default_factory=dict)
    """The last whole answer to each question, for lagging replicas."""
    _tokens: dict[str, float] = field(default_factory=dict)
    """When each token was minted."""
    _strange: dict[str, list[int]] = field(default_factory=dict)
    """How the next requests with a token are answered that not every server knows yet."""

    @web.middleware
    async def handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer, or fail as the script says."""
        try:
            return await self._handle(request, handler)
        except (web.HTTPException, ConnectionError):
            raise
        except Exception as failure:  # of the sandbox or of the simulation, not a fault that was meant
            self.failure = failure
            raise

    async def _handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self.hosts is None:
            return await handler(request)
        text = (await request.read()).decode(errors="replace")
        kind = kind_of(request.method, request.path, text, request.host, self.hosts)
        self._count(kind)
        now = asyncio.get_running_loop().time()
        if now < self.out_of_order.get("registries" if kind in REGISTRIES else "github", 0.0):
            self.last_fault = now
            return web.Response(status=503)
        if strange := self._strange.get(_token(request)):
            self._inject(Fault.UNKNOWN_TOKEN, kind)
            return _unknown(strange.pop(0))
        fault = self._next(kind, request)
        early = await self._before(fault, request)
        if early is not None:
            return early
        response = await handler(request)
        if not isinstance(response, web.Response):
            return response
        body = response.body if isinstance(response.body, bytes) else b""
        if kind == "mint" and response.status == 201:
            self._minted(str(json.loads(body)["token"]), now, fault)
        if is_read(kind) and response.status == 200:
            older = self._older((request.host, request.raw_path, text), body, now)
            if fault is None and older != body and Fault.STALE in self._due.get(kind, ()):
                self._due[kind].remove(Fault.STALE)
                self._inject(Fault.STALE, kind)
                return web.Response(body=older, content_type=response.content_type)
            self._answers[request.host, request.raw_path, text] = (now, body)
        return await self._after(fault, response, body)

    def _count(self, kind: str) -> None:
        for name, number in ((kind, self.requests[kind]), ("*", self.requests["*"])):
            self.requests[name] += 1
            if (name, number) in self.faults:
                self._due.setdefault(kind, []).append(self.faults[name, number])

    def _next(self, kind: str, request: web.Request) -> Fault | None:
        """The first fault that waits and can happen here; whether a lagging replica differs is seen later."""
        waiting = self._due.get(kind, [])
        fault = next((fault for fault in waiting if self._can_happen(fault, kind, request)), None)
        if fault is None:
            return None
        waiting.remove(fault)
        if (kind, fault) != ("mint", Fault.UNKNOWN_TOKEN):  # those who use it meet that
            self._inject(fault, kind)
        return fault

    def _can_happen(self, fault: Fault, kind: str, request: web.Request) -> bool:
        match fault:
            case Fault.STALE:
                return False
            case Fault.PARTIAL:
                return kind.startswith("query")
            case Fault.UNKNOWN_TOKEN:
                minted = self._tokens.get(_token(request), float("-inf"))
                return kind == "mint" or asyncio.get_running_loop().time() - minted < FRESH
            case Fault.LIMITED:
                return kind not in REGISTRIES
            case _:
                return True

    def _inject(self, fault: Fault, kind: str) -> None:
        self.last_fault = asyncio.get_running_loop().time()
        self.injected[fault] += 1
        self.told(f"request {kind} {fault}")

    def _minted(self, token: str, now: float, fault: Fault | None) -> None:
        if fault is Fault.UNKNOWN_TOKEN:
            self._strange[token] = list(STRANGE[len(self._tokens) % len(STRANGE)])
        self._tokens[token] = now

    def _older(self, question: tuple[str, str, str], body: bytes, now: float) -> bytes:
        """What a replica would say that lags behind; the same where nothing has changed."""
        known = self._answers.get(question)
        if known is not None and now - known[0] <= LAG and known[1] != body:
            return known[1]
        try:
            answer = json.loads(body)
        except ValueError:
            return body
        found = without_new(answer, BEGINNING + timedelta(seconds=now - LAG))
        if question[1] == "/graphql" and isinstance(answer.get("data"), dict):
            asked = json.loads(question[2])
            found = self._refs_before(found, asked["query"], asked.get("variables") or {}, now - LAG)
        return body if found == answer else json.dumps(found).encode()

    def _refs_before(self, answer: Any, document: str, variables: Mapping[str, Any], when: float) -> Any:
        """The answer with each ref where it stood then; one of which more is told than that stays as it is."""
        repository = answer["data"].get("repository") or {}
        older: dict[str, Any] = {}
        for alias, variable in re.findall(r"(\w+): ref\(qualifiedName: \$(\w+)\)", document):
            ref = repository.get(alias)
            stood = self.ref_at(_whole_name(str(variables.get(variable))), when)
            if ref is not None and stood == NOWHERE:
                older[alias] = None
            elif ref is not None and set(ref.get("target") or ()) == {"oid"}:
                older[alias] = {**ref, "target": {"oid": stood}}
                if ref.get("compare"):
                    older[alias]["compare"] = {"aheadBy": self.ahead(stood, str(variables["held"]))}
        return {**answer, "data": {**answer["data"], "repository": {**repository, **older}}} if older else answer

    async def _before(self, fault: Fault | None, request: web.Request) -> web.Response | None:
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
            case Fault.UNKNOWN_TOKEN if not request.path.endswith("/access_tokens"):
                return _unknown(401)
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
                return web.json_response(_in_part(json.loads(body), self.injected[Fault.PARTIAL]))
        return response


def without_new(answer: Any, since: datetime) -> Any:
    """The answer without what was made after that: comments, runs, Releases."""
    if isinstance(answer, list):
        return [without_new(each, since) for each in answer if not _is_new(each, since)]
    if isinstance(answer, dict):
        return {name: without_new(each, since) for name, each in answer.items()}
    return answer


def _is_new(item: Any, since: datetime) -> bool:
    made = (item.get("created_at") or item.get("createdAt")) if isinstance(item, dict) else None
    return isinstance(made, str) and datetime.fromisoformat(made) > since


def _whole_name(ref: str) -> str:
    return ref if ref.startswith("refs/") else f"refs/heads/{ref}"


def _token(request: web.Request) -> str:
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    return base64.b64decode(credential).decode().partition(":")[2] if scheme == "Basic" else credential


def _unknown(status: int) -> web.Response:
    said = "Bad credentials" if status == 401 else "Resource not accessible by integration"
    return web.json_response({"message": said}, status=status)


def _in_part(answer: dict[str, Any], number: int) -> dict[str, Any]:
    """The answer without one of its parts, as GitHub does when one of its services gives out."""
    data = answer.get("data")
    if not isinstance(data, dict) or not data:
        return answer
    repository = data.get("repository")
    path, parts = (["repository"], repository) if isinstance(repository, dict) and repository else ([], data)
    name = list(parts)[number % len(parts)]
    parts[name] = None
    said = {"message": "Something went wrong while executing your query.", "path": [*path, name]}
    return {**answer, "errors": [said]}
