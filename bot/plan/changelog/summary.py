"""What a changelog section sums itself up as, in one line."""

import re

LONGEST_SUMMARY = 100
"""Characters; a longer sentence is no title."""
_STRUCTURE = re.compile(r"#|>|[-*+]\s|\d+[.)]\s|```|~~~|\||<|\[[^\]]+\]:|[-*_=]{3,}\s*$")
"""How a line begins that is no paragraph: a heading, quote, list item, fence, table row, HTML, definition or rule."""
_UNDERLINE = re.compile(r" {0,3}(?:-+|=+)\s*$")
"""What makes a heading of the line above it."""
_LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_MARKS = re.compile(r"(\*\*|__|\*|`+|~~)(\S(?:.*?\S)?)\1")


def one_line_summary(section: str) -> str | None:
    """The summary that a changelog section (its Markdown, without the heading) begins with, as plain text.

    That is a paragraph of a single line before the first list or heading. None when there is none, or it is too long
    for a title.
    """
    first, then = [*section.strip().splitlines(), "", ""][:2]
    goes_on = then.strip() and not _STRUCTURE.match(then.lstrip())
    if goes_on or _UNDERLINE.match(then) or _STRUCTURE.match(first):
        return None
    text = _LINK.sub(r"\1", first)
    text = _MARKS.sub(r"\2", _MARKS.sub(r"\2", text))
    text = " ".join(text.split()).removesuffix(".").strip()
    return text if 0 < len(text) <= LONGEST_SUMMARY else None
