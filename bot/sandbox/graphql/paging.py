"""Connections: walked forwards, at most a hundred at a time, and never without saying how many."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from bot.sandbox.graphql.errors import Problem

MOST = 100


def page(items: Sequence[Any], name: str, first: int | None, after: str | None) -> dict[str, Any]:
    """The `first` items behind the cursor `after`; `name` is the connection's field, for errors."""
    if first is None:
        what = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise Problem("MISSING_PAGINATION_BOUNDARIES", what)
    if first < 0:
        raise Problem("INVALID_PAGINATION", f"`first` on the `{name}` connection cannot be less than zero.")
    if first > MOST:
        what = f"Requesting {first} records on the `{name}` connection exceeds the `first` limit of {MOST} records."
        raise Problem("EXCESSIVE_PAGINATION", what)
    start = _position(after) if after else 0
    end = min(start + first, len(items))
    cursor = _cursor(end) if end > start else None
    return {"nodes": items[start:end], "page_info": {"end_cursor": cursor, "has_next_page": end < len(items)}}


def _cursor(position: int) -> str:
    return base64.b64encode(f"cursor:v2:{position}".encode()).decode()


def _position(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("cursor:v2:"))
    except (binascii.Error, ValueError) as error:
        raise Problem("INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor.") from error
