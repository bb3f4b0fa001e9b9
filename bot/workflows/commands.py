"""The commands of a job's steps: of their scripts, of the files that these start, and of the actions that run one."""

from collections.abc import Iterator

from bot.workflows.files import RunStep, Step
from bot.workflows.scripts.shell import OPEN, Command, below, commands_in, plain_words

__all__ = ["MATURIN", "OPEN", "Command", "action_of", "commands"]

MATURIN = ("pyo3/maturin-action", "messense/maturin-action")
_CARGO = ("actions-rs/cargo", "clechasseur/rs-cargo", "ructions/cargo", "houseabsolute/actions-rust-cross")
"""Actions that run a command of cargo: inputs `command` and `args`.

https://github.com/actions-rs/cargo#inputs, https://github.com/houseabsolute/actions-rust-cross#input-parameters
"""


def action_of(step: Step) -> str:
    """The action that a step uses, without its version, lower case; empty for a script."""
    return step.uses.partition("@")[0].lower()


def commands(step: Step) -> Iterator[Command]:
    """What a step runs, as far as it can be read."""
    folder, env = _folder(step), tuple(sorted(step.env.items()))
    if action_of(step) in MATURIN:
        yield _of_maturin(step)
    if action_of(step) in _CARGO:
        words = ("cargo", step.inputs.get("command") or "build", *plain_words(step.inputs.get("args", "")))
        yield Command(words, below(folder, step.inputs.get("working-directory", "")))
    if step.run:
        yield from commands_in(step.run, folder, env)
    if isinstance(step, RunStep):
        for script in step.scripts:
            yield from commands_in(script.text, script.folder, env, script.path, script.image)


def _folder(step: Step) -> str:
    return below(".", step.folder or ".")


def _of_maturin(step: Step) -> Command:
    """A maturin-action step as the command that it runs: https://github.com/PyO3/maturin-action."""
    inputs = step.inputs
    words = ["maturin", inputs.get("command") or "build", *plain_words(inputs.get("args", ""))]
    for name in ("target", "manylinux"):
        if value := inputs.get(name):
            words += [f"--{name}", value]
    return Command(tuple(words), below(".", inputs.get("working-directory") or _folder(step)))
