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
    (Kind.RATE_LIMITED, "HTTP Error 429\nRetry-After: 120", {"until": "120"}),
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
    "said", ["", "error: could not compile `tide`", "test tides::high ... FAILED", "step 503 of 900"]
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
