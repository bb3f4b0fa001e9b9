"""What a job prints: the text that GitHub keeps of it, in GitHub's format. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.workflows.files import Step

_ECHO = re.compile(r'echo "([^"$`\\]*)"')
LINE = timedelta(microseconds=137)
"""Between two lines."""


def job_log(steps: Sequence[Step], begun: datetime, failed_step: str | None, output: Sequence[str]) -> str:
    """The log of a job that ended; `output` is what its failed step printed before GitHub's own last line."""
    lines = [*_setting_up()]
    for step in steps:
        lines += _started(step)
        lines += _echoed(step)
        if step.name == failed_step:
            lines += output
            code = 1 if step.uses else 101
            lines.append(f"##[error]Process completed with exit code {code}.")
            break
        lines.append(f"{step.name}: done")
    lines += [
        "Post job cleanup.",
        "[command]/usr/bin/git version",
        "git version 2.51.0",
        "Cleaning up orphan processes",
    ]
    stamped = (f"{_stamp(begun + LINE * at)} {line}" for at, line in enumerate(lines))
    return "\ufeff" + "\r\n".join(stamped) + "\r\n"


def _setting_up() -> Iterator[str]:
    yield "Current runner version: '2.330.0'"
    yield "##[group]Runner Image"
    yield "Image: ubuntu-24.04"
    yield "##[endgroup]"
    yield "Complete job name: job"


def _echoed(step: Step) -> Iterator[str]:
    """What its commands print that print a text as it stands."""
    for command in step.run.splitlines():
        if echo := _ECHO.fullmatch(command.strip()):
            yield echo[1]


def _started(step: Step) -> Iterator[str]:
    """A step's first group: what is run, how, and with which inputs."""
    commands = step.run.splitlines()
    yield f"##[group]Run {step.uses or (commands[0] if commands else step.name)}"
    for command in commands:
        yield f"\x1b[36;1m{command}\x1b[0m"
    if commands:
        yield "shell: /usr/bin/bash -e {0}"
    if step.inputs:
        yield "with:"
        yield from (f"  {name}: {value}" for name, value in step.inputs.items())
    yield "env:"
    yield "  CARGO_TERM_COLOR: always"
    yield "  CARGO_REGISTRY_TOKEN: ***"
    yield "##[endgroup]"


def _stamp(at: datetime) -> str:
    """GitHub's has seven digits after the seconds."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}0Z"
