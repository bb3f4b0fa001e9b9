"""Primary rate limits: counted and told in headers."""

from collections import Counter

from bot.sandbox.model import Clock

LIMIT_PER_HOUR = 5000
_WINDOW_SECONDS = 3600


class RateLimits:
    """Requests per caller and resource in the running hour."""

    def __init__(self, clock: Clock) -> None:
        """Count from now on."""
        self._clock = clock
        self._reset = 0
        self._used: Counter[tuple[str, str]] = Counter()

    def headers(self, caller: str, resource: str, *, cost: int = 1) -> dict[str, str]:
        """Count a request; the headers of its answer. A conditional request that is answered 304 costs nothing."""
        now = int(self._clock.now().timestamp())
        if now >= self._reset:
            self._reset = now + _WINDOW_SECONDS
            self._used.clear()
        self._used[caller, resource] += cost
        used = self._used[caller, resource]
        return {
            "X-RateLimit-Limit": str(LIMIT_PER_HOUR),
            "X-RateLimit-Remaining": str(max(LIMIT_PER_HOUR - used, 0)),
            "X-RateLimit-Used": str(used),
            "X-RateLimit-Reset": str(self._reset),
            "X-RateLimit-Resource": resource,
        }
