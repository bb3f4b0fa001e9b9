"""One YAML document as GitHub Actions reads it, bounded while it is composed.

The rules are those of GitHub's own reader (`YamlObjectReader` and `ParseOptions` in
https://github.com/actions/runner/tree/main/src/Sdk/WorkflowParser): YAML 1.2's core schema, so that `on`, `yes` and
dates are text; every number a double; anchors and aliases
(https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations), but no merge
keys; one document in a file; at most 50,000 nodes, aliases counted each time they are used, 50 levels and 1 MiB.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

Value: TypeAlias = None | bool | float | str | list[Any] | dict[str, Any]
"""What a document holds; every number is a float, every key a string. Shared where aliases are: never change it."""

MOST_DOCUMENT_BYTES = 1024 * 1024
MOST_NODES = 50_000
MOST_TEXT = 10 * 1024 * 1024
"""Characters of all scalars together, aliases counted each time: GitHub's limit for what a file may become."""
DEEPEST = 50

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # only its events are used; libyaml is ten times as fast
_TAG = "tag:yaml.org,2002:"
_NULLS = frozenset(("", "null", "Null", "NULL", "~"))
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASED = re.compile(r"0x[0-9a-fA-F]{1,8}|0o[0-7]{1,11}")
_NOT_FINITE = {
    **{f"{sign}{word}": float(f"{sign}inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}


class InvalidDocument(Exception):
    """GitHub cannot read the file either; `what` says why, as the rest of a sentence about the file."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        """From 1; None where the mistake has no place."""


def read_document(content: bytes) -> Value:
    """The value of a file's only document. Raises InvalidDocument, and nothing else whatever the bytes are."""
    if len(content) > MOST_DOCUMENT_BYTES:
        raise InvalidDocument(f"is larger than {MOST_DOCUMENT_BYTES // 1024} KiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidDocument(f"is not UTF-8 (byte {error.start})") from None
    try:
        return _Composer(yaml.parse(text, Loader=_LOADER)).document()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise InvalidDocument(f"is not valid YAML: {error.problem or error.context}", line) from None
    except yaml.YAMLError as error:  # a character that YAML does not allow
        raise InvalidDocument(f"is not valid YAML: {' '.join(str(error).split())[:200]}") from None


@dataclass(slots=True)
class _Anchor:
    """A node that aliases repeat; None as its size while it is still being read."""

    value: Value = None
    nodes: int | None = None
    text: int = 0


class _Composer:
    """Makes values of libyaml's events, and counts what they come to."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, _Anchor] = {}
        self._nodes = self._text = 0

    def document(self) -> Value:
        next(self._events)  # the stream begins
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return None
        value = self._node(next(self._events), 1)
        next(self._events)  # the document ends
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise InvalidDocument("holds more than one YAML document", _line(event))
        return value

    def _node(self, event: Any, depth: int) -> Value:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        anchor = _Anchor()
        if event.anchor:
            self._anchors[event.anchor] = anchor
        nodes, text = self._nodes, self._text
        self._count(event, 1, len(event.value) if isinstance(event, yaml.ScalarEvent) else 0)
        if depth > DEEPEST:
            raise InvalidDocument(f"is nested more than {DEEPEST} levels deep", _line(event))
        if isinstance(event, yaml.ScalarEvent):
            anchor.value = _scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            anchor.value = list(self._items(depth))
        else:
            anchor.value = self._mapping(depth)
        anchor.nodes, anchor.text = self._nodes - nodes, self._text - text
        return anchor.value

    def _alias(self, event: Any) -> Value:
        anchor = self._anchors.get(event.anchor)
        if anchor is None:
            raise InvalidDocument(f"repeats the anchor `{event.anchor}`, which nothing has", _line(event))
        if anchor.nodes is None:
            raise InvalidDocument(f"has an anchor `{event.anchor}` that holds itself", _line(event))
        self._count(event, anchor.nodes, anchor.text)
        return anchor.value

    def _count(self, event: Any, nodes: int, text: int) -> None:
        self._nodes += nodes
        self._text += text
        if self._nodes > MOST_NODES or self._text > MOST_TEXT:
            limit = f"{MOST_NODES} nodes" if self._nodes > MOST_NODES else f"{MOST_TEXT} characters"
            raise InvalidDocument(f"comes to more than {limit} with its aliases", _line(event))

    def _items(self, depth: int) -> Iterator[Value]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _mapping(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        taken: set[str] = set()
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise InvalidDocument("has a key that is no single word", _line(event))
            self._node(event, depth + 1)
            key = event.value
            if key == "<<" and event.implicit[0]:
                raise InvalidDocument("has a merge key (`<<`), which GitHub does not read", _line(event))
            if key.lower() in taken:  # GitHub has no regard to case here
                raise InvalidDocument(f"has the key `{key[:80]}` twice in one place", _line(event))
            taken.add(key.lower())
            made[key] = self._node(next(self._events), depth + 1)
        return made


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1


def _scalar(event: Any) -> Value:
    text: str = event.value
    tag: str | None = event.tag
    if tag is None:
        return _plain(text) if event.implicit[0] else text
    kind = tag.removeprefix(_TAG)
    value = text if kind == "str" else _plain(text)
    kinds = {"str": str, "bool": bool, "int": float, "float": float, "null": type(None)}
    if not isinstance(value, kinds.get(kind, ())):
        raise InvalidDocument(f"has a value with the tag `{tag[:80]}`, which GitHub does not read", _line(event))
    return value


def _plain(text: str) -> Value:
    """What a scalar without quotes means by YAML 1.2's core schema."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _NUMBER.fullmatch(text):
        return float(text)
    if _BASED.fullmatch(text):
        return float(int(text, 0))
    return _NOT_FINITE.get(text, text)


def line_of(content: bytes, *keys: str) -> int | None:
    """The line, from 1, of the last of these keys, each below the one before, as far as they are there.

    Only for what `read_document` has read: that is bounded.
    """
    line, node = None, yaml.compose(content.decode("utf-8-sig"), Loader=_LOADER)
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        found = next((pair for pair in pairs if pair[0].value == key), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line


def text_of(value: object) -> str:
    """A scalar as GitHub writes it into text; empty for a list or a table, which it does not write.

    Numbers are .NET's `G15`: https://github.com/actions/runner/blob/main/src/Sdk/Expressions/EvaluationResult.cs.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        return f"{value or 0.0:.15G}"
    return ""
