"""crates.io over HTTP, as far as people read it: its API, its sparse index, its static files, and docs.rs.

One application serves what the real service has on four hosts: `/api/v1/…` (crates.io), `/index/…`
(index.crates.io), `/static/…` (static.crates.io) and `/docs.rs/…`.
"""

import json
from functools import wraps

import semver
from aiohttp import web
from markdown_it import MarkdownIt

from bot.sandbox.registries import crates_changes, docs_rs
from bot.sandbox.registries.crate_records import Version, crate_json, index_line, index_path, user_json, version_json
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.errors import Refused
from bot.sandbox.registries.etags import Handler, etags

NEEDS_USER_AGENT = (
    "We require that all requests include a `User-Agent` header.  To allow us to determine the impact your bot has on "
    "our service, we ask that your user agent actually identify your bot, and not just report the HTTP client library "
    "you're using.  Including contact information will also reduce the chance that we will need to take action "
    "against your bot.\n"
)


def crates_app(registry: CratesIO) -> web.Application:
    """The application; mount it at the root of its own address."""
    app = web.Application(middlewares=[etags, _require_user_agent], client_max_size=16 * 1024 * 1024)
    api, files = _Api(registry), _Files(registry)
    version = "/api/v1/crates/{crate}/{version}"
    routes = [
        *crates_changes.routes(registry),
        *docs_rs.routes(registry),
        web.get("/api/v1/crates/{crate}", api.crate),
        web.get("/api/v1/crates/{crate}/owners", api.owners),
        web.get(version, api.version),
        web.get(f"{version}/readme", api.readme),
        web.get(f"{version}/download", api.download),
        web.get("/index/config.json", files.config),
        web.get("/index/{path:.+}", files.index),
        web.get("/static/crates/{crate}/{file}", files.crate),
        web.get("/static/crates/{crate}/{version}/download", files.download),
        web.get("/static/readmes/{crate}/{file}", files.readme),
    ]
    # Not by a middleware: those of a test come between it and the routes, and would see the exception.
    app.add_routes([web.route(each.method, each.path, _telling(each.handler)) for each in routes])
    return app


class _Api:
    """`crates.io/api/v1`."""

    def __init__(self, registry: CratesIO) -> None:
        self._registry = registry

    async def crate(self, request: web.Request) -> web.Response:
        versions = self._of(request)
        newest = sorted(versions, key=lambda each: semver.Version.parse(each.num), reverse=True)
        shown = [version_json(each) for each in newest]
        crate = crate_json(newest, trusted_only=newest[0].name in self._registry.trusted_only)
        whole = {"crate": crate, "versions": shown, "keywords": [], "categories": []}
        return web.json_response(whole)

    async def owners(self, request: web.Request) -> web.Response:
        self._of(request)
        logins = self._registry.owners_of(request.match_info["crate"])
        return web.json_response({"users": [{**user_json(login), "kind": "user"} for login in logins]})

    async def version(self, request: web.Request) -> web.Response:
        found = self._registry.version(request.match_info["crate"], request.match_info["version"])
        return web.json_response({"version": version_json(found)})

    async def readme(self, request: web.Request) -> web.Response:
        # As the real one, it does not look whether there is a README.
        name, num = request.match_info["crate"], request.match_info["version"]
        return _elsewhere(request, f"/static/readmes/{name}/{name}-{num}.html")

    async def download(self, request: web.Request) -> web.Response:
        name, num = request.match_info["crate"], request.match_info["version"]
        return _elsewhere(request, f"/static/crates/{name}/{name}-{num}.crate")

    def _of(self, request: web.Request) -> list[Version]:
        name = request.match_info["crate"]
        if versions := self._registry.of(name):
            return versions
        raise Refused(f"crate `{name}` does not exist", status=404)


class _Files:
    """`index.crates.io` and `static.crates.io`."""

    def __init__(self, registry: CratesIO) -> None:
        self._registry = registry

    async def config(self, request: web.Request) -> web.Response:
        origin = request.url.origin()
        files = f"{origin}/static/crates/{{crate}}/{{crate}}-{{version}}.crate"
        return web.json_response({"dl": files, "api": str(origin)})

    async def index(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        name, registry = path.rpartition("/")[2], self._registry
        shown = [each for each in registry.versions if each.name.lower() == name and registry.is_indexed(each)]
        if not shown or path != index_path(name):
            return web.Response(status=404, text="Not Found")
        told = [index_line(each, yanked=registry.is_indexed_as_yanked(each)) for each in shown]
        body = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in told).encode()
        return web.Response(body=body, content_type="text/plain", headers={"Cache-Control": "public,max-age=600"})

    async def crate(self, request: web.Request) -> web.Response:
        for each in self._registry.of(request.match_info["crate"]):
            if request.match_info["file"] == f"{each.name}-{each.num}.crate":
                return _crate(each)
        return _absent()

    async def download(self, request: web.Request) -> web.Response:
        found = self._registry.find(request.match_info["crate"], request.match_info["version"])
        return _crate(found) if found else _absent()

    async def readme(self, request: web.Request) -> web.Response:
        for each in self._registry.of(request.match_info["crate"]):
            named = request.match_info["file"] == f"{each.name}-{each.num}.html"
            if named and each.file.readme and self._registry.is_indexed(each):
                html = MarkdownIt("commonmark").enable("table").render(each.file.readme)
                headers = {"Cache-Control": "public,max-age=604800"}
                return web.Response(text=html, content_type="text/html", headers=headers)
        return _absent()


@web.middleware
async def _require_user_agent(request: web.Request, handler: Handler) -> web.StreamResponse:
    asked = request.path.startswith("/api/") and not request.path.endswith("/download")
    if asked and not request.headers.get("User-Agent"):
        return web.Response(status=403, text=NEEDS_USER_AGENT)
    return await handler(request)


def _telling(handler: Handler) -> Handler:
    """The handler, with a refusal as the API says it."""

    @wraps(handler)
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as refusal:
            return web.json_response({"errors": [{"detail": str(refusal)}]}, status=refusal.status)

    return answer


def _elsewhere(request: web.Request, path: str) -> web.Response:
    """The address of a file: as a redirect, or as JSON for who asks for that."""
    url = f"{request.url.origin()}{path}"
    if "application/json" in request.headers.get("Accept", ""):
        return web.json_response({"url": url}, headers={"Vary": "Accept"})
    return web.Response(status=302, headers={"Location": url, "Vary": "Accept"})


def _crate(version: Version) -> web.Response:
    headers = {"Cache-Control": "public,max-age=31536000,immutable"}
    return web.Response(body=version.content, content_type="application/gzip", headers=headers)


def _absent() -> web.Response:
    """What the storage behind the CDN answers for what it does not have."""
    error = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'
    return web.Response(status=403, text=text, content_type="application/xml")
