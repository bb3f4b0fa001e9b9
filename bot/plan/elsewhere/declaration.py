"""A place of a version that the configuration declares, as plain data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Declared:
    """A further place of a package's version, as `also` in `.github/release.toml` names it."""

    path: str
    search: str
    """A text with `{version}` once in it."""
    count: int = 1
    """How often it must be there."""
    line: int = 1
    """Where it is declared."""
