"""What changes crates.io over HTTP, with a token: `cargo publish`, `cargo yank`, and a yank with a message.

Formats: https://doc.rust-lang.org/cargo/reference/registry-web-api.html; the PATCH is crates.io's own.
"""

import json
from typing import Any

from aiohttp import web

from bot.sandbox.registries.crate_records import Version, version_json
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.errors import Refused


def routes(registry: CratesIO) -> list[web.RouteDef]:
    """The routes of everything that needs a token."""
    changes, version = _Changes(registry), "/api/v1/crates/{crate}/{version}"
    return [
        web.put("/api/v1/crates/new", changes.publish),
        web.delete(f"{version}/yank", changes.yank),
        web.put(f"{version}/unyank", changes.unyank),
        web.patch(version, changes.update),
    ]


class _Changes:
    def __init__(self, registry: CratesIO) -> None:
        self._registry = registry

    async def publish(self, request: web.Request) -> web.Response:
        metadata, content = _parts(await request.read())
        name, version = str(metadata.get("name", "")), str(metadata.get("vers", ""))
        known = bool(self._registry.of(name))
        token = self._registry.authenticate(
            request.headers.get("Authorization"), "publish-update" if known else "publish-new"
        )
        if known and token.login is not None and token.login not in self._registry.owners_of(name):
            raise Refused(
                "this crate exists but you don't seem to be an owner. If you believe this is a mistake, perhaps you "
                "need to accept an invitation to be an owner before publishing.",
                status=403,
            )
        self._registry.publish(name, version, content, published_by=token.login, trustpub=token.trustpub)
        return web.json_response({"warnings": {"invalid_categories": [], "invalid_badges": [], "other": []}})

    async def yank(self, request: web.Request) -> web.Response:
        version, by = self._allowed(request)
        self._registry.yank(version, by=by)
        return web.json_response({"ok": True})

    async def unyank(self, request: web.Request) -> web.Response:
        version, by = self._allowed(request)
        self._registry.unyank(version, by=by)
        return web.json_response({"ok": True})

    async def update(self, request: web.Request) -> web.Response:
        wanted = (await _json(request)).get("version", {})
        yanked, message = wanted.get("yanked"), wanted.get("yank_message")
        found = self._registry.version(request.match_info["crate"], request.match_info["version"])
        if message is not None and yanked is False:
            raise Refused("Cannot set yank message when unyanking")
        if message is not None and yanked is None and not found.yanked:
            raise Refused("Cannot update yank message for a version that is not yanked")
        version, by = self._allowed(request)
        if version.yanked if yanked is None else yanked:
            self._registry.yank(version, by=by, message=message)
        else:
            self._registry.unyank(version, by=by)
        return web.json_response({"version": version_json(version)})

    def _allowed(self, request: web.Request) -> tuple[Version, str]:
        """The version, and who may yank it."""
        version = self._registry.version(request.match_info["crate"], request.match_info["version"])
        token = self._registry.authenticate(request.headers.get("Authorization"), "yank")
        return version, str(token.login)


def _parts(body: bytes) -> tuple[dict[str, Any], bytes]:
    """Metadata and .crate of an upload: each after its length, in four bytes, the lowest first."""
    length = int.from_bytes(body[:4], "little")
    rest = body[4 + length :]
    try:
        metadata = json.loads(body[4 : 4 + length])
    except ValueError as mistake:
        raise Refused(f"invalid upload request: {mistake}") from mistake
    if not isinstance(metadata, dict) or len(rest) != 4 + int.from_bytes(rest[:4], "little"):
        raise Refused("invalid upload request: the lengths do not fit")
    return metadata, rest[4:]


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError as mistake:
        raise Refused(f"Failed to parse the request body as JSON: {mistake}") from mistake
    if not isinstance(body, dict):
        raise Refused("Failed to parse the request body as JSON: not an object")
    return body
