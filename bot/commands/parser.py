"""From the text of a comment to the commands in it. Pure.

A command is a line of plain text that starts with `/release`, in a paragraph at the top level of the comment as
CommonMark reads it: nothing in code, quotes, lists, headings, links or HTML is one. A mistake is an answer too: it
says where it is, what was expected there, and the nearest form that would be right.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

import semver
from packaging.version import InvalidVersion, Version

from bot.commands.table import COMMANDS, PREFIX, Command, CommandError, Spec, Verb
from bot.packaging.levels import LEVELS, STEPS, is_level, is_step_to
from bot.packaging.names import same_name
from bot.packaging.registry import REGISTRIES, Registry
from bot.paragraphs import TextLine, top_level_lines
from bot.plan.model import EVERY_GROUP, Wanted

Parsed: TypeAlias = Command | CommandError
MOST_COMMANDS = 10
"""Commands of one comment that are read; one more is answered with a mistake."""
MOST_CHARACTERS = 1_000
"""Of one command; it bounds the packages in it too."""
MOST_OF_A_VERSION = 64
MOST_SHOWN = 120
PRIMARY, NAMED, WHOLE, FROM, *_WORDS = COMMANDS
"""The three that release, where they release from, and those that are one word."""

RESERVED = frozenset({"plan", "verify", "doctor"})
"""Words kept free for commands: a package of such a name is written with its registry."""
_MAY_HOLD_A_COMMAND = re.compile(rf"^[ \t]*{re.escape(PREFIX)}(?!\S)", re.MULTILINE)
"""A cheap look at the source before it is parsed: most comments hold no command."""
_LEVELS_AS_NAMES = frozenset(LEVELS) - {*STEPS, "rc"}
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}", re.I | re.A)
_BRANCH = re.compile(r"(?!/|-|\.|refs/)(?!.*(?:\.\.|//|/\.|@\{|\.lock(?:/|$)))[A-Za-z0-9_./@+#-]{1,200}(?<![./])", re.A)
"""https://git-scm.com/docs/git-check-ref-format, without what no branch that is released from needs."""
_SEVERAL = "`NAME VERSION NAME VERSION`"


def parse(body: str) -> tuple[Parsed, ...]:
    """The commands of a comment in their order. Never raises, whatever the text."""
    if not _MAY_HOLD_A_COMMAND.search(body):
        return ()
    found: list[Parsed] = []
    for line in top_level_lines(body):
        if not line.starts_plain or line.text.split(maxsplit=1)[:1] != [PREFIX]:
            continue
        if len(found) == MOST_COMMANDS:
            text = _shown(line.text)
            message = f"Only {MOST_COMMANDS} commands of one comment are read; this one and all below it are not."
            return (*found, CommandError(text, 0, len(text), message))
        found.append(_parse_line(line))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    column: int


class _Mistake(Exception):
    """Ends the parsing of one line; `column` and `length` say where in it."""

    def __init__(self, message: str, column: int, length: int = 1, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.column = column
        self.length = length
        self.suggestion = suggestion


def _parse_line(line: TextLine) -> Parsed:
    text = _shown(line.text)
    try:
        if not line.plain:
            raise _Mistake("A command is plain text: leave out links, code and other formatting.", 0, len(text))
        if len(line.text) > MOST_CHARACTERS:
            raise _Mistake(f"A command has at most {MOST_CHARACTERS} characters.", 0, len(text))
        words = [_Word(match.group(), match.start()) for match in re.finditer(r"\S+", line.text)][1:]
        _only_ascii(words)
        words, branch = _from_branch(words)
        spec, wanted = _parse_words(_with_levels_of_two(words), line.text)
        if branch and spec.name is not Verb.RELEASE:
            raise _Mistake("Only a release comes from a branch.", branch.column - 5, 4, spec.usage)
    except _Mistake as mistake:
        column = min(mistake.column, len(text))
        length = max(1, min(mistake.length, len(text) - column))
        return CommandError(text, column, length, str(mistake), mistake.suggestion)
    return Command(FROM, wanted, line.text, branch.text) if branch else Command(spec, wanted, line.text)


def _from_branch(words: list[_Word]) -> tuple[list[_Word], _Word | None]:
    """The words before `from BRANCH`, and the branch."""
    if len(words) < 2 or words[-2].text.lower() != "from":
        return words, None
    branch = words[-1]
    if _BRANCH.fullmatch(branch.text) is None:
        raise _Mistake(f"{_quoted(branch.text)} cannot be a branch.", branch.column, len(branch.text), FROM.usage)
    return words[:-2], branch


def _with_levels_of_two(words: list[_Word]) -> list[_Word]:
    """The words with `minor rc` as one of them; before a version `rc` is the name of a package."""
    joined: list[_Word] = []
    rest = list(words)
    while rest:
        word, *rest = rest
        step = re.split("[@=]", word.text)[-1].lower()
        if rest and is_step_to(step, rest[0].text.lower()) and not (rest[1:] and _version(rest[1].text)):
            word, rest = _Word(f"{word.text} {rest[0].text}", word.column), rest[1:]
        joined.append(word)
    return joined


def _parse_words(words: list[_Word], line: str) -> tuple[Spec, tuple[Wanted, ...]]:
    if not words:
        raise _Mistake("What shall be released? A version or a level is expected.", len(line), 1, PRIMARY.usage)
    first, *more = words
    spec = next((spec for spec in _WORDS if spec.name == first.text), None)
    if spec is not None and spec.name is Verb.ROLLBACK:
        return spec, _parse_versions(more, line)
    if spec is not None:
        if more:
            raise _Mistake(f"Nothing is expected after `{spec.usage}`.", more[0].column, len(more[0].text), spec.usage)
        return spec, ()
    version = _version(first.text)
    if version is not None and not (more and _may_be_a_name(first.text)):
        if more:
            message = f"Nothing is expected after the primary package's version; several are written {_SEVERAL}."
            raise _Mistake(message, more[0].column, len(more[0].text), f"{PREFIX} {first.text}")
        return PRIMARY, (Wanted(None, version),)
    if first.text == EVERY_GROUP:
        return WHOLE, _parse_every(more, line)
    if first.text in RESERVED or not (more or re.search("[@=]", first.text)):
        raise _unknown(first)
    return NAMED, _parse_wanted(words, line)


def _parse_every(more: list[_Word], line: str) -> tuple[Wanted, ...]:
    """The one version or level behind `all`."""
    if not more:
        raise _Mistake(f"A version or level is expected after `{EVERY_GROUP}`.", len(line), 1, WHOLE.usage)
    if len(more) > 1:
        message = f"Nothing is expected after the version of `{EVERY_GROUP}`."
        raise _Mistake(message, more[1].column, len(more[1].text), WHOLE.usage)
    return (Wanted(EVERY_GROUP, _version_for(more[0], f"{PREFIX} {EVERY_GROUP}")),)


def _parse_versions(words: list[_Word], line: str) -> tuple[Wanted, ...]:
    """What `_parse_wanted` reads, or one version alone; no levels, for the version is the confirmation."""
    if not words:
        return ()
    version = _version(words[0].text)
    alone = version is not None and len(words) == 1
    wanted = (Wanted(None, version),) if alone and version else _parse_wanted(words, line)
    if any(is_level(item.version) for item in wanted):
        last = words[-1]
        message = "A rollback is confirmed by the exact version, such as 0.5.0, and not by a level."
        raise _Mistake(message, last.column, len(last.text), f"{PREFIX} rollback NAME VERSION")
    return wanted


def _parse_wanted(words: list[_Word], line: str) -> tuple[Wanted, ...]:
    """One or more of `NAME VERSION`, `NAME@VERSION`, `NAME=VERSION`."""
    wanted: list[Wanted] = []
    rest = iter(words)
    for word in rest:
        item = _parse_item(word, rest, line)
        if any(_overlap(item, other) for other in wanted):
            raise _Mistake(f"`{item.package}` is named twice.", word.column, len(word.text))
        wanted.append(item)
    return tuple(wanted)


def _parse_item(word: _Word, rest: Iterator[_Word], line: str) -> Wanted:
    name, *joined = re.split("[@=]", word.text, maxsplit=1)
    if _version(name) is not None and not _may_be_a_name(name):
        message = f"The name of a package is expected before a version; several are written {_SEVERAL}."
        raise _Mistake(message, word.column, len(name))
    package = _package(name or word.text, word.column)
    missing = _Word("", len(line))
    version = _Word(joined[0], word.column + len(name) + 1) if joined else next(rest, missing)
    if not version.text:
        suggestion = f"{line} VERSION" if version is missing else f"{PREFIX} {package}@VERSION"
        raise _Mistake(f"A version or level is expected for `{package}`.", version.column, 1, suggestion)
    return Wanted(package, _version_for(version, f"{PREFIX} {package}"))


def _version_for(word: _Word, command: str) -> str:
    """The version or level that stands behind a name."""
    found = _version(word.text)
    if found is None:
        near = get_close_matches(word.text.lower(), LEVELS, n=1)
        message = f"{_quoted(word.text)} is neither a version such as 0.5.0 nor a level ({', '.join(LEVELS)})."
        raise _Mistake(message, word.column, len(word.text), f"{command} {near[0] if near else 'VERSION'}")
    return found


def _package(text: str, column: int) -> str:
    if text == EVERY_GROUP:
        message = (
            f"`{EVERY_GROUP}` stands alone, as in `{WHOLE.usage}`; a package of that name is written with its registry."
        )
        raise _Mistake(message, column, len(text), WHOLE.usage)
    if _is_name(text):
        registry, colon, name = text.rpartition(":")
        return f"{registry.lower()}{colon}{name}"
    message, (registry, colon, _) = f"{_quoted(text)} is not the name of a package.", text.partition(":")
    if colon and Registry.named(registry) is None:
        message = f"{_quoted(registry)} is not a registry that I know; {' and '.join(REGISTRIES)} are."
    raise _Mistake(message, column, len(text))


def _is_name(text: str) -> bool:
    registry, colon, name = text.rpartition(":")
    return _NAME.fullmatch(name) is not None and (not colon or Registry.named(registry) is not None)


def _version(text: str) -> str | None:
    """A level, or a version in the spelling of either registry; a leading `v` is left out. None for anything else."""
    if is_level(text.lower()):
        return text.lower()
    text = text[1:] if text[:1] in ("v", "V") else text
    if not text[:1].isdecimal() or len(text) > MOST_OF_A_VERSION:
        return None
    if semver.Version.is_valid(text):
        return text
    try:
        Version(text)
    except InvalidVersion:
        return None
    return text


def _may_be_a_name(version: str) -> bool:
    """Whether what reads as a version could name a package too, where a name is expected.

    There is a crate `v8`, and `beta` names one before a version.
    """
    return version[:1] in ("v", "V") or version.lower() in _LEVELS_AS_NAMES


def _overlap(one: Wanted, other: Wanted) -> bool:
    """Whether both may mean the same package: a bare name means that name on any registry."""
    (registry, _, name), (other_registry, _, other_name) = (
        (item.package or "").rpartition(":") for item in (one, other)
    )
    alike = same_name(Registry.PYPI, name, other_name)  # the rule that takes more names for one
    return alike and (not registry or not other_registry or registry == other_registry)


def _unknown(word: _Word) -> _Mistake:
    words = [spec.name.value for spec in _WORDS]
    near = get_close_matches(word.text.lower(), [*words, *LEVELS], n=1)
    message = (
        f"{_quoted(word.text)} is neither a version such as 0.5.0, nor a level ({', '.join(LEVELS)}), "
        f"nor a command ({', '.join(words)})."
    )
    suggestion = f"{PREFIX} {near[0]}" if near else None
    if suggestion is None and word.text not in RESERVED and _is_name(word.text):
        suggestion = f"{PREFIX} {word.text} VERSION"
    return _Mistake(message, word.column, len(word.text), suggestion)


def _only_ascii(words: list[_Word]) -> None:
    """No name or version has another character; letters that merely look alike are named."""
    for word in words:
        for offset, character in enumerate(word.text):
            if not character.isascii():
                called = f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
                raise _Mistake(f"Names and versions are plain ASCII; this is {called}.", word.column + offset)


def _shown(text: str) -> str:
    """Printable and not endless; every character keeps its column."""
    text = text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _quoted(text: str) -> str:
    """As inline code that nothing in `text` can end."""
    return f"`{_shown(text).replace('`', chr(39))}`"
