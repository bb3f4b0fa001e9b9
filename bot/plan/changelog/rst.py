"""Headings of reStructuredText: a line of text and a line of punctuation below it, perhaps one above as well.

https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html#sections
"""

import re
from collections.abc import Iterator, Sequence

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1*")


def is_rst(path: str) -> bool:
    """Whether a file is reStructuredText, by its name."""
    return path.lower().endswith(".rst")


def titles(lines: Sequence[str]) -> Iterator[tuple[int, int, int, str]]:
    """Each title: its first line, the line after it, how deep it is, and its text.

    A title is as deep as the order in which its kind of line was met first. What is indented is none.
    """
    kinds: list[tuple[str, bool]] = []
    place = 0
    while place + 1 < len(lines):
        text, below = lines[place].rstrip(), lines[place + 1].rstrip()
        over = _ADORNMENT.fullmatch(text) is not None and place + 2 < len(lines)
        if over and _adorned(lines[place + 1].strip(), lines[place + 2].rstrip()) == text[:1]:
            yield place, place + 3, _depth(kinds, (text[0], True)), lines[place + 1].strip()
            place += 3
            continue
        adorned = _adorned(text, below)
        alone = place == 0 or not lines[place - 1].strip() or lines[place - 1].startswith("..")
        if adorned and alone and not text[0].isspace() and not _ADORNMENT.fullmatch(text):
            yield place, place + 2, _depth(kinds, (adorned, False)), text
            place += 2
            continue
        place += 1


def _adorned(text: str, below: str) -> str:
    """The sign that underlines a text; empty when the line below is none, or too short."""
    found = _ADORNMENT.fullmatch(below) if text else None
    return below[0] if found and len(below) >= min(len(text), 4) and len(below) >= len(text) - 2 else ""


def _depth(kinds: list[tuple[str, bool]], kind: tuple[str, bool]) -> int:
    if kind not in kinds:
        kinds.append(kind)
    return kinds.index(kind) + 1
