"""A pyproject.toml's requirements on a package that was just released."""

import re
from collections.abc import Iterator
from functools import partial

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bot.packaging.names import same_name
from bot.packaging.registry import Registry
from bot.packaging.requirements import holds, moved_poetry, moved_python
from bot.packaging.versions import semver_of
from bot.plan.downstream.requirement_moves import Made, Move, Verdict, ahead, exchange, stood_at
from bot.plan.manifests.python_pins import poetry_constraints, poetry_tables, requirement_lists
from bot.plan.manifests.toml import KeyPath, TomlFile, table
from bot.plan.manifests.toml_sources import from_registry, without

LONGEST_REQUIREMENT = 1000


def python_moves(file: TomlFile, name: str, old: str, new: str) -> Iterator[Move]:
    """Every requirement on `name`, in PEP 508's, Poetry's and uv's words."""
    for keys in requirement_lists(file):
        listed = file.value(keys)
        for number, text in enumerate(listed if isinstance(listed, list) else ()):
            found = _requirement(text)
            if found is not None and same_name(Registry.PYPI, found.name, name):
                yield _listed((*keys, number), text, found, old, new)
    yield from _poetry(file, name, old, new)
    for key, entry in table(file.data, "tool", "uv", "sources").items():
        if same_name(Registry.PYPI, key, name) and {"git", "path"} & set(table(entry)):
            place: KeyPath = ("tool", "uv", "sources", key)
            yield Move(place, Verdict.MOVES, f"tool.uv.sources.{key}: from PyPI", _removal(place))


def _requirement(text: object) -> Requirement | None:
    if not isinstance(text, str) or len(text) > LONGEST_REQUIREMENT:
        return None
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def _listed(keys: KeyPath, text: str, found: Requirement, old: str, new: str) -> Move:
    if found.url:
        extras = f"[{','.join(sorted(found.extras))}]" if found.extras else ""
        marker = f" ; {found.marker}" if found.marker else ""
        after = f"{found.name}{extras}>={new}{marker}"
        return Move(keys, Verdict.MOVES, f"{text} → {after}", exchange(keys, after))
    if found.specifier.contains(new, prereleases=True):
        return Move(keys, Verdict.SATISFIED)
    wanted = str(found.specifier)
    was = stood_at(wanted, old, lambda version: found.specifier.contains(version, prereleases=True))
    moved = None if ahead(wanted, new) else moved_python(text, found.name, was, new)
    if moved is None:
        return Move(keys, Verdict.LEFT, f"{text} does not accept {new}")
    return Move(keys, Verdict.MOVES, f"{text} → {moved}", exchange(keys, moved))


def _poetry(file: TomlFile, name: str, old: str, new: str) -> Iterator[Move]:
    for tables in poetry_tables(file):
        for key, entry in table(file.value(tables)).items():
            if same_name(Registry.PYPI, key, name) and {"git", "path"} & set(table(entry)):
                place: KeyPath = (*tables, key)
                yield Move(place, Verdict.MOVES, f"{key}: from PyPI, ^{new}", _sourced(place, f"^{new}"))
    for keys, required in poetry_constraints(file):
        text = file.value(keys)
        sourced = keys[-1] == "version" and {"git", "path"} & set(table(file.value(keys[:-1])))
        if not same_name(Registry.PYPI, required, name) or not isinstance(text, str) or sourced:
            continue
        if _poetry_accepts(text, new):
            yield Move(keys, Verdict.SATISFIED)
            continue
        was = stood_at(text, old, partial(_poetry_accepts, text))
        moved = None if ahead(text, new) else moved_poetry(text, was, new)
        if moved is None:
            yield Move(keys, Verdict.LEFT, f"{required} = {text!r} does not accept {new}")
        else:
            yield Move(keys, Verdict.MOVES, f"{required}: {text} → {moved}", exchange(keys, moved))


def _poetry_accepts(text: str, version: str) -> bool:
    if re.match(r"\s*[\^~](?!=)", text):
        spelled = semver_of(version)
        return spelled is not None and holds(text, spelled) is True
    clause = text.strip()
    try:
        wanted = SpecifierSet("" if clause == "*" else f"=={clause}" if clause[:1].isdigit() else clause)
    except InvalidSpecifier:
        return False
    return wanted.contains(version, prereleases=True)


def _sourced(keys: KeyPath, version: str) -> Made:
    return lambda file: from_registry(file, keys, version)


def _removal(keys: KeyPath) -> Made:
    return lambda file: without(file, keys)
