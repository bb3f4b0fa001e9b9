"""`demo`: what a release looks like, in the terminal, on a GitHub that runs on loopback."""

import asyncio
import logging
import shlex
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from bot.cli.played import show_played
from bot.cli.rehearsal import MAINTAINER, Stage, perform, stage
from bot.cli.thread_view import BriefView, FullView
from bot.release.model import Phase, Release
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.errors import StandInFailed
from bot.sandbox.git.objects import GitError, NotInstalled

EXAMPLE_COMMAND = "/release tidewater 0.5.0 tidewater-py 0.4.0"
REHEARSAL_COMMAND = "/release minor"


def run(*, repo: Path | None, spec: str | None, fail: Sequence[str], keep: Path | None, brief: bool) -> int:
    """Play the release; the exit code: 0 released, 1 blocked or refused."""
    try:
        scenario = Scenario.parse(fail)
    except ValueError as mistake:
        raise click.BadParameter(str(mistake), param_hint="--fail") from None
    logging.basicConfig(level=logging.WARNING)
    folder = keep or Path(tempfile.mkdtemp(prefix="shipmate-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise click.BadParameter(f"{folder} is not empty", param_hint="--keep")
    command = f"/release {spec}" if spec else REHEARSAL_COMMAND if repo else EXAMPLE_COMMAND
    try:
        return asyncio.run(_play(folder, repo, command, scenario, brief=brief))
    except StandInFailed as failure:
        raise click.ClickException(f"{failure}. That is a limit of the rehearsal, not of the repository.") from None
    except NotInstalled as missing:
        raise click.ClickException(str(missing)) from None
    except GitError as failure:
        raise click.BadParameter(f"{repo} cannot be copied: {failure}", param_hint="--repo") from None


async def _play(folder: Path, repo: Path | None, command: str, scenario: Scenario, *, brief: bool) -> int:
    console = Console(highlight=False, soft_wrap=True)
    began = time.monotonic()
    async with stage(folder, repo, scenario) as on:
        if not brief:
            await _introduce(console, on)
        view = (BriefView if brief else FullView)(console, on.repository)
        try:
            with view:
                release = await perform(on, command, view.show)
        finally:
            if repo is not None:
                show_played(console, on)
        if not brief:
            _show_where(console, on, release)
        if release is not None and release.phase.is_end:
            for word in sorted(scenario.failures - scenario.struck):
                console.print(f"[yellow]--fail {word} met no job of this repository, so nothing failed.[/]")
        outcome = _outcome(release)
        seconds, count = time.monotonic() - began, on.bot.github.requests
        console.print(f"[bold]{outcome} in {seconds:.1f} s, {count} GitHub requests[/]")
    return 0 if outcome == "released" else 1


async def _introduce(console: Console, on: Stage) -> None:
    sandbox = on.sandbox
    console.print(f"A stand-in GitHub on {sandbox.github_url}, crates.io on {sandbox.crates_api_url},", style="dim")
    console.print(
        f"PyPI on {sandbox.pypi_url}; the bot talks to them over HTTP, as it would to the real ones.", style="dim"
    )
    head = await sandbox.world.head(on.repository)
    name, branch = on.repository.full_name, on.repository.default_branch
    console.print(f"Repository [bold]{name}[/], {MAINTAINER} maintains it, {branch} is at {head[:10]}.")
    if on.added_workflows:
        files = ", ".join(path.rpartition("/")[2] for path in on.added_workflows)
        console.print(f"[yellow]It has no workflows; for this rehearsal the sandbox added {files}.[/]")
    console.print()


def _show_where(console: Console, on: Stage, release: Release | None) -> None:
    folder = shlex.quote(str(on.sandbox.git_dir(on.repository)))
    console.print("\nWhat the bot committed is a real git repository:")
    console.print(f"  git -C {folder} log --graph --oneline --decorate -8")
    if release is not None and release.merge.commit:
        console.print(f"  git -C {folder} show --stat {release.merge.commit[:10]}^2")
    console.print()


def _outcome(release: Release | None) -> str:
    if release is None or release.phase is Phase.REFUSED:
        return "refused"
    if release.phase is Phase.RELEASED:
        return "released"
    return "blocked" if release.blocked else str(release.phase)
