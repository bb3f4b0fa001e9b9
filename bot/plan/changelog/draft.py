"""A changelog section drafted from what was merged, for a person to edit: Keep a Changelog's groups, no noise."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.plan.model import Change

GROUPS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
NO_CHANGES = "Maintenance release."
_LONGEST_TITLE = 500

_CONVENTIONAL = re.compile(r"(?P<type>[a-z]+)(?:\((?P<scope>[^)]*)\))?(?P<breaking>!)?:\s+(?P<text>.+)", re.IGNORECASE)
_TYPES = {
    "feat": "Added", "feature": "Added", "add": "Added", "fix": "Fixed", "bugfix": "Fixed", "hotfix": "Fixed",
    "perf": "Changed", "refactor": "Changed", "change": "Changed", "docs": "Changed", "doc": "Changed",
    "deprecate": "Deprecated", "remove": "Removed", "revert": "Changed", "security": "Security", "sec": "Security",
}  # fmt: skip
_LABELS = (
    (re.compile(r"security|vulnerabilit", re.I), "Security"),
    (re.compile(r"deprecat", re.I), "Deprecated"),
    (re.compile(r"remov", re.I), "Removed"),
    (re.compile(r"bug|regression|\bfix", re.I), "Fixed"),
    (re.compile(r"feature|enhancement|\badd", re.I), "Added"),
    (re.compile(r"breaking|perf|refactor|doc", re.I), "Changed"),
)
_VERBS = (
    (re.compile(r"(?:add|introduce|implement|support|allow|new)(?:s|ed)?\b", re.I), "Added"),
    (re.compile(r"(?:fix|correct|repair|resolve|prevent|avoid)(?:s|es|ed)?\b", re.I), "Fixed"),
    (re.compile(r"(?:remove|drop|delete)(?:s|d|ped)?\b", re.I), "Removed"),
    (re.compile(r"deprecate", re.I), "Deprecated"),
)
_SILENT_TYPES = {"chore", "ci", "test", "tests", "style", "build", "release", "wip"}
_SILENT_LABELS = re.compile(
    r"(?:skip|no|ignore)[-_ ](?:changelog|release[-_ ]?notes|for[-_ ]release)|^internal$|^release$", re.I
)
_NOISE = re.compile(
    r"merge (?:branch|pull request|remote-tracking|commit)|(?:chore\(release\)|release)\b|v?\d+\.\d+\.\d+\S*$"
    r"|(?:chore: )?(?:bump|set|update)(?:s|ed)? (?:the )?version|uprev\b|back to dev|\[pre-commit|fixup!|squash!"
    r"|prepar(?:e|es|ed|ing) (?:for )?(?:a |the )?(?:\S+ )?(?:patch )?release",
    re.IGNORECASE,
)
_DEPENDENCIES = re.compile(
    r"(?:\w+(?:\(deps[^)]*\))?!?: )?(?:bump|update|upgrade)s? \S|[^(]*\(deps[^)]*\)|lock file maintenance",
    re.IGNORECASE,
)
_DEPENDENCY_BOTS = re.compile(r"dependabot|renovate|pyup|pre-commit-ci", re.I)
_REFERENCES = re.compile(r"\s*\((?:#\d+(?:,\s*)?)+\)\s*$")
_REVERT = re.compile(r'revert "(?P<title>.+)"', re.I)


@dataclass(frozen=True, slots=True)
class Style:
    """How the changelog's sections look."""

    level: int = 2
    """Depth of its release headings."""
    bullet: str = "-"
    grouped: bool = True
    """Whether sections have headings such as `### Added`."""


def drafted(changes: Sequence[Change], updates: Sequence[str] = (), style: Style = Style()) -> str:
    """The body of a section, `\\n` line ends. `updates` are sentences such as `Updated edgequake-llm to 0.5.0.`."""
    groups: dict[str, list[str]] = {group: [] for group in GROUPS}
    dependencies: list[Change] = []
    for change in _without_reverted(_unique(changes)):
        if _is_dependency(change):
            dependencies.append(change)
        elif not _is_noise(change):
            groups[_group(change)].append(_line(change))
    groups["Changed"] += updates
    if dependencies:
        numbers = ", ".join(f"#{change.number}" for change in dependencies if change.number)
        groups["Changed"].append(f"Updated dependencies{f' ({numbers})' if numbers else ''}.")
    if not any(groups.values()):
        return NO_CHANGES
    if not style.grouped:
        return "\n".join(f"{style.bullet} {line}" for lines in groups.values() for line in lines)
    return "\n\n".join(
        f"{'#' * (style.level + 1)} {group}\n\n" + "\n".join(f"{style.bullet} {line}" for line in lines)
        for group, lines in groups.items()
        if lines
    )


def _unique(changes: Sequence[Change]) -> list[Change]:
    """Each pull request once; commits without one are kept as they are."""
    seen: set[int] = set()
    kept = []
    for change in changes:
        if change.number is None or change.number not in seen:
            kept.append(change)
        if change.number is not None:
            seen.add(change.number)
    return kept


def _without_reverted(changes: list[Change]) -> list[Change]:
    reverts = {match["title"] for change in changes if (match := _REVERT.match(change.title))}
    gone = reverts & {change.title for change in changes}
    return [
        change
        for change in changes
        if change.title not in gone and not ((match := _REVERT.match(change.title)) and match["title"] in gone)
    ]


def _is_dependency(change: Change) -> bool:
    by_robot = change.bot or bool(change.author and _DEPENDENCY_BOTS.search(change.author))
    return by_robot and bool(
        _DEPENDENCIES.match(change.title) or any("depend" in label.lower() for label in change.labels)
    )


def _is_noise(change: Change) -> bool:
    if any(_SILENT_LABELS.search(label) for label in change.labels) or _NOISE.match(change.title.strip()):
        return True
    typed = _CONVENTIONAL.fullmatch(change.title.strip())
    return bool(typed and typed["type"].lower() in _SILENT_TYPES and not typed["breaking"])


def _group(change: Change) -> str:
    for pattern, group in _LABELS:
        if any(pattern.search(label) for label in change.labels):
            return group
    typed = _CONVENTIONAL.fullmatch(change.title.strip())
    if typed and typed["type"].lower() in _TYPES:
        return _TYPES[typed["type"].lower()]
    text = typed["text"] if typed else change.title.strip()
    return next((group for pattern, group in _VERBS if pattern.match(text)), "Changed")


def _line(change: Change) -> str:
    title = " ".join(change.title[:_LONGEST_TITLE].split())
    typed = _CONVENTIONAL.fullmatch(title)
    known = typed is not None and typed["type"].lower() in {*_TYPES, *_SILENT_TYPES}
    text = typed["text"] if typed is not None and known else title
    text = _REFERENCES.sub("", text).rstrip(". ")
    if len(text) > 200:
        text = f"{text[:199].rsplit(' ', 1)[0]}…"
    breaking = bool(typed and typed["breaking"]) or any("breaking" in label.lower() for label in change.labels)
    text = _without_html(text[:1].upper() + text[1:])
    reference = f" (#{change.number})" if change.number else ""
    return f"{'**Breaking:** ' if breaking else ''}{text}{reference}"


def _without_html(text: str) -> str:
    """Titles are other people's words: a `<` outside code would begin HTML."""
    return "".join(part if part.startswith("`") else part.replace("<", "\\<") for part in re.split(r"(`[^`]*`)", text))
