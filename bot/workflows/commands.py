"""The commands of a job's steps: words, and the folder in which they run."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from posixpath import dirname, join, normpath

from bot.workflows.files import Step

MATURIN = ("pyo3/maturin-action", "messense/maturin-action")
_MOST_TEXT = 20_000
"""Characters of a script that are looked at."""
_TOOLS = re.compile(r"\b(?:cargo|maturin|twine|uv|hatch|poetry|flit|pdm|build|cibuildwheel|pyproject-build|pip|cd)\b")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a `run:` script, or the one that maturin's action runs."""

    words: tuple[str, ...]
    folder: str

    @property
    def tool(self) -> tuple[str, str]:
        """The program and its first word: `("cargo", "publish")`."""
        program, verb = (*self.words, "", "")[:2]
        return program, verb

    def option(self, *names: str) -> str | None:
        """The value of an option, in either of its spellings: `-p X`, `--package=X`."""
        for at, word in enumerate(self.words):
            name, equals, value = word.partition("=")
            if name in names:
                return value if equals else next(iter(self.words[at + 1 :]), None)
        return None

    def has(self, *flags: str) -> bool:
        """Whether one of these flags is given."""
        return any(word in flags for word in self.words)

    @property
    def package_folder(self) -> str:
        """Where its package is: its own manifest's folder, else where it runs."""
        manifest = self.option("-m", "--manifest-path")
        return normpath(join(self.folder, dirname(manifest))) if manifest else self.folder


def action_of(step: Step) -> str:
    """The action that a step uses, without its version, lower case; empty for a script."""
    return step.uses.partition("@")[0].lower()


def commands(step: Step) -> Iterator[Command]:
    """What a step runs, as far as it has to do with building and publishing."""
    if action_of(step) in MATURIN:
        yield _of_maturin(step)
    yield from _of_script(step.run, step.folder or ".")


def _of_maturin(step: Step) -> Command:
    """A maturin-action step as the command that it runs: https://github.com/PyO3/maturin-action."""
    inputs = step.inputs
    words = ["maturin", inputs.get("command") or "build", *_words(_plain(inputs.get("args", "")))]
    for name in ("target", "manylinux"):
        if value := inputs.get(name):
            words += [f"--{name}", value]
    return Command(tuple(words), inputs.get("working-directory") or step.folder or ".")


@lru_cache(maxsize=1024)  # planning and every event of the sandbox look at every step of every workflow
def _of_script(run: str, folder: str) -> tuple[Command, ...]:
    if not _TOOLS.search(run):
        return ()
    found = []
    text = _plain(run[:_MOST_TEXT]).replace("\\\n", " ")
    for line in re.split(r"\n|&&|\|\||;|\|", text):
        words = _unwrapped(_words(_without_group(line))) if _TOOLS.search(line) else ()
        if words[:1] == ("cd",) and len(words) > 1:
            folder = normpath(join(folder, words[1]))
        elif words:
            found.append(Command(tuple(word for word in words if not word.startswith("+")), folder))
    return tuple(found)


def _without_group(line: str) -> str:
    """`(cd a` and `cargo publish)` are the ends of a group of commands."""
    line = line.strip().removeprefix("(")
    return line.removesuffix(")") if line.count(")") > line.count("(") else line


_WRAPPERS: Mapping[str, int] = {
    **dict.fromkeys(("if", "then", "else", "do", "!", "(", "{", "sudo", "time", "exec", "env", "uvx"), 1),
    **dict.fromkeys(("uv-run", "poetry-run", "hatch-run", "pipx-run"), 1),
    **dict.fromkeys(("python", "python3"), 2),
}
"""Words before a command, and how many words each takes with it (`python -m twine`)."""


def _unwrapped(words: tuple[str, ...]) -> tuple[str, ...]:
    while words and (words[0] in _WRAPPERS or re.fullmatch(r"\w+=.*", words[0])):
        words = words[_WRAPPERS.get(words[0], 1) :]
    return words


def _words(text: str) -> tuple[str, ...]:
    text = re.sub(r"\b(uv|poetry|hatch|pipx) run\b", r"\1-run", text)
    if not re.search(r"""["'\\#]""", text):
        return tuple(text.split())
    try:
        return tuple(shlex.split(text, comments=True))
    except ValueError:
        return tuple(text.split())


def _plain(text: str) -> str:
    """With `${{}}` for each expression, which then splits nothing; no value that has one in it is known."""
    pieces = []
    while (start := text.find("${{")) >= 0 and (end := text.find("}}", start)) >= 0:
        pieces += [text[:start], "${{}}"]
        text = text[end + 2 :]
    return "".join((*pieces, text))
