"""Instants, as registries write them."""

from datetime import UTC, datetime

POSSIBLE_YEARS = range(1990, 3000)
"""Days and weeks are added to an upload's time, which must not lead out of the calendar."""


def in_utc(at: datetime | None) -> datetime | None:
    """A registry's times are UTC, also those that do not say so. None for a time that no upload can have."""
    if at is None or at.year not in POSSIBLE_YEARS:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
