"""What the registry stand-ins answer to who changes something, and what is shown afterwards."""

import hashlib
import json

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.crates_web import crates_app
from bot.sandbox.registries.errors import Refused
from bot.sandbox.registries.provenance import Identity, Signer
from bot.sandbox.registries.pypi import PyPI
from bot.sandbox.registries.pypi_web import pypi_app
from bot.sandbox.registries.wheels import sdist, wheel
from tests.sandbox.registries.test_registries import PIP, PROJECT, crate

PUBLISHER = Identity("octo/demo", ".github/workflows/publish.yml", "refs/tags/v1.0.0", "c" * 40, run_id=7)
VERSION = "/api/v1/crates/my-crate/1.0.0"


class Client:
    """Requests to one of the stand-ins."""

    def __init__(self, server, session):
        self._server, self._session = server, session

    async def __call__(self, method, path, token=None, **options):
        headers = {"Authorization": token} if token else {}
        headers |= options.pop("headers", {})
        asked = self._session.request(method, self._server.make_url(path), headers=headers, **options)
        async with asked as answer:
            self.headers, self.text = answer.headers, await answer.text("utf-8", "replace")
            return answer.status

    @property
    def json(self):
        return json.loads(self.text)


@pytest.fixture
def crates(clock):
    registry = CratesIO(clock)
    registry.publish("my-crate", "1.0.0", crate(), published_by="morgan")
    return registry


@pytest.fixture
async def ask(crates):
    async with TestServer(crates_app(crates)) as server, aiohttp.ClientSession() as session:
        yield Client(server, session)


@pytest.fixture
def pypi(clock):
    registry = PyPI(clock)
    registry.upload(*sdist(PROJECT, {"pyproject.toml": b""}))
    return registry


@pytest.fixture
async def ask_pypi(pypi):
    async with TestServer(pypi_app(pypi)) as server, aiohttp.ClientSession() as session:
        yield Client(server, session)


# crates.io


async def test_a_yank_is_shown_everywhere_with_who_did_it(crates, ask, clock):
    token = crates.issue_token("morgan", scopes=("yank",))
    await clock.sleep(60)
    assert await ask("DELETE", f"{VERSION}/yank", token) == 200
    assert ask.json == {"ok": True}
    await ask("GET", VERSION)
    found = ask.json["version"]
    assert (found["yanked"], found["yank_message"]) == (True, None)
    assert [(each["action"], each["user"]["login"]) for each in found["audit_actions"]] == [
        ("publish", "morgan"),
        ("yank", "morgan"),
    ]
    assert found["updated_at"] > found["created_at"]
    await ask("GET", "/index/my/-c/my-crate")
    assert ask.json["yanked"] is True


async def test_a_yank_with_a_message_can_be_taken_back(crates, ask):
    token = f"Bearer {crates.issue_token('morgan')}"
    body = {"version": {"yanked": True, "yank_message": "It eats cats"}}
    assert await ask("PATCH", VERSION, token, json=body) == 200
    assert ask.json["version"]["yank_message"] == "It eats cats"
    assert await ask("PUT", f"{VERSION}/unyank", token) == 200
    await ask("GET", VERSION)
    assert (ask.json["version"]["yanked"], ask.json["version"]["yank_message"]) == (False, None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"yanked": False, "yank_message": "no"}, "Cannot set yank message when unyanking"),
        ({"yank_message": "no"}, "Cannot update yank message for a version that is not yanked"),
    ],
)
async def test_a_message_needs_a_yank(crates, ask, body, words):
    assert await ask("PATCH", VERSION, crates.issue_token("morgan"), json={"version": body}) == 400
    assert ask.json["errors"][0]["detail"] == words


@pytest.mark.parametrize(
    ("token", "words"),
    [
        (lambda it: None, "this action requires authentication"),
        (lambda it: "ciononsense", "authentication failed"),
        (lambda it: it.issue_token("morgan", scopes=("publish-update",)), "does not have the required permissions"),
        (lambda it: it.issue_trusted_token(PUBLISHER.trustpub_data()), "does not have the required permissions"),
        (lambda it: it.issue_token("eve"), "must already be an owner to yank or unyank"),
    ],
)
async def test_who_may_not_yank_is_told_why(crates, ask, token, words):
    assert await ask("DELETE", f"{VERSION}/yank", token(crates)) == 403
    assert words in ask.json["errors"][0]["detail"]
    assert not crates.versions[0].yanked


async def test_the_owners_are_listed(ask):
    await ask("GET", "/api/v1/crates/my-crate/owners")
    assert [each["login"] for each in ask.json["users"]] == ["morgan"]


async def test_a_download_is_redirected_to_the_file_whoever_asks(ask):
    options = {"skip_auto_headers": ["User-Agent"], "allow_redirects": False}
    assert await ask("GET", f"{VERSION}/download", **options) == 302
    assert ask.headers["Location"].endswith("/static/crates/my-crate/my-crate-1.0.0.crate")
    assert await ask("GET", "/static/crates/my-crate/1.0.0/download") == 200


async def test_nothing_is_sent_twice_to_who_has_it(ask):
    for path in (VERSION, "/static/readmes/my-crate/my-crate-1.0.0.html", "/index/my/-c/my-crate"):
        assert await ask("GET", path) == 200
        tag = ask.headers["ETag"]
        assert await ask("GET", path, headers={"If-None-Match": tag}) == 304
        assert (ask.headers["ETag"], ask.text) == (tag, "")


async def test_an_index_that_lags_does_not_know_of_a_yank_yet(crates, ask, clock):
    await clock.sleep(600)
    crates.index_delay = 60
    crates.yank(crates.versions[0], by="morgan")
    await ask("GET", "/index/my/-c/my-crate")
    assert ask.json["yanked"] is False
    await clock.sleep(61)
    await ask("GET", "/index/my/-c/my-crate")
    assert ask.json["yanked"] is True


async def test_docs_rs_tells_of_a_build(crates, ask):
    assert await ask("GET", "/docs.rs/crate/my-crate/=1.0.0/status.json") == 200
    assert ask.json == {"version": "1.0.0", "doc_status": True}
    assert "ETag" not in ask.headers
    crates.versions[0].docs = False
    await ask("GET", "/docs.rs/crate/my-crate/1.0.0/status.json")
    assert ask.json == {"version": "1.0.0", "doc_status": False}
    assert await ask("GET", "/docs.rs/crate/my_crate/1.0.0/status.json") == 404


async def test_docs_rs_answers_with_a_newer_version_for_one_that_is_not_queued(crates, ask):
    crates.publish("my-crate", "1.0.1", crate(version="1.0.1"))
    crates.versions[0].docs = None
    assert await ask("GET", "/docs.rs/crate/my-crate/1.0.0/status.json") == 200
    assert ask.json["version"] == "1.0.1"
    assert await ask("GET", "/docs.rs/crate/my-crate/=1.0.0/status.json") == 404
    assert await ask("GET", "/docs.rs/crate/my-crate/2.0.0/status.json") == 404


# PyPI


async def test_a_yank_of_a_release_has_its_reason_everywhere(pypi, ask_pypi):
    pypi.yank("my-project", "1.0rc1", "It eats <cats>")
    await ask_pypi("GET", "/pypi/my-project/1.0rc1/json")
    assert (ask_pypi.json["info"]["yanked"], ask_pypi.json["info"]["yanked_reason"]) == (True, "It eats <cats>")
    assert ask_pypi.json["urls"][0]["yanked"] is True
    await ask_pypi("GET", "/simple/my-project/", headers={"Accept": PIP})
    assert ask_pypi.json["files"][0]["yanked"] == "It eats <cats>"
    pypi.unyank("my-project", "1.0rc1")
    await ask_pypi("GET", "/simple/my-project/", headers={"Accept": PIP})
    assert ask_pypi.json["files"][0]["yanked"] is False


async def test_a_project_in_quarantine_has_no_files(pypi, ask_pypi):
    pypi.mark("my-project", "quarantined", "reported")
    assert await ask_pypi("GET", "/pypi/my-project/1.0rc1/json") == 404
    assert await ask_pypi("GET", "/pypi/my-project/json") == 404
    await ask_pypi("GET", "/simple/my-project/", headers={"Accept": PIP})
    assert ask_pypi.json["files"] == []
    assert ask_pypi.json["project-status"] == {"status": "quarantined", "reason": "reported"}


async def test_an_archived_project_is_there(pypi, ask_pypi):
    pypi.mark("my-project", "archived")
    assert await ask_pypi("GET", "/pypi/my-project/1.0rc1/json") == 200
    await ask_pypi("GET", "/simple/my-project/", headers={"Accept": PIP})
    assert (ask_pypi.json["project-status"], len(ask_pypi.json["files"])) == ({"status": "archived"}, 1)


async def test_a_release_that_is_deleted_is_not_shown(pypi, ask_pypi):
    pypi.upload(*sdist(type(PROJECT)("My.Project", "1.1"), {}))
    pypi.delete("my-project", "1.0rc1")
    assert await ask_pypi("GET", "/pypi/my-project/1.0rc1/json") == 404
    await ask_pypi("GET", "/simple/my-project/", headers={"Accept": PIP})
    assert (ask_pypi.json["versions"], ask_pypi.json["project-status"]) == (["1.1"], {"status": "active"})


def test_the_name_of_a_deleted_file_cannot_be_used_again(pypi):
    pypi.delete("my-project", "1.0rc1")
    with pytest.raises(Refused, match="previously used by a file that has since been deleted"):
        pypi.upload(*sdist(PROJECT, {"other": b""}))


async def test_an_index_that_lags_has_its_old_serial_and_its_old_files(pypi, ask_pypi, clock):
    await ask_pypi("GET", "/simple/my-project/", headers={"Accept": PIP})
    before = ask_pypi.json["meta"]["_last-serial"]
    await clock.sleep(600)
    pypi.index_delay = 60
    pypi.upload(*wheel(PROJECT, "py3-none-any", {}))
    pypi.yank("my-project", "1.0rc1", "bad")
    await ask_pypi("GET", "/pypi/my-project/1.0rc1/json")
    assert (len(ask_pypi.json["urls"]), ask_pypi.json["last_serial"]) == (2, before + 2)
    await ask_pypi("GET", "/simple/my-project/", headers={"Accept": PIP})
    assert [file["yanked"] for file in ask_pypi.json["files"]] == [False]
    assert (ask_pypi.json["meta"]["_last-serial"], ask_pypi.headers["X-PyPI-Last-Serial"]) == (before, str(before))


async def test_the_index_links_to_metadata_and_provenance(pypi, ask_pypi, clock):
    name, content = wheel(PROJECT, "py3-none-any", {})
    signed = Signer(PUBLISHER, clock.now()).attest(name, content)
    pypi.upload(name, content, publisher=PUBLISHER, attestations=[signed])
    await ask_pypi("GET", "/simple/my-project/", headers={"Accept": PIP})
    file = next(each for each in ask_pypi.json["files"] if each["filename"] == name)
    path = f"/integrity/My.Project/1.0rc1/{name}/provenance"
    assert file["provenance"].endswith(path.replace("My.Project", "my-project"))
    assert file["core-metadata"]["sha256"]
    assert await ask_pypi("GET", path, headers={"Accept": "application/vnd.pypi.integrity.v1+json"}) == 200
    (bundle,) = ask_pypi.json["attestation_bundles"]
    assert (bundle["publisher"]["repository"], bundle["publisher"]["workflow"]) == ("octo/demo", "publish.yml")
    assert bundle["attestations"] == [signed]


async def test_a_provenance_that_is_not_there_or_not_in_that_form(pypi, ask_pypi):
    path = "/integrity/my-project/1.0rc1/my_project-1.0rc1.tar.gz/provenance"
    assert await ask_pypi("GET", path) == 404
    assert ask_pypi.json["message"] == "No provenance available for my_project-1.0rc1.tar.gz"
    assert await ask_pypi("GET", path, headers={"Accept": "text/html"}) == 406
    assert await ask_pypi("GET", "/integrity/my-project/1.0rc1/other.whl/provenance") == 404


def form(**changes):
    name, content = wheel(PROJECT, "py3-none-any", {})
    fields = {":action": "file_upload", "protocol_version": "1", "sha256_digest": hashlib.sha256(content).hexdigest()}
    data = aiohttp.FormData()
    for key, value in {**fields, **changes}.items():
        data.add_field(key, value)
    data.add_field("content", content, filename=name)
    return data


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({}, 200, ""),
        ({"sha256_digest": "0" * 64}, 400, "The digest supplied does not match"),
        ({":action": "submit"}, 400, "Invalid value for :action"),
        ({"attestations": "[]"}, 400, "an empty attestation set is not permitted"),
        ({"attestations": "[{}]"}, 400, "only supported when using Trusted Publishing"),
    ],
)
async def test_an_upload_is_taken_or_refused_in_the_status_line_and_on_a_page(pypi, ask_pypi, changes, status, words):
    token = aiohttp.encode_basic_auth("__token__", pypi.issue_token())
    assert await ask_pypi("POST", "/legacy/", token, data=form(**changes)) == status
    assert words in ask_pypi.text


async def test_an_upload_needs_a_token(ask_pypi):
    assert await ask_pypi("POST", "/legacy/", data=form()) == 403
    token = aiohttp.encode_basic_auth("__token__", "pypi-nonsense")
    assert await ask_pypi("POST", "/legacy/", token, data=form()) == 403
    assert "Invalid or non-existent authentication information" in ask_pypi.text
