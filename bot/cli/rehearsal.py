"""A whole release on loopback: the sandbox, the real bot beside it, and somebody who plays the maintainer.

Nothing of the bot is replaced: it gets signed webhooks over HTTP and talks to the sandbox as it would to GitHub.
Only its timeouts are shortened, since the sandbox's CI takes fractions of a second.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.app import Bot, bot, working
from bot.cli.checkout import origin_of
from bot.ledger import ReleaseId
from bot.release.answers import Answer
from bot.release.facts import Timeouts
from bot.release.model import Phase, Release
from bot.sandbox import Sandbox, example
from bot.sandbox.actions.minimal import minimal_workflows
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.errors import StandInFailed
from bot.sandbox.git.objects import ZERO
from bot.sandbox.model import Comment, Issue, Repository
from bot.settings import Secret, Settings

MAINTAINER = "morgan"
REHEARSAL_TIMEOUTS = Timeouts(
    settle=0.4, ci_appears=15.0, run_appears=15.0, propagation=8.0, look_again=0.5, idle=5.0, lag=1.0
)
DEADLINE = 120.0


@dataclass(frozen=True)
class Stage:
    """Everything that is up while the play runs."""

    sandbox: Sandbox
    repository: Repository
    bot: Bot
    added_workflows: tuple[str, ...]
    """Workflow files that the sandbox added because the repository had none."""


@asynccontextmanager
async def stage(folder: Path, repo: Path | None, scenario: Scenario) -> AsyncIterator[Stage]:
    """Sandbox and bot, connected, with CI of the repository's head done; all gone afterwards.

    `folder` is where the sandbox keeps its git repository and the bot its database.
    """
    async with Sandbox.open(scenario=scenario, folder=folder) as sandbox:
        repository, added = await import_repository(sandbox, repo) if repo else (await example.build(sandbox), ())
        await sandbox.actions.idle()
        async with bot(rehearsal_settings(sandbox, folder)) as parts, working(parts) as address:
            await sandbox.connect(f"{address}/webhook")
            yield Stage(sandbox, repository, parts, added)


async def perform(
    on: Stage, text: str, watch: Callable[[Release | None], None], seconds: float | None = None
) -> Release | None:
    """Comment `text` as the maintainer, merge the pull request when there is one, and wait for the end.

    The end is a release that has ended or is blocked; None when the command led to none. `watch` hears of every
    change. Raises StandInFailed as soon as the sandbox itself goes wrong, and when nothing ends within `seconds`.
    """
    seconds = seconds or DEADLINE
    try:
        async with asyncio.timeout(seconds):
            return await _perform(on, text, watch)
    except TimeoutError:
        on.sandbox.actions.raise_broken()
        raise StandInFailed(f"the rehearsal did not end within {seconds:.0f} s; {_still_open(on)}") from None


def _still_open(on: Stage) -> str:
    """What was under way, as the end of a sentence."""
    runs = [f"{run.path} ({run.event})" for run in on.repository.runs.values() if run.status != "completed"]
    return f"still under way: {', '.join(runs)}" if runs else "no workflow was under way"


async def _perform(on: Stage, text: str, watch: Callable[[Release | None], None]) -> Release | None:
    world = on.sandbox.world
    issue = await world.open_issue(on.repository, "Release", "Time to release.", by=MAINTAINER)
    asked = await world.comment(on.repository, issue.number, text, by=MAINTAINER)
    release = await _until(on, issue, asked, watch, lambda r: r.phase is not Phase.REQUESTED)
    if release is not None and release.phase is Phase.PROPOSED and release.review.pull_request:
        await on.sandbox.actions.idle()
        await world.merge(on.repository, release.review.pull_request, by=MAINTAINER)
        release = await _until(on, issue, asked, watch, lambda r: r.phase.is_end or r.blocked is not None)
        if release is not None and release.blocked and release.blocked.why is Answer.APPROVAL_AWAITED:
            await _settle(on, issue)
            watch(release)
            await _approve(on)
            release = await _until(on, issue, asked, watch, _ended_or_stuck)
    await _settle(on, issue)
    watch(release)
    return release


def _ended_or_stuck(release: Release) -> bool:
    why = release.blocked.why if release.blocked else None
    return release.phase.is_end or why not in (None, Answer.APPROVAL_AWAITED)


async def _approve(on: Stage) -> None:
    """Whoever guards the environments says yes to all that waits."""
    for run in list(on.repository.runs.values()):
        if run.pending:
            reviewer = next(iter(run.pending.values())).environment.reviewers[0]
            await on.sandbox.world.review_deployments(on.repository, run, "approved", by=reviewer)


async def _until(
    on: Stage,
    issue: Issue,
    asked: Comment,
    watch: Callable[[Release | None], None],
    reached: Callable[[Release], bool],
) -> Release | None:
    """The release once it is so; None when the bot answered without starting one."""
    while True:
        on.sandbox.actions.raise_broken()
        release = await on.bot.store.release(ReleaseId(asked.id).text)
        watch(release)
        if release is not None and reached(release):
            return release
        if release is None and _answers(issue, asked):
            return None
        await asyncio.sleep(0.05)


async def _settle(on: Stage, issue: Issue) -> None:
    """Wait for the look under way to say its last word: no call to GitHub for a moment."""
    calls = -1
    while calls != len(on.sandbox.world.calls):
        calls = len(on.sandbox.world.calls)
        await asyncio.sleep(0.3)


def _answers(issue: Issue, asked: Comment) -> list[Comment]:
    return [comment for comment in issue.comments if comment.app_id is not None and comment.id > asked.id]


async def import_repository(sandbox: Sandbox, repo: Path) -> tuple[Repository, tuple[str, ...]]:
    """A copy of a git checkout or a plain folder; workflows are added where it has none."""
    world = sandbox.world
    name = origin_of(repo) or f"{MAINTAINER}/{_folder_name(repo)}"
    repository = await world.create_repository(name, source=repo, roles={MAINTAINER: "admin"})
    files = await world.files(repository)
    if any(path.startswith(".github/workflows/") for path in files):
        # No event tells of what is made from a folder, so its head is pushed here: that starts CI.
        branch = f"refs/heads/{repository.default_branch}"
        head = await world.head(repository)
        await world.refs_changed(repository, [(branch, ZERO, head)], by=repository.owner)
        return repository, ()
    added = minimal_workflows(files)
    await world.push(repository, repository.default_branch, added, "ci: add workflows for the rehearsal", by=MAINTAINER)
    return repository, tuple(added)


def _folder_name(repo: Path) -> str:
    return repo.resolve().name or "repository"


def settings_of(sandbox: Sandbox, folder: Path) -> Settings:
    """Of a bot that works in a sandbox, with a database in the folder; documentation is not asked for."""
    return Settings(
        app_id=sandbox.app_id,
        private_key=Secret(sandbox.private_key_pem),
        webhook_secrets=(Secret(sandbox.webhook_secret),),
        github_api_url=sandbox.github_url,
        database_url=f"sqlite+aiosqlite:///{folder / 'shipmate.db'}",
        host="127.0.0.1",
        port=0,
        crates_api_url=sandbox.crates_api_url,
        crates_index_url=sandbox.crates_index_url,
        crates_static_url=sandbox.crates_static_url,
        pypi_url=sandbox.pypi_url,
        sentry_dsn=None,
        log_level="INFO",
        timeouts=Timeouts(),
    )


def rehearsal_settings(sandbox: Sandbox, folder: Path) -> Settings:
    """Those of a bot beside this sandbox, with its database in `folder`."""
    return replace(
        settings_of(sandbox, folder),
        docs_rs_url=sandbox.docs_rs_url,
        log_level="WARNING",
        timeouts=REHEARSAL_TIMEOUTS,
        crates_api_interval=0.0,
        missed_seconds=0.0,
    )
