"""The verdict on a crate."""

from datetime import timedelta

import pytest

from bot.plan.model import Promises
from bot.registries.crates_io.facts import DocsBuild, PathDependency
from bot.release.verification.judge import Mark, Origin, State
from tests.release.verification.building import SUM, archive, crate, texts, then, verdict

DOCS = "https://docs.rs/crate/edge-demo/0.5.0/builds"


def failed(**more):
    return texts(verdict(crate(**more)), Mark.FAILED)


def test_a_complete_crate_shows_its_evidence():
    found = verdict(crate())
    assert found.state is State.COMPLETE
    assert texts(found, Mark.OK) == [
        "crates.io has 0.5.0",
        "the sparse index, which cargo reads, has 0.5.0",
        "checksum is the same in API and index (abababababab…)",
        "the .crate that is downloaded has this checksum (20,000 bytes)",
        "not yanked",
        "README is rendered",
        "packaged from 111111111111",
        "cargo add edge-demo takes it",
    ]


def test_a_version_that_the_index_does_not_show_yet_must_not_be_published_again():
    found = verdict(crate(in_index=False, index_checksum=None, readme=None, archive=None))
    assert found.state is State.PROPAGATING
    assert "do not publish again" in then(found, "the sparse index, which cargo reads, does not have 0.5.0")


def test_a_version_that_was_seen_and_is_gone_is_said_to_be_gone():
    nowhere = crate(in_api=False, in_index=False, archive=None, readme=None)
    found = verdict(nowhere, origin=Origin(seen_before=True), after=timedelta(hours=1))
    assert texts(found, Mark.FAILED) == ["crates.io had 0.5.0, and it is gone"]


def test_other_bytes_than_the_index_says_are_a_failure():
    assert failed(archive=archive(sha256="cd" * 32)) == [
        f"the .crate that is downloaded has SHA-256 {'cd' * 6}…, the index says {SUM[:12]}…"
    ]


def test_an_archive_that_cannot_be_read_is_a_failure():
    assert failed(archive=archive(unreadable="it ends too early")) == ["the .crate cannot be read: it ends too early"]


def test_a_crate_of_another_version_inside_is_a_failure():
    assert failed(archive=archive(version="0.4.9")) == ["the Cargo.toml in the .crate is of edge-demo 0.4.9"]


def test_a_yanked_version_is_told_with_its_message_and_the_way_back():
    found = verdict(crate(yanked=True, yank_message="breaks on ARM"))
    assert texts(found, Mark.FAILED) == ["0.5.0 is yanked: breaks on ARM"]
    assert "cargo yank --undo edge-demo@0.5.0" in then(found, "0.5.0 is yanked: breaks on ARM")


@pytest.mark.parametrize(
    ("after", "state", "said"),
    [
        (timedelta(minutes=1), State.PROPAGATING, "README.md is not rendered yet"),
        (timedelta(minutes=31), State.COMPLETE, "README.md is not rendered yet"),
        (timedelta(hours=3), State.INCOMPLETE, "README.md is not rendered"),
    ],
)
def test_a_readme_that_is_declared_is_awaited_then_noted_then_missed(after, state, said):
    found = verdict(crate(readme=False, readme_text_size=None), after=after)
    assert found.state is state
    assert said in [line.text for line in found.lines]


def test_a_readme_that_the_tree_has_and_the_crate_does_not_is_a_failure_at_once():
    bare = crate(readme=False, readme_text_size=None, archive=archive(readme=None))
    found = verdict(bare, promises=Promises(readme=True))
    assert texts(found, Mark.FAILED) == ["the tree has a README, and the .crate has none"]
    assert verdict(bare).state is State.COMPLETE


def test_a_readme_of_a_few_characters_is_noted():
    assert "README is rendered, but has only 12 characters" in texts(verdict(crate(readme_text_size=12)), Mark.NOTE)


def test_a_dependency_of_the_same_repository_must_be_on_crates_io():
    there = PathDependency("edge-core", "^0.5", ("0.4.0", "0.5.1"))
    absent = PathDependency("edge-core", "^0.5", ("0.4.0",))
    assert verdict(crate(path_dependencies=(there,))).state is State.COMPLETE
    found = verdict(crate(path_dependencies=(absent,)), after=timedelta(hours=1))
    assert texts(found, Mark.FAILED) == ["its dependency edge-core ^0.5 is not on crates.io"]


@pytest.mark.parametrize(
    ("gets", "said"),
    [
        ("0.6.0", "cargo add edge-demo takes 0.6.0, which is newer"),
        ("0.5.0", "cargo add edge-demo takes it"),
    ],
)
def test_what_cargo_add_takes_is_told(gets, said):
    assert said in [line.text for line in verdict(crate(gets=gets)).lines]


@pytest.mark.parametrize(
    ("build", "after", "said"),
    [
        (DocsBuild("0.5.0", True, DOCS), timedelta(minutes=1), "docs.rs has built its documentation"),
        (DocsBuild("0.5.0", False, DOCS), timedelta(minutes=1), "docs.rs is building it"),
        (DocsBuild("0.5.0", False, DOCS), timedelta(hours=1), "docs.rs could not build its documentation"),
        (DocsBuild("0.5.1", True, DOCS), timedelta(hours=1), "docs.rs has not begun to build it"),
        (DocsBuild(None, False, DOCS), timedelta(hours=25), "docs.rs does not know this version"),
    ],
)
def test_docs_rs_is_told_and_holds_nothing_up(build, after, said):
    found = verdict(crate(docs=build), after=after)
    assert found.state is State.COMPLETE
    assert said in [line.text for line in found.lines]


def test_a_crate_near_the_limit_is_noted():
    assert "the .crate has 9.0 MB of at most 10.5 MB" in texts(
        verdict(crate(archive=archive(size=9_000_000))), Mark.NOTE
    )


def test_a_rust_version_is_the_same_with_and_without_its_patch_number():
    found = verdict(crate(rust_version="1.85.0"), promises=Promises(rust_version="1.85"))
    assert texts(found, Mark.FAILED) == []


def test_another_rust_version_than_the_trees_is_a_failure_and_other_drift_a_note():
    promised = Promises(rust_version="1.85", license="MIT", repository="https://github.com/o/r.git")
    drifted = crate(rust_version="1.70", license="Apache-2.0", repository="https://github.com/o/old")
    found = verdict(drifted, promises=promised)
    assert texts(found, Mark.FAILED) == ["rust-version is 1.70, the tree says 1.85"]
    assert texts(found, Mark.NOTE) == [
        "license is Apache-2.0, the tree says MIT",
        "it does not name the repository https://github.com/o/r.git that the tree names",
    ]
    same = crate(rust_version="1.85", license="mit", repository="http://github.com/O/r")
    assert verdict(same, promises=promised).state is State.COMPLETE
    assert texts(verdict(same, promises=promised), Mark.NOTE) == []
