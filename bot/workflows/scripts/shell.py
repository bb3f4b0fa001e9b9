"""Scripts as the commands that they run, as far as a reader can tell who runs nothing.

Known are plain commands, their folder (`cd`), variables and lists that are set to plain words, `for` loops over such,
and what only stands before a command: `sudo`, `uv run`, `python -m`, `docker run IMAGE`. Conditions are not looked at.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from posixpath import dirname, join, normpath

from bot.workflows.scripts.lexer import simple_commands
from bot.workflows.scripts.unwrapping import unwrapped

_MOST_TEXT = 20_000
"""Characters of a script that are looked at."""
_MOST_VALUES = 200
"""Words of a list that a loop goes through."""
_MOST_COMMANDS = 500

OPEN = "$"
"""Stands for a folder that is not known."""
_SETS = re.compile(
    r"(?:^|[\n;&|]|\bexport |\blocal |\breadonly )\s*([A-Za-z_]\w*)=(\([^()]*\)|\"[^\"$`]*\"|'[^']*'|[^\s;&|$`()\"']*)"
)
_LOOPS = re.compile(r"\bfor\s+([A-Za-z_]\w*)\s+in\s+([^;\n]+?)\s*(?:;|\n)\s*do\b")
_SHELLS = (("bash",), ("sh",), ("zsh",), ("dash",))
_VARIABLE = re.compile(r"\$\{(\w+)(?:\[[@*]\])?\}|\$(\w+)")
_ROOTS = re.compile(r"\$\{?GITHUB_WORKSPACE\}?|\$\(git rev-parse --show-toplevel\)|\$\{\{\}\}|/github/workspace")
"""Words for the root of the checkout; an expression that is not known is mostly `github.workspace` there."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a script, or the one that an action runs."""

    words: tuple[str, ...]
    folder: str
    image: str = ""
    """The container image that it runs in; empty where that is the job's."""
    env: Mapping[str, str] | None = None
    """What stands before it, as in `A=b cargo publish`."""
    read: str = ""
    """The file that it stands in; empty for the workflow itself."""

    @property
    def tool(self) -> tuple[str, str]:
        """The program and its first word: `("cargo", "publish")`."""
        program, verb = (*self.words, "", "")[:2]
        return program, verb

    def option(self, *names: str) -> str | None:
        """The value of an option, in either of its spellings: `-p X`, `--package=X`."""
        return next(iter(self.options(*names)), None)

    def options(self, *names: str) -> list[str]:
        """All values of an option that may be given several times."""
        found = []
        for at, word in enumerate(self.words):
            name, equals, value = word.partition("=")
            if name in names:
                found += [value] if equals else list(self.words[at + 1 : at + 2])
        return found

    def has(self, *flags: str) -> bool:
        """Whether one of these flags is given."""
        return any(word in flags for word in self.words)

    @property
    def package_folder(self) -> str:
        """Where its package is: its own manifest's folder, else where it runs."""
        manifest = self.option("-m", "--manifest-path")
        return below(self.folder, dirname(manifest)) if manifest else self.folder


def below(folder: str, path: str) -> str:
    """A path seen from a folder; OPEN for what is not known, and the root for what is outside of the checkout."""
    path = re.sub(r"^\$(?:\{?PWD\}?|\(pwd\))", ".", path)
    if root := _ROOTS.match(path):
        folder, path = ".", path[root.end() :].strip("/")
    if path.startswith("/"):  # below where a container has the checkout: /io/python
        return normpath("/".join(path.strip("/").split("/")[1:]) or ".")
    if OPEN in path or OPEN in folder or "`" in path:
        return "." if re.search(r"dirname|BASH_SOURCE", path) and path.rstrip('"').endswith("..") else OPEN
    found = normpath(join(folder, path)) if path else folder
    return "." if found.startswith("..") else found


@lru_cache(maxsize=2048)  # planning and every event of the sandbox look at every step of every workflow
def commands_in(
    script: str, folder: str, env: tuple[tuple[str, str], ...] = (), read: str = "", image: str = ""
) -> tuple[Command, ...]:
    """The commands of a script that starts in a folder; those of a loop once for each word."""
    text = re.sub(r"(?<!\\)[\\`][ \t]*\r?\n", " ", re.sub(r"(?m)^\s*#.*$", "", _plain(script[:_MOST_TEXT])))
    variables = {**{name: [value] for name, value in env if "$" not in value}, **_variables(text)}
    found: list[Command] = []
    left: list[str] = []
    for words in map(tuple, simple_commands(text)):
        if words[0] in ("cd", "pushd") and len(words) > 1:
            left.append(folder)
            folder = below(folder, _filled(words[1], variables)[0])
            continue
        if words == ("popd",) and left:
            folder = left.pop()
        for said in _each(words, variables)[:_MOST_VALUES]:
            inner, in_image, given = unwrapped(said)
            if inner[:1] in _SHELLS and len(inner) > 2 and re.fullmatch(r"-\w*c", inner[1]):
                found += commands_in(inner[2], folder, env, read, in_image or image) if inner[2] != script else ()
            elif inner and len(found) < _MOST_COMMANDS:
                found.append(Command(inner, folder, in_image or image, given or None, read))
    return tuple(found)


@lru_cache(maxsize=2048)
def words_of(line: str) -> tuple[str, ...]:
    """The words of the first command of a text, without quotes and comments."""
    return tuple(next(simple_commands(line), []))


def _variables(text: str) -> dict[str, list[str]]:
    """Variables that are set to plain words; those of a loop have several."""
    found: dict[str, list[str]] = {}
    for name, value in _SETS.findall(text):
        words = list(words_of(value[1:-1])) if value.startswith("(") else [value.strip("\"'")]
        found[name] = found.get(name, []) + words if name in found and not value.startswith("(") else words
    for name, listed in _LOOPS.findall(text):
        words = [one for word in words_of(listed) for one in _filled(word, found, split=True)]
        found[name] = words[:_MOST_VALUES]
    return {name: values for name, values in found.items() if values and not any("$" in each for each in values)}


def _each(words: tuple[str, ...], variables: Mapping[str, list[str]]) -> list[tuple[str, ...]]:
    """The command for each value of the variables in it."""
    names = [name for word in words for found in _VARIABLE.findall(word) if (name := found[0] or found[1]) in variables]
    said = [words]
    for name in dict.fromkeys(names):
        values = list(dict.fromkeys(variables[name]))
        said = [tuple(_put(word, name, value) for word in each) for each in said for value in values][:_MOST_VALUES]
    return said


def _filled(word: str, variables: Mapping[str, list[str]], *, split: bool = False) -> list[str]:
    """A word with its variables put in; several where one of them is a list."""
    made = [words[0] for words in _each((word,), variables)]
    return [one for each in made for one in each.split()] if split else made


def _put(word: str, name: str, value: str) -> str:
    return re.sub(rf"\$\{{{name}(?:\[[@*]\])?\}}|\${name}\b", lambda _: value, word)


def _plain(text: str) -> str:
    """With `${{}}` for each expression, which then splits nothing; no value that has one in it is known."""
    pieces = []
    while (start := text.find("${{")) >= 0 and (end := text.find("}}", start)) >= 0:
        pieces += [text[:start], "${{}}"]
        text = text[end + 2 :]
    return "".join((*pieces, text))


def plain_words(text: str) -> tuple[str, ...]:
    """The words of an action's input that holds arguments."""
    return words_of(" ".join(_plain(text).split("\n")))
