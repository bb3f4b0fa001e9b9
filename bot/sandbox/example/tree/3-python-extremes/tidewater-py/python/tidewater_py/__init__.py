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

    def extremes(self, start: float, end: float) -> list[tuple[float, float]]:
        """Hours and height of the high and low waters between two times."""
        room = max(int((end - start) * 10), 0) + 1
        out = ffi.new("double[]", 2 * room)
        found = lib.tidewater_extremes(self._mean_level, self._triples, self._count, start, end, out, room)
        return [(out[2 * at], out[2 * at + 1]) for at in range(min(found, room))]
