"""Every recorded answer of crates.io, docs.rs and PyPI, given to the bot's clients: a fact, or a named outcome."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
import stamina
from aiohttp import web
from packaging.utils import canonicalize_name

from bot.registries import Access
from bot.registries.crates_io.client import CratesIO
from bot.registries.crates_io.found import CrateVersion
from bot.registries.pypi.client import PyPI
from bot.registries.pypi.found import PyPIRelease
from bot.registries.pypi.provenance import Unreadable, read_provenance
from bot.registries.pypi.simple_index import read_index
from bot.sandbox.http_server import serving
from bot.settings import Secret
from tests.recordings.serving import body_of, read, short
from tests.recordings.table import REGISTRIES
from tests.sandbox.support import TurnedClock
from tests.shared import SHARED, needs_shared

SUM = "0" * 64


@asynccontextmanager
async def answering(answers: dict[str, tuple[int, str, bytes]]) -> AsyncIterator[Access]:
    """Registries that know these paths, by status, content type and body, and 404 for all others."""

    async def answer(request: web.Request) -> web.Response:
        status, kind, body = answers.get(request.path, (404, "text/plain", b"not found"))
        return web.Response(status=status, body=body, headers={"Content-Type": kind})

    site = web.Application()
    site.router.add_route("*", "/{path:.*}", answer)
    with stamina.set_testing(True, attempts=1):
        async with serving(site) as url, aiohttp.ClientSession() as session:
            yield Access(
                session,
                crates_api_url=url,
                crates_index_url=url,
                crates_static_url=f"{url}/static",
                docs_url=url,
                crates_api_interval=0.0,
                pypi_url=url,
                yank_token=Secret("cio_token"),
                user_agent="shipmate/test",
                clock=TurnedClock(),
            )


async def of_crates(file: Path) -> str:
    recording = read(file)
    method, path, body = recording["request"]["method"], recording["request"]["path"], body_of(recording)
    if file.stem.startswith("index-"):
        name = json.loads(body.splitlines()[0])["name"]
        return await _index(name, body)
    answers = {path: (recording["status"], "application/json", body)}
    async with answering(answers) as access:
        crates = CratesIO(access)
        if path.startswith("/crate/"):
            line = {"name": "foo", "vers": "0.1.0", "deps": [], "cksum": SUM, "features": {}, "yanked": False}
            answers["/3/f/foo"] = (200, "text/plain", json.dumps(line).encode())
            found = await crates.look("foo", "0.1.0")
            return f"docs.rs built it: {found.docs.built}" if isinstance(found, CrateVersion) else str(found)
        parts = path.removeprefix("/api/v1/crates/").split("/")
        if len(parts) == 1:
            return f"not asked: {recording['status']}"
        if method == "PATCH":
            return f"yanking: {await crates.yank(parts[0], parts[1], 'why')}"
        found = await crates.look(parts[0], parts[1])
        return _crate(found) if isinstance(found, CrateVersion) else str(found)


def _crate(found: CrateVersion) -> str:
    by = f"run {found.trusted.run_id} of {found.trusted.repository}" if found.trusted else "a person"
    return f"in API: {found.in_api}, yanked: {found.yanked}, published by {by}"


async def _index(name: str, body: bytes) -> str:
    low = name.lower()
    folder = {1: "1", 2: "2", 3: f"3/{low[:1]}"}.get(len(low), f"{low[:2]}/{low[2:4]}")
    async with answering({f"/{folder}/{low}": (200, "text/plain", body)}) as access:
        found = await CratesIO(access).index(name)
        return f"{len(found)} versions" if isinstance(found, tuple) else str(found)


async def of_pypi(file: Path) -> str:
    recording = read(file)
    kind, path, body = file.stem.partition("-")[0], recording["request"]["path"], body_of(recording)
    if kind in ("provenance", "attestation", "certificate"):
        return _provenance(kind, recording)
    said, shown = "", recording["headers"].get("content-type", "text/html")
    if kind == "json":
        name, version = path.split("/")[2:4]
        answers = {path: (200, shown, body), f"/simple/{name}/": (200, shown, b'{"files": []}')}
    else:
        index = read_index(body)
        name, version = _first_release([file.filename for file in index.files])
        answers = {f"/simple/{name}/": (200, shown, body)}
        said = f"{len(index.files)} files, "
    async with answering(answers) as access:
        found = await PyPI(access).look(name, version)
        if not isinstance(found, PyPIRelease):
            return str(found)
        files = len(found.files) or len(found.index_files)
        return f"{said}{files} of {version}, yanked: {found.yanked}, {found.status}"


def _first_release(files: list[str]) -> tuple[str, str]:
    """A project and a version that an index has, as one of its files names them."""
    first = next((file for file in files if file.endswith(".whl")), files[0])
    parts = first.removesuffix(".tar.gz").removesuffix(".zip").split("-")
    return canonicalize_name(parts[0] if first.endswith(".whl") else "-".join(parts[:-1])), parts[
        -1 - 3 * first.endswith(".whl")
    ]


def _provenance(kind: str, recording: dict[str, Any]) -> str:
    body = recording["body"]
    publisher = {"kind": "GitHub", "repository": "o/r", "workflow": "w.yml", "environment": ""}
    if kind == "attestation":
        body = {"version": 1, "attestation_bundles": [{"publisher": publisher, "attestations": [body]}]}
    if kind == "certificate":
        pem = body.partition("-----BEGIN CERTIFICATE-----")[2].partition("-----END")[0]
        told = read(SHARED / "recordings" / "pypi" / "provenance-github.json")["body"]
        told["attestation_bundles"][0]["attestations"][0]["verification_material"]["certificate"] = "".join(pem.split())
        body = told
    try:
        found = read_provenance(msgspec.json.encode(body))
    except Unreadable as why:
        return f"unreadable: {why}"
    return " | ".join(f"{each}"[:120] for each in found)


async def outcome(name: str) -> str:
    file = SHARED / "recordings" / f"{name}.json"
    return await (of_crates if name.startswith("crates-io/") else of_pypi)(file)


@needs_shared
@pytest.mark.parametrize("name", REGISTRIES)
async def test_a_recorded_answer_of_a_registry_is_read(name):
    assert short(await outcome(name)) == REGISTRIES[name]


@needs_shared
def test_no_recorded_answer_of_a_registry_is_left_out():
    found = [
        f"{folder}/{f.stem}" for folder in ("crates-io", "pypi") for f in (SHARED / "recordings" / folder).iterdir()
    ]
    assert sorted(found) == sorted(REGISTRIES)
