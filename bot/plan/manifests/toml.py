"""TOML files that are edited in place: strings are exchanged at their position, every other byte stays.

tomllib reads, a small scanner finds where each value stands, and after an edit the file is read again and compared:
only the intended values may differ. (tomlkit was measured against this: it loses the order of `[[bin]]` tables that
stand on both sides of `[package]`, and needs five to ten times as long on a lock file.)
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

from bot.packaging.problem import Problem
from bot.plan.model import Tree

KeyPath: TypeAlias = tuple[str | int, ...]

MAX_BYTES = 5_000_000
_REMEMBERED_BYTES = 20_000
"""Manifests are remembered for the next reading; lock files are too long for that."""
_MAX_DEPTH = 48
_BOM = "\ufeff"
_DEEP_KEY = re.compile(rf"(?<![\w\"'.-])[\w\"'-]++(?:[ \t]*+\.[ \t]*+[\w\"'-]++){{{_MAX_DEPTH},}}")


@dataclass(frozen=True)
class TomlFile:
    """A TOML file as it was read. Raises nothing later: what could be wrong with it was found by `read_toml`."""

    path: str
    text: str
    """Decoded, without the byte order mark."""
    data: Mapping[str, Any] = field(repr=False)
    bom: bool = False

    @cached_property
    def spans(self) -> Mapping[KeyPath, tuple[int, int]]:
        """Where each value stands in `text`, by its key path; members of arrays are addressed by number."""
        return _Scanner(self.text).scan()

    def line(self, path: KeyPath) -> int | None:
        """The line (from 1) on which a value begins; of the nearest table that holds it, when it has no place."""
        while path:
            if path in self.spans:
                return self.text.count("\n", 0, self.spans[path][0]) + 1
            path = path[:-1]
        return None

    def value(self, path: KeyPath) -> Any:
        """The value at a key path; None when there is none."""
        found: Any = self.data
        for key in path:
            if isinstance(found, dict):
                found = found.get(key)
            elif isinstance(found, list) and isinstance(key, int) and key < len(found):
                found = found[key]
            else:
                return None
        return found

    def replaced(self, values: Mapping[KeyPath, str]) -> bytes | Problem:
        """The file's bytes with these strings exchanged; a Problem when it would change anything else.

        Every path must lead to a string. Quotes stay as they are.
        """
        pieces, position = [], 0
        for path in sorted(values, key=lambda path: self.spans.get(path, (0, 0))):
            if path not in self.spans:
                return self._refusal(path)
            start, end = self.spans[path]
            pieces += [self.text[position:start], _quoted_like(self.text[start:end], values[path])]
            position = end
        text = "".join((*pieces, self.text[position:]))
        if not _differs_only(self.data, text, values):
            return self._refusal(next(iter(values)))
        return ((_BOM if self.bom else "") + text).encode()

    def _refusal(self, path: KeyPath) -> Problem:
        where = ".".join(str(key) for key in path)
        return Problem(
            self.path,
            f"{where} cannot be edited without changing other values",
            "Edit the file by hand in a pull request.",
        )


def read_toml(path: str, tree: Tree) -> TomlFile | Problem:
    """Read one TOML file of the tree; a Problem naming it when it cannot be read.

    What is read is shared and never changed: discovery and planning read the same manifests one after the other.
    """
    content = tree[path]
    return _read_again(path, content) if len(content) <= _REMEMBERED_BYTES else _read(path, content)


def _read(path: str, content: bytes) -> TomlFile | Problem:
    if len(content) > MAX_BYTES:
        return Problem(
            path, f"is larger than {MAX_BYTES // 1_000_000} MB", "Shipmate does not read files of this size."
        )
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        return Problem(path, f"is not UTF-8 (byte {error.start})", "Save it as UTF-8.")
    bom = text.startswith(_BOM)
    text = text.removeprefix(_BOM)
    if _DEEP_KEY.search(text):  # before tomllib, whose time grows with the square of a key's length
        return _too_deep(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Problem(path, f"is not valid TOML: {error}", "Correct the file.")
    except (RecursionError, ValueError) as error:  # nesting, or a number with thousands of digits
        return Problem(path, f"is not usable TOML: {error}", "Correct the file.")
    if _deeper_than(data, _MAX_DEPTH):
        return _too_deep(path)
    return TomlFile(path, text, data, bom)


_read_again = lru_cache(maxsize=1024)(_read)


def forget() -> None:
    """Read everything anew from now on; for measurements."""
    _read_again.cache_clear()


def _too_deep(path: str) -> Problem:
    return Problem(path, f"is nested more than {_MAX_DEPTH} levels deep", "Simplify the file.")


def table(value: Any, *keys: str) -> dict[str, Any]:
    """The table below `keys`; empty where there is none, or something else."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def string(value: Any) -> str:
    """A decoded value that is text; empty for anything else, of which nobody knows how long its text would be."""
    return value if isinstance(value, str) else ""


def strings(value: Any) -> list[str]:
    """The strings of an array; empty where there is none."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _deeper_than(data: Any, limit: int) -> bool:
    level = [data]
    for _ in range(limit):
        level = [
            child
            for value in level
            for child in (value.values() if isinstance(value, dict) else value)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _differs_only(before: Any, text: str, values: Mapping[KeyPath, str]) -> bool:
    """Whether `text` is `before` with exactly these values, judged by putting the old ones back."""
    try:
        after: Any = tomllib.loads(text)
        for path, new in values.items():
            old, holder = before, after
            for key in path[:-1]:
                old, holder = old[key], holder[key]
            if holder[path[-1]] != new or not isinstance(old[path[-1]], str):
                return False
            holder[path[-1]] = old[path[-1]]
    except (tomllib.TOMLDecodeError, LookupError, TypeError):
        return False
    return bool(after == before)


def _quoted_like(raw: str, value: str) -> str:
    quote = next(quote for quote in ('"""', "'''", '"', "'", "") if raw.startswith(quote))
    if quote in ("'", "'''") and "'" not in value:
        return f"{quote}{value}{quote}"
    quote = quote if quote == '"""' else '"'
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f"{quote}{escaped}{quote}"


_TRIVIA = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_PLAIN = re.compile(r"""([A-Za-z0-9_-]++)[ \t]*+=[ \t]*+("[^"\\\n]++"|'[^'\n]++')""")
_KEY = re.compile(r"""[ \t]*+(?:([A-Za-z0-9_-]++)|("(?:[^"\\\n]|\\.)*+")|'([^'\n]*+)')[ \t]*+""")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*+"'
    r"|'[^'\n]*+'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\r\n]++")


class _Scanner:
    """Finds the place of every value in a text that tomllib has accepted."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans: dict[KeyPath, tuple[int, int]] = {}
        self._array_tables: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, tuple[int, int]]:
        text, position, prefix = self._text, self._skip(0), ()
        current: KeyPath = prefix
        while position < len(text):
            if text[position] == "[":
                position, current = self._header(position)
            elif plain := _PLAIN.match(text, position):
                self._spans[(*current, plain[1])] = plain.span(2)
                position = plain.end()
            else:
                keys, position = self._keys(position)
                position = self._value(position + 1, (*current, *keys))
            position = self._skip(position)
        return self._spans

    def _skip(self, position: int) -> int:
        found = _TRIVIA.match(self._text, position)
        return found.end() if found else position

    def _header(self, position: int) -> tuple[int, KeyPath]:
        double = self._text.startswith("[[", position)
        keys, end = self._keys(position + (2 if double else 1))
        path: KeyPath = ()
        for key in keys[:-1]:
            path = self._newest((*path, key))
        path = (*path, keys[-1])
        if double:
            self._array_tables[path] = self._array_tables.get(path, -1) + 1
        path = self._newest(path)
        self._spans.setdefault(path, (position, end))
        return end + (2 if double else 1), path

    def _newest(self, path: KeyPath) -> KeyPath:
        return (*path, self._array_tables[path]) if path in self._array_tables else path

    def _keys(self, position: int) -> tuple[list[str], int]:
        """A dotted key, and the position of what ends it."""
        keys = []
        while found := _KEY.match(self._text, position):
            bare, basic, literal = found.groups()
            keys.append(tomllib.loads(f"k = {basic}")["k"] if basic else bare if bare is not None else literal)
            position = found.end()
            if not self._text.startswith(".", position):
                break
            position += 1
        return keys, position

    def _value(self, position: int, path: KeyPath) -> int:
        position = self._skip(position)
        start = self._text[position]
        if start == "[":
            end = self._array(position + 1, path)
        elif start == "{":
            end = self._inline_table(position + 1, path)
        else:
            found = _STRING.match(self._text, position) or _SCALAR.match(self._text, position)
            end = found.end() if found else position + 1
        self._spans[path] = (position, end)
        return end

    def _array(self, position: int, path: KeyPath) -> int:
        number, position = 0, self._skip(position)
        while self._text[position] != "]":
            position = self._skip(self._value(position, (*path, number)))
            if self._text[position] == ",":
                position = self._skip(position + 1)
            number += 1
        return position + 1

    def _inline_table(self, position: int, path: KeyPath) -> int:
        position = self._skip(position)
        while self._text[position] != "}":
            keys, position = self._keys(position)
            position = self._skip(self._value(position + 1, (*path, *keys)))
            if self._text[position] == ",":
                position = self._skip(position + 1)
        return position + 1
