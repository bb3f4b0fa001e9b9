"""How long to wait after failures in a row."""

import random
from datetime import datetime, timedelta

LONGEST_PAUSE = 900.0
SPEAK_UP_AFTER = 3
"""After so many failures in a row it was no chance, and the thread is told (no-silence)."""


def back_off(now: datetime, failures: int) -> datetime:
    """When to try again: exponentially later with each failure, with jitter, after `LONGEST_PAUSE` seconds at most."""
    doubled = 2.0 ** min(failures + 1, 32)  # beyond the longest pause, and no overflow after weeks
    pause = min(LONGEST_PAUSE, doubled) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
    return now + timedelta(seconds=pause)
