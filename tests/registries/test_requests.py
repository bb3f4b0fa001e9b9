"""How much is asked: a whole verification stays within its budget, and an unchanged one transfers next to nothing."""

import gzip
import hashlib
import io
import json
import tarfile

import pytest
from aiohttp import web

from bot.registries import Access, Registries
from bot.registries.cache import Cache
from tests.registries.pypi.test_provenance import SHA, answer
from tests.release.verification.building import package

BUDGET = 15
NAME, CRATE = "edge-demo", "edge-demo-0.5.0.crate"


def archive():
    out = io.BytesIO()
    manifest = b'[package]\nname = "edge-demo"\nversion = "0.5.0"\nreadme = "README.md"\n'
    original = b'[dependencies]\nedge-core = { path = "core", version = "0.5" }\n'
    info = json.dumps({"git": {"sha1": SHA}}).encode()
    with tarfile.open(fileobj=out, mode="w") as packed:
        for name, content in ((".cargo_vcs_info.json", info), ("Cargo.toml", manifest), ("Cargo.toml.orig", original)):
            member = tarfile.TarInfo(f"edge-demo-0.5.0/{name}")
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return gzip.compress(out.getvalue(), mtime=0)


def with_etag(body, kind="application/json"):
    text = body if isinstance(body, str) else json.dumps(body)
    return web.Response(text=text, content_type=kind, headers={"ETag": '"one"'})


@pytest.fixture
def registries(stand, session, clock):
    packed = archive()
    checksum = hashlib.sha256(packed).hexdigest()
    lines = [f'{{"vers":"{number}","cksum":"{checksum}","yanked":false}}' for number in ("0.4.0", "0.5.0")]
    version = {"num": "0.5.0", "yanked": False, "checksum": checksum, "crate_size": len(packed)}
    stand.says("/api/v1/crates/edge-demo/0.5.0", {"version": version})
    stand.says(
        "/api/v1/crates/edge-demo/0.4.0", {"version": {**version, "num": "0.4.0", "trustpub_data": {"sha": SHA}}}
    )
    stand.says("/ed/ge/edge-demo", with_etag("\n".join(lines)))
    stand.says("/ed/ge/edge-core", with_etag(lines[1]))
    stand.says(f"/crates/edge-demo/{CRATE}", web.Response(body=packed))
    stand.says("/readmes/edge-demo/edge-demo-0.5.0.html", with_etag("<h1>edge-demo</h1>", "text/html"))
    stand.says("/crate/edge-demo/0.5.0/status.json", {"version": "0.5.0", "doc_status": True})
    names = ("edge_demo-0.5.0.tar.gz", *(f"edge_demo-0.5.0-cp3{n}-cp3{n}-win32.whl" for n in range(9, 15)))
    files = [{"filename": name, "hashes": {"sha256": "ab" * 32}, "provenance": "https://x"} for name in names]
    urls = [{"filename": name, "digests": {"sha256": "ab" * 32}} for name in names]
    stand.says("/simple/edge-demo/", with_etag({"files": files}))
    stand.says("/pypi/edge-demo/0.5.0/json", with_etag({"info": {"version": "0.5.0"}, "urls": urls}))
    for name in names:
        stand.says(f"/integrity/edge-demo/0.5.0/{name}/provenance", answer().decode())
    return Registries(
        Access(
            session,
            user_agent="shipmate/0 (+here)",
            clock=clock,
            crates_api_url=stand.url,
            crates_index_url=stand.url,
            crates_static_url=stand.url,
            docs_url=stand.url,
            pypi_url=stand.url,
        )
    )


@pytest.mark.parametrize(("crate", "first", "again"), [(True, 7, 5), (False, 4, 2)])
async def test_a_verification_stays_within_its_budget(registries, stand, crate, first, again):
    found = await registries.look(package(NAME, crate=crate))
    assert len(stand.asked) == first <= BUDGET
    stand.asked.clear()
    assert await registries.look(package(NAME, crate=crate)) == found
    assert len(stand.asked) == again


async def test_the_evidence_about_a_crate_is_read(registries):
    found = await registries.look(package(NAME, crate=True))
    assert (found.archive.commit, found.archive.readme) == (SHA, "README.md")
    assert (found.docs.built, found.gets, found.previous.trusted) == (True, "0.5.0", True)
    assert [(each.name, each.versions) for each in found.path_dependencies] == [("edge-core", ("0.5.0",))]


async def test_the_provenances_of_the_sdist_and_one_wheel_are_read(registries):
    found = await registries.look(package(NAME))
    assert [one.filename for one in found.provenance] == [
        "edge_demo-0.5.0.tar.gz",
        "edge_demo-0.5.0-cp39-cp39-win32.whl",
    ]
    assert {one.commit for each in found.provenance for one in each.attestations} == {SHA}


async def test_what_did_not_change_is_not_transferred_again(registries, stand):
    await registries.look(package(NAME))
    stand.headers.clear()
    stand.says("/simple/edge-demo/", 304)
    stand.says("/pypi/edge-demo/0.5.0/json", 304)
    found = await registries.look(package(NAME))
    assert len(found.files) == 7
    assert [headers["If-None-Match"] for headers in stand.headers] == ['"one"', '"one"']


async def test_docs_rs_that_does_not_answer_holds_nothing_up(registries, stand):
    stand.says("/crate/edge-demo/0.5.0/status.json", 503)
    assert (await registries.look(package(NAME, crate=True))).docs is None


def test_the_cache_is_bounded_in_number_and_in_bytes():
    cache = Cache(most_entries=2, most_bytes=10)
    for name in "abc":
        cache.keep(name, "*", "tag", b"1234")
    assert [cache.get(name, "*") is not None for name in "abc"] == [False, True, True]
    cache.keep("large", "*", "tag", b"1" * 11)
    cache.keep("d", "*", "tag", b"123456789")
    assert [cache.get(name, "*") is not None for name in ("b", "c", "large", "d")] == [False, False, False, True]


def test_an_answer_without_etag_replaces_the_one_that_was_kept():
    cache = Cache()
    cache.keep("a", "*", "tag", b"old")
    cache.keep("a", "*", None, b"new")
    assert cache.get("a", "*") is None
