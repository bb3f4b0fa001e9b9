"""PyPI over HTTP, as far as people read it: its JSON API, pip's simple index, provenance, and the files."""

import json
from html import escape
from typing import Any

from aiohttp import web
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bot.sandbox.registries import pypi_uploads
from bot.sandbox.registries.etags import etags
from bot.sandbox.registries.pypi import PyPI, State, View
from bot.sandbox.registries.pypi_records import File, info_json, provenance_url, simple_json, url_json

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
SIMPLE_HTML = "application/vnd.pypi.simple.v1+html"
INTEGRITY_JSON = "application/vnd.pypi.integrity.v1+json"


def pypi_app(registry: PyPI) -> web.Application:
    """The application; mount it at the root of its own address."""
    app = web.Application(middlewares=[etags], client_max_size=128 * 1024 * 1024)
    reading = _Reading(registry)
    app.add_routes([pypi_uploads.route(registry)])
    app.add_routes(
        [
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
        origin, kind = str(request.url.origin()), _simple_type(request.headers.get("Accept", "*/*"))
        render = _simple_index if kind == SIMPLE_JSON else _simple_page
        return _cached(view, render(name, view, state, origin), kind, "public, max-age=600")

    async def provenance(self, request: web.Request) -> web.Response:
        name, filename = request.match_info["project"], request.match_info["filename"]
        _redirect_to(
            request, f"/integrity/{canonicalize_name(name)}/{request.match_info['version']}/{filename}/provenance"
        )
        view = self._shown(name)
        file = next((each for each in _of(view, request.match_info["version"]) if each.filename == filename), None)
        if file is None:
            return _not_found()
        kind = _integrity_type(request.headers.get("Accept", "*/*"))
        if kind is None:
            return web.json_response({"message": "Request not acceptable"}, status=406)
        if file.provenance is None:
            return web.json_response({"message": f"No provenance available for {filename}"}, status=404)
        return _cached(view, json.dumps(file.provenance), kind, "public, max-age=600")

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


def _simple_page(name: str, view: View, state: State, origin: str) -> str:
    links = [
        f'    <a href="{origin}{file.path}#sha256={file.sha256}"{_attributes(file, name, origin)}>'
        f"{file.filename}</a><br />\n"
        for file in sorted(view.files, key=lambda each: each.filename)
    ]
    title, facts = f"Links for {escape(name)}", {"pypi:repository-version": "1.4", "pypi:project-status": state.status}
    if state.reason:
        facts["pypi:project-status-reason"] = state.reason
    metas = "".join(f'    <meta name="{key}" content="{escape(value)}">\n' for key, value in facts.items())
    head = f"  <head>\n{metas}    <title>{title}</title>\n  </head>\n"
    body = f"  <body>\n    <h1>{title}</h1>\n{''.join(links)}  </body>\n"
    return f"<!DOCTYPE html>\n<html>\n{head}{body}</html>\n<!--SERIAL {view.serial}-->"


def _attributes(file: File, name: str, origin: str) -> str:
    told = simple_json(file, name, origin)
    metadata = told["core-metadata"] and f"sha256={told['core-metadata']['sha256']}"
    attributes = {
        "data-requires-python": told["requires-python"],
        "data-yanked": file.yanked,
        "data-core-metadata": metadata or None,
        "data-dist-info-metadata": metadata or None,
        "data-provenance": provenance_url(file, name, origin),
    }
    return "".join(f' {key}="{escape(value)}"' for key, value in attributes.items() if value is not None)


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


def _simple_type(accept: str) -> str:
    """The form of the simple index that an Accept header prefers; HTML when it does not care."""
    weights = _weights(accept)
    best = max((SIMPLE_JSON, SIMPLE_HTML, "text/html"), key=lambda kind: weights.get(kind, 0.0))
    return best if weights.get(best, 0.0) else "text/html"


def _integrity_type(accept: str) -> str | None:
    weights = _weights(accept)
    for kind in (INTEGRITY_JSON, "application/json"):
        if any(weights.get(pattern, 0.0) for pattern in (kind, "application/*", "*/*")):
            return kind
    return None


def _weights(accept: str) -> dict[str, float]:
    """How much each kind of an Accept header is wanted."""
    weights = {}
    for part in accept.split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        weights[kind] = float(weight) if weight.replace(".", "", 1).isdigit() else 0.0
    return weights
