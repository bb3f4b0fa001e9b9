"""The registries that packages are published on."""

from enum import StrEnum


class Registry(StrEnum):
    """Where a package is published; the value is what people type before the colon."""

    CRATES_IO = "crates.io"
    PYPI = "pypi"

    @property
    def label(self) -> str:
        """The registry's name as it is written in a sentence."""
        return {Registry.CRATES_IO: "crates.io", Registry.PYPI: "PyPI"}[self]
