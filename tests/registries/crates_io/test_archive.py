"""A .crate is read as far as it tells where it comes from, however hostile it is."""

import gzip
import io
import json
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.registries.crates_io import archive as crate_archive
from bot.registries.crates_io.archive import read_crate

SHA = "621e4974ca25ce531773def586ba3ed8e736b3fc"
MANIFEST = (
    b'[package]\nname = "edge-demo"\nversion = "0.5.0"\nlicense = "MIT"\nreadme = "README.md"\nrust-version = "1.85"\n'
)
ORIGINAL = b"""
[dependencies]
edge-core = { path = "../core", version = "0.5" }
renamed = { path = "../other", package = "edge-other", version = "1" }
serde = "1"
local = { path = "../local" }
[target.'cfg(unix)'.build-dependencies]
edge-build = { path = "../build", version = "=0.5.0" }
[dev-dependencies]
edge-test = { path = "../test", version = "0.5" }
"""


def vcs(**more):
    return json.dumps({"git": {"sha1": SHA, **more}, "path_in_vcs": ""}).encode()


def packed(files, form=tarfile.GNU_FORMAT):
    """A .crate of these (name, content) pairs below its folder."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in files:
            member = tarfile.TarInfo(f"edge-demo-0.5.0/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(out.getvalue(), mtime=0)


def crate(*before, info=None, manifest=MANIFEST, after=()):
    info = vcs() if info is None else info
    return packed([*before, (".cargo_vcs_info.json", info), ("Cargo.toml", manifest), *after])


def test_the_manifest_and_the_commit_are_read():
    found, _ = read_crate(crate())
    told = (found.name, found.version, found.license, found.readme, found.rust_version, found.commit, found.dirty)
    assert told == ("edge-demo", "0.5.0", "MIT", "README.md", "1.85", SHA, False)
    assert (found.unreadable, len(found.sha256), found.size) == (None, 64, len(crate()))


def test_a_dirty_tree_is_seen():
    assert read_crate(crate(info=vcs(dirty=True)))[0].dirty


def test_without_a_commit_there_is_none():
    found, _ = read_crate(packed([("Cargo.toml", MANIFEST)]))
    assert (found.commit, found.unreadable) == (None, None)


def test_dependencies_of_the_same_repository_are_read_with_their_requirements():
    _, found = read_crate(crate(after=[("Cargo.toml.orig", ORIGINAL)]))
    assert found == (("edge-core", "0.5"), ("edge-other", "1"), ("edge-build", "=0.5.0"))


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT, tarfile.PAX_FORMAT])
def test_every_form_of_tar_is_read_past_long_names_and_large_files(form, monkeypatch):
    monkeypatch.setattr(crate_archive, "MOST_MEMBER", 100_000)
    files = [("a" * 60 + "/" + "b" * 90, b"x"), ("big", b"x" * 200_000), ("Cargo.toml", MANIFEST)]
    assert read_crate(packed(files, form))[0].name == "edge-demo"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it ends too early"),
        (b"no gzip at all", "it is not a gzipped tar"),
        (gzip.compress(b"x" * 512, mtime=0), "it is not a gzipped tar"),
        (gzip.compress(b"", mtime=0), "it holds no Cargo.toml"),
        (crate()[:60], "it ends too early"),
        (packed([(".cargo_vcs_info.json", vcs())]), "it holds no Cargo.toml"),
        (crate(manifest=b"[package"), "its Cargo.toml cannot be read"),
        (crate(manifest=b"\xff"), "its Cargo.toml cannot be read"),
        (crate(manifest=b"a = " + b"[" * 100_000), "its Cargo.toml cannot be read"),
        (crate(info=b"[" * 100_000), "its .cargo_vcs_info.json is not what cargo writes"),
        (crate(info=b"{}"), "its .cargo_vcs_info.json is not what cargo writes"),
        (crate(info=b'{"git":{"sha1":"\x80"}}'), "its .cargo_vcs_info.json is not what cargo writes"),
        (crate(info=b'{"git":{"sha1":"main"}}'), "its .cargo_vcs_info.json names no commit"),
        (crate(after=[("Cargo.toml", MANIFEST), ("Cargo.toml.orig", b"")]), "it holds two files named Cargo.toml"),
    ],
)
def test_a_hostile_archive_is_unreadable_and_nothing_worse(content, why):
    found, dependencies = read_crate(content)
    assert (found.unreadable, dependencies, found.size) == (why, (), len(content))


def test_a_bomb_is_not_unpacked_to_its_end(monkeypatch):
    monkeypatch.setattr(crate_archive, "MOST_UNPACKED", 1_000_000)
    bomb = packed([("zeros", b"\0" * 50_000_000), ("Cargo.toml", MANIFEST)])
    assert read_crate(bomb)[0].unreadable == "it does not show its manifest within 0 MiB"


def test_endless_members_end(monkeypatch):
    monkeypatch.setattr(crate_archive, "MOST_MEMBERS", 10)
    many = packed([(f"f{number}", b"") for number in range(20)])
    assert read_crate(many)[0].unreadable == "it does not show its manifest within 10 files"


@given(st.binary(max_size=3000))
def test_no_bytes_raise(content):
    read_crate(content)
    read_crate(gzip.compress(content))


@given(st.data())
def test_no_damage_to_a_real_archive_raises(data):
    whole = gzip.decompress(crate(after=[("Cargo.toml.orig", ORIGINAL)]))
    at = data.draw(st.integers(0, 4000))
    damaged = whole[:at] + data.draw(st.binary(min_size=1, max_size=20)) + whole[at + 5 :]
    read_crate(gzip.compress(damaged))
