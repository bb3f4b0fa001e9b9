"""docs.rs, as far as it tells of its builds: `/crate/NAME/VERSION/status.json`."""

import semver
from aiohttp import web

from bot.sandbox.registries.crate_records import Version
from bot.sandbox.registries.crates import CratesIO


def routes(registry: CratesIO) -> list[web.RouteDef]:
    """The route of the builds' states, below `/docs.rs`."""

    async def status(request: web.Request) -> web.Response:
        name, wanted = request.match_info["crate"], request.match_info["version"]
        queued = [each for each in registry.versions if each.name == name and each.docs is not None]
        found = _matching(queued, wanted)
        if found is None:
            return web.json_response({"title": "The requested version does not exist"}, status=404)
        if wanted not in (found.num, f"={found.num}"):
            return web.Response(status=302, headers={"Location": f"/docs.rs/crate/{name}/{found.num}/status.json"})
        body = {"version": found.num, "doc_status": bool(found.docs and found.has_lib)}
        return web.json_response(body, headers={"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"})

    return [web.get("/docs.rs/crate/{crate}/{version}/status.json", status)]


def _matching(queued: list[Version], wanted: str) -> Version | None:
    """The version itself, else, as docs.rs reads it, the newest that is compatible with it, unless `=` is asked for."""
    exact = next((each for each in queued if each.num == wanted.removeprefix("=")), None)
    if exact is not None or not semver.Version.is_valid(wanted):
        return exact
    least = semver.Version.parse(wanted)
    compatible = [each for each in queued if _line(each.num) == _line(wanted) and _parsed(each) >= least]
    return max(compatible, key=_parsed, default=None)


def _parsed(version: Version) -> semver.Version:
    return semver.Version.parse(version.num)


def _line(version: str) -> tuple[int, ...]:
    """What cargo takes as compatible: the same first number that is not zero."""
    parsed = semver.Version.parse(version)
    if parsed.major:
        return (parsed.major,)
    return (0, parsed.minor) if parsed.minor else (0, 0, parsed.patch)
