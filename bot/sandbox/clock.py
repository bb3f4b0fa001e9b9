"""The machine's clock, for a sandbox that nobody gives another one."""

import asyncio
from datetime import UTC, datetime


class MachineClock:
    """Real time, in UTC."""

    def now(self) -> datetime:
        """The current instant."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        await asyncio.sleep(seconds)
