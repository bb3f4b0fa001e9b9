"""PyPI over HTTP, as far as it is read: its JSON API, pip's simple index in JSON, provenance, and the files."""

import json
from typing import Any

from aiohttp import web
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bot.sandbox.registries import pypi_uploads
from bot.sandbox.registries.etags import etags
from bot.sandbox.registries.pypi import PyPI, State, View
from bot.sandbox.registries.pypi_records import File, info_json, simple_json, url_json

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
INTEGRITY_JSON = "application/vnd.pypi.integrity.v1+json"


def pypi_app(registry: PyPI) -> web.Application:
    """The application; mount it at the root of its own address."""
    app = web.Application(middlewares=[etags], client_max_size=128 * 1024 * 1024)
    reading = _Reading(registry)
    app.add_routes(
        [
            pypi_uploads.route(registry),
            web.get("/pypi/{project}/json", reading.project),
            web.get("/pypi/{project}/{version}/json", reading.release),
            web.get("/simple/{project}", reading.simple),
            web.get("/simple/{project}/", reading.simple),
            web.get("/integrity/{project}/{version}/{filename}/provenance", reading.provenance),
            web.get("/files/{one}/{two}/{rest}/{filename}", reading.file),
        ]
    )
    return app


class _Reading:
    def __init__(self, registry: PyPI) -> None:
        self._registry = registry

    async def project(self, request: web.Request) -> web.Response:
        name = request.match_info["project"]
        _redirect_to(request, f"/pypi/{canonicalize_name(name)}/json")
        view = self._shown(name)
        if not view.files:
            return _not_found()
        versions: dict[Version, list[File]] = {}
        for file in view.files:
            versions.setdefault(file.version, []).append(file)
        newest = max([each for each in versions if not each.is_prerelease] or versions)
        origin = str(request.url.origin())
        releases = {str(number): [url_json(file, origin) for file in files] for number, files in versions.items()}
        return _json(view, {**_release(name, view, versions[newest], origin), "releases": releases})

    async def release(self, request: web.Request) -> web.Response:
        name, version = request.match_info["project"], request.match_info["version"]
        _redirect_to(request, f"/pypi/{canonicalize_name(name)}/{version}/json")
        view = self._shown(name)
        files = _of(view, version)
        return _json(view, _release(name, view, files, str(request.url.origin()))) if files else _not_found()

    async def simple(self, request: web.Request) -> web.Response:
        name = request.match_info["project"]
        _redirect_to(request, f"/simple/{canonicalize_name(name)}/")
        view, state = self._registry.indexed(name), self._registry.state(name)
        if not view.files:
            return web.Response(status=404, text="404 Not Found")
        if state.status == "quarantined":
            view = View((), view.serial)
        if not _accepts(request, SIMPLE_JSON):
            return web.Response(status=406, text="Without asking for JSON one gets HTML, which is not made here")
        index = _simple_index(name, view, state, str(request.url.origin()))
        return _cached(view, index, SIMPLE_JSON, "public, max-age=600")

    async def provenance(self, request: web.Request) -> web.Response:
        name, filename = request.match_info["project"], request.match_info["filename"]
        _redirect_to(
            request, f"/integrity/{canonicalize_name(name)}/{request.match_info['version']}/{filename}/provenance"
        )
        view = self._shown(name)
        file = next((each for each in _of(view, request.match_info["version"]) if each.filename == filename), None)
        if file is None:
            return _not_found()
        if not _accepts(request, INTEGRITY_JSON, "application/json", "*/*"):
            return web.json_response({"message": "Request not acceptable"}, status=406)
        if file.provenance is None:
            return web.json_response({"message": f"No provenance available for {filename}"}, status=404)
        return _cached(view, json.dumps(file.provenance), INTEGRITY_JSON, "public, max-age=600")

    async def file(self, request: web.Request) -> web.Response:
        for files in self._registry.projects.values():
            for file in files:
                if request.path == file.path:
                    return web.Response(body=file.content, content_type="application/octet-stream")
                if request.path == f"{file.path}.metadata" and file.kind == "bdist_wheel":
                    return web.Response(body=file.metadata_bytes, content_type="application/octet-stream")
        return web.Response(status=404, text="Not Found")

    def _shown(self, name: str) -> View:
        """What is shown of a project; nothing in quarantine."""
        view = self._registry.shown(name)
        return View((), view.serial) if self._registry.state(name).status == "quarantined" else view


def _of(view: View, version: str) -> list[File]:
    try:
        return [each for each in view.files if each.version == Version(version)]
    except InvalidVersion:
        return []


def _release(name: str, view: View, files: list[File], origin: str) -> dict[str, Any]:
    return {
        "info": info_json(files, name, origin),
        "last_serial": view.serial,
        "ownership": {"roles": [], "organization": None},
        "urls": [url_json(file, origin) for file in files],
        "vulnerabilities": [],
    }


def _simple_index(name: str, view: View, state: State, origin: str) -> str:
    status = {"status": state.status} | ({"reason": state.reason} if state.reason else {})
    index = {
        "meta": {"api-version": "1.4", "_last-serial": view.serial},
        "name": name,
        "project-status": status,
        "versions": [str(version) for version in sorted({each.version for each in view.files})],
        "files": [simple_json(file, name, origin) for file in sorted(view.files, key=lambda each: each.filename)],
    }
    return json.dumps(index)


def _json(view: View, body: dict[str, Any]) -> web.Response:
    return _cached(view, json.dumps(body), "application/json", "max-age=900, public")


def _cached(view: View, text: str, kind: str, lifetime: str) -> web.Response:
    headers = {"X-PyPI-Last-Serial": str(view.serial), "Cache-Control": lifetime, "Vary": "Accept"}
    return web.Response(body=text.encode(), content_type=kind, charset="utf-8", headers=headers)


def _redirect_to(request: web.Request, path: str) -> None:
    """Send the reader to the normalised name's address, unless this is it."""
    if request.path != path:
        raise web.HTTPMovedPermanently(path)


def _not_found() -> web.Response:
    return web.json_response({"message": "Not Found"}, status=404)


def _accepts(request: web.Request, *kinds: str) -> bool:
    """Whether an Accept header names one of these; a missing one takes anything."""
    return any(kind in request.headers.get("Accept", "*/*") for kind in kinds)
