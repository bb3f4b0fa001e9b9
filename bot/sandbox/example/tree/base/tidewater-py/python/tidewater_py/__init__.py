"""Tide heights from harmonic constituents."""

from collections.abc import Sequence
from typing import NamedTuple

from tidewater_py._native import ffi, lib

__all__ = ["Constituent", "Station"]


class Constituent(NamedTuple):
    """One harmonic constituent: metres, degrees per hour, degrees."""

    amplitude: float
    speed: float
    phase: float


class Station:
    """A place with a tide."""

    def __init__(self, mean_level: float, constituents: Sequence[Constituent]) -> None:
        self._mean_level = mean_level
        self._count = len(constituents)
        self._triples = ffi.new("double[]", [number for each in constituents for number in each])

    def height(self, hours: float) -> float:
        """The height of the water, in metres, that many hours after hour zero."""
        return float(lib.tidewater_height(self._mean_level, self._triples, self._count, hours))
