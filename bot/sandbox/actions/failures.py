"""What publish jobs print when they fail, by the words of a rehearsal: the tools' and the registries' own texts."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.packaging.registry import Registry

CRATES_IO, PYPI = Registry.CRATES_IO.word, Registry.PYPI.word


@dataclass(frozen=True, slots=True)
class Job:
    """What the texts name."""

    repository: str
    workflow: str
    """Path of the workflow file."""
    ref: str
    environment: str | None
    registry: str
    """Where it publishes to."""
    now: datetime

    @property
    def version(self) -> str:
        """The version that its tag names."""
        found = re.search(r"\d\S*$", self.ref)
        return found[0] if found else "1.0.0"

    @property
    def package(self) -> str:
        """A name for what it publishes: the repository's."""
        return self.repository.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Failure:
    """A way to fail: on one registry only, or on both; some fail after the upload went through."""

    output: Callable[[Job], list[str]]
    registry: str | None = None
    uploads: bool = False


def refused_by(registry: str, message: str, status: int) -> list[str]:
    """What the tools print when a registry refuses an upload."""
    reason = {400: "Bad Request", 403: "Forbidden", 429: "Too Many Requests", 503: "Service Unavailable"}
    answered = f"{status} {reason.get(status, '')}".strip()
    if registry == CRATES_IO:
        return [
            "\x1b[1m\x1b[92m   Uploading\x1b[0m the package",
            "\x1b[1m\x1b[91merror\x1b[0m: failed to publish to registry at https://crates.io",
            "",
            "Caused by:",
            f"  the remote server responded with an error (status {answered}): {message}",
        ]
    return [
        "Uploading distributions to https://upload.pypi.org/legacy/",
        f"\x1b[31mERROR   \x1b[0m HTTPError: {answered} from https://upload.pypi.org/legacy/",
        f"         {message}",
    ]


def _already_exists(job: Job) -> list[str]:
    messages: Mapping[str, str] = {
        CRATES_IO: f"crate version `{job.version}` is already uploaded",
        PYPI: "File already exists. See https://pypi.org/help/#file-name-reuse for more information.",
    }
    first = "\x1b[33mwarning\x1b[0m: spurious network error (3 tries remaining): [55] Failed sending data to the peer"
    return [first, *refused_by(job.registry, messages[job.registry], 400)]


def _timed_out(job: Job) -> list[str]:
    """cargo only warns, and ends well; it is the tool around it (here cargo-release) that fails then."""
    crate = f"{job.package} v{job.version}"
    return [
        f"\x1b[1m\x1b[92m   Uploading\x1b[0m {crate}",
        f"\x1b[1m\x1b[92m    Uploaded\x1b[0m {crate} to registry `crates-io`",
        f"\x1b[1m\x1b[96mnote\x1b[0m: waiting for {crate} to be available at registry `crates-io`",
        f"\x1b[33mwarning\x1b[0m: timed out waiting for {crate} to be available in registry `crates-io`",
        "  |",
        "  = note: the registry may have a backlog that is delaying making the crate available. "
        "The crate should be available soon.",
        "error: Timeout waiting for crate to be published.",
    ]


def _invalid_publisher(job: Job) -> list[str]:
    owner = job.repository.partition("/")[0]
    where = f"environment:{job.environment}" if job.environment else f"ref:{job.ref}"
    reference = f"{job.repository}/{job.workflow}@{job.ref}"
    claims = {
        "sub": f"repo:{job.repository}:{where}",
        "repository": job.repository,
        "repository_owner": owner,
        "workflow_ref": reference,
        "job_workflow_ref": reference,
        "ref": job.ref,
        "environment": job.environment or "MISSING",
    }
    return [
        "Checking dist: PASSED",
        "##[error]Trusted publishing exchange failure: ",
        "Token request failed: the server refused the request for the following reasons:",
        "",
        "* `invalid-publisher`: valid token, but no corresponding publisher "
        "(Publisher with matching claims was not found)",
        "",
        "The claims rendered below are **for debugging purposes only**.",
        "",
        *(f"* `{name}`: `{value}`" for name, value in claims.items()),
        "",
        "See https://docs.pypi.org/trusted-publishers/troubleshooting/ for more help.",
    ]


def _no_token(job: Job) -> list[str]:
    return [
        "\x1b[1m\x1b[92m    Updating\x1b[0m crates.io index",
        "\x1b[1m\x1b[91merror\x1b[0m: no token found, please run `cargo login`",
        "or use environment variable CARGO_REGISTRY_TOKEN",
    ]


def _audit(job: Job) -> list[str]:
    return [
        "    Fetching advisory database from `https://github.com/RustSec/advisory-db.git`",
        "    Scanning Cargo.lock for vulnerabilities (9 crate dependencies)",
        "Crate:     tide-tables",
        "Version:   0.2.1",
        "Title:     Out-of-bounds read for dates before 1970",
        "Date:      2026-03-02",
        "ID:        RUSTSEC-2026-0042",
        "URL:       https://rustsec.org/advisories/RUSTSEC-2026-0042",
        "Solution:  Upgrade to >=0.2.2",
        "",
        "\x1b[31merror:\x1b[0m 1 vulnerability found!",
    ]


def _platform(job: Job) -> list[str]:
    wheel = "the_package-1.0.0-cp310-abi3-linux_x86_64.whl"
    return refused_by(PYPI, f"Binary wheel '{wheel}' has an unsupported platform tag 'linux_x86_64'.", 400)


def _too_many(job: Job) -> list[str]:
    again = job.now + timedelta(minutes=10)
    return refused_by(
        job.registry,
        "You have published too many versions of this crate in a short period of time. Please try again after "
        f"{again:%a, %d %b %Y %H:%M:%S} GMT and see https://crates.io/docs/rate-limits for more details.",
        429,
    )


def _out_of_order(job: Job) -> list[str]:
    return refused_by(job.registry, "the upload was not taken", 503)


CAUSES: Mapping[str, Failure] = {
    "publish": Failure(_out_of_order),
    "publish=already-exists": Failure(_already_exists, uploads=True),
    "publish=timed-out": Failure(_timed_out, registry=CRATES_IO, uploads=True),
    "publish=invalid-publisher": Failure(_invalid_publisher, registry=PYPI),
    "publish=token": Failure(_no_token),
    "publish=audit": Failure(_audit),
    "publish=platform": Failure(_platform, registry=PYPI),
    "publish=429": Failure(_too_many),
}
"""By the words of `Scenario.parse`."""
