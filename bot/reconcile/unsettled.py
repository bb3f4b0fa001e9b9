"""A look that ends without failure or answer: the world has not settled yet, or the process is about to end."""

from datetime import datetime


class Unsettled(Exception):
    """What is seen now may be older than what was done; look again at `at`."""

    def __init__(self, what: str, at: datetime) -> None:
        """`what` is for the log."""
        super().__init__(what)
        self.at = at


class Stopping(Exception):
    """The process is about to end, and this stands between two steps."""
