"""The known causes of a failed publish job, and the form of the rules by which a log tells them. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    """A known cause."""

    ALREADY_UPLOADED = "already-uploaded"
    OTHER_BYTES = "other-bytes"
    NAME_USED_UP = "name-used-up"
    INDEX_TIMED_OUT = "index-timed-out"
    OIDC_PERMISSION = "oidc-permission"
    INVALID_PUBLISHER = "invalid-publisher"
    TOKEN_MISSING = "token-missing"  # noqa: S105 - no token
    NOT_AUTHORISED = "not-authorised"
    TRUSTED_ONLY = "trusted-only"
    CANNOT_CREATE = "cannot-create"
    UPLOADS_CLOSED = "uploads-closed"
    PROJECT_FULL = "project-full"
    TOO_LATE = "too-late"
    ATTESTATION = "attestation"
    METADATA_TOO_NEW = "metadata-too-new"
    RATE_LIMITED = "rate-limited"
    ADVISORY = "advisory"
    PLATFORM_REFUSED = "platform-refused"
    TOO_LARGE = "too-large"
    METADATA_MISSING = "metadata-missing"
    FILE_MISSING = "file-missing"
    DIRTY = "dirty"
    LOCK_STALE = "lock-stale"
    DEPENDENCY_ABSENT = "dependency-absent"
    NOT_VERIFIED = "not-verified"
    DISK_FULL = "disk-full"
    REGISTRY_DOWN = "registry-down"
    KEPT_OUT = "kept-out"


MAY_HAVE_LANDED = frozenset({Kind.ALREADY_UPLOADED, Kind.INDEX_TIMED_OUT})
"""Causes after which everything may be on the registry all the same: it is asked before this is called a failure."""

Named: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause with what the log names of it, by the keys of the rule that found it; text from outside."""

    kind: Kind
    named: Named = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A cause is known by any of these patterns; `gather` looks for more in the whole log than their groups hold."""

    kind: Kind
    patterns: tuple[re.Pattern[str], ...]
    gather: Callable[[str], Named] = lambda log: ()
