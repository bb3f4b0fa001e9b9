"""Changelogs that nobody writes any more: a release does not open them again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.packaging.versions import is_prerelease
from bot.plan.changelog.parse import Changelog

_MOVED = re.compile(
    r"\b(?:has|have|was|were|is|are)\b(?: now| been)* (?:moved|maintained elsewhere|found|kept|located)\b"
    r"|\bmoved (?:to|here)\b|\bno longer (?:updated|maintained|kept)\b|\bnow lives? (?:in|at|on)\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"\bsee\b[^.]{0,80}\breleases?\b|/releases\b", re.IGNORECASE)
_MOST_OF_A_NOTE = 600
"""Characters; a longer text above the first version is an introduction."""
MISSED = 3
"""Releases without a section, after which a changelog is taken to be given up."""


@dataclass(frozen=True, slots=True)
class Retired:
    """A changelog that is left alone, and why: `says that it moved`."""

    path: str
    why: str


def retired(changelog: Changelog, names: Sequence[str], tagged: Sequence[str]) -> str | None:
    """Why a changelog is not written any more; None for one that is. `tagged` are released versions, newest first."""
    unreleased = changelog.unreleased
    if unreleased is not None and not changelog.is_empty(unreleased):
        return None
    first = min((release.heading.start for release in changelog.releases), default=len(changelog.lines))
    note = "".join(changelog.lines[:first])
    if len(note) <= _MOST_OF_A_NOTE and _MOVED.search(note):
        return "says that it moved"
    if not changelog.releases:
        return "points to the releases" if len(note) <= _MOST_OF_A_NOTE and _ELSEWHERE.search(note) else None
    told = {release.version for release in changelog.of(names)[:1]} | {changelog.of(names)[-1].version}
    finals = [version for version in tagged if not is_prerelease(version)][:MISSED]
    if len(finals) < MISSED or not told.isdisjoint(finals):
        return None
    if not told <= set(tagged):
        return None  # it counts in another way, or has a section for what comes next: nothing can be said
    return f"has no section for the last {MISSED} releases, {', '.join(finals)}"
