"""Changesets: `.changeset/*.md`, of @changesets/cli and of knope, rendered as each does it.

@changesets/cli: https://github.com/changesets/changesets/blob/main/docs/config-file-options.md, with its own changelog
(`@changesets/cli/changelog`), as it lists what is not committed yet: which commit brought a file is not asked for.
knope: https://knope.tech/reference/concepts/changeset/ and https://knope.tech/reference/concepts/changelog/.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.packaging.problem import Problem
from bot.plan.manifests.toml import read_toml, table
from bot.plan.model import Package, Tree
from bot.plan.paths import inside

CHANGESETS = ".changeset/"
CHANGESETS_CONFIG = ".changeset/config.json"
KNOPE = "knope.toml"
_FRONT = re.compile(r"\s*---[ \t]*\n(?P<front>.*?)\n\s*---(?P<rest>\s*(?:\n.*|\Z))", re.DOTALL)
_ENTRY = re.compile(r"""(?P<quote>["']?)(?P<name>[^"':#\n]+)(?P=quote)\s*:\s*["']?(?P<type>[\w-]+)["']?\s*(?:#.*)?""")
KINDS = ("major", "minor", "patch")
_KNOPE_GROUPS = {"major": "Breaking Changes", "minor": "Features", "patch": "Fixes"}
_KNOPE_HEADING = re.compile(r"^(?P<marks>#{1,2})[ \t]+\d+\.\d+\.\d+", re.MULTILINE)
_VERSION_HEADING = re.compile(r"#{1,6}\s+\d+\.\d+")
_BULLET = re.compile(r"^(\s*)[*+] ")
_OWN_LOG = ("@changesets/cli/changelog", ["@changesets/cli/changelog", None])


@dataclass(frozen=True, slots=True)
class Changeset:
    """One file: what it changes, and how."""

    path: str
    types: Mapping[str, str]
    """Level or type by package."""
    summary: str


def changesets(tree: Tree) -> list[Changeset | Problem]:
    """What waits, in the order of the file names; a Problem for a file that cannot be read."""
    paths = sorted(
        path for path in tree if path.startswith(CHANGESETS) and path.endswith(".md") and path.count("/") == 1
    )
    return [_read(path, tree[path]) for path in paths if path.lower() != f"{CHANGESETS}readme.md"]


def is_used(tree: Tree) -> bool:
    """Whether there is such a folder, with more than a word about it in it."""
    return any(path.startswith(CHANGESETS) and path.lower() != f"{CHANGESETS}readme.md" for path in tree)


def is_knope(tree: Tree) -> bool:
    """Whether the folder is knope's: the other tool has a configuration in it."""
    return CHANGESETS_CONFIG not in tree


def names_of(tree: Tree, package: Package) -> tuple[str, ...]:
    """What a changeset calls the package: its name, that of the package.json beside it, or `default` for knope."""
    found = _json(tree, inside(package.path, "package.json")).get("name")
    names = (package.name, found) if isinstance(found, str) else (package.name,)
    return (*names, "default") if is_knope(tree) else names


def beyond(tree: Tree) -> str | None:
    """What only the tool itself can follow; None when there is nothing."""
    if is_knope(tree):
        return _beyond_knope(tree)
    config = _json(tree, CHANGESETS_CONFIG)
    if f"{CHANGESETS}pre.json" in tree:
        return "its prerelease mode (pre.json)"
    if config.get("changelog", _OWN_LOG[0]) not in _OWN_LOG:
        return f"`changelog` of {CHANGESETS_CONFIG}"
    if config.get("prettier") is False:
        return f"`prettier` of {CHANGESETS_CONFIG}"
    return None


def _beyond_knope(tree: Tree) -> str | None:
    file = read_toml(KNOPE, tree) if KNOPE in tree else None
    if file is None:
        return None
    if isinstance(file, Problem):
        return KNOPE
    if "release_notes" in file.data:
        return f"[release_notes] of {KNOPE}"
    every = [table(file.data, "package"), *(each for each in table(file.data, "packages").values())]
    if any(isinstance(each, dict) and "extra_changelog_sections" in each for each in every):
        return f"`extra_changelog_sections` of {KNOPE}"
    return None


def collected(
    tree: Tree, waiting: Sequence[Changeset], names: Sequence[str], content: str, version: str, day: date
) -> str:
    """The changelog with the section that the tool writes, where it puts it."""
    told = [(next(each.types[name] for name in names if name in each.types), each.summary) for each in waiting]
    content = content.replace("\r\n", "\n")
    if is_knope(tree):
        found = _KNOPE_HEADING.search(content)
        level = len(found["marks"]) if found else 2
        return _before(content, found.start() if found else len(content), _of_knope(told, level, version, day))
    return _below_title(content, names[0], _of_changesets(told, version))


def _of_knope(told: Sequence[tuple[str, str]], level: int, version: str, day: date) -> str:
    parts = [f"{'#' * level} {version} ({day.isoformat()})"]
    for kind in KINDS:
        parts += _knope_group(_KNOPE_GROUPS[kind], [summary for each, summary in told if each == kind], level + 1)
    return "\n\n".join(parts)


def _of_changesets(told: Sequence[tuple[str, str]], version: str) -> str:
    parts = [f"## {version}"]
    for level in KINDS:
        lines = [_line(summary) for kind, summary in told if kind == level]
        parts += [f"### {level.capitalize()} Changes", "\n".join(lines)] if lines else []
    return "\n\n".join(parts)


def _before(content: str, place: int, addition: str) -> str:
    head, rest = content[:place].rstrip("\n"), content[place:]
    return "\n\n".join(part for part in (head, addition, rest.rstrip("\n")) if part) + "\n"


def _below_title(content: str, name: str, addition: str) -> str:
    if not content:
        return f"# {name}\n\n{addition}\n"
    if _VERSION_HEADING.match(content):
        return f"{addition}\n\n{content}"
    head, _, rest = content.partition("\n")
    return "\n\n".join(part for part in (head, addition, rest.strip("\n")) if part) + "\n"


def _read(path: str, content: bytes) -> Changeset | Problem:
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    found = _FRONT.match(text)
    lines = [line.strip() for line in (found["front"] if found else "").split("\n") if line.strip()]
    entries = [_ENTRY.fullmatch(line) for line in lines if not line.startswith("#")]
    if found is None or any(entry is None for entry in entries):
        return Problem(path, "is no changeset: it has no front matter of packages and levels", "Mend or delete it.")
    types = {entry["name"].strip(): entry["type"] for entry in entries if entry}
    return Changeset(path, types, found["rest"].strip())


def _line(summary: str) -> str:
    """An entry as prettier leaves it, which the tool runs: lists of dashes, parted from what stands above."""
    first, *rest = [_BULLET.sub(r"\1- ", line.rstrip()) for line in summary.split("\n")]
    out = [f"- {first}"]
    for line in rest:
        if line.startswith("- ") and out[-1].strip() and not out[-1].lstrip().startswith("- "):
            out.append("")
        out.append(f"  {line}".rstrip())
    return "\n".join(out)


def _knope_group(name: str, summaries: Sequence[str], level: int) -> list[str]:
    """Changes of one line are a list; one with more to say has a heading of its own, after those."""
    if not summaries:
        return []
    split = [summary.partition("\n") for summary in summaries]
    told = [(first.lstrip("#").strip(), details.strip()) for first, _, details in split]
    simple = [f"- {first}" for first, details in told if not details]
    longer = [f"{'#' * (level + 1)} {first}\n\n{details}" for first, details in told if details]
    return [f"{'#' * level} {name}", *(["\n".join(simple)] if simple else []), *longer]


def _json(tree: Tree, path: str) -> Mapping[str, Any]:
    try:
        found = json.loads(tree.get(path, b"{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
