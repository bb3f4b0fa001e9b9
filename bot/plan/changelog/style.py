"""How the sections of a changelog look, so that a drafted one looks like them."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from bot.plan.changelog.drafting.draft import GROUPS, Style
from bot.plan.changelog.parse import Changelog, Heading, Release
from bot.plan.changelog.rst import is_rst

_LIKE = 3
"""Sections that are looked at, newest first."""
_MOST_WORDS = 4
"""Of a group's name; a longer heading tells of one change."""
_MEANS = (
    (re.compile(r"secur|vulnerab", re.IGNORECASE), "Security"),
    (re.compile(r"deprecat", re.IGNORECASE), "Deprecated"),
    (re.compile(r"\bremov", re.IGNORECASE), "Removed"),
    (re.compile(r"\b(?:bug|fix)", re.IGNORECASE), "Fixed"),
    (re.compile(r"\b(?:add(?:ed|itions?)?\b|new\b|feature|enhancement)", re.IGNORECASE), "Added"),
    (re.compile(r"\b(?:chang|improve)", re.IGNORECASE), "Changed"),
)


def style_of(changelog: Changelog, like: Sequence[Release]) -> Style:
    """As the newest of these sections look; Keep a Changelog's way where there is none."""
    level = like[0].heading.level if like else changelog.unreleased.level if changelog.unreleased else 2
    grouped = not like or any(
        heading.level > level for heading in changelog.headings if heading.start > like[0].heading.start
    )
    groups = [heading for release in like[:_LIKE] for heading in _headings_in(changelog, release)]
    named = _named(groups)
    depths = Counter(heading.level - level for heading in groups if heading.text in named.values())
    below = depths.most_common(1)[0][0] if depths else 1
    return Style(level, _bullet(changelog, like), grouped, below, named, is_rst(changelog.path))


def _headings_in(changelog: Changelog, release: Release) -> list[Heading]:
    end = changelog.end_of(release.heading)
    return [heading for heading in changelog.headings if release.heading.start < heading.start < end]


def _named(headings: Sequence[Heading]) -> Mapping[str, str]:
    """What Keep a Changelog's groups are called here; its own names are only left where none is used."""
    plain = {heading.text for heading in headings} & set(GROUPS)
    found: dict[str, str] = {}
    for heading in headings:
        group = next((group for pattern, group in _MEANS if pattern.search(heading.text)), None)
        if group is not None and group not in plain and len(heading.text.split()) <= _MOST_WORDS:
            found.setdefault(group, heading.text)
    return {group: found[group] for group in GROUPS if group in found}


def _bullet(changelog: Changelog, like: Sequence[Release]) -> str:
    """The list marker of the newest section that has a list."""
    for release in like[:_LIKE]:
        if found := re.search(r"^([-*+]) ", changelog.body(release.heading), re.MULTILINE):
            return found[1]
    return "-"
