"""Requirements of one package.json on another of the same repository, and how they move."""

import re
from collections.abc import Iterator

from bot.packaging.requirements import holds, moved
from bot.plan.manifests.npm.json_text import JsonFile, Keys

TABLES = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
"""https://docs.npmjs.com/cli/configuring-npm/package-json#dependencies"""
_ONE_BOUND = re.compile(r"(?P<protocol>workspace:|)(?P<operator>[~^=]|)(?P<v>v?)(?P<version>\d[0-9A-Za-z.+-]*)")


def requirements(file: JsonFile) -> Iterator[tuple[Keys, str, str]]:
    """Each requirement of a package.json: where it stands, on what, and its text."""
    for table in TABLES:
        entries = file.value((table,))
        for name, text in (entries if isinstance(entries, dict) else {}).items():
            if isinstance(text, str):
                yield (table, name), name, text


def moved_requirement(text: str, old: str, new: str) -> str | None:
    """A requirement that accepts `old`, after the release of `new`; None for any other, and for several bounds.

    A single bound means in npm what it means to Cargo, but for a bare number, which is exact.
    https://docs.npmjs.com/cli/configuring-npm/package-json#dependencies
    """
    found = _ONE_BOUND.fullmatch(text)
    bound = _bound(text)
    if found is None or bound is None or holds(bound, old) is not True:
        return None
    after = moved(bound, old, new)
    if after is None:
        return None
    numbers = after.lstrip("~^=").replace("*", "x" if "x" in found["version"] else "*")
    return f"{found['protocol']}{found['operator']}{found['v']}{numbers}"


def accepts(text: str, version: str) -> bool:
    """Whether a requirement of one bound accepts a version; False for any other requirement."""
    bound = _bound(text)
    return bound is not None and holds(bound, version) is True


def _bound(text: str) -> str | None:
    found = _ONE_BOUND.fullmatch(text)
    return f"{found['operator'] or '='}{found['version']}" if found else None
