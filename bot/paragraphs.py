"""The lines of text of a comment, as CommonMark reads it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark")


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of a paragraph."""

    text: str
    """About as it was typed."""
    starts_plain: bool
    """Whether it begins with text, not with code, a link, an emphasis or HTML."""
    plain: bool
    """Whether it is nothing but text."""


def top_level_lines(body: str) -> Iterator[TextLine]:
    """The lines of the paragraphs that stand in no list, quote or other block; headings and code are no paragraphs."""
    for opening, inline in pairwise(_MARKDOWN.parse(body)):
        if opening.type == "paragraph_open" and opening.level == 0:
            for children in _split(inline.children or []):
                if children:
                    types = [child.type for child in children]
                    text = "".join(map(_source, children)).strip()
                    yield TextLine(text, starts_plain=types[0] == "text", plain=set(types) == {"text"})


def _split(children: list[Token]) -> list[list[Token]]:
    lines: list[list[Token]] = [[]]
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            lines.append([])
        else:
            lines[-1].append(child)
    return lines


def _source(token: Token) -> str:
    return f"{token.markup}{token.content}{token.markup}" if token.type == "code_inline" else token.content
