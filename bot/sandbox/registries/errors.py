"""How a registry says no."""


class Refused(Exception):
    """A registry refuses an upload; the message is the registry's own."""

    def __init__(self, detail: str, *, status: int = 400) -> None:
        super().__init__(detail)
        self.status = status
