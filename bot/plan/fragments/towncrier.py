"""The fragments of towncrier, rendered as its own templates do it, and written where it writes them.

https://towncrier.readthedocs.io/en/stable/markdown.html and, for names and order, `towncrier build` itself: the tests
run it on the same files.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase

from bot.plan.fragments.towncrier_settings import Settings, filled
from bot.plan.model import Tree

_IGNORED = (".gitignore", ".gitkeep", ".keep", "readme", "readme.md", "readme.rst")
_CODE_AT_END = re.compile(r"::\n\n(?:(?:  [ \t]+[^\n]*)?\n)*  [ \t]+[^\n]*\Z")
_NOTHING = "No significant changes.\n\n"

_Entries = dict[str, list[str]]
"""The issues of each text."""


def fragments_of(tree: Tree, settings: Settings) -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """By section and path: issue and type of each fragment that waits."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for section, folder in settings.directories.items():
        found[section] = {}
        for path in sorted(path for path in tree if path.rpartition("/")[0] == ("" if folder == "." else folder)):
            name = path.rpartition("/")[2]
            ignored = (*_IGNORED, *settings.ignored)
            if not any(fnmatchcase(name.lower(), pattern) for pattern in ignored) and (read := _named(name, settings)):
                found[section][path] = read
    return found


def _named(name: str, settings: Settings) -> tuple[str, str] | None:
    """Issue and type that a file's name says: `17.feature.md`, `+other.bugfix.1.rst`; None for other files."""
    parts = name.split(".")
    place = next((place for place in range(len(parts) - 1, 0, -1) if parts[place] in settings.types), None)
    if place is None:
        return None
    issue = ".".join(parts[:place]).strip()
    if settings.orphan and issue.startswith(settings.orphan):
        issue = ""
    return (str(int(issue)) if issue.isdecimal() else issue), parts[place]


def rendered(tree: Tree, settings: Settings, version: str, day: date) -> str:
    """What `towncrier build` adds to the changelog."""
    values = {"name": settings.name, "version": version, "project_date": day.isoformat()}
    sections = {section: _by_type(tree, settings, waiting) for section, waiting in fragments_of(tree, settings).items()}
    title = filled(settings.title, values) if isinstance(settings.title, str) and settings.title else None
    if settings.is_markdown:
        found = re.search(r"^#+(?=\s)", title, re.MULTILINE) if title else None
        level = (len(found[0]) if found else 0) if title else (1 if settings.title == "" else 0)
        body = _markdown(settings, sections, values, level)
    else:
        body = _restructured(settings, sections, values)
    body = "\n".join(_wrapped(line, settings) for line in body.split("\n"))
    if title is None:
        return body
    underline = () if settings.is_markdown else (settings.underlines[0] * len(title),)
    return "\n".join((title, *underline, body))


def written(content: str, settings: Settings, addition: str) -> str:
    """The changelog with what was rendered behind the start string, or above all where there is none."""
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    before, found, behind = content.partition(settings.start)
    head = f"{before.rstrip()}\n\n{settings.start}\n" if found else ""
    rest = (behind if found else content).lstrip()
    return head + (addition + rest if rest else addition.rstrip() + "\n")


def _by_type(tree: Tree, settings: Settings, waiting: Mapping[str, tuple[str, str]]) -> dict[str, _Entries]:
    found: dict[str, _Entries] = {}
    for path, (issue, kind) in waiting.items():
        text = tree[path].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        text = _indented(text.strip())[2:] if settings.all_bullets else text.rstrip()
        if not settings.types[kind][1] and issue:
            text = ""
        issues = found.setdefault(kind, {}).setdefault(text, [])
        if issue:
            issues.append(issue)
    return {kind: _sorted(entries, settings) for kind, entries in found.items()}


def _indented(text: str) -> str:
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def _sorted(entries: _Entries, settings: Settings) -> _Entries:
    ordered = [(text, sorted(sorted(issues), key=_issue_order)) for text, issues in entries.items()]
    ordered.sort(key=lambda entry: ("" if entry[1] else entry[0], [_issue_order(issue) for issue in entry[1]]))
    if not settings.all_bullets:
        ordered.sort(key=lambda entry: _bullet_order(entry[0]))
    return {f"{text}\n\n " if _CODE_AT_END.search(text) else text: issues for text, issues in ordered}


def _issue_order(issue: str) -> tuple[bool, bool, str, int]:
    if issue.isdecimal():
        return True, True, "", int(issue)
    number = re.search(r"\d+", issue)
    if number is None:
        return False, False, issue, -1
    return False, True, issue[: number.start()] + issue[number.end() :], int(number[0])


def _bullet_order(text: str) -> int:
    if not text:
        return -1
    return {"- ": 0, "* ": 1}.get(text[:2], 2 if text[:3] == "#. " else 3)


def _issue(settings: Settings, issue: str) -> str:
    if settings.issue is None:
        return f"#{issue}" if re.fullmatch(r"\s*[+-]?\d+(?:_\d+)*\s*", issue) else issue
    return filled(settings.issue, {"issue": issue}) or ""


def _markdown(
    settings: Settings, sections: Mapping[str, Mapping[str, _Entries]], values: Mapping[str, str], level: int
) -> str:
    out = []
    if settings.title == "":
        name = f"{values['name']} " if values["name"] else ""
        out.append(f"{'#' * level} {name}{values['version']} ({values['project_date']})\n")
    out.append("\n")
    for section, types in sections.items():
        if section:
            out.append(f"\n{'#' * (level + 1)} {section}\n\n")
        if not types:
            out.append(_NOTHING)
        for kind, (name, _) in settings.types.items():
            if kind in types:
                out += (f"{'#' * (level + (2 if section else 1))} {name}\n\n", *_items(settings, types[kind]), "\n")
                out += _link_references(settings, types[kind])
    return "".join((*out, "\n"))


def _items(settings: Settings, entries: _Entries) -> list[str]:
    lines = []
    for text, issues in entries.items():
        named = ", ".join(_issue(settings, issue).split(": ", 1)[0] for issue in issues)
        if text and named:
            apart = "\n  - " in text or "\n  * " in text
            lines.append(f"- {text}\n\n  ({named})\n" if apart else f"- {text} ({named})\n")
        elif text or named:
            lines.append(f"- {text or named}\n")
    return lines


def _link_references(settings: Settings, entries: _Entries) -> list[str]:
    """Where issues are `[#1]: https://…`, their targets."""
    issues = sorted({issue for issues in entries.values() for issue in issues}, key=_issue_order)
    named = [_issue(settings, issue) for issue in issues]
    return [*(f"{each}\n" for each in named), "\n"] if named and "]: " in named[0] else []


def _restructured(settings: Settings, sections: Mapping[str, Mapping[str, _Entries]], values: Mapping[str, str]) -> str:
    out, (above, first, second, *_) = [], settings.underlines
    if settings.title == "":
        title = f"{values['name']} " if values["name"] else ""
        title += f"{values['version']} ({values['project_date']})"
        out.append(f"{title}\n{above * len(title)}\n")
    for section, types in sections.items():
        if section:
            out.append(f"{section}\n{first * len(section)}\n")
        out.append("\n")
        if not types:
            out.append(f"{_NOTHING}\n")
        for kind, (name, _) in settings.types.items():
            if kind in types:
                out.append(f"{name}\n{(second if section else first) * len(name)}\n\n")
                for text, issues in types[kind].items():
                    named = ", ".join(_issue(settings, issue) for issue in issues)
                    out.append(f"- {f'{text} ({named})' if text and named else text or named}\n")
                out.append("\n\n")
    return "".join(out)


def _wrapped(line: str, settings: Settings) -> str:
    if settings.wrap is None:
        return line
    starts: Sequence[tuple[bool, str]] = (
        (settings.all_bullets or line[:2] in ("- ", "* "), "  "),
        (line[:3] == "#. ", "   "),
    )
    indent = next((indent for fits, indent in starts if fits), "")
    return textwrap.fill(line, settings.wrap, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
