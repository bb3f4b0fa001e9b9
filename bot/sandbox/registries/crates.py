"""A crates.io on loopback: its API, its sparse index and its static files, as far as people read them.

One application serves what the real service has on three hosts: `/api/v1/…` (crates.io), `/index/…`
(index.crates.io) and `/static/…` (static.crates.io).
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import semver
from aiohttp import web
from markdown_it import MarkdownIt

from bot.sandbox.model import Clock
from bot.sandbox.registries.crate_file import CrateFile, read
from bot.sandbox.registries.crate_records import (
    Version,
    crate_json,
    index_line,
    index_path,
    version_json,
)
from bot.sandbox.registries.errors import Refused

MOST_BYTES = 10 * 1024 * 1024
"""Size of a .crate that crates.io accepts."""

NEEDS_USER_AGENT = (
    "We require that all requests include a `User-Agent` header.  To allow us to determine the impact your bot has on "
    "our service, we ask that your user agent actually identify your bot, and not just report the HTTP client library "
    "you're using.  Including contact information will also reduce the chance that we will need to take action "
    "against your bot.\n"
)


class CratesIO:
    """The registry; `index_delay` is for how many seconds the index (and the README) lags behind the API."""

    def __init__(self, clock: Clock, *, index_delay: float = 0.0) -> None:
        self._clock = clock
        self.index_delay = index_delay
        self.versions: list[Version] = []
        """In the order of publishing."""
        self.yank_tokens: set[str] = set()
        """Tokens that may yank every crate."""

    def publish(
        self,
        name: str,
        version: str,
        crate_bytes: bytes,
        *,
        published_by: str | None = None,
        trustpub: Mapping[str, str] | None = None,
    ) -> Version:
        """Take a .crate as `cargo publish` sends it; description, dependencies and README are read in it.

        Raises Refused with crates.io's words: a version that is there (build metadata plays no part), a file too
        large or of another name, a manifest without description or license.
        """
        try:
            file = read(crate_bytes)
        except ValueError as mistake:
            raise Refused(f"failed to read the crate file: {mistake}") from mistake
        self._check(name, version, crate_bytes, file)
        by = None if trustpub else published_by or "unknown"
        record = Version(len(self.versions) + 1, name, version, crate_bytes, file, self._clock.now(), by, trustpub)
        self.versions.append(record)
        return record

    def _check(self, name: str, version: str, content: bytes, file: CrateFile) -> None:
        package = file.manifest["package"]
        if len(content) > MOST_BYTES:
            raise Refused(f"max upload size is: {MOST_BYTES}", status=413)
        if not semver.Version.is_valid(version):
            raise Refused(f'"{version}" is an invalid semver version')
        if (file.name, file.version) != (name, version):
            raise Refused(f"the Cargo.toml in the crate file is of {file.name} {file.version}")
        missing = [key for key in ("description",) if not package.get(key)]
        missing += [] if package.get("license") or package.get("license-file") else ["license"]
        if missing:
            raise Refused(
                f"missing or empty metadata fields: {', '.join(missing)}. Please see "
                "https://doc.rust-lang.org/cargo/reference/manifest.html for more information on configuring these "
                "fields"
            )
        if any(_number(each.num) == _number(version) for each in self.of(name)):
            raise Refused(f"crate version `{version}` is already uploaded")

    def of(self, name: str) -> list[Version]:
        """The versions of a crate, oldest first; `-` and `_` and the case of letters make no difference."""
        return [each for each in self.versions if _canonical(each.name) == _canonical(name)]

    def find(self, name: str, version: str) -> Version | None:
        """One version, or None."""
        return next((each for each in self.of(name) if each.num == version), None)

    def _resolvable(self, version: Version) -> bool:
        return self._clock.now() - version.created_at >= timedelta(seconds=self.index_delay)

    # HTTP

    def app(self) -> web.Application:
        """The application; mount it at the root of its own address."""
        app = web.Application(middlewares=[_require_user_agent])
        app.add_routes(
            [
                web.get("/api/v1/crates/{crate}", self._get_crate),
                web.get("/api/v1/crates/{crate}/{version}", self._get_version),
                web.patch("/api/v1/crates/{crate}/{version}", self._patch_version),
                web.get("/api/v1/crates/{crate}/{version}/readme", self._get_readme),
                web.get("/index/config.json", self._get_config),
                web.get("/index/{path:.+}", self._get_index),
                web.get("/static/crates/{crate}/{file}", self._get_crate_file),
                web.get("/static/readmes/{crate}/{file}", self._get_readme_file),
            ]
        )
        return app

    async def _get_crate(self, request: web.Request) -> web.Response:
        name = request.match_info["crate"]
        newest = sorted(self.of(name), key=lambda each: semver.Version.parse(each.num), reverse=True)
        if not newest:
            return _missing(f"crate `{name}` does not exist")
        return web.json_response(
            {
                "crate": crate_json(newest),
                "versions": [version_json(each) for each in newest],
                "keywords": [],
                "categories": [],
            }
        )

    async def _get_version(self, request: web.Request) -> web.Response:
        name, num = request.match_info["crate"], request.match_info["version"]
        if not semver.Version.is_valid(num):
            return _errors(f"invalid semver: {num}", 400)
        found = self.find(name, num)
        if found is None:
            known = bool(self.of(name))
            return _missing(
                f"crate `{name}` does not have a version `{num}`" if known else f"crate `{name}` does not exist"
            )
        return web.json_response({"version": version_json(found)})

    async def _patch_version(self, request: web.Request) -> web.Response:
        """Yank with a message, or take that back."""
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.yank_tokens:
            return _errors("this token does not have the required permissions to perform this action", 403)
        found = self.find(request.match_info["crate"], request.match_info["version"])
        if found is None:
            return _missing("no such version")
        wanted = (await request.json())["version"]
        if wanted.get("yank_message") is not None and not wanted["yanked"]:
            return _errors("Cannot set yank message when unyanking", 400)
        found.yanked, found.yank_message = wanted["yanked"], wanted.get("yank_message")
        return web.json_response({"version": version_json(found)})

    async def _get_readme(self, request: web.Request) -> web.Response:
        # As the real one, it does not look whether there is a README.
        name, num = request.match_info["crate"], request.match_info["version"]
        url = f"{request.url.origin()}/static/readmes/{name}/{name}-{num}.html"
        if "application/json" in request.headers.get("Accept", ""):
            return web.json_response({"url": url}, headers={"Vary": "Accept"})
        return web.Response(status=302, headers={"Location": url, "Vary": "Accept"})

    async def _get_config(self, request: web.Request) -> web.Response:
        origin = request.url.origin()
        files = f"{origin}/static/crates/{{crate}}/{{crate}}-{{version}}.crate"
        return web.json_response({"dl": files, "api": str(origin)})

    async def _get_index(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        name = path.rpartition("/")[2]
        shown = [each for each in self.versions if each.name.lower() == name and self._resolvable(each)]
        if not shown or path != index_path(name):
            return web.Response(status=404, text="Not Found")
        body = "".join(json.dumps(index_line(each), separators=(",", ":")) + "\n" for each in shown).encode()
        tag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        headers = {"ETag": tag, "Cache-Control": "public,max-age=600"}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type="text/plain", headers=headers)

    async def _get_crate_file(self, request: web.Request) -> web.Response:
        for each in self.of(request.match_info["crate"]):
            if request.match_info["file"] == f"{each.name}-{each.num}.crate":
                headers = {"Cache-Control": "public,max-age=31536000,immutable"}
                return web.Response(body=each.content, content_type="application/gzip", headers=headers)
        return _absent()

    async def _get_readme_file(self, request: web.Request) -> web.Response:
        for each in self.of(request.match_info["crate"]):
            named = request.match_info["file"] == f"{each.name}-{each.num}.html"
            if named and each.file.readme and self._resolvable(each):
                html = MarkdownIt("commonmark").enable("table").render(each.file.readme)
                headers = {"Cache-Control": "public,max-age=604800"}
                return web.Response(text=html, content_type="text/html", headers=headers)
        return _absent()


def _canonical(name: str) -> str:
    return name.lower().replace("-", "_")


def _number(version: str) -> str:
    """A version without its build metadata."""
    return version.partition("+")[0]


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _require_user_agent(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path.startswith("/api/") and not request.headers.get("User-Agent"):
        return web.Response(status=403, text=NEEDS_USER_AGENT)
    return await handler(request)


def _errors(detail: str, status: int) -> web.Response:
    return web.json_response({"errors": [{"detail": detail}]}, status=status)


def _missing(detail: str) -> web.Response:
    return _errors(detail, 404)


def _absent() -> web.Response:
    """What the storage behind the CDN answers for what it does not have."""
    error = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'
    return web.Response(status=403, text=text, content_type="application/xml")
