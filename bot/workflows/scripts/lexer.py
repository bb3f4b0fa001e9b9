"""A shell script as simple commands, each a list of words: quotes, substitutions, groups, comments and here-documents.

The grammar, as far as it is needed: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html.
Reads each character once, but for a quote that never ends: that is taken for the character that it is.
"""

import re
from collections.abc import Iterator

_MOST_TURNS = 20
"""Quotes without an end that are taken for characters; a text with more of them is cut there."""
_HERE = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
_CLOSING = {"'": "'", '"': '"', "`": "`"}


def simple_commands(text: str) -> Iterator[list[str]]:
    """The commands of a script, in order: `&&`, `||`, `|`, `;`, `&`, brackets and ends of lines stand between them."""
    lexer = _Lexer(text)
    while lexer.at < len(text):
        if words := lexer.command():
            yield words


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._turns = 0
        self._here: list[str] = []
        self.at = 0

    def command(self) -> list[str]:
        """The words up to the next separator, which is passed."""
        words: list[str] = []
        word: list[str] | None = None
        while self.at < len(self._text):
            sign = self._text[self.at]
            if sign in " \t\r" or self._text.startswith("\\\n", self.at):
                words += ["".join(word)] if word is not None else []
                word = None
                self.at += 2 if sign == "\\" else 1
            elif sign == "#" and word is None:
                self._comment()
            elif self._ends(sign, word):
                self._pass(sign)
                break
            else:
                word = [] if word is None else word
                word.append(self._piece(sign))
        return [*words, "".join(word)] if word is not None else words

    def _ends(self, sign: str, word: list[str] | None) -> bool:
        before = word[-1][-1:] if word else ""
        if sign == "(":
            return before not in ("=", "$")
        if sign == "&":
            return before not in (">", "<") and self._text[self.at + 1 : self.at + 2] != ">"
        return sign in "\n;|)" and not (sign == "|" and before == ">")

    def _pass(self, sign: str) -> None:
        self.at += 1
        if sign == "\n" and self._here:
            for name in self._here:
                end = re.compile(rf"^[ \t]*{name}[ \t]*$", re.MULTILINE).search(self._text, self.at)
                self.at = end.end() if end else self.at
            self._here = []

    def _comment(self) -> None:
        end = self._text.find("\n", self.at)
        self.at = len(self._text) if end < 0 else end

    def _piece(self, sign: str) -> str:
        """What stands here of a word, without its quotes."""
        text, at = self._text, self.at
        if sign == "\\":
            self.at += 2
            return text[at + 1 : at + 2]
        if sign in _CLOSING and (end := self._closing(sign)):
            self.at = end + 1
            inside = text[at + 1 : end]
            return f"`{inside}`" if sign == "`" else re.sub(r"\\([\"\\$`\n])", r"\1", inside) if sign == '"' else inside
        if sign == "$" and text.startswith("$(", at) and (end := self._bracket(at + 1)):
            self.at = end + 1
            return text[at : end + 1]
        if sign == "(" and (end := self._bracket(at)):
            self.at = end + 1
            return text[at : end + 1]
        if sign == "<" and (here := _HERE.match(text, at)):
            self._here.append(here[2])
            self.at = here.end()
            return here[0]
        self.at += 1
        return sign

    def _closing(self, sign: str) -> int:
        """Where the quote that begins here ends; 0 where it does not."""
        at = self.at + 1
        while self._turns < _MOST_TURNS:
            at = self._text.find(sign, at)
            if at < 0:
                self._turns += 1
                return 0
            if sign == "'" or self._text[at - 1] != "\\":
                return at
            at += 1
        return 0

    def _bracket(self, at: int) -> int:
        """Where the bracket at this place is closed; 0 where it is not."""
        depth = 0
        for found in re.compile(r"[()]|'[^'\n]*'|\"[^\"\n]*\"").finditer(self._text, at):
            depth += {"(": 1, ")": -1}.get(found[0], 0)
            if depth == 0:
                return found.start()
        self._turns += 1
        return 0
