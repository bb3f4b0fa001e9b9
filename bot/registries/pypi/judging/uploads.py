"""When and how large: late files, the last day for missing ones, sizes near the limits or unlike the last release's."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from bot.packaging.platforms import position
from bot.packaging.wheels import by_platform
from bot.registries.pypi.facts import PyPIFacts, ReleaseFile
from bot.registries.pypi.judging.file_lines import title
from bot.registries.pypi.judging.files import Files
from bot.registries.pypi.judging.history import Neighbours
from bot.release.verification.verdict import Line, Mark, megabytes, some_of, spoken

UPLOAD_WINDOW = timedelta(days=14)
"""PyPI refuses new files for a release that is older than this (since 2026-07-08).

https://github.com/pypi/warehouse/pull/19727
"""
LATE = timedelta(minutes=5)
"""Uploads follow each other within seconds; after such a pause somebody or something did it again."""
CLOSING = timedelta(days=2)
LAST_DAY = timedelta(days=1)
MOST_UPLOAD_BYTES = 100 * 1000**2
"""PyPI's limit for a file, unless it raised it for a project.

https://github.com/pypi/warehouse/blob/main/warehouse/forklift/legacy.py
"""
NEAR_FILE_LIMIT = 0.8
OUTLIER = 1.5
"""A file that is so much larger than the one of the release before, or smaller, is told."""
NOTICEABLE = 50_000
"""Bytes; below that sizes vary for no reason worth telling."""


def upload_lines(files: Sequence[ReleaseFile], link: str) -> Iterator[Line]:
    """Which files came late, and how late."""
    timed = sorted(((file.uploaded_at, file.filename) for file in files if file.uploaded_at), key=lambda each: each[0])
    pauses = [(later[0] - earlier[0], index) for index, (earlier, later) in enumerate(pairwise(timed), 1)]
    longest, begins = max(pauses, default=(timedelta(0), 0))
    if longest < LATE:
        return
    keys = {key for _, name in timed[begins:] for key in by_platform([name])}
    late = ", ".join(title(key) for key in sorted(keys, key=position)) or some_of([name for _, name in timed[begins:]])
    then = "If a job was run again, see that it built the same commit: PyPI keeps the first bytes of every name."
    yield Line(Mark.NOTE, f"late by {spoken(longest)}: {late}", link, then)


def is_closed(files: Sequence[ReleaseFile], now: datetime) -> bool:
    """Whether PyPI takes no more files for the release, as far as its first file tells."""
    first = _first(files)
    return first is not None and first + UPLOAD_WINDOW <= now


def is_closing(files: Sequence[ReleaseFile], now: datetime) -> bool:
    """Whether this is the last day on which PyPI takes files for the release."""
    first = _first(files)
    return first is not None and first + UPLOAD_WINDOW - LAST_DAY <= now < first + UPLOAD_WINDOW


def _first(files: Sequence[ReleaseFile]) -> datetime | None:
    return min((file.uploaded_at for file in files if file.uploaded_at), default=None)


def deadline_lines(found: PyPIFacts, files: Sequence[ReleaseFile], now: datetime) -> Iterator[Line]:
    """Until when what is missing can still be uploaded; counted from the first file, the release may be older."""
    first = _first(files)
    if first is None:
        return
    until = first + UPLOAD_WINDOW
    if until <= now:
        text = f"PyPI takes no more files for it since {until:%Y-%m-%d}: publish a new version"
        yield Line(Mark.NOTE, text, found.project_url or None)
        return
    soon = f" ({spoken(until - now)} left)" if until - now < CLOSING else ""
    text = f"PyPI takes missing files until {until:%Y-%m-%d %H:%M} UTC{soon}; never other bytes of a name"
    yield Line(Mark.NOTE, text)


def size_lines(files: Sequence[ReleaseFile], around: Neighbours, held: Files, link: str) -> Iterator[Line]:
    """Files near PyPI's limit, and those far from what the release before had for the same platform."""
    for file in files:
        if file.size and file.size > NEAR_FILE_LIMIT * MOST_UPLOAD_BYTES:
            then = "PyPI refuses larger files: ask for a higher limit, or make the next one smaller."
            text = f"{file.filename} has {megabytes(file.size)} of at most {megabytes(MOST_UPLOAD_BYTES)}"
            yield Line(Mark.NOTE, text, link, then)
    changes: dict[str, list[str]] = {}
    for key in sorted(held.there, key=position):
        before = around.sizes(key)
        now = [file.size for file in files if file.size and key in by_platform([file.filename])]
        if not before or not now:
            continue
        was, has = median(before), median(now)
        if abs(has - was) > NOTICEABLE and not was / OUTLIER <= has <= was * OUTLIER:
            changes.setdefault(f"{megabytes(was)} → {megabytes(has)}", []).append(title(key))
    if changes:
        what = "; ".join(f"{', '.join(keys)} {change}" for change, keys in changes.items())
        then = "Look whether something was left out of the build, or got into it."
        yield Line(Mark.NOTE, f"other sizes than in {around.before[0].version}: {what}", link, then)
