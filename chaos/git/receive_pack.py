"""git's receive-pack in the process: what `git http-backend` answers to a push, without a process and at once.

tests/chaos/test_receive_pack.py holds the two against each other, answer by answer.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence

from bot.sandbox.git.http_backend import GitAnswer, GitRequest
from bot.sandbox.git.objects import ZERO, GitError, RefUpdate
from bot.sandbox.git.receive_pack import Push, answer, packet, read_push
from bot.sandbox.git.repository import GitRepository

CAPABILITIES = "report-status report-status-v2 delete-refs side-band-64k quiet atomic ofs-delta object-format=sha1"
_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_NO_CACHE = {
    "Expires": "Fri, 01 Jan 1980 00:00:00 GMT",
    "Pragma": "no-cache",
    "Cache-Control": "no-cache, max-age=0, must-revalidate",
}


async def serve(git: GitRepository, request: GitRequest) -> GitAnswer:
    """Answer what a client asks for to push; nothing is cloned here."""
    if request.method == "GET" and request.query == "service=git-receive-pack":
        return _answer("advertisement", await _advertisement(git))
    if request.path == "/git-receive-pack":
        return _answer("result", await _receive(git, read_push(request.body)))
    raise NotImplementedError(request.path)


def unpack(pack: bytes) -> Iterator[tuple[str, bytes]]:
    """Kind and content of each object of a pack without deltas."""
    at = 12
    for _ in range(int.from_bytes(pack[8:12], "big")):
        kind = pack[at] >> 4 & 7
        while pack[at] & 128:
            at += 1
        decompressing = zlib.decompressobj()
        data = decompressing.decompress(pack[at + 1 :])
        at = len(pack) - len(decompressing.unused_data)
        yield _KINDS[kind], data


def _answer(what: str, body: bytes) -> GitAnswer:
    return GitAnswer(200, {**_NO_CACHE, "Content-Type": f"application/x-git-receive-pack-{what}"}, body)


async def _advertisement(git: GitRepository) -> bytes:
    lines = [f"{ref.sha} {name}" for name, ref in (await git.refs("refs/")).items()] or [f"{ZERO} capabilities^{{}}"]
    lines[0] += f"\0{CAPABILITIES} agent=git/chaos"
    service = packet(b"# service=git-receive-pack\n") + b"0000"
    return service + b"".join(packet(f"{line}\n".encode()) for line in lines) + b"0000"


async def _receive(git: GitRepository, push: Push) -> bytes:
    if push.pack:
        await git.keep_pack(push.pack)
    refused: list[str | None] = [None] * len(push.updates)
    remarks: list[str] = []
    for number, update in enumerate(push.updates):
        if update.after != ZERO and await git.object(update.after) is None:
            refused[number] = "missing necessary objects"
            remarks.append(f"fatal: bad object {update.after}")
    wanted = [update for update, reason in zip(push.updates, refused, strict=True) if reason is None]
    together = "atomic" in push.capabilities
    for batch in [wanted] if together else [[update] for update in wanted]:
        problem = await _move(git, batch)
        if problem is not None:
            remarks.append(f"error: {problem}")
            reason = "atomic transaction failed" if together else "failed to update ref"
            for update in batch:
                refused[push.updates.index(update)] = reason
    return answer(push, refused, "".join(f"{line}\n" for line in remarks).encode())


async def _move(git: GitRepository, updates: Sequence[RefUpdate]) -> str | None:
    """Move refs, all or none; what is in the way, in git's words, of the first that cannot be moved."""
    refs = {name: ref.sha for name, ref in (await git.refs("refs/")).items()}
    for update in updates:
        problem = _problem(update, refs)
        if problem is not None:
            return f"cannot lock ref '{update.name}': {problem}"
    try:
        await git.update_refs(updates)
    except GitError as error:
        return str(error)
    return None


def _problem(update: RefUpdate, refs: Mapping[str, str]) -> str | None:
    stands = refs.get(update.name)
    if update.before == ZERO and stands is not None:
        return "reference already exists"
    if update.before != ZERO and stands is None:
        return f"unable to resolve reference '{update.name}'"
    if update.before != ZERO and stands != update.before:
        return f"is at {stands} but expected {update.before}"
    folder = next((name for name in refs if update.name.startswith(f"{name}/")), None)
    return f"'{folder}' exists; cannot create '{update.name}'" if folder else None
