"""Filter patterns for branches, tags and paths.

The cheat sheet: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

_LONGEST = 250
"""Characters of a pattern and of a name that are looked at."""


def matches(patterns: Iterable[str], name: str) -> bool:
    """Whether a list of patterns takes a name: the last pattern that fits decides, `!` in front of it refuses."""
    taken = False
    for pattern in patterns:
        if fits(name, pattern.removeprefix("!")):
            taken = not pattern.startswith("!")
    return taken


def fits(name: str, pattern: str) -> bool:
    """Whether a name fits one pattern.

    `*` stops at `/`, `**` does not (and `**/` may be nothing), `[…]` is a set of characters, and `?` and `+` repeat
    what stands before them. Reads the name once, whatever the pattern, so that no pattern can make it slow.
    """
    tokens = _tokens(pattern[:_LONGEST])
    states = _skipping({0}, tokens)
    for character in name[:_LONGEST]:
        followed = set()
        for state in states:
            if state < len(tokens) and tokens[state].accepts(character):
                followed |= {state, state + 1} if tokens[state].repeats else {state + 1}
        states = _skipping(followed, tokens)
    return len(tokens) in states


@dataclass(frozen=True, slots=True)
class _Token:
    """One element of a filter pattern: which characters, and how often."""

    characters: str | None
    """None for any character."""
    besides: str = ""
    repeats: bool = False
    skips: tuple[int, ...] = ()
    """How many elements further one may go on without a character."""

    def accepts(self, character: str) -> bool:
        return character in self.characters if self.characters is not None else character not in self.besides


@lru_cache(maxsize=1024)
def _tokens(pattern: str) -> tuple[_Token, ...]:
    tokens: list[_Token] = []
    for found in re.finditer(r"(?:(?<=/)|^)\*\*/|\*\*|\*|\?|\+|\[[^\]]+\]|\\.|.", pattern, re.DOTALL):
        piece = found[0]
        if piece == "**/":
            tokens += [_Token("", skips=(1, 3)), _Token(None, repeats=True, skips=(1,)), _Token("/")]
        elif piece in ("*", "**"):
            tokens.append(_Token(None, "" if piece == "**" else "/", repeats=True, skips=(1,)))
        elif piece in ("?", "+") and tokens:
            before = tokens.pop()
            skips = (*before.skips, 1) if piece == "?" else before.skips
            tokens.append(replace(before, skips=skips, repeats=before.repeats or piece == "+"))
        elif piece.startswith("[") and len(piece) > 2:
            tokens.append(_Token(_expanded(piece[1:-1])))
        else:
            tokens.append(_Token(piece.removeprefix("\\")))
    return tuple(tokens)


def _expanded(characters: str) -> str:
    """The characters of a set such as `a-z0-9_`."""
    ranges = re.findall(r"(.)-(.)", characters)
    spelled = "".join(chr(code) for first, last in ranges for code in range(ord(first), min(ord(last), ord("z")) + 1))
    return spelled + re.sub(r"(.)-(.)", "", characters)


def _skipping(states: set[int], tokens: tuple[_Token, ...]) -> set[int]:
    """The states, and those reached from them past elements that may be absent."""
    reached = set(states)
    for state, token in enumerate(tokens):
        if state in reached:
            reached.update(state + skip for skip in token.skips)
    return reached
