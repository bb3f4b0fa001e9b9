"""GitHub workflow files: which tags start them, and to which registry their steps publish."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.plan.model import Tree
from bot.workflows.document import InvalidDocument, read_document, text_of

FOLDER = ".github/workflows/"
_LONGEST_PATTERN = 250
_RELEVANT = re.compile(rb"tags|release|publish|upload|maturin|workflow_call", re.IGNORECASE)

_CRATES_IO_RUN = re.compile(
    r"\bcargo\s+(?:\+\S+\s+)?(?:(?:ws|workspaces|smart-release)\s+)?publish\b(?![^\n]*--dry-run)"
)
_PYPI_RUN = re.compile(
    r"\bmaturin\s+(?:publish|upload)\b|\btwine\s+upload\b|\b(?:uv|poetry|hatch|flit|pdm)\s+publish\b"
)
_CRATES_IO_ACTIONS = ("katyo/publish-crates", "rust-lang/crates-io-auth-action")
_PYPI_ACTIONS = ("pypa/gh-action-pypi-publish",)
_MATURIN_ACTIONS = ("pyo3/maturin-action", "messense/maturin-action")


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow file, read as far as releasing needs it."""

    name: str
    """File name below .github/workflows."""
    tag_patterns: tuple[str, ...]
    """`on.push.tags`; empty when pushes of tags do not start it."""
    on_release: bool
    """Whether a published GitHub Release starts it."""
    publishes: frozenset[Registry]
    """The registries that its steps, or those of local workflows it calls, upload to."""
    data: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Path in the repository."""
        return FOLDER + self.name

    def starts_for(self, tag: str) -> bool:
        """Whether pushing this tag starts it, by GitHub's filter patterns."""
        matched = False
        for pattern in self.tag_patterns:
            if matches_filter(tag, pattern.removeprefix("!")):
                matched = not pattern.startswith("!")
        return matched


def read_workflows(tree: Tree) -> tuple[list[Workflow], list[Problem]]:
    """The workflows of the tree that could have to do with releases, and those that cannot be read."""
    documents: dict[str, Mapping[str, Any]] = {}
    problems = []
    for path in sorted(path for path in tree if path.startswith(FOLDER)):
        if not _RELEVANT.search(tree[path].replace(b"\0", b"")):  # also in UTF-16, which GitHub does not read
            continue
        document = _read(path, tree[path])
        if isinstance(document, Problem):
            problems.append(document)
        else:
            documents[path.removeprefix(FOLDER)] = document
    return [_workflow(name, document, documents) for name, document in documents.items()], problems


def jobs_of(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The jobs of a workflow that are tables."""
    jobs = document.get("jobs")
    if isinstance(jobs, dict):
        yield from (job for job in jobs.values() if isinstance(job, dict))


def steps_of(job: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The steps of a job."""
    steps = job.get("steps")
    return [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []


def action_of(step: Mapping[str, Any]) -> str:
    """The action that a step uses, without its version, lower case; empty for a script."""
    return str(step.get("uses") or "").partition("@")[0].lower()


def is_maturin(step: Mapping[str, Any]) -> bool:
    """Whether the step runs maturin's own action."""
    return action_of(step) in _MATURIN_ACTIONS


def inputs_of(step: Mapping[str, Any]) -> Mapping[str, Any]:
    """The `with` table of a step."""
    inputs = step.get("with")
    return inputs if isinstance(inputs, dict) else {}


def matches_filter(name: str, pattern: str) -> bool:
    """GitHub's filter patterns for branches and tags.

    `*` stops at `/`, `**` does not, `[…]` is a set of characters, and `?` and `+` repeat what stands before them.
    Reads the name once, whatever the pattern, so that no pattern can make it slow.
    """
    tokens = _tokens(pattern[:_LONGEST_PATTERN])
    states = _skipping({0}, tokens)
    for character in name[:_LONGEST_PATTERN]:
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
    optional: bool = False

    def accepts(self, character: str) -> bool:
        return character in self.characters if self.characters is not None else character not in self.besides


def _tokens(pattern: str) -> list[_Token]:
    tokens: list[_Token] = []
    for piece in re.findall(r"\*\*|\*|\?|\+|\[[^\]]+\]|\\.|.", pattern, re.DOTALL):
        if piece in ("*", "**"):
            tokens.append(_Token(None, "" if piece == "**" else "/", repeats=True, optional=True))
        elif piece in ("?", "+") and tokens:
            before = tokens.pop()
            tokens.append(
                replace(before, optional=before.optional or piece == "?", repeats=before.repeats or piece == "+")
            )
        elif piece.startswith("[") and len(piece) > 2:
            tokens.append(_Token(_expanded(piece[1:-1])))
        else:
            tokens.append(_Token(piece.removeprefix("\\")))
    return tokens


def _expanded(characters: str) -> str:
    """The characters of a set such as `a-z0-9_`."""
    ranges = re.findall(r"(.)-(.)", characters)
    spelled = "".join(chr(code) for first, last in ranges for code in range(ord(first), min(ord(last), ord("z")) + 1))
    return spelled + re.sub(r"(.)-(.)", "", characters)


def _skipping(states: set[int], tokens: list[_Token]) -> set[int]:
    """The states, and those reached from them past elements that may be absent."""
    reached = set(states)
    for state in range(len(tokens)):
        if state in reached and tokens[state].optional:
            reached.add(state + 1)
    return reached


def _read(path: str, content: bytes) -> Mapping[str, Any] | Problem:
    try:
        document = read_document(content)
    except InvalidDocument as mistake:
        where = f"{path}:{mistake.line}" if mistake.line else path
        return Problem(where, mistake.what, "Correct the file; GitHub cannot run it either.")
    return _as_text(document) if isinstance(document, dict) else {}


def _as_text(value: Any) -> Any:
    """With every scalar as text, which the readers beside this one expect."""
    if isinstance(value, dict):
        return {key: _as_text(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return text_of(value)


def _workflow(name: str, document: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]) -> Workflow:
    triggers = document.get("on")
    push = triggers.get("push") if isinstance(triggers, dict) else None
    tags = push.get("tags") if isinstance(push, dict) else None
    patterns = [tags] if isinstance(tags, str) else tags if isinstance(tags, list) else []
    called = [others[path] for path in _local_calls(document) if path in others]
    publishes = {registry for source in (document, *called) for registry in _registries(source)}
    return Workflow(
        name,
        tuple(pattern for pattern in patterns if isinstance(pattern, str)),
        "release" in triggers if isinstance(triggers, dict | list | str) else False,
        frozenset(publishes),
        document,
    )


def _local_calls(document: Mapping[str, Any]) -> Iterator[str]:
    for job in jobs_of(document):
        uses = str(job.get("uses") or "")
        if uses.startswith(f"./{FOLDER}"):
            yield uses.removeprefix(f"./{FOLDER}")


def _registries(document: Mapping[str, Any]) -> Iterator[Registry]:
    for step in (step for job in jobs_of(document) for step in steps_of(job)):
        run, action, inputs = str(step.get("run") or ""), action_of(step), inputs_of(step)
        if "test.pypi.org" in f"{run}{inputs.get('repository-url', inputs.get('repository_url', ''))}":
            continue
        if _CRATES_IO_RUN.search(run) or action in _CRATES_IO_ACTIONS:
            yield Registry.CRATES_IO
        if _PYPI_RUN.search(run) or action in _PYPI_ACTIONS:
            yield Registry.PYPI
        if is_maturin(step) and str(inputs.get("command", "")) in ("publish", "upload"):
            yield Registry.PYPI
