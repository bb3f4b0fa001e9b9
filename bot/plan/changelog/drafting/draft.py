"""A changelog section drafted from what was merged, for a person to edit: Keep a Changelog's groups, no noise."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.plan.changelog.drafting.reverts import reverted, without_reverted
from bot.plan.changelog.drafting.titles import breaks, group_of, is_dependency, is_noise, read_title
from bot.plan.model import Change

GROUPS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
NO_CHANGES = "Maintenance release."
"""Where it is known that nothing was merged but upkeep."""
NOT_KNOWN = "Nothing is known of what changed."
"""Where nobody can tell what was merged since the last release."""
MOST_UNFOLDED = 60
"""Entries; a longer draft is folded, so that a person finds what to keep."""
MOST_IN_GROUP = 10
"""Entries that a group of a long draft shows unfolded."""
_LONGEST_TITLE = 500
_REFERENCES = re.compile(r"\s*\((?:#\d+(?:,\s*)?)+\)\s*$")


@dataclass(frozen=True, slots=True)
class Style:
    """How the changelog's sections look."""

    level: int = 2
    """Depth of its release headings."""
    bullet: str = "-"
    grouped: bool = True
    """Whether sections have headings such as `### Added`."""
    below: int = 1
    """How much deeper the headings of groups are."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the groups are called here, where it is not as Keep a Changelog calls them."""
    rst: bool = False
    """Whether it is reStructuredText: then a draft is one list."""


def drafted(changes: Sequence[Change] | None, updates: Sequence[str] = (), style: Style = Style()) -> str:
    """The body of a section, `\\n` line ends. `updates` are sentences such as `Updated edgequake-llm to 0.5.0.`.

    None instead of changes: nobody knows what was merged.
    """
    groups: dict[str, list[str]] = {group: [] for group in GROUPS}
    told, dependencies = worth_telling(changes or ())
    for change in told:
        groups[group_of(change)].append(_line(change))
    groups["Changed"] += updates
    if dependencies:
        numbers = ", ".join(f"#{change.number}" for change in dependencies if change.number)
        groups["Changed"].append(f"Updated dependencies{f' ({numbers})' if numbers else ''}.")
    body = _in_style({group: lines for group, lines in groups.items() if lines}, style)
    if changes is None:
        return f"{NOT_KNOWN}\n\n{body}".rstrip()
    return body or NO_CHANGES


def worth_telling(changes: Sequence[Change]) -> tuple[list[Change], list[Change]]:
    """What a reader wants to hear of, and apart from it what robots did to the dependencies."""
    told: list[Change] = []
    dependencies: list[Change] = []
    for change in without_reverted(_unique(changes)):
        if is_dependency(change):
            dependencies.append(change)
        elif not is_noise(change):
            told.append(change)
    return told, dependencies


def _in_style(groups: Mapping[str, Sequence[str]], style: Style) -> str:
    if style.rst:
        return "\n".join(f"{style.bullet} {_as_rst(line)}" for lines in groups.values() for line in lines)
    fold = sum(len(lines) for lines in groups.values()) > MOST_UNFOLDED
    if not style.grouped and not fold:
        return "\n".join(f"{style.bullet} {line}" for lines in groups.values() for line in lines)
    marks = "#" * min(style.level + style.below, 6)
    return "\n\n".join(
        f"{marks} {style.names.get(group, group)}\n\n{_listed(lines, style.bullet, fold=fold)}"
        for group, lines in groups.items()
    )


def _listed(lines: Sequence[str], bullet: str, *, fold: bool) -> str:
    """The lines as a list; of a long one the breaking and the newest stay in sight."""
    items = [f"{bullet} {line}" for line in lines]
    if not fold or len(items) <= MOST_IN_GROUP:
        return "\n".join(items)
    first = sorted(range(len(items)), key=lambda place: not lines[place].startswith("**"))[:MOST_IN_GROUP]
    shown = [items[place] for place in first]
    rest = [item for place, item in enumerate(items) if place not in first]
    folded = [f"<details>\n<summary>{len(rest)} more</summary>", "\n".join(rest), "</details>"]
    return "\n\n".join(("\n".join(shown), *folded))


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


def _line(change: Change) -> str:
    text = _said(" ".join(change.title[:_LONGEST_TITLE].split()))
    if len(text) > 200:
        text = f"{text[:199].rsplit(' ', 1)[0]}…"
    text = _without_html(text[:1].upper() + text[1:])
    reference = f" (#{change.number})" if change.number else ""
    return f"{'**Breaking:** ' if breaks(change) else ''}{text}{reference}"


def _said(title: str) -> str:
    taken_back = reverted(title)
    if taken_back is not None:
        return f'Reverted "{_REFERENCES.sub("", read_title(taken_back).text)}"'
    return _REFERENCES.sub("", read_title(title).text).rstrip(". ")


def _as_rst(text: str) -> str:
    """A line of Markdown as reStructuredText: code has two backticks, and there is no HTML to escape."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(f"`{part}`" if part.startswith("`") and part != "`" else part.replace("\\<", "<") for part in parts)


def _without_html(text: str) -> str:
    """Titles are other people's words: a `<` outside code would begin HTML."""
    return "".join(part if part.startswith("`") else part.replace("<", "\\<") for part in re.split(r"(`[^`]*`)", text))
