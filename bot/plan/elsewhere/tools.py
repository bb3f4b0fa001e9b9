"""Versions that tools keep in files of their own: CITATION.cff, bump-my-version, Commitizen, tbump, pixi, Poetry.

https://github.com/citation-file-format/citation-file-format/blob/main/schema-guide.md#version
https://callowayproject.github.io/bump-my-version/reference/configuration/global
https://commitizen-tools.github.io/commitizen/config/configuration_file
https://pixi.prefix.dev/latest/reference/pixi_manifest
"""

import re
from collections.abc import Iterator
from datetime import date

from bot.packaging.problem import Problem
from bot.plan.elsewhere.overlay import LARGEST, Overlay
from bot.plan.elsewhere.releases import Releases, same, spelled
from bot.plan.manifests.toml import KeyPath, TomlFile, read_toml, string, table
from bot.plan.paths import is_ours, parent
from bot.plan.request import Target

_BUMPVERSION: KeyPath = ("tool", "bumpversion", "current_version")
_COMMITIZEN: KeyPath = ("tool", "commitizen", "version")
_TBUMP: KeyPath = ("version", "current")
_PIXI = ("workspace", "project", "package")
_TOML: dict[str, tuple[KeyPath, ...]] = {
    ".bumpversion.toml": (_BUMPVERSION,),
    ".cz.toml": (_COMMITIZEN,),
    "cz.toml": (_COMMITIZEN,),
    "tbump.toml": (_TBUMP,),
    "pixi.toml": tuple((each, "version") for each in _PIXI),
    "pyproject.toml": (
        *(_BUMPVERSION, _COMMITIZEN, ("tool", "tbump", *_TBUMP), ("tool", "poetry", "version")),
        *(("tool", "pixi", each, "version") for each in _PIXI),
    ),
}
_INI = re.compile(
    r"^\[(?:bumpversion|commitizen)\][^\n]*\n(?:(?!\[)[^\n]*\n)*?(?:current_)?version[ \t]*=[ \t]*(\S+)", re.M
)
_CITED = re.compile(r"""^version:[ \t]*(["']?)v?(?P<version>[^"'\s#]+)\1[ \t]*(?:#[^\r\n]*)?\r?$""", re.M)
_CITED_DAY = re.compile(r"""^date-released:[ \t]*(["']?)(?P<day>\d{4}-\d{2}-\d{2})\1[ \t]*(?:#[^\r\n]*)?\r?$""", re.M)


def move_tools(overlay: Overlay, paths: list[str], releases: Releases, day: date) -> Iterator[str]:
    """Move what such files say of a released package; yields what is left although it is theirs to move."""
    for path in paths:
        name = path.rpartition("/")[2]
        if not is_ours(parent(path)):
            continue
        if name in _TOML:
            _move_toml(overlay, path, releases)
        elif name in (".bumpversion.cfg", "setup.cfg"):
            _move_ini(overlay, path, releases)
        elif name == "CITATION.cff":
            yield from _move_citation(overlay, path, releases, day)


def _move_toml(overlay: Overlay, path: str, releases: Releases) -> None:
    content = overlay.content(path)
    file = read_toml(path, {path: content}) if content is not None and len(content) <= LARGEST else None
    if not isinstance(file, TomlFile):
        return
    values = {}
    for keys in _TOML[path.rpartition("/")[2]]:
        said = string(file.value(keys))
        target = releases.at(parent(path), said) if said else None
        if target is not None and _is_of(file, keys, target):
            values[keys] = spelled(target, said)
    after = file.replaced(values) if values else None
    if after is not None and not isinstance(after, Problem):
        changes = (f"{'.'.join(map(str, keys))}: {file.value(keys)} → {new}" for keys, new in values.items())
        overlay.write(path, after, "version", *changes)


def _is_of(file: TomlFile, keys: KeyPath, target: Target) -> bool:
    """Whether the table gives no name, or the package's; Commitizen's `name` is something else."""
    registry = target.package.registry
    name = None if keys == _COMMITIZEN else table(file.value(keys[:-1])).get("name")
    return not isinstance(name, str) or registry.canonical(name) == registry.canonical(target.package.name)


def _move_ini(overlay: Overlay, path: str, releases: Releases) -> None:
    found = list(_INI.finditer(overlay.text(path)))
    spans = [(*one.span(1), spelled(target, one[1])) for one in found if (target := releases.at(parent(path), one[1]))]
    overlay.replace(path, spans, "version", "version")


def _move_citation(overlay: Overlay, path: str, releases: Releases, day: date) -> Iterator[str]:
    text = overlay.text(path)
    versions = list(_CITED.finditer(text))
    if len(versions) != 1:
        return
    said = versions[0]["version"]
    target = releases.at(parent(path), said)
    if target is None:
        only = releases.alone(parent(path))
        if only is not None and not same(said, only.package.version) and not same(said, only.new):
            yield f"{path} says {said}, not {only.package.version}, so it is left alone."
        return
    overlay.replace(path, [(*versions[0].span("version"), spelled(target, said))], "version and date", "version")
    days = list(_CITED_DAY.finditer(overlay.text(path)))
    if len(days) == 1:
        overlay.replace(path, [(*days[0].span("day"), day.isoformat())], "version and date", "date-released")
