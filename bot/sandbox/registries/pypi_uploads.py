"""Uploading to PyPI as twine and `uv publish` do it: https://docs.pypi.org/api/upload/."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from html import escape
from typing import Any

from aiohttp import web

from bot.sandbox.registries.errors import Refused
from bot.sandbox.registries.pypi import PyPI

DIGESTS = {"md5_digest": "md5", "sha256_digest": "sha256"}


def route(registry: PyPI) -> web.RouteDef:
    """The route of uploads."""

    async def upload(request: web.Request) -> web.Response:
        try:
            publisher = registry.authenticate(_token(request.headers.get("Authorization", "")))
            fields, filename, content = await _form(request)
            _check(fields, content)
            attestations = _attestations(fields)
            registry.upload(filename, content, publisher=publisher, attestations=attestations)
        except Refused as refusal:
            return _refusal(refusal)
        return web.Response(text="")

    return web.post("/legacy/", upload)


def _token(header: str) -> str | None:
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, _, token = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return token if user == "__token__" else None


async def _form(request: web.Request) -> tuple[dict[str, str], str, bytes]:
    """The fields of the form, and the file with its name."""
    form = await request.post()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    sent = form.get("content")
    if not isinstance(sent, web.FileField):
        raise Refused("Upload payload does not have a file.")
    return fields, sent.filename, sent.file.read()


def _check(fields: Mapping[str, str], content: bytes) -> None:
    if fields.get(":action") != "file_upload":
        raise Refused("Invalid value for :action. Error: Use 'file_upload'.")
    if fields.get("protocol_version", "1") != "1":
        raise Refused("Unknown protocol version.")
    if not any(fields.get(name) for name in (*DIGESTS, "blake2_256_digest")):
        raise Refused("Include at least one message digest.")
    found = {name: hashlib.new(kind, content, usedforsecurity=False).hexdigest() for name, kind in DIGESTS.items()}
    found["blake2_256_digest"] = hashlib.blake2b(content, digest_size=32).hexdigest()
    if any(fields.get(name, "").lower() not in ("", digest) for name, digest in found.items()):
        raise Refused("The digest supplied does not match a digest calculated from the uploaded file.")


def _attestations(fields: Mapping[str, str]) -> list[dict[str, Any]]:
    if "attestations" not in fields:
        return []
    try:
        found = json.loads(fields["attestations"])
    except ValueError as mistake:
        raise Refused(f"Malformed attestations: {mistake}") from mistake
    if not isinstance(found, list) or not found:
        raise Refused("Malformed attestations: an empty attestation set is not permitted")
    return found


def _refusal(refusal: Refused) -> web.Response:
    """PyPI says why in the status line, which is where twine looks, and on a page."""
    title = f"{refusal.status} {refusal}"
    page = f"<html>\n <head>\n  <title>{escape(title)}</title>\n </head>\n <body>\n  <h1>{escape(title)}</h1>\n"
    page += "  The server could not comply with the request since it is either malformed or otherwise incorrect.<br/>"
    page += f"<br/>\n{escape(str(refusal))}\n </body>\n</html>\n"
    reason = " ".join(str(refusal).split())
    return web.Response(status=refusal.status, reason=reason, text=page, content_type="text/html")
