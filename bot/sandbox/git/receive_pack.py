"""What a client of git's receive-pack asks for, and how a server says no before anything is moved.

https://git-scm.com/docs/gitprotocol-pack; GitHub's rules answer at that point, as a pre-receive hook does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.sandbox.git.objects import GitError, RefUpdate

_BAND = 65515
"""Bytes of one packet of a side band."""


@dataclass(frozen=True, slots=True)
class Push:
    """A decoded push."""

    updates: tuple[RefUpdate, ...]
    capabilities: frozenset[str]
    pack: bytes
    """Empty where only refs are deleted."""


def read_push(body: bytes) -> Push:
    """What a client sent; GitError when it is no push."""
    updates, capabilities, at = [], None, 0
    while True:
        try:
            length = int(body[at : at + 4], 16)
        except ValueError:
            raise GitError("protocol error: bad line length character") from None
        if length == 0:
            break
        line, at = body[at + 4 : at + length].removesuffix(b"\n"), at + length
        command, _, offered = line.partition(b"\0")
        if capabilities is None:
            capabilities = frozenset(offered.decode().split())
        parts = command.decode().split(" ", 2)
        if len(parts) != 3:
            raise GitError(f"protocol error: expected old/new/ref, got '{command.decode(errors='replace')}'")
        updates.append(RefUpdate(parts[2], parts[1], parts[0]))
    return Push(tuple(updates), capabilities or frozenset(), body[at + 4 :])


def packet(payload: bytes) -> bytes:
    """A pkt-line."""
    return b"%04x%b" % (len(payload) + 4, payload)


def answer(push: Push, refused: Sequence[str | None], remarks: bytes = b"") -> bytes:
    """The report of a push: why each of its updates was refused, None for those that were done; `remarks` are what
    git shows after `remote:`.
    """
    lines = [packet(b"unpack ok\n")]
    for update, reason in zip(push.updates, refused, strict=True):
        said = f"ng {update.name} {reason}\n" if reason is not None else f"ok {update.name}\n"
        lines.append(packet(said.encode()))
    report = b"".join(lines) + b"0000"
    if push.capabilities.isdisjoint({"report-status", "report-status-v2"}):
        return b""
    if "side-band-64k" not in push.capabilities:
        return report
    return b"".join([*_banded(2, remarks), *_banded(1, report), b"0000"])


def _banded(band: int, data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), _BAND):
        yield packet(bytes([band]) + data[at : at + _BAND])
