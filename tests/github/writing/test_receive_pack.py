"""What git's protocol says, byte for byte, and what is no such thing."""

import subprocess
from datetime import UTC, datetime

import pytest

from bot.github.writing.receive_pack import (
    NO_OBJECT,
    ProtocolError,
    RefUpdate,
    TagObject,
    push_request,
    read_advertisement,
    read_report,
)

ONE, TWO = "1" * 40, "2" * 40
GITHUB = [
    *("report-status", "report-status-v2", "delete-refs", "side-band-64k", "ofs-delta", "atomic", "push-options"),
    *("object-format=sha1", "quiet"),
]
"""What GitHub's server offers: github/spokes-receive-pack, internal/spokes/spokes.go."""
MADE = RefUpdate("refs/tags/v1", NO_OBJECT, ONE)
GONE = RefUpdate("refs/heads/x", ONE, NO_OBJECT)
SERVICE = b"001f# service=git-receive-pack\n0000"
EMPTY_PACK = bytes.fromhex("5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e")


def line(text: str | bytes) -> bytes:
    payload = text.encode() if isinstance(text, str) else text
    return b"%04x%b" % (len(payload) + 4, payload)


def test_an_advertisement_tells_the_refs_that_are_asked_for_and_the_capabilities():
    first = line(f"{ONE} refs/heads/main\0report-status atomic\n")
    for version in (b"", line("version 1\n")):
        told = read_advertisement(SERVICE + version + first + line(f"{TWO} refs/tags/v1\n") + b"0000", {"refs/tags/v1"})
        assert told.refs == {"refs/tags/v1": TWO}
        assert told.capabilities == {"report-status", "atomic"}


def test_an_empty_repository_advertises_its_capabilities_alone():
    told = read_advertisement(SERVICE + line(f"{NO_OBJECT} capabilities^{{}}\0atomic") + b"0000", {"refs/tags/v1"})
    assert (dict(told.refs), set(told.capabilities)) == ({}, {"atomic"})


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"001f# service=git-upload-pack!\n0000",
        SERVICE + b"0000",
        SERVICE + line("not an id refs/heads/main\0atomic") + b"0000",
        SERVICE + b"ffff" + b"x" * 70000,
        SERVICE + b"0fff" + b"short",
        SERVICE + b"0001",
    ],
)
def test_what_is_no_advertisement_is_refused(answer: bytes):
    with pytest.raises(ProtocolError):
        read_advertisement(answer, ())


def test_a_push_is_atomic_and_has_an_empty_pack_when_the_server_has_every_object():
    body = push_request([MADE, RefUpdate("refs/tags/v2", NO_OBJECT, ONE)], GITHUB)
    first = f"{NO_OBJECT} {ONE} refs/tags/v1\0 report-status-v2 atomic side-band-64k object-format=sha1"
    assert body == line(first) + line(f"{NO_OBJECT} {ONE} refs/tags/v2") + b"0000" + EMPTY_PACK


def test_a_push_that_only_deletes_has_no_pack():
    assert push_request([GONE], GITHUB).endswith(b"0000")


def test_a_server_without_report_status_v2_is_asked_for_the_first_one():
    body = push_request([MADE], ["report-status", "atomic"])
    assert b"\0 report-status atomic0000" in body


@pytest.mark.parametrize("missing", ["atomic", "delete-refs", "report-status"])
def test_nothing_is_pushed_to_a_server_that_cannot_do_all_or_none_and_say_so(missing: str):
    with pytest.raises(ProtocolError):
        push_request([GONE], [each for each in GITHUB if not each.startswith(missing)])


@pytest.mark.parametrize("length", [1, 100, 3000])
def test_git_reads_the_tag_objects_of_a_pack(tmp_path, length: int):
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path)], check=True)
    tags = [TagObject(name, ONE, "x" * length, "a <a@b>", datetime(2026, 1, 5, tzinfo=UTC)) for name in ("v1", "v2")]
    pack = push_request([MADE], GITHUB, tags).partition(b"0000PACK")[2]
    git = ["git", "--git-dir", str(tmp_path)]
    subprocess.run([*git, "unpack-objects", "-q"], input=b"PACK" + pack, check=True)
    for tag in tags:
        assert subprocess.run([*git, "cat-file", "tag", tag.id], capture_output=True, check=True).stdout == tag.data


def banded(*packets: tuple[int, str]) -> bytes:
    return b"".join(line(bytes([band]) + text.encode()) for band, text in packets) + b"0000"


def report(*lines: str) -> str:
    return (b"".join(line(f"{each}\n") for each in lines) + b"0000").decode()


def test_a_report_tells_why_a_ref_was_refused_and_what_the_server_said_beside_it():
    said = "error: GH013: no\n\n- Cannot create ref.        \n"
    answer = banded((2, said), (1, report("unpack ok", "ng refs/tags/v1 push declined", "ok refs/heads/x")))
    told = read_report(answer, [MADE, GONE], GITHUB)
    assert told.refused == {"refs/tags/v1": "push declined"}
    assert told.remarks == ("error: GH013: no", "- Cannot create ref.")


def test_options_of_a_report_of_the_second_version_are_passed_over():
    answer = banded((1, report("unpack ok", "ok refs/tags/v1", "option refname refs/tags/v1")))
    assert read_report(answer, [MADE], GITHUB).refused == {}


def test_a_report_without_side_bands_is_read_as_it_is():
    assert read_report(report("unpack ok", "ok refs/tags/v1").encode(), [MADE], ["report-status"]).refused == {}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (banded((1, report("unpack ok"))), "does not say what became of refs/tags/v1"),
        (banded((1, report("unpack index-pack failed"))), "could not take the push: unpack index-pack failed"),
        (banded((3, "out of disk")), "gave up: out of disk"),
        (banded((7, "?")), "another band"),
        (b"", "could not take the push"),
    ],
)
def test_a_report_that_says_nothing_of_a_ref_is_no_success(answer: bytes, why: str):
    with pytest.raises(ProtocolError, match=why):
        read_report(answer, [MADE], GITHUB)
