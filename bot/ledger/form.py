"""Texts made of parts: written from a form, and read by it. Pure."""

import re
from dataclasses import MISSING, field, fields
from functools import cache
from typing import Any, ClassVar, TypeVar

T = TypeVar("T", bound="Form")


def a_part(pattern: str, read: Any = str, write: Any = str, default: Any = MISSING) -> Any:
    """A part of a form: what it looks like, and how it is read and written."""
    return field(default=default, metadata={"pattern": pattern, "read": read, "write": write})


def a_number(default: Any = MISSING) -> Any:
    """A whole number, such as GitHub's ids."""
    return a_part("[0-9]{1,19}", int, default=default)


def some_places() -> Any:
    """Places of packages in a release, from 0."""
    return a_part(
        r"[0-9]+(?:\.[0-9]+)*|",
        lambda text: tuple(int(at) for at in text.split(".") if at),
        lambda places: ".".join(map(str, places)),
        default=(),
    )


def a_digest(length: int) -> Any:
    """The first digits of a SHA-256."""
    return a_part(f"[0-9a-f]{{{length}}}")


class Form:
    """A text made of parts, which stand in braces; a bracket is there when its part is not None."""

    FORM: ClassVar[str]

    @property
    def text(self) -> str:
        """As it is written."""
        written = {
            part.name: part.metadata["write"](getattr(self, part.name))
            for part in fields(self)  # type: ignore[arg-type]  # every form is a dataclass
            if getattr(self, part.name) is not None
        }
        whole = re.sub(r"\[([^{\]]*)\{(\w+)\}\]", lambda m: m[1] + written[m[2]] if m[2] in written else "", self.FORM)
        return re.sub(r"\{(\w+)\}", lambda m: written[m[1]], whole)

    @classmethod
    def parse(cls: type[T], text: str) -> T | None:
        """What such a text says; None for any other text."""
        form: Any = cls
        found = _pattern(form).fullmatch(text)
        if found is None:
            return None
        parts = {part.name: part for part in fields(form)}
        given = {name: value for name, value in found.groupdict().items() if value is not None}
        return cls(**{name: parts[name].metadata["read"](value) for name, value in given.items()})


@cache
def _pattern(form: Any) -> re.Pattern[str]:
    parts = {part.name: part.metadata["pattern"] for part in fields(form)}

    def group(name: str) -> str:
        return f"(?P<{name}>{parts[name]})"

    pieces = re.split(r"(\[[^\]]*\]|\{\w+\})", form.FORM)
    made = []
    for piece in pieces:
        if piece.startswith("["):
            before, _, name = piece[1:-2].partition("{")
            made.append(f"(?:{re.escape(before)}{group(name)})?")
        else:
            made.append(group(piece[1:-1]) if piece.startswith("{") else re.escape(piece))
    return re.compile("".join(made))
