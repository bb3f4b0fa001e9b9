"""Why a publish job failed, by the very texts of the tools and registries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.comments.causes import in_words
from bot.release.publishing.causes import RULES, Kind, explain

CLAIMS = """\
* `invalid-publisher`: valid token, but no corresponding publisher (Publisher with matching claims was not found)

* `sub`: `repo:octo@7/demo@9:environment:pypi`
* `repository`: `octo/demo`
* `repository_owner`: `octo`
* `workflow_ref`: `octo/demo/.github/workflows/release.yml@refs/tags/v1`
* `environment`: `pypi`
"""
KNOWN = [
    (
        Kind.ALREADY_UPLOADED,
        "(status 400 Bad Request): crate version `0.5.0` is already uploaded",
        {"version": "0.5.0"},
    ),
    (Kind.ALREADY_UPLOADED, "error: crate tide@0.5.0 already exists on crates.io index", {"version": "tide@0.5.0"}),
    (Kind.ALREADY_UPLOADED, "400 File already exists ('t-1.whl', with blake2_256 hash 'ab').", {"file": "t-1.whl"}),
    (Kind.OTHER_BYTES, "Local file and index file do not match for t-1.tar.gz", {"file": "t-1.tar.gz"}),
    (Kind.NAME_USED_UP, "This filename has already been used, use a different version.", {}),
    (
        Kind.INDEX_TIMED_OUT,
        "warning: timed out waiting for tide v0.5.0 to be available in registry",
        {"package": "tide"},
    ),
    (Kind.INDEX_TIMED_OUT, "timed out waiting for `tide` to be published", {"package": "tide"}),
    (Kind.OIDC_PERMISSION, "GitHub: missing or insufficient OIDC token permissions, the ACTIONS_ID_TOKEN…", {}),
    (Kind.OIDC_PERMISSION, "Please ensure the 'id-token' permission is set to 'write' in your workflow.", {}),
    (
        Kind.INVALID_PUBLISHER,
        CLAIMS,
        {"owner": "octo", "repository": "demo", "workflow": "release.yml", "environment": "pypi"},
    ),
    (Kind.INVALID_PUBLISHER, CLAIMS.replace("`pypi`", "`MISSING`"), None),
    (
        Kind.INVALID_PUBLISHER,
        "Status: 400. Response: No Trusted Publishing config found for repository `octo/demo`.",
        {"configured": "octo/demo"},
    ),
    (Kind.TOKEN_MISSING, "error: no token found, please run `cargo login`", {}),
    (Kind.TOKEN_MISSING, "NonInteractive: Credential not found for API token.", {}),
    (Kind.NOT_AUTHORISED, "this crate exists but you don't seem to be an owner.", {}),
    (Kind.NOT_AUTHORISED, "403 Invalid or non-existent authentication information.", {}),
    (Kind.NOT_AUTHORISED, "The user 'x' isn't allowed to upload to project 'tide'.", {"package": "tide"}),
    (
        Kind.RATE_LIMITED,
        "(status 429 Too Many Requests): You have published too many new crates. "
        "Please try again after Sun, 14 Jun 2026 14:59:56 GMT and see https://crates.io",
        {"until": "Sun, 14 Jun 2026 14:59:56 GMT"},
    ),
    (
        Kind.RATE_LIMITED,
        "ERROR    HTTPError: 429 Too Many Requests from https://upload.pypi.org/legacy/\nRetry-After: 120",
        {"until": "120"},
    ),
    (
        Kind.TRUSTED_ONLY,  # https://github.com/Blackcat-Informatics/purrdf/pull/250
        "error: failed to publish purrdf-events v0.13.0 to registry at https://crates.io\nCaused by:\n"
        "  the remote server responded with an error (status 403 Forbidden): New versions of this crate can only be "
        "published using Trusted Publishing (see https://crates.io/docs/trusted-publishing).",
        {},
    ),
    (
        Kind.CANNOT_CREATE,  # https://github.com/apache/iceberg-rust/issues/2863
        "  the remote server responded with an error (status 403 Forbidden): Trusted Publishing tokens do not support "
        "creating new crates. Publish the crate manually, first",
        {},
    ),
    (
        Kind.UPLOADS_CLOSED,  # https://github.com/pypi/warehouse/issues/15674
        "INFO     Response from https://upload.pypi.org/legacy/:                         \n"
        "         403 New uploads are temporarily disabled. See                          \n"
        "         https://pypi.org/help/#admin-intervention for more information.",
        {},
    ),
    (
        # https://github.com/rust-lang/crates.io/blob/main/src/util/errors/json.rs
        Kind.UPLOADS_CLOSED,
        "  the remote server responded with an error (status 503 Service Unavailable): crates.io is currently in "
        "read-only mode for maintenance. Please try again later.",
        {"registry": "crates.io"},
    ),
    (
        Kind.PROJECT_FULL,  # https://github.com/aboutcode-org/scancode-toolkit/issues/4452
        "ERROR    HTTPError: 400 Bad Request from https://upload.pypi.org/legacy/        \n"
        "         Project size too large. Limit for project 'scancode-toolkit-mini' total\n"
        "         size is 10 GB. See                                                     \n",
        {"package": "scancode-toolkit-mini", "limit": "10"},
    ),
    (
        Kind.TOO_LATE,  # https://github.com/mesonbuild/meson/issues/15971
        "           <title>400 Uploading new files to releases older than 14 days is not allowed.</title>",
        {"days": "14"},
    ),
    (
        Kind.ATTESTATION,  # https://github.com/astro-informatics/s2fft/issues/259
        "Attestation generation failure:\n\n/github/workspace/dist/s2fft-1.2.0.tar.gz already has a publish "
        "attestation: /github/workspace/dist/s2fft-1.2.0.tar.gz.publish.attestation",
        {"twice": "already has a"},
    ),
    (
        # https://github.com/pypi/warehouse/blob/main/warehouse/forklift/legacy.py
        Kind.ATTESTATION,
        "400 Invalid attestations supplied during upload: Could not verify the uploaded artifact using the included",
        {},
    ),
    (
        Kind.METADATA_TOO_NEW,  # https://github.com/openfisca/openfisca-core/pull/1328
        "ERROR    InvalidDistribution: Metadata is missing required fields: Name,        \n"
        "         Version.                                                               \n"
        "         Make sure the distribution includes the files where those fields are   \n"
        "         specified, and is using a supported Metadata-Version: 1.0, 1.1, 1.2,   \n"
        "         2.0, 2.1, 2.2, 2.3.  ",
        None,
    ),
    (
        Kind.METADATA_TOO_NEW,  # https://github.com/pypa/twine/issues/753
        "         '2.2' is an invalid value for Metadata-Version. Error: Use a known metadata version.",
        {"version": "2.2"},
    ),
    (
        Kind.NOT_AUTHORISED,  # https://github.com/qgrad/qgrad/issues/9
        "HTTPError: 403 Client Error: Forbidden for url: https://upload.pypi.org/legacy/",
        {},
    ),
    (Kind.TOO_LARGE, "HTTPError: 400 Client Error: File too large. for url: https://upload.pypi.org/legacy/", {}),
    (
        Kind.ADVISORY,
        "Crate:     time\nID:        RUSTSEC-2020-0071\nSolution:  Upgrade to >=0.2.23\nerror: 1 vulnerability found!",
        {"ids": "RUSTSEC-2020-0071", "crate": "time", "solution": "Upgrade to >=0.2.23"},
    ),
    (
        Kind.PLATFORM_REFUSED,
        "400 Binary wheel 't-1-cp310-abi3-linux_x86_64.whl' has an unsupported platform tag 'linux_x86_64'.",
        {"file": "t-1-cp310-abi3-linux_x86_64.whl", "tag": "linux_x86_64"},
    ),
    (Kind.TOO_LARGE, "max upload size is: 10485760", {"limit": "10485760"}),
    (Kind.TOO_LARGE, "error: crate size too large", {}),
    (
        Kind.METADATA_MISSING,
        "missing or empty metadata fields: description, license. Please see https://doc.rust-lang.org",
        {"fields": "description, license"},
    ),
    (
        Kind.FILE_MISSING,
        "error: readme `READMEE.md` does not appear to exist (relative to `/x`).",
        {"field": "readme", "file": "READMEE.md"},
    ),
    (Kind.DIRTY, "error: 2 files in the working directory contain changes that were not yet committed into git:", {}),
    (Kind.LOCK_STALE, "error: the lock file /x/Cargo.lock needs to be updated but --locked was passed", {}),
    (Kind.LOCK_STALE, "cannot update the lock file /x/Cargo.lock because --locked was passed", {}),
    (Kind.DEPENDENCY_ABSENT, "error: no matching package named `tide-core` found", {"package": "tide-core"}),
    (
        Kind.DEPENDENCY_ABSENT,
        'failed to select a version for the requirement `tide-core = "^0.5"`',
        {"package": "tide-core"},
    ),
    (Kind.NOT_VERIFIED, "error: failed to verify package tarball", {}),
    (
        Kind.KEPT_OUT,  # https://github.com/zarr-developers/pydantic-zarr/issues/159
        'Tag "v0.10.0" is not allowed to deploy to release due to environment protection rules.\n'
        "The deployment was rejected or didn't satisfy other protection rules.",
        {"ref": "v0.10.0", "environment": "release"},
    ),
    (Kind.DISK_FULL, "error: No space left on device (os error 28)", {}),
    (
        Kind.REGISTRY_DOWN,
        "the remote server responded with an error (status 503 Service Unavailable)",
        {"status": "503"},
    ),
]
NOISE = st.lists(st.sampled_from(["   Compiling tide v0.5.0", "", "warning: unused import", "Uploading dist/x"]))


def test_every_kind_is_known_by_a_rule_has_its_words_and_an_example():
    assert {rule.kind for rule in RULES} == set(Kind) == {kind for kind, _, _ in KNOWN}


@pytest.mark.parametrize(("kind", "said", "named"), KNOWN)
def test_a_known_text_is_explained(kind, said, named):
    cause = explain(said)
    assert cause is not None
    assert cause.kind is kind
    assert named is None or dict(cause.named) == named


@given(st.sampled_from(KNOWN), NOISE, NOISE)
def test_whatever_is_printed_around_it_changes_nothing(known, before, after):
    kind, said, _ = known
    cause = explain("\n".join((*before, said, *after)))
    assert cause is not None
    assert cause.kind is kind


@given(st.text())
def test_no_text_at_all_makes_it_fail(text):
    cause = explain(text)
    assert cause is None or in_words(cause)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "error: could not compile `tide`",
        "test tides::high ... FAILED",
        "step 503 of 900",
        # Other servers than a registry, and a test's output
        'Error response from daemon: Get "https://registry-1.docker.io/v2/": unauthorized: authentication failed',
        "Error: HttpError: 403 Forbidden - Resource not accessible by integration",
        "E  urllib.error.HTTPError: HTTP Error 429: Too Many Requests",
        "toomanyrequests: 429 Too Many Requests: You have reached your pull rate limit (https://hub.docker.com)",
        "fatal: unable to access 'https://github.com/octo/demo/': The requested URL returned error: 503",
        "assert response.status == 503  # status 503 Service Unavailable",
        "curl: (22) The requested URL returned error: 401 Unauthorized",
        "OSError: [Errno 27] File too large: 'core.1234'",
    ],
)
def test_what_is_not_known_is_not_guessed(said):
    assert explain(said) is None


@given(st.sampled_from(KNOWN), st.text(alphabet="`*[]()<>@\n|\\a", min_size=1, max_size=20))
def test_no_name_in_a_log_formats_the_words_or_calls_anybody(known, name):
    cause = explain(known[1].replace("tide", name).replace("0.5.0", name).replace("octo", name))
    if cause is not None:
        assert "\n" not in in_words(cause)
        assert "None" not in in_words(cause)


def test_the_words_name_the_claims_to_configure():
    cause = explain(CLAIMS)
    assert cause is not None
    said = in_words(cause)
    for part in ("owner `octo`", "repository `demo`", "workflow `release.yml`", "environment `pypi`"):
        assert part in said


@pytest.mark.parametrize(
    ("tag", "helps"),
    [("linux_x86_64", "manylinux"), ("macosx_9_0_arm64", "MACOSX_DEPLOYMENT_TARGET"), ("wasi_0", "leave this one out")],
)
def test_a_refused_platform_is_told_what_helps_on_that_platform(tag, helps):
    cause = explain(f"400 Binary wheel 't-1-py3-none-{tag}.whl' has an unsupported platform tag '{tag}'.")
    assert cause is not None
    assert helps in in_words(cause)
    assert ("manylinux" in in_words(cause).partition("PyPI takes")[0]) == (tag.startswith("linux"))
