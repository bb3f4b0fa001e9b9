"""A job's log is cut to what failed, and cleaned of all that is not to be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github.reading.job_log import MOST_LOG_LINES, MOST_WIDTH, failed_part
from bot.github.reading.redaction import HIDDEN, redacted

AT = "2026-04-04T12:00:00.1234567Z "


def log(*lines):
    return "\ufeff" + "".join(f"{AT}{line}\r\n" for line in lines)


WHOLE = log(
    "Current runner version: '2.330.0'",
    "##[group]Run actions/checkout@v5",
    "with:",
    "##[endgroup]",
    "checked out",
    "##[group]Run cargo publish --locked",
    "\x1b[36;1mcargo publish --locked\x1b[0m",
    "env:",
    "  CARGO_REGISTRY_TOKEN: ***",
    "##[endgroup]",
    "\x1b[1m\x1b[92m    Updating\x1b[0m crates.io index",
    "##[warning]slow today",
    "\x1b[31merror\x1b[0m: no token found",
    "##[error]Process completed with exit code 101.",
    "Post job cleanup.",
    "[command]/usr/bin/git version",
)


def test_what_the_failed_step_printed_is_left_without_timestamps_and_colours():
    assert failed_part(WHOLE).splitlines() == [
        "    Updating crates.io index",
        "Warning: slow today",
        "error: no token found",
        "Error: Process completed with exit code 101.",
    ]


def test_a_message_of_several_lines_is_kept_whole():
    said = failed_part(log("##[group]Run x", "##[endgroup]", "##[error]Refused:", "* `a`: `b`", "Post job cleanup."))
    assert said == "Error: Refused:\n* `a`: `b`"


def test_a_log_whose_beginning_was_not_read_is_shown_from_where_it_begins():
    assert (
        failed_part("half a line\n" + log("more", "##[error]no").removeprefix("\ufeff"))
        == "half a line\nmore\nError: no"
    )


def test_a_log_without_an_error_ends_where_the_steps_do():
    assert failed_part(log("##[group]Run x", "##[endgroup]", "killed", "Cleaning up orphan processes")) == "killed"
    assert failed_part("") == ""


@given(st.text(max_size=3000))
def test_whatever_a_log_holds_lines_are_bounded_and_printable(text):
    lines = failed_part(text).split("\n")
    assert len(lines) <= MOST_LOG_LINES
    assert all(len(line) <= MOST_WIDTH + 1 for line in lines)
    assert not any(character in line for line in lines for character in "\r\x1b\x00\u202e\u2028\u200b\x85")


SECRETS = [
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "ghs_12345_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl",
    "github_pat_11ABCDEFG0abcdefghijklmnop_qrstuvwxyz",
    "pypi-AgEIcHlwaS5vcmcCJDAwMDAwMDAw",
    "cioAbCdEfGhIjKlMnOpQrStUvWxYz012345",
    "cio_tp_AbCdEfGhIjKlMnOpQrStUvWxYz012345",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvIn0.c2ln",
    "AKIAIOSFODNN7EXAMPLE",
    "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "around", ["{}", "token: {}", "curl -H 'Authorization: Bearer {}' x", "https://u:{}@host/", '"{}",']
)
def test_nothing_that_looks_like_a_token_is_shown(secret, around):
    said = failed_part(log("##[group]Run x", "##[endgroup]", around.format(secret), "##[error]no"))
    assert secret not in said
    assert HIDDEN in said


@pytest.mark.parametrize("said", ["password=hunter2hunter", "sig=Zm9vYmFy&x=1", "Basic dXNlcjpwYXNzd29yZA=="])
def test_nothing_that_is_called_a_secret_is_shown(said):
    assert redacted(said) != said
    assert HIDDEN in redacted(said)


@pytest.mark.parametrize(
    "said",
    [
        "error: crate version `0.5.0` is already uploaded",
        "HEAD is now at 7a7d691c0ffee7a7d691c0ffee7a7d691c0ffee0",
        "tidewater_py-0.4.0-cp310-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "CARGO_REGISTRY_TOKEN: ***",
        "* `workflow_ref`: `octo/demo/.github/workflows/publish.yml@refs/tags/v1`",
        "the ACTIONS_ID_TOKEN_REQUEST_TOKEN environment variable was unset",
        "Trusted publishing exchange failure: OpenID Connect token retrieval failed: GitHub: missing",
    ],
)
def test_what_a_person_needs_to_read_is_left(said):
    assert redacted(said) == said


@given(st.text(max_size=400))
def test_hiding_twice_is_hiding_once(text):
    once = redacted(text)
    assert redacted(once) == once
