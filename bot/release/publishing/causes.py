"""Why a publish job failed, known by what its failed step printed. Pure, and one table.

The texts are those of cargo, crates.io, PyPI, twine, uv, gh-action-pypi-publish and crates-io-auth-action. The words
for people are in `bot.comments.causes`.
"""

import re
from collections.abc import Callable, Iterator
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


def explain(log: str) -> Cause | None:
    """The cause that a failed step's output tells of, None when it is no known one. Total."""
    for rule in RULES:
        for pattern in rule.patterns:
            if found := pattern.search(log):
                groups = tuple((key, value.strip()) for key, value in found.groupdict().items() if value)
                return Cause(rule.kind, (*groups, *rule.gather(log)))
    return None


# Printed by PyPI's action, cargo audit and crates.io: docs/live-check.md#publish-log-words
_CLAIM = re.compile(r"`?\b(repository|workflow_ref|environment)`?: ?`([^`\n]{1,200})`")
_ADVISORY = re.compile(r"\b(?:RUSTSEC-\d{4}-\d{4}|GHSA(?:-\w{4}){3}|CVE-\d{4}-\d{4,7})\b")
_CRATE = re.compile(r"^Crate:\s{1,10}([\w-]{1,64})", re.MULTILINE)
_SOLUTION = re.compile(r"^Solution:\s{1,10}(.{1,120})$", re.MULTILINE)
_WAIT = re.compile(r"try again after (.{10,40}?(?:GMT|UTC))|retry-after: ?\"?([\w ,:]{1,40})", re.IGNORECASE)


def _claims(log: str) -> Named:
    """What the trusted publisher has to be, as the log tells it; `MISSING` is PyPI's word for no such claim."""
    return tuple(_publisher(dict(_CLAIM.findall(log))))


def _publisher(claims: dict[str, str]) -> Iterator[tuple[str, str]]:
    owner, slash, name = claims.get("repository", "").partition("/")
    if slash:
        yield from (("owner", owner), ("repository", name))
    file = claims.get("workflow_ref", "").partition("@")[0].rpartition("/")[2]
    if file:
        yield "workflow", file
    environment = claims.get("environment", "")
    if environment and environment != "MISSING":
        yield "environment", environment


def _advisories(log: str) -> Named:
    ids = tuple(dict.fromkeys(_ADVISORY.findall(log)))
    crate, solution = _CRATE.search(log), _SOLUTION.search(log)
    named = [("ids", ", ".join(ids[:5])), ("crate", crate and crate[1]), ("solution", solution and solution[1].strip())]
    return tuple((key, value) for key, value in named if value)


def _wait(log: str) -> Named:
    found = _WAIT.search(log)
    return (("until", (found[1] or found[2]).strip()),) if found else ()


def _any(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


RULES: tuple[Rule, ...] = (
    Rule(
        Kind.OIDC_PERMISSION,
        _any(
            r"missing or insufficient OIDC token permissions",
            r"Unable to get ACTIONS_ID_TOKEN_REQUEST_URL",
            r"'id-token' permission is set to 'write'",
            r"ACTIONS_ID_TOKEN_REQUEST_TOKEN environment variable was unset",
        ),
    ),
    Rule(
        Kind.INVALID_PUBLISHER,
        _any(
            r"invalid-publisher",
            r"no corresponding publisher",
            r"No Trusted Publishing config found for repository `?(?P<configured>[\w./-]{1,200}?)`?(?=[.\s\"]|$)",
            r"Trusted Publishing config for repository .{1,200}does not match",
        ),
        _claims,
    ),
    Rule(
        Kind.RATE_LIMITED,
        _any(
            r"429 Too Many Requests", r"status:? ?429", r"HTTP Error 429", r"published too many (?:new )?(?:crates|ver)"
        ),
        _wait,
    ),
    Rule(
        Kind.ALREADY_UPLOADED,
        _any(
            r"crate version `(?P<version>[^`\n]{1,64})` is already uploaded",
            r"crate (?P<version>[\w-]{1,64}@[\w.+-]{1,64}) already exists on",
            r"File already exists(?: \('(?P<file>[^'\n]{1,200})')?",
        ),
    ),
    Rule(Kind.OTHER_BYTES, _any(r"Local file and index file do not match for (?P<file>[\w.+-]{1,200})")),
    Rule(Kind.NAME_USED_UP, _any(r"This filename (?:has already been|was previously) used")),
    Rule(
        Kind.INDEX_TIMED_OUT,
        _any(
            r"timed out waiting for `?(?P<package>[\w -]{1,80}?)`? (?:v\S{1,64} )?to be (?:available|published|in)",
            r"timed out waiting for (?:the )?(?:index|registry|publish)",
        ),
    ),
    Rule(
        Kind.TOKEN_MISSING,
        _any(
            r"no token found",
            r"please provide a non-empty token",
            r"Credential not found for API token",
            r"Missing credentials for ",
            r"Input required and not supplied: (?:password|token)",
        ),
    ),
    Rule(
        Kind.NOT_AUTHORISED,
        _any(
            r"don't seem to be an owner",
            r"Invalid or non-existent authentication information",
            r"isn't allowed to upload to project '?(?P<package>[\w.-]{1,100})",
            r"does not have the required permissions",
            r"status 40[13] (?:Forbidden|Unauthorized)",
            r"(?:HTTPError: )?40[13] (?:Client Error|Forbidden|Unauthorized)",
            r"authentication failed",
        ),
    ),
    Rule(
        Kind.ADVISORY,
        _any(r"\d{1,5} vulnerabilit(?:y|ies) found", r"advisory .{0,80}RUSTSEC-", r"error\[vulnerability\]"),
        _advisories,
    ),
    Rule(
        Kind.PLATFORM_REFUSED,
        _any(
            r"wheel '(?P<file>[^'\n]{1,200})' has an unsupported platform tag '?(?P<tag>[\w.]{1,80})",
            r"unsupported platform tag '?(?P<tag>[\w.]{1,80})",
        ),
    ),
    Rule(
        Kind.TOO_LARGE,
        _any(
            r"max upload size is:? (?P<limit>\d{1,12})",
            r"crate size (?:is )?too large",
            r"File too large",
            r"413 (?:Payload|Request Entity|Content) Too Large",
        ),
    ),
    Rule(
        Kind.METADATA_MISSING,
        _any(
            r"missing or empty metadata fields: (?P<fields>[\w ,/-]{1,120}?)\.(?=\s|$|\")",
            r"missing or empty metadata fields",
            r"The description failed to render",
        ),
    ),
    Rule(
        Kind.FILE_MISSING,
        _any(r"error: (?P<field>readme|license-file) `(?P<file>[^`\n]{0,200})` does not appear to exist"),
    ),
    Rule(
        Kind.DIRTY,
        _any(r"files? in the working directory contain(?:s)? changes that were not yet committed"),
    ),
    Rule(
        Kind.LOCK_STALE,
        _any(
            r"cannot (?:update|create) the lock ?file .{0,200}because --(?:locked|frozen) was passed",
            r"lock ?file .{0,200}needs to be updated but --(?:locked|frozen) was passed",
        ),
    ),
    Rule(
        Kind.DEPENDENCY_ABSENT,
        _any(
            r"no matching package named `(?P<package>[\w-]{1,64})` found",
            r"failed to select a version for the requirement `(?P<package>[\w-]{1,64})",
        ),
    ),
    Rule(
        # GitHub's note about a job that never began: https://github.com/amd/gaia/issues/2935
        Kind.KEPT_OUT,
        _any(
            r"(?:tag|branch) \"(?P<ref>[^\"\n]{1,200})\" is not allowed to deploy to "
            r"(?P<environment>[^\n]{1,200}?) due to environment protection rules"
        ),
    ),
    Rule(Kind.DISK_FULL, _any(r"No space left on device", r"\(os error 28\)")),
    Rule(Kind.NOT_VERIFIED, _any(r"failed to verify package tarball")),
    Rule(
        Kind.REGISTRY_DOWN,
        _any(
            r"(?:status|HTTP Error|HTTPError:) ?(?P<status>5\d\d)\b",
            r"(?P<status>50[0234]) (?:Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)",
        ),
    ),
)
"""Searched in this order: the first that is known, wherever it stands in the log.

The words are those of who prints them:
cargo, https://github.com/rust-lang/cargo/blob/master/src/cargo/ops/registry/publish.rs;
crates.io, https://github.com/rust-lang/crates.io/blob/main/src/controllers/krate/publish.rs;
PyPI, https://github.com/pypi/warehouse/blob/main/warehouse/forklift/legacy.py;
PyPI's action, https://github.com/pypa/gh-action-pypi-publish/blob/unstable/v1/oidc-exchange.py.
Which of them a real log has today: docs/live-check.md#publish-log-words.
"""
