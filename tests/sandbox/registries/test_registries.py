"""The registry stand-ins: what they take, and what they answer over HTTP."""

import hashlib
import subprocess
import sys

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from packaging.utils import parse_wheel_filename
from yarl import URL

from bot.sandbox.registries.archives import read_tar_gz, read_zip, zipped
from bot.sandbox.registries.crate_file import CannotPackage, build, normalised, read
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.crates_web import crates_app
from bot.sandbox.registries.errors import Refused
from bot.sandbox.registries.pypi import PyPI
from bot.sandbox.registries.pypi_web import pypi_app
from bot.sandbox.registries.wheels import Project, platform_tag, sdist, wheel

COMMIT = "c" * 40
PIP = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"


def crate(name="my-crate", version="1.0.0", readme="# Hello", **package):
    fields = {"name": name, "version": version, "description": "d", "license": "MIT", **package}
    manifest = {"package": fields, "dependencies": {"serde": {"version": "1.0", "features": ["derive"]}}}
    return build(manifest, b"[package]", readme, {"src/lib.rs": b""}, commit=COMMIT, folder=".")


@pytest.fixture
async def crates(clock):
    """A crates.io with one version, its server and a session that says who it is."""
    registry = CratesIO(clock)
    registry.publish("my-crate", "1.0.0", crate())
    async with TestServer(crates_app(registry)) as server, aiohttp.ClientSession() as session:
        yield registry, lambda path, **options: session.get(server.make_url(path), **options)


PROJECT = Project(
    "My.Project", "1.0rc1", "A summary", ">=3.10", "MIT", "# Grüße\n", urls={"Source": "https://x.invalid"}
)


@pytest.fixture
async def pypi(clock):
    """A PyPI with a wheel and an sdist, and its server."""
    registry = PyPI(clock)
    registry.upload(*wheel(PROJECT, f"cp310-abi3-{platform_tag('linux-x86_64')}", {"my_project/a.py": b"1"}))
    registry.upload(*sdist(PROJECT, {"pyproject.toml": b""}))
    async with TestServer(pypi_app(registry)) as server, aiohttp.ClientSession() as session:
        yield registry, lambda path, **options: session.get(server.make_url(path), **options)


# Files


def test_archives_are_the_same_bytes_every_time():
    assert crate() == crate()
    assert sdist(PROJECT, {"a": b"1"}) == sdist(PROJECT, {"a": b"1"})
    assert wheel(PROJECT, "py3-none-any", {"a": b"1"}) == wheel(PROJECT, "py3-none-any", {"a": b"1"})


def test_a_wheel_has_its_name_its_tags_and_a_record_of_its_files():
    name, content = wheel(PROJECT, f"cp310-abi3-{platform_tag('linux-x86_64')}", {"my_project/a.py": b"1"})
    assert name == "my_project-1.0rc1-cp310-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
    assert {str(tag) for tag in parse_wheel_filename(name)[3]} == {
        "cp310-abi3-manylinux_2_17_x86_64",
        "cp310-abi3-manylinux2014_x86_64",
    }
    files = read_zip(content)
    assert b"Tag: cp310-abi3-manylinux2014_x86_64" in files["my_project-1.0rc1.dist-info/WHEEL"]
    recorded = [line.split(b",")[0].decode() for line in files["my_project-1.0rc1.dist-info/RECORD"].splitlines()]
    assert recorded == list(files)


def test_pip_takes_a_wheel(tmp_path):
    name, content = wheel(PROJECT, "py3-none-any", {"my_project/__init__.py": b"x = 1\n"})
    (tmp_path / name).write_bytes(content)
    options = "--no-deps --no-index --quiet --disable-pip-version-check --ignore-requires-python"
    pip = [sys.executable, "-m", "pip", "install", *options.split(), "--target", str(tmp_path / "out")]
    subprocess.run([*pip, str(tmp_path / name)], check=True)
    assert (tmp_path / "out/my_project/__init__.py").read_text() == "x = 1\n"


def test_a_crate_file_tells_its_commit_and_that_the_tree_was_clean():
    files = read_tar_gz(crate())
    assert next(iter(files)) == "my-crate-1.0.0/.cargo_vcs_info.json"
    assert b"dirty" not in files["my-crate-1.0.0/.cargo_vcs_info.json"]
    assert read(crate()).commit == COMMIT


def test_a_manifest_gets_what_it_inherits_and_loses_its_paths():
    workspace = {"workspace": {"package": {"version": "2.0.0"}, "dependencies": {"a": {"version": "1", "path": "a"}}}}
    own = {"package": {"name": "b", "version": {"workspace": True}}, "dependencies": {"a": {"workspace": True}}}
    assert normalised(own, workspace) == {
        "package": {"name": "b", "version": "2.0.0"},
        "dependencies": {"a": {"version": "1"}},
    }


def test_a_dependency_without_a_version_cannot_be_packaged():
    manifest = normalised({"package": {"name": "b", "version": "1.0.0"}, "dependencies": {"a": {"path": "a"}}}, {})
    with pytest.raises(CannotPackage, match="dependency `a` does not specify a version"):
        build(manifest, b"", None, {}, commit=COMMIT, folder=".")


# crates.io


async def test_a_version_is_shown_by_the_api_under_any_spelling_of_its_name(crates):
    _, get = crates
    async with get("/api/v1/crates/My_Crate/1.0.0") as answer:
        version = (await answer.json())["version"]
    assert (version["crate"], version["num"]) == ("my-crate", "1.0.0")
    assert (version["yanked"], version["has_lib"]) == (False, True)
    assert version["checksum"] == hashlib.sha256(crate()).hexdigest()
    assert version["audit_actions"][0]["action"] == "publish"


async def test_what_is_not_there_is_told_apart(crates):
    _, get = crates
    async with get("/api/v1/crates/my-crate/2.0.0") as answer:
        assert answer.status == 404
        assert (await answer.json())["errors"][0]["detail"] == "crate `my-crate` does not have a version `2.0.0`"
    async with get("/api/v1/crates/other/2.0.0") as answer:
        assert (await answer.json())["errors"][0]["detail"] == "crate `other` does not exist"
    async with get("/api/v1/crates/my-crate/two") as answer:
        assert answer.status == 400


async def test_the_api_refuses_who_does_not_say_who_it_is(crates):
    _, get = crates
    async with get("/api/v1/crates/my-crate", skip_auto_headers=["User-Agent"]) as answer:
        assert answer.status == 403
        assert "User-Agent" in await answer.text()
    async with get("/index/config.json", skip_auto_headers=["User-Agent"]) as answer:
        assert answer.status == 200


async def test_a_crate_knows_its_newest_and_its_newest_stable_version(crates):
    registry, get = crates
    registry.publish("my-crate", "1.10.0-rc.1", crate(version="1.10.0-rc.1"))
    registry.publish("my-crate", "1.9.0", crate(version="1.9.0"))
    async with get("/api/v1/crates/my-crate") as answer:
        found = await answer.json()
    assert [each["num"] for each in found["versions"]] == ["1.10.0-rc.1", "1.9.0", "1.0.0"]
    assert (found["crate"]["max_version"], found["crate"]["max_stable_version"]) == ("1.10.0-rc.1", "1.9.0")


async def test_the_index_has_a_line_for_each_version_and_honours_its_etag(crates):
    registry, get = crates
    async with get("/index/my/-c/my-crate") as answer:
        assert (await answer.text()).count("\n") == 1
        assert registry.versions[0].checksum in await answer.text()
        assert '"deps":[{"name":"serde","req":"^1.0","features":["derive"]' in await answer.text()
        tag = answer.headers["ETag"]
    async with get("/index/my/-c/my-crate", headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304
    async with get("/index/my/_c/my_crate") as answer:
        assert answer.status == 404


async def test_the_index_may_lag_behind_the_api(clock, crates):
    registry, get = crates
    registry.index_delay = 60
    async with get("/index/my/-c/my-crate") as answer:
        assert answer.status == 404
    await clock.sleep(61)
    async with get("/index/my/-c/my-crate") as answer:
        assert answer.status == 200


async def test_the_readme_is_rendered_and_an_absent_one_is_forbidden(crates):
    registry, get = crates
    registry.publish("my-crate", "1.0.1", crate(version="1.0.1", readme=None))
    async with get("/api/v1/crates/my-crate/1.0.0/readme") as answer:
        assert answer.history[0].status == 302
        assert "<h1>Hello</h1>" in await answer.text()
    async with get("/static/readmes/my-crate/my-crate-1.0.1.html") as answer:
        assert answer.status == 403


async def test_the_file_is_served(crates):
    _, get = crates
    async with get("/static/crates/my-crate/my-crate-1.0.0.crate") as answer:
        assert await answer.read() == crate()


@pytest.mark.parametrize(
    ("version", "content", "words"),
    [
        ("1.0.0", crate(), "crate version `1.0.0` is already uploaded"),
        ("1.0.0+build", crate(version="1.0.0+build"), r"crate version `1.0.0\+build` is already uploaded"),
        ("1.1.0", crate(version="1.1.0", description=""), "missing or empty metadata fields: description"),
        ("1.1.0", crate(version="1.2.0"), "is of my-crate 1.2.0"),
        ("1.1", crate(version="1.1"), "invalid semver"),
        ("1.1.0", b"nonsense", "failed to read"),
    ],
)
def test_crates_io_refuses_in_its_own_words(clock, version, content, words):
    registry = CratesIO(clock)
    registry.publish("my-crate", "1.0.0", crate())
    with pytest.raises(Refused, match=words):
        registry.publish("my-crate", version, content)


def test_a_trusted_publish_names_its_run_and_no_user(clock):
    data = {"provider": "github", "repository": "o/r", "run_id": "7", "sha": COMMIT}
    version = CratesIO(clock).publish("my-crate", "1.0.0", crate(), published_by="morgan", trustpub=data)
    assert (version.published_by, version.trustpub) == (None, data)


# PyPI


async def test_a_release_is_shown_with_all_its_files(pypi):
    _, get = pypi
    async with get("/pypi/my-project/1.0.0rc1/json") as answer:
        found = await answer.json()
        assert answer.headers["X-PyPI-Last-Serial"] == str(found["last_serial"])
    assert [each["packagetype"] for each in found["urls"]] == ["bdist_wheel", "sdist"]
    assert found["urls"][0]["upload_time_iso_8601"] == "2026-04-04T12:00:00.000000Z"
    assert (found["info"]["version"], found["info"]["requires_python"]) == ("1.0rc1", ">=3.10")
    assert found["info"]["description"] == "# Grüße\n"
    assert "releases" not in found


async def test_names_are_redirected_to_their_normal_form(pypi):
    _, get = pypi
    for path in ("/pypi/My.Project/json", "/simple/My_Project/", "/simple/my-project"):
        async with get(path, headers={"Accept": PIP}) as answer:
            assert [each.status for each in answer.history] == [301]
            assert answer.status == 200


async def test_what_pypi_does_not_have_is_not_found(pypi):
    _, get = pypi
    for path in ("/pypi/other/json", "/pypi/my-project/2.0/json", "/pypi/my-project/two/json", "/simple/other/"):
        async with get(path) as answer:
            assert answer.status == 404


async def test_the_index_is_json_for_who_asks_for_it(pypi):
    _, get = pypi
    async with get("/simple/my-project/", headers={"Accept": PIP}) as answer:
        assert answer.content_type == "application/vnd.pypi.simple.v1+json"
        found = await answer.json(content_type=None)
    assert found["versions"] == ["1.0rc1"]
    assert [each["requires-python"] for each in found["files"]] == [">=3.10", ">=3.10"]
    async with get("/simple/my-project/") as answer:
        assert answer.status == 406


async def test_the_index_honours_its_etag_and_may_lag(clock, pypi):
    registry, get = pypi
    async with get("/simple/my-project/", headers={"Accept": PIP}) as answer:
        tag = answer.headers["ETag"]
    async with get("/simple/my-project/", headers={"Accept": PIP, "If-None-Match": tag}) as answer:
        assert answer.status == 304
    registry.index_delay = 60
    async with get("/simple/my-project/", headers={"Accept": PIP}) as answer:
        assert answer.status == 404
    async with get("/pypi/my-project/json") as answer:
        assert answer.status == 200


async def test_files_and_their_metadata_are_served(pypi):
    _, get = pypi
    async with get("/pypi/my-project/json") as answer:
        found = (await answer.json())["urls"][0]
    path = URL(found["url"]).path
    async with get(path) as answer:
        assert hashlib.sha256(await answer.read()).hexdigest() == found["digests"]["sha256"]
    async with get(f"{path}.metadata") as answer:
        assert b"Name: My.Project" in await answer.read()


def test_the_same_bytes_again_change_nothing(clock):
    registry = PyPI(clock)
    first = registry.upload(*sdist(PROJECT, {}))
    assert registry.upload(*sdist(PROJECT, {})) is first
    assert len(registry.projects["my-project"]) == 1


@pytest.mark.parametrize(
    ("filename", "content", "words"),
    [
        ("my_project-1.0rc1.tar.gz", sdist(PROJECT, {"other": b""})[1], r"File already exists \('my_project-1.0rc1"),
        ("My.Project-1.0rc1.tar.gz", sdist(PROJECT, {})[1], "not normalized"),
        ("my_project-1.0-cp310-abi3-linux_x86_64.whl", b"", "unsupported platform tag 'linux_x86_64'"),
        ("my_project-1.0-cp310-abi3-macosx_14_2_arm64.whl", b"", "unsupported platform tag"),
        ("my_project-2.0-py3-none-any.whl", wheel(PROJECT, "py3-none-any", {})[1], "Version in filename should be"),
        ("other-1.0rc1-py3-none-any.whl", wheel(PROJECT, "py3-none-any", {})[1], "Start filename for"),
        ("my_project-1.0rc1-py3-none-any.whl", zipped({"a": b""}), "METADATA not found"),
        ("my_project-1.0rc1-py3-none-any.whl", b"nonsense", "Invalid distribution file"),
        ("nonsense", b"", "Invalid distribution file"),
    ],
)
def test_pypi_refuses_in_its_own_words(clock, filename, content, words):
    registry = PyPI(clock)
    registry.upload(*sdist(PROJECT, {}))
    with pytest.raises(Refused, match=words):
        registry.upload(filename, content)


async def test_an_old_release_takes_no_new_files(clock):
    registry = PyPI(clock)
    registry.upload(*sdist(PROJECT, {}))
    await clock.sleep(15 * 24 * 3600)
    with pytest.raises(Refused, match="older than 14 days"):
        registry.upload(*wheel(PROJECT, "py3-none-any", {}))
