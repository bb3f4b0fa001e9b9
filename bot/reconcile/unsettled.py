"""The world has not settled yet: neither a failure nor an answer."""

from datetime import datetime


class Unsettled(Exception):
    """What is seen now may be older than what was done; look again at `at`."""

    def __init__(self, what: str, at: datetime) -> None:
        """`what` is for the log."""
        super().__init__(what)
        self.at = at
