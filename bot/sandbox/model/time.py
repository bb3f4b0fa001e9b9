"""The time as the sandbox sees it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time as the sandbox sees it."""

    def now(self) -> datetime:
        """The current instant, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        ...
