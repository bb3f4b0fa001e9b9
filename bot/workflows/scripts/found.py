"""The files of a repository that a command runs: scripts, recipes of make and just, sessions of nox, tox environments.

Followed from one to the next, a few deep. What is not in the tree is not known.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from configparser import ConfigParser
from configparser import Error as InvalidIni
from dataclasses import dataclass
from posixpath import dirname, join, normpath

from bot.workflows.scripts import python, tasks
from bot.workflows.scripts.recipes import of_just, of_make
from bot.workflows.scripts.shell import OPEN, Command, below, commands_in

_DEEPEST = 3
_MOST = 40
"""Files that are followed from one step."""
_MOST_BYTES = 200_000
_STARTERS = ("bash", "sh", "zsh", "dash", "source", ".", "pwsh", "powershell")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
"""https://www.gnu.org/software/make/manual/html_node/Makefile-Names.html"""
_JUSTFILES = ("justfile", "Justfile", ".justfile", "JUSTFILE")
"""https://just.systems/man/en/quick-start.html"""
_VALUED = ("-C", "-f", "--directory", "--file", "--makefile", "-j", "--justfile", "-d", "--working-directory", "--set")
"""https://www.gnu.org/software/make/manual/html_node/Options-Summary.html, https://just.systems/man/en/."""


@dataclass(frozen=True, slots=True)
class Script:
    """A file, or a part of one, that a step runs: as shell text."""

    path: str
    text: str
    folder: str
    image: str = ""
    """The container image that it runs in."""
    started: str = ""
    """What starts it: the first two words of a command."""


def scripts_of(run: str, folder: str, tree: Mapping[str, bytes], made: Mapping[str, str]) -> tuple[Script, ...]:
    """What the commands of a script start, with what those start in turn.

    `made` tells of files that earlier steps of the job make of others: what they are made of.
    """
    found: dict[tuple[str, str], Script] = {}
    level = [(command, "") for command in commands_in(run, folder)]
    for _ in range(_DEEPEST):
        started = [
            Script(path, text, where, command.image or image, " ".join(command.words[:2]))
            for command, image in level
            for path, text, where in _started(command, tree, made)
        ]
        new = [each for each in started if (each.path, each.text) not in found][: _MOST - len(found)]
        found.update(((each.path, each.text), each) for each in new)
        level = [(command, each.image) for each in new for command in commands_in(each.text, each.folder)]
    return tuple(found.values())


def made_of(runs: Sequence[str], tree: Mapping[str, bytes]) -> dict[str, str]:
    """Files that scripts make of files of the tree: `sed … A > B`, `cp A B`."""
    made: dict[str, str] = {}
    for line in "\n".join(runs).replace("\\\n", " ").splitlines():
        to = re.search(r">\s*([\w./-]+)\s*$", line) or re.match(r"\s*cp\s+(?:-\w+\s+)*\S+\s+([\w./-]+)\s*$", line)
        words = (normpath(word) for word in re.findall(r"[\w./-]+", line[: to.start(1)] if to else ""))
        origin = next((word for word in words if word in tree), None)
        if to and origin:
            made[normpath(to[1])] = origin
    return made


def _started(command: Command, tree: Mapping[str, bytes], made: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Path, shell text and folder of each file that a command runs."""
    words, folder = command.words, command.folder
    name, rest = words[0], words[1:]
    if name == "make":
        yield from _recipes(words, folder, tree, _MAKEFILES)
    elif name == "just":
        yield from _recipes(words, folder, tree, _JUSTFILES)
    elif name == "nox":
        yield from _sessions(command, tree)
    elif name == "tox":
        yield from _environments(command, tree)
    elif name in (*_STARTERS, "python"):
        file = next((word for word in rest if not word.startswith("-")), "")
        yield from _file(file, folder, tree, made)
    elif "/" in name or name.endswith((".sh", ".py")):
        yield from _file(name, folder, tree, made)
    else:
        for text in tasks.named(words, folder, tree):
            yield f"{name} (a task)", text, folder


def _file(path: str, folder: str, tree: Mapping[str, bytes], made: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    found = _in_tree(path, folder, tree, made)
    text = _read(tree, found) if found else ""
    if text:
        is_python = found.endswith(".py") or re.match(r"#!.*python", text)
        yield found, python.of_script(text) if is_python else text, folder


def _in_tree(path: str, folder: str, tree: Mapping[str, bytes], made: Mapping[str, str]) -> str:
    """A file by how a command names it: from its folder, else by the end of the path (`/work/ci/build.sh`)."""
    parts = re.sub(r"^\$(?:\{\{\}\}|\{?\w+\}?|\(\w+\))/?|^~/", "", path).strip("\"'").split("/")
    tried = [normpath(join(folder, path))] if OPEN not in path and folder != OPEN else []
    tried += [normpath("/".join(parts[at:])) for at in range(len(parts)) if len(parts) - at > 1 or at == 0]
    for each in tried:
        if (known := made.get(each, each)) in tree:
            return known
    return ""


def _recipes(
    words: Sequence[str], folder: str, tree: Mapping[str, bytes], names: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    command = Command(tuple(words), folder)
    where = command.option("-C", "--directory", "-d", "--working-directory")
    folder = below(folder, where) if where else folder
    file = command.option("-f", "--file", "--makefile", "--justfile")
    places = [below(folder, file)] if file else [normpath(join(folder, name)) for name in names]
    path = next((each for each in places if each in tree), None)
    if path is None and words[0] == "just":  # it looks upwards: https://just.systems/man/en/
        path = next((name for name in names if name in tree), None)
    if path is not None:
        asked = [
            word
            for at, word in enumerate(words[1:], 1)
            if not word.startswith("-") and "=" not in word and words[at - 1] not in _VALUED
        ]
        is_just = words[0] == "just"
        text = _read(tree, path)
        recipes = of_just(text) if is_just else of_make(text)
        yield path, recipes.text(asked[:1] if is_just else asked), (dirname(path) or ".") if is_just else folder


def _sessions(command: Command, tree: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    path = below(command.folder, command.option("-f", "--noxfile") or "noxfile.py")
    wanted: list[str] = []
    taking = False
    for word in command.words[1:]:
        taking = word in ("-s", "-e", "--session", "--sessions") or (taking and not word.startswith("-"))
        if taking and not word.startswith("-"):
            wanted.append(word)
        elif word.startswith(("--session=", "--sessions=")):
            wanted.append(word.partition("=")[2])
    if path in tree and wanted:
        yield path, python.of_nox(_read(tree, path), tuple(wanted)), command.folder


def _environments(command: Command, tree: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    """https://tox.wiki/en/latest/config.html"""
    path = below(command.folder, command.option("-c", "--conf") or "tox.ini")
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(_read(tree, path))
    except InvalidIni:
        return
    for name in (one for each in command.options("-e", "--env") for one in each.split(",")):
        if text := parser.get(f"testenv:{name}", "commands", fallback=""):
            yield path, text, command.folder


def _read(tree: Mapping[str, bytes], path: str) -> str:
    return tree.get(path, b"")[:_MOST_BYTES].decode("utf-8", "replace").replace("\r\n", "\n")
