"""`demo`: what a release looks like, in the terminal, on a GitHub that runs on loopback."""

import asyncio
import logging
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console

from bot.cli.rehearsal import MAINTAINER, Stage, perform, stage
from bot.cli.thread_view import ThreadView
from bot.release.model import Phase, Release
from bot.sandbox.scenario import Scenario

EXAMPLE_COMMAND = "/release tidewater 0.5.0 tidewater-py 0.4.0"


def run(*, repo: Path | None, spec: str | None, fail: Sequence[str], keep: Path | None) -> int:
    """Play the release; the exit code: 0 released, 1 blocked or refused."""
    try:
        scenario = Scenario.parse(fail)
    except ValueError as mistake:
        raise click.BadParameter(str(mistake), param_hint="--fail") from None
    logging.basicConfig(level=logging.WARNING)
    with ExitStack() as cleanup:
        folder = keep or Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="shipmate-")))
        folder.mkdir(parents=True, exist_ok=True)
        return asyncio.run(_play(folder, repo, spec, scenario, kept=keep is not None))


async def _play(folder: Path, repo: Path | None, spec: str | None, scenario: Scenario, *, kept: bool) -> int:
    console = Console()
    began = time.monotonic()
    async with stage(folder, repo, scenario) as on:
        await _introduce(console, on)
        command = f"/release {spec}" if spec else (EXAMPLE_COMMAND if repo is None else "/release minor")
        with ThreadView(console, on.repository, maintainer=MAINTAINER) as view:
            release = await perform(on, command, view.show)
        _conclude(console, on, release, folder, kept=kept)
        outcome = _outcome(release)
        seconds = time.monotonic() - began
        count = on.bot.github.requests
        console.print(f"[bold]{outcome} in {seconds:.1f} s, {count} GitHub requests[/]", highlight=False)
    return 0 if outcome == "released" else 1


async def _introduce(console: Console, on: Stage) -> None:
    console.print(f"[dim]A stand-in GitHub runs on {on.sandbox.github_url}, crates.io on {on.sandbox.crates_api_url},")
    console.print(f"[dim]PyPI on {on.sandbox.pypi_url}; the bot is connected to them over real HTTP.")
    console.print(f"Repository [bold]{on.repository.full_name}[/], main is green at {(await on.sandbox.world.head(on.repository))[:10]}")
    for path in on.added_workflows:
        console.print(f"[yellow]It has no workflows, so the sandbox added {path} for this rehearsal.[/]")
    console.print()


def _conclude(console: Console, on: Stage, release: Release | None, folder: Path, *, kept: bool) -> None:
    git = on.sandbox.git_dir(on.repository)
    if kept:
        console.print("Look at the result:", style="dim")
        console.print(f"  git -C {git} log --graph --oneline --decorate -8", highlight=False, soft_wrap=True)
    else:
        console.print("To look at the result with git, run it again with --keep FOLDER.", style="dim")


def _outcome(release: Release | None) -> str:
    if release is None or release.phase is Phase.REFUSED:
        return "refused"
    if release.phase is Phase.RELEASED:
        return "released"
    return "blocked" if release.blocked else str(release.phase)
