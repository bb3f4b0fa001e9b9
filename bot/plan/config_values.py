"""Values of a configuration file, checked one by one and answered with line and allowed values where they are wrong."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from bot.packaging.problem import Problem
from bot.plan.manifests.toml import KeyPath, TomlFile
from bot.plan.paths import join


class ValueReader:
    """Checks values of a file and collects what is wrong; what is wrong reads as if it were not there."""

    def __init__(self, file: TomlFile) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def tables(self, name: str, entries: Any) -> Iterable[tuple[KeyPath, dict[str, Any]]]:
        """The tables of a list, each with its place."""
        if not isinstance(entries, list) or any(not isinstance(entry, dict) for entry in entries):
            self.wrong((name,), f"`{name}` must be a list of tables", f"Write `[[{name}]]`.")
            return
        yield from (((name, number), entry) for number, entry in enumerate(entries))

    def only(self, found: Any, here: KeyPath, allowed: tuple[str, ...]) -> None:
        """Complain of keys that are not allowed."""
        for key in found:
            if key not in allowed:
                close = get_close_matches(key, allowed, 1)
                hint = f"Did you mean `{close[0]}`? " if close else ""
                self.wrong((*here, key), f"unknown key `{key}`", f"{hint}Allowed: {', '.join(allowed)}.")

    def text(self, found: dict[str, Any], here: KeyPath, key: str) -> str | None:
        """A string that is not empty."""
        value = found.get(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self.wrong((*here, key), f"`{key}` must be a string that is not empty", f'Write `{key} = "…"`.')
        return None

    def texts(self, found: dict[str, Any], here: KeyPath, key: str) -> tuple[str, ...] | None:
        """A list of strings."""
        value = found.get(key)
        if value is None or (isinstance(value, list) and all(isinstance(item, str) and item for item in value)):
            return None if value is None else tuple(value)
        self.wrong((*here, key), f"`{key}` must be a list of strings", f'Write `{key} = ["…"]`.')
        return None

    def switch(self, found: dict[str, Any], here: KeyPath, key: str) -> bool:
        """True or false; false where there is nothing."""
        value = found.get(key, False)
        if not isinstance(value, bool):
            self.wrong((*here, key), f"`{key}` must be true or false", "Allowed: true, false (without quotes).")
        return value is True

    def choice(self, found: dict[str, Any], here: KeyPath, key: str, allowed: tuple[str, ...]) -> str | None:
        """One of several words."""
        value = found.get(key)
        if value is None or value in allowed:
            return value
        self.wrong((*here, key), f"`{key}` cannot be {value!r}", f"Allowed: {', '.join(allowed)}.")
        return None

    def shaped(self, found: dict[str, Any], here: KeyPath, key: str, shape: re.Pattern[str], wanted: str) -> str | None:
        """A string of a form; `wanted` says it in words."""
        value = self.text(found, here, key)
        if value is None or (shape.fullmatch(value) and len(value) <= 200):
            return value
        self.wrong((*here, key), f"`{key}` cannot be {value!r}", f"It must be {wanted}.")
        return None

    def path(self, found: dict[str, Any], here: KeyPath, key: str) -> str | None:
        """A path inside the repository, from its root."""
        value = self.text(found, here, key)
        if value is None:
            return None
        inside = join(".", value)
        if inside is None:
            self.wrong(
                (*here, key), f"`{key}` leads out of the repository", "Write it relative to the repository's root."
            )
        return inside

    def wrong(self, where: KeyPath, what: str, fix: str) -> None:
        """Note a mistake at a place, and what to write instead."""
        line = self.file.line(where)
        self.problems.append(Problem(f"{self.file.path}:{line}" if line else self.file.path, what, fix))
