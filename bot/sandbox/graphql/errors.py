"""How GraphQL says no: each error with its type, path, place and message, as GitHub words them."""

import logging
from typing import Any

from graphql import GraphQLError, GraphQLFormattedError

from bot.sandbox.errors import Refusal

log = logging.getLogger(__name__)

SOMETHING_WENT_WRONG = "Something went wrong while executing your query."


class Problem(Exception):
    """A field that cannot be answered; `kind` becomes the error's `type`."""

    def __init__(self, kind: str, message: str, **extensions: object) -> None:
        """`extensions` are shown as they are."""
        super().__init__(message)
        self.kind = kind
        self.extensions = extensions


def forbidden() -> Problem:
    """The installation token lacks a permission."""
    return Problem("FORBIDDEN", "Resource not accessible by integration", saml_failure=False)


def formatted(error: GraphQLError) -> dict[str, Any]:
    """One entry of the answer's `errors`."""
    cause = error.original_error
    shown: dict[str, Any] = dict(error.formatted)
    match cause:
        case Problem():
            shown = _typed(cause.kind, error.formatted)
            if cause.extensions:
                shown["extensions"] = cause.extensions
        case Refusal():
            shown = _typed("NOT_FOUND" if cause.kind == "GONE" else cause.kind, error.formatted)
        case None | GraphQLError():
            pass
        case _:
            log.error("a resolver failed", exc_info=cause)
            shown["message"] = SOMETHING_WENT_WRONG
    return shown


def _typed(kind: str, error: GraphQLFormattedError) -> dict[str, Any]:
    return {"type": kind, "path": error.get("path"), "locations": error.get("locations"), "message": error["message"]}
