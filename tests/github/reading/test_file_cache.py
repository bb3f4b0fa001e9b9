"""What was seen of a repository's files before is not asked for again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.github import GitHub, Reader, Writer
from bot.github.facts import RepositoryRef
from bot.github.reading import file_cache as kept
from bot.github.reading.file_cache import FileCache
from bot.github.writing.opening import Proposal
from bot.sandbox.model import Repository
from bot.sandbox.world import World
from tests.github.conftest import FILES


def as_bytes(files: Mapping[str, str | bytes]) -> dict[str, bytes]:
    return {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}


async def all_files(reader: Reader, commit: str) -> dict[str, bytes]:
    return await reader.files(commit, await reader.paths(commit))


async def test_what_a_commit_holds_is_asked_for_once_and_of_the_next_only_what_it_changed(
    world: World, repo: Repository, reader: Reader, head: str
):
    await all_files(reader, head)
    world.calls.clear()
    assert await all_files(reader, head) == as_bytes(FILES)
    assert world.calls == []
    changed = {"Cargo.toml": "[package]\n", "new.txt": "new"}
    newer = await world.push(repo, "main", changed, by="ann")
    assert await all_files(reader, newer) == as_bytes({**FILES, **changed})
    listing, files = world.calls
    assert f"/git/trees/{newer}" in listing.path
    assert asked_for(files.request) == {f"{newer}:Cargo.toml", f"{newer}:new.txt"}


def asked_for(request: Any) -> set[str]:
    return {value for name, value in request["variables"].items() if name not in ("owner", "name")}


async def test_what_was_written_is_known_to_whoever_reads_the_commit(
    world: World, reader: Reader, writer: Writer, head: str
):
    proposal = Proposal("main", head, "release/x", "release: x", "", {"Cargo.toml": b"[package]\n"}, "release: x", "")
    made = (await writer.open_pull_request(proposal)).commit
    assert made
    await reader.paths(made)
    world.calls.clear()
    assert await reader.files(made, ["Cargo.toml"]) == {"Cargo.toml": b"[package]\n"}
    assert world.calls == []


async def test_what_is_known_of_one_repository_is_not_known_of_another(
    world: World, repo: Repository, github: GitHub, reader: Reader, ref: RepositoryRef, head: str
):
    twin = await world.create_repository("octo/twin", files=FILES, roles={"ann": "maintain"})
    there = github.reader(replace(ref, id=twin.id, node_id=twin.node_id, full_name=twin.full_name))
    await all_files(reader, head)
    commit = await world.git(twin).resolve("refs/heads/main") or ""
    await there.paths(commit)
    world.calls.clear()
    await there.files(commit, ["Cargo.toml"])
    assert asked_for(world.calls[-1].request) == {f"{commit}:Cargo.toml"}


async def test_what_is_too_much_to_be_remembered_is_asked_for_each_time(
    world: World, reader: Reader, head: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(kept, "MOST_PATHS", len(FILES) - 1)
    monkeypatch.setattr(kept, "MOST_REMEMBERED_BYTES", kept.OVERHEAD)
    monkeypatch.setattr(reader, "_known", FileCache())
    await all_files(reader, head)
    world.calls.clear()
    assert await all_files(reader, head) == as_bytes(FILES)
    assert len(world.calls) > 1
