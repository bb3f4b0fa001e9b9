"""crates.io as it is read."""

import json
from dataclasses import replace

import pytest
from aiohttp import web

from bot.registries.access import Access
from bot.registries.crates_io.client import CratesIO
from bot.registries.crates_io.found import CrateVersion
from bot.registries.crates_io.sparse_index import index_path
from bot.release.found import Unreachable

API = "/api/v1/crates/edgequake-llm/0.5.0"
INDEX = "/ed/ge/edgequake-llm"
README = "/readmes/edgequake-llm/edgequake-llm-0.5.0.html"
SUM = "ab" * 32


def api(version="0.5.0", **more):
    return {"version": {"num": version, "yanked": False, "checksum": SUM, "crate": "edgequake-llm", **more}}


def line(version="0.5.0", yanked="false"):
    return f'{{"name":"edgequake-llm","vers":"{version}","deps":[],"cksum":"{SUM}","yanked":{yanked}}}\n'


@pytest.fixture
def crates(stand, session, clock):
    url = stand.url
    return CratesIO(
        Access(session, "shipmate/0 (+here)", clock, crates_api_url=url, crates_index_url=url, crates_static_url=url)
    )


def published(stand):
    stand.says(API, api())
    stand.says(INDEX, line("0.4.0") + line())
    stand.says(README, "<h1>edgequake-llm</h1>")


async def test_a_version_is_read_from_api_index_and_readme(crates, stand):
    published(stand)
    assert await crates.look("edgequake-llm", "0.5.0") == CrateVersion(
        name="edgequake-llm",
        version="0.5.0",
        in_api=True,
        in_index=True,
        api_checksum=SUM,
        index_checksum=SUM,
        yanked=False,
        readme=True,
        url=f"{stand.url}/crates/edgequake-llm/0.5.0",
        readme_text_size=13,
        gets="0.5.0",
    )


async def test_an_absent_version_is_absent_and_its_readme_is_not_asked_for(crates, stand):
    found = await crates.look("edgequake-llm", "0.5.0")
    assert (found.in_api, found.in_index, found.readme) == (False, False, None)
    assert README not in stand.asked


async def test_an_index_that_lags_behind_the_api_is_seen(crates, stand):
    published(stand)
    stand.says(INDEX, line("0.4.0"))
    found = await crates.look("edgequake-llm", "0.5.0")
    assert (found.in_api, found.in_index) == (True, False)


@pytest.mark.parametrize("status", [403, 404])
async def test_a_readme_that_the_storage_refuses_is_not_there(crates, stand, status):
    published(stand)
    stand.says(README, status)
    assert (await crates.look("edgequake-llm", "0.5.0")).readme is False


async def test_a_yank_seen_by_the_index_alone_counts(crates, stand):
    published(stand)
    stand.says(INDEX, line(yanked="true"))
    assert (await crates.look("edgequake-llm", "0.5.0")).yanked


async def test_the_evidence_is_left_alone_when_nobody_asks_for_it(crates, stand):
    published(stand)
    found = await crates.look("edgequake-llm", "0.5.0", evidence=False)
    assert found == replace(found, readme=None, in_index=True)
    assert sorted(stand.asked) == [API, INDEX]


@pytest.mark.parametrize("path", [API, INDEX, README])
async def test_nothing_follows_from_a_part_that_cannot_be_asked(crates, stand, path):
    published(stand)
    stand.says(path, 503)
    assert await crates.look("edgequake-llm", "0.5.0") == Unreachable("crates.io", "HTTP 503 from 127.0.0.1")


@pytest.mark.parametrize("nonsense", ["<html>", "[]", '{"version":{"num":5}}', "[" * 100_000, "\ud7ff", api("0.5.1")])
async def test_an_api_answer_of_an_unexpected_shape_is_unreachable(crates, stand, nonsense):
    published(stand)
    stand.says(API, nonsense)
    assert isinstance(await crates.look("edgequake-llm", "0.5.0"), Unreachable)


async def test_an_api_answer_that_is_not_utf_8_is_unreachable(crates, stand):
    published(stand)
    stand.says(API, web.Response(body=json.dumps(api()).encode().replace(b'"0.5.0"', b'"\x80"', 1)))
    assert isinstance(await crates.look("edgequake-llm", "0.5.0"), Unreachable)


async def test_an_index_line_of_an_unexpected_shape_is_unreachable(crates, stand):
    published(stand)
    stand.says(INDEX, line("0.4.0") + "{}\n")
    assert isinstance(await crates.look("edgequake-llm", "0.5.0"), Unreachable)


async def test_names_and_versions_are_quoted(crates, stand):
    found = await crates.look("a/?x y", "1.0.0+b/c")
    assert not found.in_api
    assert sorted(stand.asked) == ["/a%2F/%3Fx/a%2F%3Fx%20y", "/api/v1/crates/a%2F%3Fx%20y/1.0.0%2Bb%2Fc"]


async def test_api_requests_keep_a_second_apart_and_index_requests_do_not_wait(crates, clock):
    for version in ("1.0.0", "1.0.1", "1.0.2"):
        await crates.exists("edgequake-llm", version)
    assert clock.slept == [1.0, 1.0]


async def test_a_version_in_the_index_exists_without_asking_the_api(crates, stand):
    published(stand)
    assert await crates.exists("edgequake-llm", "0.5.0") is True
    assert stand.asked == [INDEX]


async def test_a_version_that_only_the_api_has_exists(crates, stand):
    stand.says(API, api())
    assert await crates.exists("edgequake-llm", "0.5.0") is True


async def test_a_version_that_is_nowhere_does_not_exist(crates, stand):
    stand.says(INDEX, line("0.4.0"))
    assert await crates.exists("edgequake-llm", "0.5.0") is False


async def test_a_crate_is_known_with_any_version(crates, stand):
    stand.says(INDEX, line("0.4.0"))
    assert await crates.knows("edgequake-llm") is True


async def test_a_crate_that_the_index_does_not_have_is_not_known(crates, stand):
    stand.says(INDEX, 404)
    assert await crates.knows("edgequake-llm") is False


async def test_whether_a_crate_is_known_is_open_while_the_index_cannot_be_asked(crates, stand):
    stand.says(INDEX, 500)
    assert isinstance(await crates.knows("edgequake-llm"), Unreachable)


CRATE = "/api/v1/crates/edgequake-llm?include=default_version"


async def test_a_crate_takes_tokens_unless_it_is_for_trusted_publishers_alone(crates, stand):
    stand.says(CRATE, {"crate": {"trustpub_only": True}})
    assert await crates.takes_tokens("edgequake-llm") is False
    stand.says(CRATE, {"crate": {}})
    assert await crates.takes_tokens("edgequake-llm") is True
    stand.says(CRATE, 404)
    assert await crates.takes_tokens("edgequake-llm") is True
    stand.says(CRATE, 500)
    assert isinstance(await crates.takes_tokens("edgequake-llm"), Unreachable)


async def test_build_metadata_does_not_make_a_used_version_new(crates, stand):
    stand.says(INDEX, line("0.5.0"))
    assert await crates.exists("edgequake-llm", "0.5.0+again") is True


async def test_no_version_is_called_unused_while_the_index_cannot_be_asked(crates, stand):
    stand.says(INDEX, 500)
    assert isinstance(await crates.exists("edgequake-llm", "0.5.0"), Unreachable)


@pytest.mark.parametrize(
    ("name", "path"),
    [("a", "1/a"), ("ab", "2/ab"), ("Abc", "3/a/abc"), ("serde", "se/rd/serde"), ("a_b-c", "a_/b-/a_b-c")],
)
def test_the_index_path_follows_cargos_rule(name, path):
    assert index_path(name) == path


async def test_the_index_tells_what_a_lock_file_needs(stand, crates):
    need = '{"name":"s","package":"serde","req":"^1","kind":"normal"}'
    stand.says(INDEX, line("0.4.0") + line().replace('"deps":[]', f'"deps":[{need}]'))
    old, new = await crates.index("edgequake-llm")
    assert (old.version, old.checksum, old.needs) == ("0.4.0", SUM, ())
    assert [(each.name, each.requirement) for each in new.needs] == [("serde", "^1")]
    assert "normal" in new.needs[0].rest
    assert "^1" not in new.needs[0].rest


async def test_an_index_that_talks_nonsense_is_unreachable_and_one_without_the_crate_is_empty(stand, crates):
    stand.says(INDEX, line() + "nonsense\n")
    assert isinstance(await crates.index("edgequake-llm"), Unreachable)
    assert await crates.index("unknown") == ()
