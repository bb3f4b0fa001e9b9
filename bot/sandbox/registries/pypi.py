"""A PyPI on loopback: its JSON API, the simple index that pip reads, and the files."""

import hashlib
import json
from datetime import timedelta
from html import escape
from typing import Any

from aiohttp import web
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bot.sandbox.model import Clock
from bot.sandbox.registries.errors import Refused
from bot.sandbox.registries.pypi_records import (
    File,
    info_json,
    read_file,
    simple_json,
    url_json,
)

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
SIMPLE_HTML = "application/vnd.pypi.simple.v1+html"
MOST_BYTES = 100 * 1024 * 1024
UPLOAD_WINDOW = timedelta(days=14)
"""PyPI takes no new files for a release older than this."""


class PyPI:
    """The registry; `index_delay` is for how many seconds the simple index lags behind the JSON API."""

    def __init__(self, clock: Clock, *, index_delay: float = 0.0) -> None:
        self._clock = clock
        self.index_delay = index_delay
        self.serial = 1000
        """Grows with every change."""
        self.projects: dict[str, list[File]] = {}
        """Files by normalised project name, in the order of uploading."""

    def upload(self, filename: str, content: bytes) -> File:
        """Take a wheel or sdist; its metadata is read in it. The same bytes again change nothing.

        Raises Refused with PyPI's words: the name is taken by other bytes, a malformed name or platform tag, name
        and metadata that disagree, a second sdist, a release older than 14 days, a file too large.
        """
        now = self._clock.now()
        if len(content) > MOST_BYTES:
            raise Refused(f"File too large. Limit for project is {MOST_BYTES // 1024**2} MB.")
        file = read_file(filename, content, now)
        files = self.projects.get(canonicalize_name(file.name), [])
        there = next((each for each in files if each.filename == filename), None)
        if there is not None and there.content == content:
            return there
        if there is not None:
            raise Refused(
                f"File already exists ({filename!r}, with blake2_256 hash {there.blake2b!r}). "
                "See https://pypi.org/help/#file-name-reuse for more information."
            )
        release = [each for each in files if each.version == file.version]
        if file.kind == "sdist" and any(each.kind == "sdist" for each in release):
            raise Refused("Only one sdist may be uploaded per release.")
        if release and now - min(each.uploaded_at for each in release) > UPLOAD_WINDOW:
            raise Refused("Uploading new files to releases older than 14 days is not allowed.")
        self.projects.setdefault(canonicalize_name(file.name), []).append(file)
        self.serial += 1
        return file

    def release(self, project: str, version: str) -> list[File]:
        """The files of a version, in the order of uploading; both names may be spelt in any way."""
        files = self.projects.get(canonicalize_name(project), [])
        try:
            return [each for each in files if each.version == Version(version)]
        except InvalidVersion:
            return []

    # HTTP

    def app(self) -> web.Application:
        """The application; mount it at the root of its own address."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/pypi/{project}/json", self._get_project),
                web.get("/pypi/{project}/{version}/json", self._get_release),
                web.get("/simple/{project}", self._get_simple),
                web.get("/simple/{project}/", self._get_simple),
                web.get("/files/{one}/{two}/{rest}/{filename}", self._get_file),
            ]
        )
        return app

    async def _get_project(self, request: web.Request) -> web.Response:
        name = request.match_info["project"]
        _redirect_to(request, f"/pypi/{canonicalize_name(name)}/json")
        files = self.projects.get(name)
        if not files:
            return _not_found()
        versions = {str(each.version): self.release(name, str(each.version)) for each in files}
        stable = [each.version for each in files if not each.version.is_prerelease]
        newest = versions[str(max(stable or [each.version for each in files]))]
        origin = str(request.url.origin())
        releases = {number: [url_json(file, origin) for file in found] for number, found in versions.items()}
        return self._json(request, {**self._release_json(name, newest, origin), "releases": releases})

    async def _get_release(self, request: web.Request) -> web.Response:
        name, version = request.match_info["project"], request.match_info["version"]
        _redirect_to(request, f"/pypi/{canonicalize_name(name)}/{version}/json")
        files = self.release(name, version)
        if not files:
            return _not_found()
        return self._json(request, self._release_json(name, files, str(request.url.origin())))

    def _release_json(self, name: str, files: list[File], origin: str) -> dict[str, Any]:
        return {
            "info": info_json(files, name, origin),
            "last_serial": self.serial,
            "ownership": {"roles": [], "organization": None},
            "urls": [url_json(file, origin) for file in files],
            "vulnerabilities": [],
        }

    async def _get_simple(self, request: web.Request) -> web.Response:
        name = request.match_info["project"]
        _redirect_to(request, f"/simple/{canonicalize_name(name)}/")
        late = timedelta(seconds=self.index_delay)
        files = [each for each in self.projects.get(name, []) if self._clock.now() - each.uploaded_at >= late]
        if not files:
            return web.Response(status=404, text="404 Not Found")
        origin, kind = str(request.url.origin()), _simple_type(request.headers.get("Accept", "*/*"))
        text = self._simple_index(name, files, origin) if kind == SIMPLE_JSON else _simple_page(name, files, origin)
        return self._cached(request, text, kind, "public, max-age=600")

    def _simple_index(self, name: str, files: list[File], origin: str) -> str:
        index = {
            "meta": {"api-version": "1.4", "_last-serial": self.serial},
            "name": name,
            "project-status": {"status": "active"},
            "versions": [str(version) for version in sorted({each.version for each in files})],
            "files": [simple_json(file, origin) for file in sorted(files, key=lambda each: each.filename)],
        }
        return json.dumps(index)

    async def _get_file(self, request: web.Request) -> web.Response:
        for files in self.projects.values():
            for file in files:
                if request.path == file.path:
                    return web.Response(body=file.content, content_type="application/octet-stream")
                if request.path == f"{file.path}.metadata" and file.kind == "bdist_wheel":
                    return web.Response(body=file.metadata_bytes, content_type="application/octet-stream")
        return web.Response(status=404, text="Not Found")

    def _json(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        return self._cached(request, json.dumps(body), "application/json", "max-age=900, public")

    def _cached(self, request: web.Request, text: str, kind: str, lifetime: str) -> web.Response:
        tag = f'"{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}"'
        headers = {"ETag": tag, "X-PyPI-Last-Serial": str(self.serial), "Cache-Control": lifetime, "Vary": "Accept"}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(text=text, content_type=kind, headers=headers)


def _redirect_to(request: web.Request, path: str) -> None:
    """Send the reader to the normalised name's address, unless this is it."""
    if request.path != path:
        raise web.HTTPMovedPermanently(path)


def _not_found() -> web.Response:
    return web.json_response({"message": "Not Found"}, status=404)


def _simple_type(accept: str) -> str:
    """The form of the simple index that an Accept header prefers; HTML when it does not care."""
    weights = {}
    for part in accept.split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        weights[kind] = float(weight) if weight.replace(".", "", 1).isdigit() else 0.0
    best = max((SIMPLE_JSON, SIMPLE_HTML, "text/html"), key=lambda kind: weights.get(kind, 0.0))
    return best if weights.get(best, 0.0) else "text/html"


def _simple_page(name: str, files: list[File], origin: str) -> str:
    links = []
    for file in sorted(files, key=lambda each: each.filename):
        requires = file.metadata.get("requires_python")
        attributes = f' data-requires-python="{escape(requires)}"' if requires else ""
        attributes += f' data-yanked="{escape(file.yanked)}"' if file.yanked is not None else ""
        links.append(f'    <a href="{origin}{file.path}#sha256={file.sha256}"{attributes}>{file.filename}</a><br />\n')
    title = f"Links for {escape(name)}"
    head = f'  <head>\n    <meta name="pypi:repository-version" content="1.4">\n    <title>{title}</title>\n  </head>\n'
    body = f"  <body>\n    <h1>{title}</h1>\n{''.join(links)}  </body>\n"
    return f"<!DOCTYPE html>\n<html>\n{head}{body}</html>\n"
