"""What `git push` says to a server and hears from it (git's protocol, version 0 or 1, over HTTP). Bytes in, bytes out.

https://git-scm.com/docs/gitprotocol-http, https://git-scm.com/docs/gitprotocol-pack and
https://git-scm.com/docs/gitprotocol-common; what GitHub's own server offers of it:
https://github.com/github/spokes-receive-pack/blob/main/internal/spokes/spokes.go
"""

import hashlib
import re
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

NO_OBJECT = "0" * 40
"""The id that means "must not exist" as a ref's old value, and "is deleted" as its new one.

https://git-scm.com/docs/gitprotocol-pack
"""
SERVICE = "git-receive-pack"
"""https://git-scm.com/docs/gitprotocol-http"""
LONGEST_LINE = 65520
"""Of a pkt-line, its own four digits included: https://git-scm.com/docs/gitprotocol-common."""
WANTED = ("report-status-v2", "report-status", "atomic", "side-band-64k", "object-format=sha1")
"""The capabilities that are asked for where they are offered: https://git-scm.com/docs/gitprotocol-capabilities."""
MOST_REMARKS = 100

_OBJECT_ID = re.compile("[0-9a-f]{40}")
_TAG = 4
"""The type of a tag object in a pack: https://git-scm.com/docs/gitformat-pack."""


class ProtocolError(ValueError):
    """What came is not what a git server says."""


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """A ref to be moved from `old` to `new`; NO_OBJECT for one that is made, and for one that is deleted."""

    name: str
    """In full, `refs/tags/v1`."""
    old: str
    new: str

    @property
    def act(self) -> str:
        """What that does to the ref, as a verb."""
        return "create" if self.old == NO_OBJECT else "delete" if self.new == NO_OBJECT else "move"


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What a server has and can."""

    refs: Mapping[str, str]
    """Object ids by full name, of the refs that were asked for."""
    capabilities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a push."""

    refused: Mapping[str, str]
    """The server's reason, by the name of the ref."""
    remarks: tuple[str, ...]
    """What the server said beside it; git shows these lines after `remote:`."""


@dataclass(frozen=True, slots=True)
class TagObject:
    """An annotated tag."""

    name: str
    commit: str
    message: str
    tagger: str
    """Name and address, `shipmate[bot] <1+shipmate[bot]@users.noreply.github.com>`."""
    at: datetime

    @property
    def data(self) -> bytes:
        """As git keeps it, to the second, in UTC."""
        head = (
            f"object {self.commit}\ntype commit\ntag {self.name}\ntagger {self.tagger} {int(self.at.timestamp())} +0000"
        )
        return f"{head}\n\n{self.message.rstrip()}\n".encode()

    @property
    def id(self) -> str:
        """The object's id."""
        data = self.data
        return hashlib.sha1(b"tag %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()


def read_advertisement(data: bytes, names: Collection[str]) -> Advertisement:
    """Capabilities, and the refs of these names, of an answer to `/info/refs`; ProtocolError for anything else."""
    lines = _lines(data)
    if next(lines, None) != f"# service={SERVICE}".encode() or next(lines, b"") is not None:
        raise ProtocolError("the answer is no advertisement of refs")
    refs, capabilities = {}, None
    for line in lines:
        if line is None:
            break
        if capabilities is None and line == b"version 1":
            continue
        text, _, offered = line.partition(b"\0")
        if capabilities is None:
            capabilities = frozenset(offered.decode(errors="replace").split())
        oid, _, name = text.decode(errors="replace").partition(" ")
        if not _OBJECT_ID.fullmatch(oid):
            raise ProtocolError("an advertised ref has no object id")
        if name in names:
            refs[name] = oid
    if capabilities is None:
        raise ProtocolError("the server offers nothing")
    return Advertisement(refs, capabilities)


def push_request(updates: Sequence[RefUpdate], offered: Collection[str], tags: Sequence[TagObject] = ()) -> bytes:
    """The body of a push: all updates or none of them, and the objects that the server cannot have.

    ProtocolError where the server cannot move refs together, delete them, or say what became of them.
    """
    reports = not {"report-status", "report-status-v2"}.isdisjoint(offered)
    deletes = any(update.new == NO_OBJECT for update in updates)
    if not reports or "atomic" not in offered or (deletes and "delete-refs" not in offered):
        raise ProtocolError("the server cannot move refs all or none")
    wanted = [each for each in WANTED if each in offered]
    if "report-status-v2" in wanted:
        wanted.remove("report-status")
    commands = [f"{update.old} {update.new} {update.name}" for update in updates]
    commands[0] += f"\0 {' '.join(wanted)}"
    body = b"".join(_line(command.encode()) for command in commands) + b"0000"
    # A pack follows unless all commands delete: an empty one where the server has every object.
    return body if all(update.new == NO_OBJECT for update in updates) else body + _pack([tag.data for tag in tags])


def read_report(data: bytes, updates: Sequence[RefUpdate], offered: Collection[str]) -> Report:
    """What the server says of a push; ProtocolError when it does not say what became of each ref."""
    remarks = b""
    if "side-band-64k" in offered:
        data, remarks = _demultiplexed(data)
    lines = _lines(data)
    unpacked = next(lines, None) or b""
    refused, taken = {}, set()
    for line in lines:
        if line is None:
            break
        word, _, rest = line.decode(errors="replace").partition(" ")
        name, _, reason = rest.partition(" ")
        if word == "ng":
            refused[name] = reason
        elif word == "ok":
            taken.add(name)
    if unpacked != b"unpack ok" and not refused:
        raise ProtocolError(f"the server could not take the push: {unpacked.decode(errors='replace')[:200]}")
    if unknown := {update.name for update in updates} - taken - set(refused):
        raise ProtocolError(f"the server does not say what became of {', '.join(sorted(unknown))}")
    said = (line.strip() for line in remarks.decode(errors="replace").splitlines())
    return Report(refused, tuple(line for line in said if line)[:MOST_REMARKS])


def _demultiplexed(data: bytes) -> tuple[bytes, bytes]:
    """The report (band 1) and the remarks (band 2) of a multiplexed answer; band 3 is how a server gives up."""
    bands = {1: b"", 2: b"", 3: b""}
    for line in _lines(data, strip=False):
        if line is None:
            break
        if not line or line[0] not in bands:
            raise ProtocolError("the answer has another band than 1 to 3")
        bands[line[0]] += line[1:]
    if bands[3]:
        raise ProtocolError(f"the server gave up: {bands[3].decode(errors='replace').strip()[:200]}")
    return bands[1], bands[2]


def _line(payload: bytes) -> bytes:
    if len(payload) + 4 > LONGEST_LINE:
        raise ProtocolError("a line is longer than a pkt-line can be")
    return b"%04x%b" % (len(payload) + 4, payload)


def _lines(data: bytes, *, strip: bool = True) -> Iterator[bytes | None]:
    """The pkt-lines of `data`, without their line feeds if `strip`; None for a flush."""
    at = 0
    while at < len(data):
        digits = data[at : at + 4]
        if not re.fullmatch(b"[0-9a-fA-F]{4}", digits):
            raise ProtocolError("a pkt-line has no length")
        length = int(digits, 16)
        if length == 0:
            yield None
            at += 4
            continue
        if not 4 <= length <= LONGEST_LINE or at + length > len(data):
            raise ProtocolError("a pkt-line is longer than what came")
        payload = data[at + 4 : at + length]
        yield payload.removesuffix(b"\n") if strip else payload
        at += length


def _pack(tags: Sequence[bytes]) -> bytes:
    """A pack of tag objects, undeltified."""
    pack = b"PACK" + (2).to_bytes(4, "big") + len(tags).to_bytes(4, "big")
    for data in tags:
        size, first = len(data) >> 4, _TAG << 4 | len(data) & 15
        while size:
            pack += bytes([first | 128])
            size, first = size >> 7, size & 127
        pack += bytes([first]) + zlib.compress(data)
    return pack + hashlib.sha1(pack, usedforsecurity=False).digest()
