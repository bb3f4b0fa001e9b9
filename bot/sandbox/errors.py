"""How the stand-in GitHub says no: one exception, worded as GitHub words it."""

from typing import Literal

Kind = Literal["STALE_DATA", "UNPROCESSABLE", "NOT_FOUND", "FORBIDDEN", "CONFLICT", "GONE"]


class Refusal(Exception):
    """An act that GitHub refuses; `kind` is the GraphQL error type and decides the REST status."""

    def __init__(self, kind: Kind, message: str, *, field: str | None = None, code: str = "custom") -> None:
        """`field` and `code` fill the `errors` list of a REST 422."""
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.field = field
        self.code = code


class Elsewhere(Exception):
    """What was asked for has another address now: GitHub redirects to it."""

    def __init__(self, path: str) -> None:
        """`path` is the new one, as far as it differs."""
        super().__init__(path)
        self.path = path


class StandInFailed(Exception):
    """Something went wrong in the sandbox itself, which is no fault of what it plays; the message is one sentence."""

    @classmethod
    def of(cls, path: str, error: BaseException) -> "StandInFailed":
        """What went wrong while a run of this workflow file was played."""
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, cls):
            return error
        what = " ".join(str(error).split()) or type(error).__name__
        failed = cls(f"the stand-in could not play {path}: {what} ({type(error).__name__})")
        failed.__cause__ = error
        return failed
