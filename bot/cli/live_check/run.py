"""`live-check`: the steps one by one, their answers into a folder, a table at the end."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import click
from rich.console import Console
from rich.table import Table

from bot import USER_AGENT
from bot.cli.live_check.bench import Bench
from bot.cli.live_check.files import FILES, SCRIPT
from bot.cli.live_check.recording import Recorder
from bot.cli.live_check.steps import LIVE_STEPS, Step
from bot.cli.live_check.verdicts import Outcome, Verdict, exit_code, is_throw_away, not_tried
from bot.clock import Clock, SystemClock
from bot.github import GitHub
from bot.github.errors import GitHubError
from bot.settings import AppKey, SettingsError

COLOURS = {Outcome.AS_BELIEVED: "green", Outcome.OTHERWISE: "red", Outcome.NOT_TRIED: "yellow"}
Ask = Callable[[str], Awaitable[bool]]


class Refused(Exception):
    """The repository is not to be tried on; the message says why."""


def prepare(folder: Path) -> int:
    """Write the files of the throw-away repository into an empty folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise click.BadParameter(f"{folder} is not empty", param_hint="--prepare")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (folder / SCRIPT).chmod(0o755)
    click.echo(f"{folder} is ready; docs/live-check.md says how to push it.")
    return 0


def run(repository: str, *, into: Path, only: Sequence[str], know: bool, yes: bool) -> int:
    """Try everything on a repository; the exit code: 0 as believed, 1 something is otherwise, 3 something untried."""
    try:
        key = AppKey.from_env(os.environ)
    except SettingsError as mistake:
        raise click.ClickException(f"the settings are wrong:\n{mistake}") from None
    into.mkdir(parents=True, exist_ok=True)
    if any(into.iterdir()):
        raise click.BadParameter(f"{into} is not empty", param_hint="--record")
    try:
        trial = Trial(_nobody if yes else _person, [step for step in LIVE_STEPS if not only or step.name in only], know)
        verdicts = asyncio.run(check(key, repository, into, trial))
    except (Refused, GitHubError) as refusal:
        raise click.ClickException(str(refusal)) from None
    return exit_code(verdicts)


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried, and how patiently; times are in seconds."""

    ask: Ask
    steps: Sequence[Step] = LIVE_STEPS
    know: bool = False
    """Whether the repository need not be a throw-away one evidently."""
    pause: float = 2.0
    patience: float = 180.0
    clock: Clock = field(default_factory=SystemClock)
    console: Console = field(default_factory=lambda: Console(highlight=False))


async def check(key: AppKey, name: str, into: Path, trial: Trial) -> list[Verdict]:
    """The verdict of each step. Refused where the repository is no throw-away one; the adapter's errors before the
    first step.
    """
    recorder = Recorder(into, f"live-check {name}")
    async with aiohttp.ClientSession(headers={"User-Agent": USER_AGENT}) as session:
        github = GitHub(
            session,
            app_id=key.app_id,
            private_key=key.private_key,
            base_url=key.github_api_url,
            user_agent=USER_AGENT,
            clock=trial.clock,
            heard=recorder.hear,
        )
        repository = await github.locate(await github.find(name))
        on = Bench(github, repository, trial.clock, trial.ask, trial.pause, trial.patience)
        if not trial.know and not is_throw_away(await on.reader.paths(await on.head())):
            raise Refused(
                f"{name} is not evidently a throw-away repository: it has to hold the files of `live-check --prepare` "
                "and nothing else. With --i-know it is tried on all the same."
            )
        try:
            verdicts = [await _tried(step, on, recorder, trial.console) for step in trial.steps]
        finally:
            recorder.step, recorder.note = "after", "cleaning"
            left = await on.clean()
            for each in left:
                trial.console.print(f"not removed: {each}", markup=False)
    trial.console.print(_table(trial.steps, verdicts))
    trial.console.print(f"GitHub's answers are in {into}.", markup=False)
    return verdicts


async def _tried(step: Step, on: Bench, recorder: Recorder, console: Console) -> Verdict:
    recorder.step, recorder.note = step.name, f"{step.name}: {step.believed}"
    console.print(f"[bold]{step.name}[/]: {step.believed} …")
    try:
        verdict = await step.run(on)
    except GitHubError as failure:
        verdict = not_tried(f"{type(failure).__name__}: {failure}")
    console.print(f"  [{COLOURS[verdict.outcome]}]{verdict.outcome}[/]: ", end="")
    console.print(verdict.said, markup=False)
    return verdict


def _table(steps: Sequence[Step], verdicts: Sequence[Verdict]) -> Table:
    table = Table("step", "believed", "outcome", "docs/live-check.md")
    for step, verdict in zip(steps, verdicts, strict=True):
        outcome = f"[{COLOURS[verdict.outcome]}]{verdict.outcome}[/]"
        table.add_row(step.name, step.believed, outcome, f"#{step.about}" if step.about else "")
    return table


async def _person(what: str) -> bool:
    """Ask at the terminal; what is left out is not tried."""
    answer = await asyncio.to_thread(input, f"  → {what}, then press Enter (or type `skip`): ")
    return answer.strip().lower() != "skip"


async def _nobody(what: str) -> bool:
    """Nobody is there to do anything."""
    return False
