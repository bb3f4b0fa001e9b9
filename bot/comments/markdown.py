"""Small Markdown helpers: whatever text comes from outside stays text."""

import re
from collections.abc import Sequence

COMMENT_LIMIT = 60_000
"""GitHub refuses bodies above 65,536 characters; we stay clear of it."""
RELEASE_LIMIT = 120_000
"""GitHub Release bodies end at 125,000 characters."""

_ZERO_WIDTH = "\u200b"
_MENTION = re.compile(r"(?<!\w)@(?=[A-Za-z0-9])")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#&])")


def plain(text: str) -> str:
    """Text from outside as text: no formatting, no mention, no line breaks."""
    one_line = " ".join(text.split())
    # No code span is left that a mention could stand in, so a backtick before its sign does not excuse it.
    return _MENTION.sub(f"@{_ZERO_WIDTH}", _SPECIAL.sub(r"\\\1", one_line))


def code(text: str) -> str:
    """Inline code that nothing in `text` can end."""
    one_line = " ".join(text.split())
    longest = max((len(run) for run in re.findall(r"`+", one_line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{one_line}{pad}{fence}"


def prose(text: str) -> str:
    """A sentence of ours in which what stands between backticks is code; whatever else it quotes stays text."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick that ends nothing is somebody else's
        return plain(text)
    return "".join(code(part) if index % 2 else _spaced(part) for index, part in enumerate(parts))


def _spaced(text: str) -> str:
    """As `plain`, but the blanks at both ends stay: they stand beside code."""
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{' ' if before else ''}{plain(text)}{' ' if after and text.strip() else ''}"


def unmarkable(text: str) -> str:
    """Text from outside in which nobody, not even a careless reader of comments, takes a line for a marker of ours."""
    return text.replace("<!--", f"<!{_ZERO_WIDTH}--")


def fenced(text: str, language: str = "") -> str:
    """A code block that nothing in `text` can end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def link(text: str, url: str | None) -> str:
    """A link, or just the text when there is no address."""
    return f"[{text}]({url})" if url else text


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def cut(text: str, limit: int, more: str) -> str:
    """`text`, or its beginning up to the last heading or paragraph that fits, and then `more`."""
    if len(text) <= limit:
        return text
    room = text[: limit - len(more) - 2]
    at = max(room.rfind("\n#"), room.rfind("\n\n"))
    return f"{room[: at if at > 0 else len(room)].rstrip()}\n\n{more}"
