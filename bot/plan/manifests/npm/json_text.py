"""JSON files that are edited in place: strings are exchanged where they stand, every other byte stays."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from json.decoder import JSONDecoder
from typing import Any, TypeAlias

from bot.packaging.problem import Problem
from bot.plan.model import Tree

Keys: TypeAlias = tuple[str, ...]
Span: TypeAlias = tuple[int, int]

_LARGEST = 20_000_000
_DECODER = JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True)
class JsonFile:
    """An object in a JSON file; an empty one where there is no file, or none that npm would read."""

    path: str
    text: str
    data: Mapping[str, Any]

    def value(self, keys: Keys) -> Any:
        """What stands at these keys; None where nothing does."""
        found: Any = self.data
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def replaced(self, values: Mapping[Keys, str]) -> bytes:
        """The file's bytes with these strings exchanged; every place must be there."""
        text, start = self.text, _skip(self.text, 0)
        places = [(span, values[keys]) for keys, span in _spans(text, start, [(keys, keys) for keys in values])]
        for (begin, end), new in sorted(places, reverse=True):
            text = text[:begin] + json.dumps(new) + text[end:]
        return text.encode()


def read_json(tree: Tree, path: str) -> JsonFile | Problem:
    """The file at a path; a Problem where this planner cannot read it, whatever npm makes of it."""
    content = tree.get(path, b"")
    if len(content) > _LARGEST:
        what = f"is larger than {_LARGEST // 1_000_000} MB"
        return Problem(path, what, "Shipmate does not read files of this size.")
    try:
        text = content.decode()
        read = json.loads(text)
    except UnicodeDecodeError as error:
        return Problem(path, f"is not UTF-8 (byte {error.start})", "Save it as UTF-8.")
    except RecursionError:
        return Problem(path, "is nested too deeply", "Simplify the file.")
    except ValueError:
        return JsonFile(path, "", {})
    return JsonFile(path, text, read if isinstance(read, dict) else {})


def _spans(text: str, at: int, places: Sequence[tuple[Keys, Keys]]) -> Iterator[tuple[Keys, Span]]:
    """Where values stand in the object at `at`; a place is the keys that are left and the whole of them."""
    members = _members(text, at)
    below: dict[str, list[tuple[Keys, Keys]]] = {}
    for (first, *rest), whole in places:
        if rest:
            below.setdefault(first, []).append((tuple(rest), whole))
        else:
            yield whole, members[first]
    for first, inner in below.items():
        yield from _spans(text, members[first][0], inner)


def _members(text: str, at: int) -> Mapping[str, Span]:
    """The names of the object that begins at `at`, each with where its value stands; the last of two wins in JSON."""
    members: dict[str, Span] = {}
    at = _skip(text, at + 1)
    while text[at] == '"':
        name, at = _DECODER.raw_decode(text, at)
        start = _skip(text, _skip(text, at) + 1)
        _, end = _DECODER.raw_decode(text, start)
        members[name] = (start, end)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return members


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
