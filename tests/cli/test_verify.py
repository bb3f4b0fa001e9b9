"""`verify` as a person calls it: what it says, and how it ends."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner

from bot.cli import main
from tests.registries.recorded import serving

SDIST, WHEEL = "edge_demo-0.5.0.tar.gz", "edge_demo-0.5.0-py3-none-any.whl"


def simple(*filenames):
    files = [{"filename": name, "url": name, "hashes": {"sha256": "ab" * 32}} for name in filenames]
    return {"meta": {"api-version": "1.1"}, "name": "edge-demo", "files": files}


async def verify(*arguments):
    return await asyncio.to_thread(CliRunner().invoke, main, ["verify", *arguments])


@pytest.fixture
async def pypi():
    async with serving("edge-demo", simple(SDIST, WHEEL), None) as url:
        yield url


async def test_a_complete_release_ends_well(pypi):
    result = await verify("pypi", "Edge_Demo", "0.5", "--pypi-url", pypi)
    assert (result.exit_code, result.stdout.partition("\n")[0]) == (0, "Edge_Demo 0.5 on PyPI: verified")


async def test_a_missing_file_ends_with_one_and_says_what_to_do(pypi):
    result = await verify("pypi", "edge-demo", "0.5.0", "--expect", "sdist,linux-x86_64", "--pypi-url", pypi)
    assert result.exit_code == 1
    assert "✗ linux-x86_64 wheel is missing" in result.stdout
    assert "→ Look at the job that builds it" in result.stdout


async def test_what_a_registry_says_cannot_command_the_terminal():
    page = simple(SDIST, WHEEL)
    page["files"][0]["yanked"] = "\x1b[2Jbad\nworse"
    async with serving("edge-demo", page, None) as url:
        result = await verify("pypi", "edge-demo", "0.5.0", "--pypi-url", url)
    assert "✗ 0.5.0 is yanked:  [2Jbad worse" in result.stdout


@pytest.mark.parametrize("output", ["text", "json"])
async def test_a_terminal_that_knows_only_ascii_is_served_too(pypi, output):
    command = [sys.executable, "-m", "bot", "verify", "pypi", "edge-demo", "0.5.0", "--pypi-url", pypi]
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONWARNINGS": ""}
    run = await asyncio.create_subprocess_exec(*command, "--format", output, env=env, stdout=PIPE, stderr=PIPE)
    told, failure = await run.communicate()
    assert (run.returncode, told.isascii()) == (0, True), failure


async def test_a_version_that_is_nowhere_is_wrong_and_says_what_to_do(pypi):
    result = await verify("pypi", "edge-demo", "9.0", "--pypi-url", pypi)
    assert result.exit_code == 1
    assert "PyPI does not have 9.0" in result.stdout
    assert "→ Look at the publish job's log" in result.stdout


async def test_json_has_every_key(pypi):
    result = await verify("pypi", "edge-demo", "0.5.0", "--format", "json", "--pypi-url", pypi)
    told = json.loads(result.stdout)
    assert {key: told[key] for key in ("registry", "name", "version", "verdict", "verified")} == {
        "registry": "pypi",
        "name": "edge-demo",
        "version": "0.5.0",
        "verdict": "complete",
        "verified": True,
    }
    assert all(set(line) == {"mark", "text", "link", "then"} for line in told["lines"])


async def test_a_registry_that_cannot_be_asked_ends_with_three(caplog):
    result = await verify("pypi", "edge-demo", "0.5.0", "--pypi-url", "http://127.0.0.1:1")
    assert result.exit_code == 3
    assert "could not be asked" in result.stdout
    assert "ask again later" in result.stdout
    assert not caplog.records


async def test_an_interrupted_call_says_nothing_of_the_release(pypi, monkeypatch):
    async def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.cli.verify.asyncio.run", lambda asking: asking.send(None))
    monkeypatch.setattr("bot.cli.verify._ask", interrupted)
    result = await verify("pypi", "edge-demo", "0.5.0", "--pypi-url", pypi)
    assert (result.exit_code, result.stdout) == (130, "")


async def test_an_address_may_have_a_path_and_end_with_slashes():
    async with serving("edge-demo", simple(SDIST, WHEEL), None, below="/mirror/pypi") as url:
        assert (await verify("pypi", "edge-demo", "0.5.0", "--pypi-url", f"{url}//")).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("npm", "edge-demo", "0.5.0"), "'npm' is not one of"),
        (("pypi", "edge-demo"), "Missing argument 'VERSION'"),
        (("pypi", "edge-demo", "0.5.0", "--expect", "amiga-68k"), "'amiga-68k' is no platform key"),
        (("pypi", "edge-demo", "0.5.0", "--expect", "sdist,linux-x8664"), "'linux-x8664' is no platform key"),
        (("pypi", "edge-demo", "0.5.0", "--expect", "macos-aarch46"), "'macos-aarch46' is no platform key"),
        (("pypi", "edge-demo", "0.5.0", "--expect", ","), "name at least one file"),
        (("pypi", "edge-demo", "0.5.0", "--commit", "main"), "'main' is no commit"),
        (("pypi", "", "0.5.0"), "'' is no name of a Python package"),
        (("pypi", "ä b/../c", "0.5.0"), "is no name of a Python package"),
        (("pypi", "edge-demo", "banana"), "'banana' is no version of a Python package"),
        (("pypi", "edge-demo", "../../x"), "'../../x' is no version"),
        (("pypi", "edge-demo", "0.5.0", "--repository", "edge"), "'edge' is not OWNER/NAME"),
        (("pypi", "edge-demo", "0.5.0", "--pypi-url", "pypi.org"), "it must begin with https://"),
        (("pypi", "edge-demo", "0.5.0", "--pypi-url", "http://h:99999"), "must be an address such as"),
        (("pypi", "edge-demo", "0.5.0", "--pypi-url", "http://[::1"), "must be an address such as"),
        (("pypi", "edge-demo", "0.5.0", "--pypi-url", "https://"), "must be an address such as"),
        (("pypi", "edge-demo", "0.5.0", "--pypi-url", "https://h/?a=b"), "must be an address such as"),
        (("crates.io", "edge-demo", "0.5.0", "--crates-url", "nope"), "it must begin with https://"),
        (("crates.io", "../x", "0.5.0"), "'../x' is no name of a crate"),
        (("crates.io", "edge-demo", "0.5"), "'0.5' is no version of a crate"),
        (("crates.io", "edge-demo", "0.5.0", "--expect", "sdist"), "a crate is one file"),
    ],
)
async def test_a_wrong_call_ends_with_two(arguments, said):
    result = await verify(*arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())


async def test_a_setting_that_is_no_address_is_a_usage_error(monkeypatch):
    monkeypatch.setenv("PYPI_URL", "pypi.org")
    result = await verify("pypi", "edge-demo", "0.5.0")
    assert (result.exit_code, "PYPI_URL must begin with https://" in result.stderr) == (2, True)


async def test_another_crates_io_says_where_its_files_are():
    asked = []

    async def answer(request):
        asked.append(request.path)
        if request.path == "/index/config.json":
            url = str(request.url.origin())
            return web.json_response({"dl": f"{url}/static/crates/{{crate}}/{{crate}}-{{version}}.crate", "api": url})
        if request.path == "/api/v1/crates/edge-demo/0.5.0":
            return web.json_response({"version": {"num": "0.5.0", "yanked": False, "checksum": "ab" * 32}})
        if request.path == "/index/ed/ge/edge-demo":
            return web.Response(text=f'{{"vers":"0.5.0","cksum":"{"ab" * 32}","yanked":false}}\n')
        return web.Response(status=404)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app) as server:
        result = await verify("crates.io", "edge-demo", "0.5.0", "--crates-url", str(server.make_url("/")))
    assert result.exit_code == 0, result.stdout
    assert "/static/crates/edge-demo/edge-demo-0.5.0.crate" in asked
