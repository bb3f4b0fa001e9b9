"""PyPI as it is read."""

from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.registries.access import Access
from bot.registries.pypi.client import PIP_ACCEPTS, PyPI
from bot.registries.pypi.facts import IndexRelease, ReleaseFile
from bot.registries.pypi.found import PyPIRelease
from bot.release.found import Unreachable

JSON = "/pypi/edgequake-litellm/0.4.0/json"
SIMPLE = "/simple/edgequake-litellm/"
WHEEL = "edgequake_litellm-0.4.0-cp39-abi3-win_amd64.whl"
SDIST = "edgequake_litellm-0.4.0.tar.gz"
OLD = "edgequake_litellm-0.3.0.tar.gz"
EXE = "edgequake_litellm-0.4.0.win32.exe"


def entry(filename):
    return {
        "filename": filename,
        "digests": {"sha256": "ab" * 32},
        "size": 12,
        "upload_time_iso_8601": "2026-04-04T16:02:00.5Z",
        "requires_python": ">=3.9",
        "yanked": False,
    }


def release(*filenames, **info):
    about = {"version": "0.4.0", "yanked": False, "description": "# hi", "requires_python": ">=3.9", **info}
    return {"info": about, "urls": [entry(filename) for filename in filenames]}


def indexed(filename):
    """A file of which the index tells nothing but its name."""
    return ReleaseFile(filename, "", None, None, None, False)


def index(*filenames, **more):
    return {"meta": {}, "name": "edgequake-litellm", "files": [{"filename": name, **more} for name in filenames]}


@pytest.fixture
def pypi(stand, session, clock):
    return PyPI(Access(session, "shipmate/0 (+here)", clock, pypi_url=stand.url))


async def test_a_release_is_read_from_json_and_from_pips_index(pypi, stand):
    stand.says(JSON, release(WHEEL))
    stand.says(SIMPLE, index(OLD, WHEEL, SDIST, EXE))
    uploaded = datetime(2026, 4, 4, 16, 2, 0, 500_000, tzinfo=UTC)
    assert await pypi.look("edgequake-litellm", "0.4.0") == PyPIRelease(
        name="edgequake-litellm",
        version="0.4.0",
        in_json=True,
        files=(ReleaseFile(WHEEL, "ab" * 32, 12, uploaded, ">=3.9", False),),
        index_files=(WHEEL, SDIST, EXE),
        yanked=False,
        has_description=True,
        requires_python=">=3.9",
        url=f"{stand.url}/project/edgequake-litellm/0.4.0/",
        releases=(
            IndexRelease("0.3.0", (indexed(OLD),)),
            IndexRelease("0.4.0", (indexed(WHEEL), indexed(SDIST), indexed(EXE))),
        ),
        project_url=f"{stand.url}/project/edgequake-litellm/",
    )


async def test_an_absent_release_is_absent(pypi):
    found = await pypi.look("edgequake-litellm", "0.4.0")
    assert (found.in_json, found.files, found.index_files) == (False, (), ())


async def test_the_index_is_asked_as_pip_asks_it(pypi, stand):
    await pypi.look("edgequake-litellm", "0.4.0")
    asked = dict(zip(stand.asked, stand.headers, strict=True))
    assert asked[SIMPLE]["Accept"] == PIP_ACCEPTS
    assert asked[SIMPLE]["User-Agent"] == "shipmate/0 (+here)"


async def test_a_redirect_to_the_normalised_name_is_followed(pypi, stand):
    elsewhere = JSON.replace("0.4.0", "0.4.0", 1).replace("pypi/", "moved/")
    stand.says(JSON, web.Response(status=301, headers={"Location": elsewhere}))
    stand.says(elsewhere, release(SDIST))
    assert (await pypi.look("edgequake-litellm", "0.4.0")).in_json


async def test_endless_redirects_end(pypi, stand):
    stand.says(JSON, web.Response(status=301, headers={"Location": JSON}))
    found = await pypi.look("edgequake-litellm", "0.4.0")
    assert found == Unreachable("PyPI", "127.0.0.1 could not be read (TooManyRedirects)")


async def test_names_and_versions_are_asked_for_in_pypis_spelling(pypi, stand):
    stand.says(JSON.replace("0.4.0", "0.4.0rc1"), release(version="0.4rc1"))
    assert (await pypi.look("EdgeQuake_LiteLLM", "0.4.0-rc.1")).in_json


async def test_files_are_matched_by_version_and_not_by_spelling(pypi, stand):
    stand.says(SIMPLE, index("edgequake_litellm-0.4.tar.gz", "edgequake_litellm-0.40.tar.gz"))
    assert (await pypi.look("edgequake-litellm", "0.4.0")).index_files == ("edgequake_litellm-0.4.tar.gz",)


@pytest.mark.parametrize("description", [None, "", "  \n", "UNKNOWN"])
async def test_an_empty_description_is_none(pypi, stand, description):
    stand.says(JSON, release(SDIST, description=description))
    assert not (await pypi.look("edgequake-litellm", "0.4.0")).has_description


async def test_a_yank_with_a_reason_in_the_index_counts(pypi, stand):
    stand.says(JSON, release(SDIST))
    stand.says(SIMPLE, index(SDIST, yanked="broken"))
    assert (await pypi.look("edgequake-litellm", "0.4.0")).yanked


@pytest.mark.parametrize("nonsense", ["<html>", "[]", '{"info":{"version":"0.4.0"},"urls":[{}]}', release(version="9")])
async def test_a_json_answer_of_an_unexpected_shape_is_unreachable(pypi, stand, nonsense):
    stand.says(JSON, nonsense)
    assert isinstance(await pypi.look("edgequake-litellm", "0.4.0"), Unreachable)


async def test_an_html_index_is_unreachable_and_not_empty(pypi, stand):
    stand.says(SIMPLE, "<html></html>")
    assert isinstance(await pypi.look("edgequake-litellm", "0.4.0"), Unreachable)


async def test_a_project_is_known_with_any_file_and_not_where_the_index_has_none(pypi, stand):
    stand.says(SIMPLE, index(SDIST))
    assert await pypi.knows("edgequake-litellm") is True
    assert await pypi.knows("another") is False


async def test_a_version_that_only_the_index_has_exists(pypi, stand):
    stand.says(SIMPLE, index(SDIST))
    assert await pypi.exists("edgequake-litellm", "0.4.0") is True


async def test_a_version_that_one_side_has_exists_though_the_other_cannot_be_asked(pypi, stand):
    stand.says(SIMPLE, 500)
    stand.says(JSON, release(SDIST))
    assert await pypi.exists("edgequake-litellm", "0.4.0") is True


async def test_a_version_that_is_nowhere_does_not_exist(pypi, stand):
    stand.says(SIMPLE, index(OLD))
    assert await pypi.exists("edgequake-litellm", "0.4.0") is False


async def test_no_version_is_called_unused_while_the_index_cannot_be_asked(pypi, stand):
    stand.says(SIMPLE, 500)
    assert isinstance(await pypi.exists("edgequake-litellm", "0.4.0"), Unreachable)
