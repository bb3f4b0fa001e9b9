"""Conditional requests: every answer that can be repeated carries an ETag, and is not sent twice to who has it."""

import hashlib
from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def etags(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give each 200 of a GET its ETag, and answer 304 where the reader has it already."""
    answer = await handler(request)
    whole = isinstance(answer, web.Response) and isinstance(answer.body, bytes)
    if (
        request.method != "GET"
        or answer.status != 200
        or not whole
        or answer.headers.get("Cache-Control") == "no-store"
    ):
        return answer
    tag = f'"{hashlib.md5(answer.body, usedforsecurity=False).hexdigest()}"'  # type: ignore[attr-defined]
    if request.headers.get("If-None-Match") == tag:
        kept = {name: value for name, value in answer.headers.items() if name not in ("Content-Type", "Content-Length")}
        return web.Response(status=304, headers={**kept, "ETag": tag})
    answer.headers["ETag"] = tag
    return answer
