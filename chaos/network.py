"""What becomes of requests on their way: the failings that GitHub, registries and networks have."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.model import Clock
from chaos.script import Fault, Outage

LAG = 10.0
"""Seconds by which a replica may lag behind."""
SILENCE = 600.0
"""Longer than any client waits."""
FRESH = 5.0
"""Seconds until a token is known everywhere."""


@dataclass
class Network:
    """A middleware of all the sandbox's servers."""

    clock: Clock
    faults: Mapping[int, Fault]
    """By the request's number, over all servers."""
    outages: tuple[Outage, ...]
    injected: list[Fault] = field(default_factory=list)
    requests: int = 0
    _answers: dict[tuple[str, ...], tuple[float, bytes]] = field(default_factory=dict)
    """The last whole answer to each question, for lagging replicas."""

    @web.middleware
    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer, or fail as the script says."""
        number, self.requests = self.requests, self.requests + 1
        fault = self.faults.get(number)
        now = asyncio.get_running_loop().time()
        if any(outage.after <= now < outage.after + outage.seconds for outage in self.outages):
            fault = Fault.ERROR_BEFORE
        question = await _question(request)
        known = self._answers.get(question) if question else None
        match fault:
            case Fault.STALE if known is None or now - known[0] > LAG:
                fault = None
            case Fault.PARTIAL if question is None or request.path != "/graphql":
                fault = None
            case Fault.UNKNOWN_TOKEN if not self._is_fresh(request):
                fault = None
        if fault is not None:
            self.injected.append(fault)
        match fault:
            case Fault.REFUSED:
                if request.transport is not None:
                    request.transport.close()
                return web.Response(status=502)
            case Fault.ERROR_BEFORE:
                return web.Response(status=502)
            case Fault.SILENCE_BEFORE:
                await asyncio.sleep(SILENCE)
                return web.Response(status=504)
            case Fault.LIMITED:
                said = {"message": "You have exceeded a secondary rate limit. Please wait."}
                return web.json_response(said, status=403, headers={"Retry-After": "60"})
            case Fault.UNKNOWN_TOKEN:
                return web.json_response({"message": "Bad credentials"}, status=401)
            case Fault.STALE if known is not None:
                return web.Response(body=known[1], content_type="application/json")
            case Fault.SLOW:
                await asyncio.sleep(12)
        response = await handler(request)
        match fault:
            case Fault.ERROR_AFTER:
                return web.Response(status=502)
            case Fault.SILENCE_AFTER:
                await asyncio.sleep(SILENCE)
        if question and isinstance(response, web.Response) and response.status == 200:
            body = bytes(response.body) if isinstance(response.body, bytes) else b""
            self._answers[question] = (now, body)
            if fault is Fault.PARTIAL:
                return web.json_response(_in_part(json.loads(body)))
        return response

    def _is_fresh(self, request: web.Request) -> bool:
        token = request.headers.get("Authorization", "").partition(" ")[2]
        return token in self._first_seen(token)

    def _first_seen(self, token: str) -> set[str]:
        return set()


async def _question(request: web.Request) -> tuple[str, ...] | None:
    """What identifies a read; None for what changes something."""
    if request.method == "GET":
        return (request.host, request.raw_path)
    if request.path == "/graphql":
        body = await request.text()
        if '"query": "\\nquery' in body or '"query":"\\nquery' in body:
            return (request.host, body)
    return None


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
