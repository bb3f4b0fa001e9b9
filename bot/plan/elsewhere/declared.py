"""Places that `.github/release.toml` declares: a path, and a text with `{version}` in it."""

import re
from collections.abc import Iterator

from bot.packaging.problem import Problem
from bot.packaging.versions import pep440_of, semver_of
from bot.plan.elsewhere.declaration import Declared
from bot.plan.elsewhere.overlay import Overlay
from bot.plan.elsewhere.releases import olds, spelled
from bot.plan.paths import CONFIG_PATH
from bot.plan.request import Target

_MOST_LINES = 6


def move_declared(overlay: Overlay, targets: tuple[Target, ...]) -> Iterator[Problem]:
    """Move every declared place of the released packages; a Problem where it is not there as often as declared."""
    for target in targets:
        for place in target.package.also:
            problem = _move(overlay, target, place)
            if problem is not None:
                yield problem


def _move(overlay: Overlay, target: Target, place: Declared) -> Problem | None:
    where = f"{CONFIG_PATH}:{place.line}"
    if overlay.content(place.path) is None:
        return Problem(where, f"`also` names {place.path}, and there is no such file", "Correct the path.")
    text = overlay.text(place.path)
    old = {
        spelling
        for version in olds(target)
        for spelling in (version, semver_of(version), pep440_of(version))
        if spelling
    }
    found = _places(text, place.search, old)
    if len(found) == place.count:
        spans = [(*each.span("version"), spelled(target, each["version"])) for each in found]
        overlay.replace(place.path, spans, "version", "version")
        return None
    if len(_places(text, place.search, {target.new, semver_of(target.new) or ""} - {""})) == place.count:
        return None
    said = place.search.replace("{version}", target.package.version)
    lines = [str(text.count("\n", 0, each.start()) + 1) for each in found]
    more = ", …" if len(lines) > _MOST_LINES else ""
    at = f" (line {', '.join(lines[:_MOST_LINES])}{more})" if lines else ""
    what = f"{place.path} has `{said}` {_times(len(found))}{at}, and `also` expects it {_times(place.count)}"
    fix = "Correct the file, or the entry's `search` and `count`."
    return Problem(where, what, fix)


def _places(text: str, search: str, versions: set[str]) -> list[re.Match[str]]:
    """Where the searched text stands with one of these versions, whole."""
    before, _, after = search.partition("{version}")
    spelled_out = "|".join(re.escape(version) for version in sorted(versions, key=len, reverse=True))
    pattern = rf"{re.escape(before)}(?<![\d.])(?P<version>{spelled_out})(?!\.?\d){re.escape(after)}"
    return list(re.finditer(pattern, text)) if versions else []


def _times(count: int) -> str:
    return {0: "nowhere", 1: "once", 2: "twice"}.get(count, f"{count} times")
