"""Yanked versions are marked in the changelogs, and nothing else changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.plan.changelog.parse import Changelog, read_changelog
from bot.plan.changelog.yanked import MARK, marked_as_yanked, with_marks
from tests.plan.test_properties import MARKDOWN
from tests.plan.trees import lamp, tree


def marked(text: str, version: str = "0.5.0") -> str:
    log = read(text)
    release = log.release(version, ("lamp", "v"))
    return with_marks(log, [release] if release else []).decode()


def read(text: str) -> Changelog:
    log = read_changelog("CHANGELOG.md", {"CHANGELOG.md": text.encode()}, ["lamp", "v"])
    assert isinstance(log, Changelog)
    return log


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("## [0.5.0] - 2026-04-04\n", "## [0.5.0] - 2026-04-04 [YANKED]\n"),
        ("## [0.5.0] - 2026-04-04\r\n\r\n- x\r\n", "## [0.5.0] - 2026-04-04 [YANKED]\r\n\r\n- x\r\n"),
        ("## v0.5.0 ##\n", "## v0.5.0 [YANKED] ##\n"),
        ("0.5.0\n-----\n", "0.5.0 [YANKED]\n-----\n"),
        (
            "## [0.5.0](https://x/a...b) (2026-04-04)\n",
            "## [0.5.0](https://x/a...b) (2026-04-04) [YANKED]\n",
        ),
        ("## [0.5.0] - 2026-04-04 [yanked]\n", "## [0.5.0] - 2026-04-04 [yanked]\n"),
        ("## [0.4.0] - 2026-01-01\n", "## [0.4.0] - 2026-01-01\n"),
    ],
)
def test_the_mark_stands_where_keep_a_changelog_puts_it(before, after):
    assert marked(before) == after


def test_a_heading_that_a_version_shares_with_one_that_is_not_yanked_stays():
    text = "## lamp v0.5.0 and v v0.6.0\n"
    log = read(text)
    assert len(log.releases) == 2
    assert with_marks(log, [log.releases[0]]).decode() == text
    assert MARK in with_marks(log, list(log.releases)).decode()


@given(MARKDOWN.map("\n".join), st.sampled_from(["0.5.0", "0.4.0", "0.3.0", "0.2.0"]))
def test_marking_twice_is_marking_once_and_every_other_line_stays(text: str, version: str):
    once = marked(text, version)
    assert marked(once, version) == once
    before, after = text.splitlines(keepends=True), once.splitlines(keepends=True)
    assert len(before) == len(after)
    different = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(different) <= 1
    assert all(new.replace(f" {MARK}", "", 1) == old for old, new in different)
    assert [r.version for r in read(once).releases] == [r.version for r in read(text).releases]


def test_of_a_repository_only_the_changelog_of_the_yanked_package_changes():
    files = lamp()
    found = marked_as_yanked(tree(files), {"crates.io:lamp": "0.4.0"})
    assert list(found) == ["CHANGELOG.md"]
    assert found["CHANGELOG.md"].replace(f" {MARK}".encode(), b"") == tree(files)["CHANGELOG.md"]
    assert marked_as_yanked(tree(files), {"crates.io:lamp": "9.9.9"}) == {}
