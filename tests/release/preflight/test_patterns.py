"""Which refs a ruleset is about, and which texts its rules want."""

import pytest

from bot.github.facts import NamePattern
from bot.release.preflight.patterns import fulfils, matches


@pytest.mark.parametrize(
    ("pattern", "name", "so"),
    [
        ("~ALL", "refs/tags/v1", True),
        ("~DEFAULT_BRANCH", "refs/tags/v1", False),
        ("refs/tags/*", "refs/tags/v1", True),
        ("refs/tags/*", "refs/tags/py/v1", False),
        ("refs/tags/**/*", "refs/tags/py/v1", True),
        ("refs/tags/**/*", "refs/tags/v1", True),
        ("refs/tags/**", "refs/tags/py/v1", False),
        ("refs/tags/v[0-9].*", "refs/tags/v1.2", True),
        ("refs/tags/v[!0-9]*", "refs/tags/v1.2", False),
        ("refs/tags/v?.0", "refs/tags/v1.0", True),
        ("refs/tags/v1.0", "refs/tags/v1x0", False),
        ("refs/tags/\\*", "refs/tags/v1", False),
        ("refs/tags/[z-a]", "refs/tags/b", False),
        ("refs/tags/[", "refs/tags/[", True),
    ],
)
def test_a_star_matches_no_slash_and_two_with_a_slash_any_folders(pattern, name, so):
    assert matches(pattern, name) is so


@pytest.mark.parametrize(
    ("operator", "pattern", "so"),
    [
        ("starts_with", "release:", True),
        ("ends_with", "0.5.0", True),
        ("contains", "JIRA-", False),
        ("regex", r"^release: \w+", True),
        ("regex", "(?<", None),
        ("sounds_like", "x", None),
    ],
)
def test_a_rules_pattern_is_fulfilled_or_not_or_cannot_be_told(operator, pattern, so):
    text = "release: tidewater v0.5.0"
    assert fulfils(text, NamePattern(operator, pattern)) is so
    assert fulfils(text, NamePattern(operator, pattern, negate=True)) is (so if so is None else not so)
