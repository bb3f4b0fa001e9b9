"""A dependency that comes from git or a folder, made one from its registry: everything else stays as written.

As with other edits (`bot.plan.manifests.toml`) the text is changed at the place, read again and compared.
"""

import copy
import re
import tomllib
from typing import Any

from bot.packaging.problem import Problem
from bot.plan.manifests.toml import KeyPath, TomlFile, table

SOURCE_KEYS = ("git", "path", "branch", "tag", "rev", "subdirectory", "develop", "editable")
"""What says where a dependency comes from, in Cargo's, Poetry's and uv's words."""
_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)")


def from_registry(file: TomlFile, keys: KeyPath, version: str) -> TomlFile | Problem:
    """The file in which the entry at `keys` (a table with `git` or `path`) asks its registry for `version`.

    A Problem when the entry is written so that this cannot be done without touching anything else.
    """
    entry = table(file.value(keys))
    start, end = file.spans.get(keys, (0, 0))
    if file.text[start:end].startswith("{"):
        text = _inline(file, keys, entry, version)
    else:
        text = _by_lines(file, keys, entry, version)
    kept = {key: value for key, value in entry.items() if key not in SOURCE_KEYS}
    return _checked(file, text, keys, {**kept, "version": version})


def without(file: TomlFile, keys: KeyPath) -> TomlFile | Problem:
    """The file without the entry at `keys`, which stands on a line of its own."""
    span = file.spans.get(keys)
    return _checked(file, _without_lines(file, [span]) if span else None, keys, None)


def _inline(file: TomlFile, keys: KeyPath, entry: dict[str, Any], version: str) -> str | None:
    start, end = file.spans[keys]
    members = sorted((file.spans.get((*keys, key), (0, 0)), key) for key in entry)
    kept, position = [], start + 1
    for (begin, close), key in members:
        if begin <= start:  # a dotted key, which has no place of its own
            return None
        written = file.text[position:close].strip(" \t\r\n,")
        if key not in SOURCE_KEYS and key != "version":
            kept.append(written)
        position = close
    inner = f"{{ {', '.join([f'version = {_quoted(version)}', *kept])} }}" if kept else _quoted(version)
    return file.text[:start] + inner + file.text[end:]


def _by_lines(file: TomlFile, keys: KeyPath, entry: dict[str, Any], version: str) -> str | None:
    """An entry whose keys stand on lines: a table of its own, or dotted keys."""
    gone = [key for key in entry if key in SOURCE_KEYS]
    if any((*keys, key) not in file.spans for key in gone):
        return None
    spoken = "version" if "version" in entry else next(key for key in gone if key in ("git", "path"))
    if (*keys, spoken) not in file.spans:
        return None
    start, end = file.spans[(*keys, spoken)]
    head = file.text[:start]
    if spoken != "version":
        head, found = re.subn(rf"{spoken}([ \t]*=[ \t]*)\Z", r"version\1", head)
        if not found:
            return None
    changed = head + _quoted(version) + file.text[end:]
    moved = len(changed) - len(file.text)
    spans = [file.spans[(*keys, key)] for key in gone if key != spoken]
    shifted = [(a + moved, b + moved) if a > start else (a, b) for a, b in spans]
    return _without_lines(TomlFile(file.path, changed, {}, file.bom), shifted)


def _without_lines(file: TomlFile, spans: list[tuple[int, int]]) -> str | None:
    """The text without the lines on which these values stand; None where one shares its line."""
    text = file.text
    for start, end in sorted(spans, reverse=True):
        line = text.rfind("\n", 0, start) + 1
        rest = _REST_OF_LINE.match(text, end)
        if rest is None or not re.fullmatch(r"[ \t]*[^\s=#\[{][^=\n]*=[ \t]*", text[line:start]):
            return None
        text = text[:line] + text[rest.end() :]
    return text


def _checked(file: TomlFile, text: str | None, keys: KeyPath, entry: dict[str, Any] | None) -> TomlFile | Problem:
    wrong = Problem(file.path, f"{'.'.join(map(str, keys))} cannot be edited on its own", "Edit the file by hand.")
    if text is None:
        return wrong
    expected = copy.deepcopy(dict(file.data))
    parent: Any = expected
    for key in keys[:-1]:
        parent = parent[key]
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return wrong
    if entry is None:
        del parent[keys[-1]]
    else:
        parent[keys[-1]] = entry["version"] if _value(data, keys) == entry["version"] and len(entry) == 1 else entry
    return TomlFile(file.path, text, data, file.bom) if data == expected else wrong


def _value(data: Any, keys: KeyPath) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _quoted(version: str) -> str:
    return f'"{version}"'
