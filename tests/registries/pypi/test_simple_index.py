"""pip's index of a project, in the forms in which servers give it."""

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.registries.pypi.facts import ReleaseFile
from bot.registries.pypi.simple_index import read_index

NAME = "edge_demo-0.5.0.tar.gz"
PAGE = f"""<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.4">
<meta name="pypi:project-status" content="archived"></head><body>
<a href="../../files/{NAME}#sha256={"ab" * 32}" data-requires-python="&gt;=3.9" data-yanked="lost data">{NAME}</a><br>
</body></html>"""


def test_an_index_in_html_is_read_as_pip_reads_it():
    found = read_index(PAGE.encode())
    assert found.files == (ReleaseFile(NAME, "ab" * 32, None, None, ">=3.9", True, "lost data"),)
    assert found.status == "archived"


def test_an_empty_index_in_html_is_one_and_a_page_that_is_none_is_not():
    assert read_index(b'<html><meta name="pypi:repository-version" content="1.0"></html>').files == ()
    with pytest.raises(ValueError, match="without a single file"):
        read_index(b"<html><body>Please enable JavaScript</body></html>")


def test_everything_but_the_name_may_be_absent():
    (file,) = read_index(b'{"files":[{"filename":"%s"}]}' % NAME.encode()).files
    assert file == ReleaseFile(NAME, "", None, None, None, False)


@pytest.mark.parametrize(
    "status", [b'"project-status":{"status":"quarantined"}', b'"meta":{"project-status":"quarantined"}']
)
def test_the_status_is_read_where_pypi_writes_it_and_where_the_specification_does(status):
    assert read_index(b'{"files":[],%s}' % status).status == "quarantined"


@pytest.mark.parametrize(
    ("provenance", "known"), [(b"", None), (b',"provenance":null', False), (b',"provenance":"https://x"', True)]
)
def test_a_provenance_is_there_or_not_or_not_told(provenance, known):
    assert read_index(b'{"files":[{"filename":"a"%s}]}' % provenance).files[0].has_provenance is known


def test_times_without_a_zone_are_utc():
    (file,) = read_index(b'{"files":[{"filename":"a","upload-time":"2026-04-04T16:02:00"}]}').files
    assert file.uploaded_at == datetime(2026, 4, 4, 16, 2, tzinfo=UTC)


@given(st.binary(max_size=200))
@example(b"<![\x00")
def test_no_page_raises_anything_else(body):
    for text in (body, b"<html>" + body, b'{"files":[' + body):
        with suppress(ValueError):
            read_index(text)


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_no_upload_can_have_is_not_known(at):
    body = json.dumps({"files": [{"filename": "a-1.0.tar.gz", "upload-time": at}]}).encode()
    assert read_index(body).files[0].uploaded_at is None
