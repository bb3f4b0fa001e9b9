"""By which words a log tells each known cause: one table. Pure.

The texts are those of cargo, crates.io, PyPI, twine, uv, gh-action-pypi-publish and crates-io-auth-action. What only
says how a server answered (403, 429, 503) counts where the tool says that it was a registry: jobs talk to others, too.
"""

import re
from collections.abc import Iterator

from bot.release.publishing.kinds import Kind, Named, Rule

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


def _wrapped(*sentences: str) -> tuple[re.Pattern[str], ...]:
    """Sentences of a registry, which twine and uv break anywhere between words."""
    return _any(*(sentence.replace(" ", r"\s{1,90}") for sentence in sentences))


def _answered(status: str) -> tuple[re.Pattern[str], ...]:
    """How cargo, twine, and uv or maturin tell that a registry answered so.

    https://github.com/rust-lang/cargo/blob/master/crates/crates-io/lib.rs
    https://github.com/pypi/warehouse/issues/15674
    https://github.com/astral-sh/uv/blob/main/crates/uv-publish/src/lib.rs
    """
    return _any(
        rf"the remote server responded with an error \(status (?P<status>{status})\b",
        rf"failed to get a 200 OK response, got (?P<status>{status})\b",
        rf"HTTPError: (?P<status>{status})\b[^\n]{{0,200}}?\s(?:from|for url:)\s{{1,90}}"
        r"https://(?:upload|test)\.pypi\.org",
        rf"https://(?:upload|test)\.pypi\.org/legacy/\S{{0,9}}\s[\s\S]{{0,200}}?(?:status code|HTTP error|status:?) "
        rf"(?P<status>{status})\b",
    )


def _unnamed(*patterns: re.Pattern[str]) -> tuple[re.Pattern[str], ...]:
    """The same, telling nothing beside the cause."""
    return tuple(re.compile(re.sub(r"\(\?P<\w+>", "(?:", each.pattern), each.flags) for each in patterns)


RULES: tuple[Rule, ...] = (
    Rule(
        Kind.TRUSTED_ONLY,  # https://github.com/jdx/pitchfork/pull/664
        _wrapped(r"New versions of this crate can only be published using Trusted Publishing"),
    ),
    Rule(
        Kind.CANNOT_CREATE,  # https://github.com/apache/iceberg-rust/issues/2863
        _wrapped(
            r"Trusted Publishing tokens do not support creating new crates",
            r"Non-user identities cannot create new projects",
        ),
    ),
    Rule(
        # crates.io: https://github.com/rust-lang/crates.io/blob/main/src/util/errors/json.rs
        # PyPI: https://github.com/pypi/warehouse/issues/15674
        Kind.UPLOADS_CLOSED,
        _wrapped(
            r"(?P<registry>crates\.io) is currently in read-only mode",
            r"Read-only mode: Uploads are temporarily disabled",
            r"New uploads are temporarily disabled",
        ),
    ),
    Rule(
        Kind.PROJECT_FULL,  # https://github.com/sfu-db/connector-x/issues/793
        _wrapped(
            r"Project size too large\. Limit for project '(?P<package>[\w.-]{1,100})' total size is "
            r"(?P<limit>\d{1,6}) GB",
            r"400 Project size too large",
        ),
    ),
    Rule(
        Kind.TOO_LATE,  # https://github.com/mesonbuild/meson/issues/15971
        _wrapped(r"Uploading new files to releases older than (?P<days>\d{1,4}) days is not allowed"),
    ),
    Rule(
        Kind.ATTESTATION,  # https://github.com/pypa/gh-action-pypi-publish/issues/319
        _wrapped(
            r"(?P<twice>already ha(?:s a|ve)) publish attestations?",
            r"Invalid attestations supplied during upload",
        ),
    ),
    Rule(
        # twine: https://github.com/openfisca/openfisca-core/pull/1328; PyPI: https://github.com/pypa/twine/issues/753
        Kind.METADATA_TOO_NEW,
        _wrapped(
            r"is using a supported Metadata-Version: (?P<known>[\d.,\s]{1,200}\d)\.",
            r"'(?P<version>\d\.\d{1,3})' is an invalid value for Metadata-Version",
            r"'(?P<version>\d\.\d{1,3})' is not a valid metadata version",
        ),
    ),
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
        (*_any(r"published too many (?:new )?(?:crates|ver)"), *_unnamed(*_answered("429"))),
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
        (
            *_any(
                r"isn't allowed to upload to project '?(?P<package>[\w.-]{1,100})",
                r"don't seem to be an owner",
                r"Invalid or non-existent authentication information",
                r"token does not have the required permissions",
            ),
            *_unnamed(*_answered("40[13]")),
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
        (
            *_any(r"max upload size is:? (?P<limit>\d{1,12})", r"crate size (?:is )?too large"),
            *_wrapped(r"400 (?:Client Error: )?File too large", r"File too large\. Limit for project"),
            *_unnamed(*_answered("413")),
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
    Rule(Kind.REGISTRY_DOWN, _answered(r"5\d\d")),
)
"""Searched in this order: the first that is known, wherever it stands in the log.

The words are those of who prints them:
cargo, https://github.com/rust-lang/cargo/blob/master/src/cargo/ops/registry/publish.rs;
crates.io, https://github.com/rust-lang/crates.io/blob/main/src/controllers/krate/publish.rs;
PyPI, https://github.com/pypi/warehouse/blob/main/warehouse/forklift/legacy.py;
PyPI's action, https://github.com/pypa/gh-action-pypi-publish/blob/unstable/v1/oidc-exchange.py.
Which of them a real log has today: docs/live-check.md#publish-log-words.
"""
