"""The receive-pack of the simulation answers as git's own server does, byte for byte."""

import hashlib
import re
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.sandbox.git.http_backend import GitRequest
from bot.sandbox.git.objects import ZERO, Person, RefUpdate
from bot.sandbox.git.receive_pack import answer, packet, read_push
from bot.sandbox.git.repository import GitRepository
from chaos.git.repository import MemoryGit

ANN, AT = Person("Ann", "ann@example.org"), datetime(2026, 1, 5, tzinfo=UTC)
NOWHERE = "1" * 40
ATOMIC = "report-status-v2 atomic side-band-64k object-format=sha1"
HOOK = "#!/bin/sh\necho 'error: GH013: Repository rule violations found'\nexit 1\n"


@pytest.fixture
async def both(tmp_path: Path) -> list[GitRepository]:
    """The same two commits on disk and in memory: the first is main's, with the tag v1."""
    made: list[GitRepository] = []
    for kind in (GitRepository, MemoryGit):
        git = await kind.create(tmp_path / kind.__name__, "main")
        first, second = await _commits(git)
        await git.update_refs([*_updates((ZERO, first, "refs/heads/main"), (ZERO, first, "refs/tags/v1"))])
        assert await git.resolve(second) == second
        made.append(git)
    return made


async def _commits(git: GitRepository) -> tuple[str, str]:
    tree = await git.edit_tree(None, {"a": b"a"})
    first = await git.write_commit(tree, [], "First", author=ANN, committer=ANN, at=AT)
    return first, await git.write_commit(tree, [first], "Second", author=ANN, committer=ANN, at=AT)


def _updates(*moves: tuple[str, str, str]) -> list[RefUpdate]:
    return [RefUpdate(name, after, before) for before, after, name in moves]


def pushed(moves: list[tuple[str, str, str]], capabilities: str = ATOMIC, objects: tuple[bytes, ...] = ()) -> bytes:
    """The body of a push, as git writes it."""
    commands = [f"{before} {after} {name}" for before, after, name in moves]
    commands[0] += f"\0 {capabilities}"
    body = b"".join(packet(command.encode()) for command in commands) + b"0000"
    if all(after == ZERO for _, after, _ in moves):
        return body
    pack = b"PACK" + (2).to_bytes(4, "big") + len(objects).to_bytes(4, "big")
    for data in objects:
        pack += bytes([4 << 4 | 128 | len(data) & 15, len(data) >> 4]) + zlib.compress(data)
    return body + pack + hashlib.sha1(pack, usedforsecurity=False).digest()


async def answers(both: list[GitRepository], body: bytes) -> list[bytes]:
    request = GitRequest("POST", "/git-receive-pack", "", body, user="shipmate[bot]", headers=MEDIA)
    told = [await git.serve(request) for git in both]
    assert {(each.status, each.headers["Content-Type"]) for each in told} == {(200, MEDIA["Accept"])}
    stand = [{name: ref.sha for name, ref in (await git.refs("refs/")).items()} for git in both]
    assert stand[0] == stand[1]
    return [each.body for each in told]


MEDIA = {
    "Content-Type": "application/x-git-receive-pack-request",
    "Accept": "application/x-git-receive-pack-result",
}


async def pushes(both: list[GitRepository]) -> dict[str, bytes]:
    first, second = await _commits(both[0])
    tag = f"object {first}\ntype commit\ntag v3\ntagger Ann <ann@example.org> 1767571200 +0000\n\nThree\n".encode()
    name = hashlib.sha1(b"tag %d\0%b" % (len(tag), tag), usedforsecurity=False).hexdigest()
    two = [(ZERO, first, "refs/tags/v2"), (ZERO, first, "refs/tags/v1")]
    return {
        "create": pushed([(ZERO, first, "refs/tags/v2")]),
        "create an annotated tag": pushed([(ZERO, name, "refs/tags/v3")], objects=(tag,)),
        "move": pushed([(first, second, "refs/heads/main")]),
        "move back": pushed([(first, second, "refs/heads/main"), (first, ZERO, "refs/tags/v1")]),
        "delete": pushed([(first, ZERO, "refs/tags/v1")]),
        "stale": pushed([(second, first, "refs/heads/main")]),
        "exists": pushed([(ZERO, first, "refs/tags/v1")]),
        "atomic refusal": pushed(two),
        "one of two": pushed(two, "report-status side-band-64k"),
        "without a side band": pushed(two, "report-status"),
        "delete what is gone": pushed([(first, ZERO, "refs/heads/gone")]),
        "delete what moved": pushed([(second, ZERO, "refs/tags/v1")]),
        "an unknown object": pushed([(ZERO, NOWHERE, "refs/tags/v2")]),
        "a name below another": pushed([(ZERO, first, "refs/tags/v1/x")]),
        "four tags": pushed([(ZERO, first, f"refs/tags/{each}") for each in "abcd"]),
    }


CASES = (
    "create",
    "create an annotated tag",
    "move",
    "move back",
    "delete",
    "stale",
    "exists",
    "atomic refusal",
    "one of two",
    "without a side band",
    "delete what is gone",
    "delete what moved",
    "an unknown object",
    "a name below another",
    "four tags",
)


@pytest.mark.parametrize("case", CASES)
async def test_the_simulation_answers_a_push_as_git_does(both: list[GitRepository], case: str):
    disk, memory = await answers(both, (await pushes(both))[case])
    assert memory == disk


async def test_the_simulation_advertises_what_git_does(both: list[GitRepository]):
    request = GitRequest("GET", "/info/refs", "service=git-receive-pack", user="shipmate[bot]")
    disk, memory = [await git.serve(request) for git in both]
    assert memory.headers == disk.headers
    nameless = [re.sub(rb"^....|agent=\S+", b"", each.body.partition(b"0000")[2][4:]) for each in (disk, memory)]
    assert nameless[0] == nameless[1]


async def test_what_the_stand_in_refuses_by_itself_looks_like_the_refusal_of_a_hook(both: list[GitRepository]):
    first, _ = await _commits(both[0])
    body = pushed([(ZERO, first, "refs/tags/h1"), (ZERO, first, "refs/tags/h2")])
    hook = both[0].path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK)
    hook.chmod(0o755)
    request = GitRequest("POST", "/git-receive-pack", "", body, user="shipmate[bot]", headers=MEDIA)
    told = await both[0].serve(request)
    said = b"error: GH013: Repository rule violations found\n"
    assert told.body == answer(read_push(body), ["pre-receive hook declined"] * 2, said)
