"""How one requirement of another repository meets a new version."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from bot.packaging.problem import Problem
from bot.plan.manifests.toml import KeyPath, TomlFile, read_toml

_PART = re.compile(r"\s*(?P<operator>\^|~=|~|===|==|=|>=|>|<=|<|!=|)\s*v?(?P<numbers>\d{1,9}(?:\.\d{1,9})*)")


class Verdict(Enum):
    """What becomes of a requirement."""

    SATISFIED = auto()
    MOVES = auto()
    LEFT = auto()


Made: TypeAlias = Callable[[TomlFile], TomlFile | Problem]
"""Makes a change on a file in which others may have been made."""


def exchange(keys: KeyPath, text: str) -> Made:
    """Exchanges a string."""

    def made(file: TomlFile) -> TomlFile | Problem:
        after = file.replaced({keys: text})
        return after if isinstance(after, Problem) else read_toml(file.path, {file.path: after})

    return made


def _not_made(file: TomlFile) -> TomlFile | Problem:
    return file


@dataclass(frozen=True, slots=True)
class Move:
    """One requirement, and what becomes of it."""

    keys: KeyPath
    verdict: Verdict
    text: str = ""
    """The change in words, or why a person has to decide."""
    made: Made = _not_made


def ahead(requirement: str, new: str) -> bool:
    """Whether a requirement that refuses `new` asks for something newer: one of its lower bounds lies above it."""
    wanted = _numbers(new)
    bounds = [found for part in re.split(r"[,|]", requirement) if (found := _PART.match(part))]
    lower = [_numbers(found["numbers"]) for found in bounds if found["operator"] not in ("<", "<=", "!=")]
    return any(numbers > wanted[: len(numbers)] for numbers in lower)


def stood_at(requirement: str, old: str, accepts: Callable[[str], bool]) -> str:
    """The version from which a requirement moves: the last release if it accepts that, else one that it names."""
    named = [found["numbers"] for part in re.split(r"[,|]", requirement) if (found := _PART.match(part))]
    padded = [".".join([*text.split("."), "0", "0"][: max(3, text.count(".") + 1)]) for text in named]
    return next((version for version in (old, *padded) if accepts(version)), old)


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\d{1,9}(?:\.\d{1,9})*", version)
    return tuple(map(int, found[0].split("."))) if found else ()
