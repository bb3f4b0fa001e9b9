"""Actions and scripts that lie in the repository itself, and are run from the same commit.

Local actions: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses,
with `./` (relative to the checkout) or `$/` (the commit that runs:
https://github.blog/changelog/2026-07-30-reference-same-repository-actions-with-self-repository-syntax/).
Composite ones:
https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#runs-for-composite-actions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from posixpath import normpath

from bot.workflows.document import InvalidDocument, Value, read_document, text_of
from bot.workflows.files import Step, read_step
from bot.workflows.scripts.found import Script, made_of, scripts_of

_MOST_BYTES = 256 * 1024


@dataclass(frozen=True, eq=False, slots=True)
class Action:
    """A composite action."""

    path: str
    steps: tuple[Step, ...]
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Its inputs, with what each is when nothing is given."""


@dataclass(frozen=True, eq=False, slots=True)
class Local:
    """The files of a commit, as far as its workflows run them."""

    tree: Mapping[str, bytes] = field(default_factory=dict)
    _scripts: dict[tuple[str, str, tuple[tuple[str, str], ...]], tuple[Script, ...]] = field(default_factory=dict)
    """What was read already: the same step runs in many ways."""

    def action(self, uses: str) -> Action | None:
        """The composite action that a step uses; None for one of another repository, or of another kind."""
        folder = own_path(uses)
        for name in ("action.yml", "action.yaml") if folder else ():
            path = normpath(f"{folder}/{name}")
            if path in self.tree:
                return _read_action(path, self.tree[path][:_MOST_BYTES])
        return None

    def made(self, runs: Sequence[str]) -> Mapping[str, str]:
        """The files that these scripts make of others."""
        return made_of(runs, self.tree) if self.tree else {}

    def scripts(self, run: str, folder: str, made: Mapping[str, str]) -> tuple[Script, ...]:
        """The files that a script runs."""
        if not self.tree or not run:
            return ()
        key = (run, folder, tuple(made.items()))
        if key not in self._scripts:
            self._scripts[key] = scripts_of(run, folder, self.tree, made)
        return self._scripts[key]


NOTHING = Local()
"""Where nothing but the workflows is known."""


def own_path(uses: str) -> str:
    """The path of an action or workflow of the repository itself; empty for another repository's."""
    return uses.partition("@")[0][2:].strip("/") if uses.startswith(("./", "$/")) else ""


@lru_cache(maxsize=256)
def _read_action(path: str, content: bytes) -> Action | None:
    try:
        document = read_document(content)
    except InvalidDocument:
        return None
    runs, inputs = _table(document, "runs"), _table(document, "inputs")
    steps = runs.get("steps")
    if runs.get("using") != "composite" or not isinstance(steps, list):
        return None
    defaults = {key: text_of(each.get("default")) if isinstance(each, dict) else "" for key, each in inputs.items()}
    return Action(path, tuple(read_step(step) for step in steps if isinstance(step, dict)), defaults)


def _table(value: Value, key: str) -> dict[str, Value]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}
