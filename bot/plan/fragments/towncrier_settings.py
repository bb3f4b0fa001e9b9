"""What `[tool.towncrier]` says, as far as it is plain data: https://towncrier.readthedocs.io/en/stable/configuration.html."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.packaging.problem import Problem
from bot.plan.manifests.toml import TomlFile, read_toml, table
from bot.plan.model import Tree
from bot.plan.paths import inside, join, parent

_DEFAULT_TYPES = {
    "feature": ("Features", True),
    "bugfix": ("Bugfixes", True),
    "doc": ("Improved Documentation", True),
    "removal": ("Deprecations and Removals", True),
    "misc": ("Misc", False),
}
_FIELD = re.compile(r"\{\{|\}\}|\{(?P<name>[a-z_]*)\}|[{}]")


@dataclass(frozen=True)
class Settings:
    """One configuration, its defaults filled in."""

    path: str
    """The file that holds it."""
    folder: str
    filename: str
    """The changelog, from the root of the repository."""
    directories: Mapping[str, str]
    """Where the fragments of each section lie."""
    types: Mapping[str, tuple[str, bool]]
    """Name of each type, and whether its text is shown."""
    start: str
    name: str
    title: str | bool
    issue: str | None
    underlines: tuple[str, ...]
    wrap: int | None
    all_bullets: bool
    orphan: str
    ignored: tuple[str, ...]
    beyond: str | None
    """The setting that only the tool itself can follow; None when there is none."""

    @property
    def is_markdown(self) -> bool:
        """Whether it renders Markdown rather than reStructuredText."""
        return self.filename.endswith(".md")


def settings_in(tree: Tree, folder: str) -> Settings | None:
    """The configuration in a folder; None where there is none. towncrier.toml goes before pyproject.toml."""
    project = _read(tree, inside(folder, "pyproject.toml"))
    file = _read(tree, inside(folder, "towncrier.toml")) or project
    found = table(file.data, "tool").get("towncrier") if file else None
    if file is None or not isinstance(found, dict):
        return None
    return _settings(file.path, found, _text(table(project.data, "project").get("name")) if project else "")


def folders_with_settings(tree: Tree) -> list[str]:
    """The folders that may hold a configuration."""
    named = (path for path in tree if path.rpartition("/")[2] in ("pyproject.toml", "towncrier.toml"))
    return list(dict.fromkeys(parent(path) for path in named if b"towncrier" in tree[path]))


def filled(template: str, values: Mapping[str, str]) -> str | None:
    """A format of Python with plain fields only; None for any other."""
    known = {match["name"] for match in _FIELD.finditer(template) if match["name"] is not None}
    odd = any(match[0] in ("{", "}") for match in _FIELD.finditer(template))
    if odd or not known <= values.keys():
        return None
    return _FIELD.sub(lambda match: values[match["name"]] if match["name"] is not None else match[0][0], template)


def _read(tree: Tree, path: str) -> TomlFile | None:
    read = read_toml(path, tree) if path in tree else None
    return None if isinstance(read, Problem) else read


def _settings(path: str, found: Mapping[str, Any], project: str) -> Settings:
    folder, package = parent(path), _text(found.get("package")) or project
    filename = join(folder, _text(found.get("filename")) or "NEWS.rst")
    markdown = (filename or "").endswith(".md")
    title, underlines = found.get("title_format", ""), found.get("underlines", ["=", "-", "~"])
    wrap = found.get("wrap", False)
    start = _text(found.get("start_string"))
    return Settings(
        path,
        folder,
        filename or "",
        _directories(folder, found, package),
        _types(found),
        start or f"{'<!-- {} -->' if markdown else '.. {}'}\n".format("towncrier release notes start"),
        _text(found.get("name")) or package,
        title if isinstance(title, str) else False,
        _text(found.get("issue_format")) or None,
        tuple(map(_text, underlines)) if isinstance(underlines, list) else (),
        None if wrap is False else 79 if wrap is True or not isinstance(wrap, int) or wrap <= 0 else wrap,
        found.get("all_bullets", True) is not False,
        _text(found.get("orphan_prefix", "+")),
        tuple(_text(each).lower() for each in found.get("ignore") or ()),
        _beyond(found, filename),
    )


def _beyond(found: Mapping[str, Any], filename: str | None) -> str | None:
    """The first setting that is more than data, or leads elsewhere."""
    if found.get("template", "towncrier:default") not in ("towncrier:default", "towncrier:default.md"):
        return "template"
    if found.get("single_file", True) is not True:
        return "single_file"
    if filename is None or not filename.endswith((".md", ".rst")):
        return "filename"
    title = _text(found.get("title_format"))
    if filled(title, {"name": "", "version": "", "project_date": ""}) is None:
        return "title_format"
    if filled(_text(found.get("issue_format")), {"issue": ""}) is None:
        return "issue_format"
    underlines = found.get("underlines", ["=", "-", "~"])
    if not isinstance(underlines, list) or len(underlines) < 3:
        return "underlines"
    return None


def _directories(folder: str, found: Mapping[str, Any], package: str) -> Mapping[str, str]:
    directory = _text(found.get("directory"))
    sections = {_text(each.get("name")): _text(each.get("path")) for each in _tables(found.get("section"))} or {"": ""}
    if directory:
        paths = {name: join(folder, f"{directory}/{path}") for name, path in sections.items()}
    else:
        base = f"{_text(found.get('package_dir')) or '.'}/{package}"
        paths = {name: join(folder, f"{base}/{path}/newsfragments") for name, path in sections.items()}
    return {name: path for name, path in paths.items() if path is not None}


def _types(found: Mapping[str, Any]) -> Mapping[str, tuple[str, bool]]:
    fragments, types = found.get("fragment"), _tables(found.get("type"))
    if isinstance(fragments, dict) and fragments:
        options = {name: table(fragments, name) for name in sorted(fragments)}
        return {
            name: (_text(option.get("name")) or name.capitalize(), option.get("showcontent", True) is not False)
            for name, option in options.items()
        }
    named = {
        _text(each.get("directory", _text(each.get("name")).lower())): (
            _text(each.get("name")),
            each.get("showcontent", True) is not False,
        )
        for each in types
    }
    return named or _DEFAULT_TYPES


def _tables(found: Any) -> list[Mapping[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(found: Any) -> str:
    return found if isinstance(found, str) else ""
