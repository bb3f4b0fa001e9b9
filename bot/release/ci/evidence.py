"""What the verdict on a commit's CI rests on: what must report, and what did."""

from dataclasses import dataclass
from datetime import datetime

from bot.github.facts import CommitChecks
from bot.release.ci.pushed import Pushed


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What reported about other commits, for what is required and did not report about this one."""

    pull_request: CommitChecks
    """Of the head of the release's pull request."""
    before: tuple[CommitChecks, ...]
    """Of the newest commits before it on its branch: what another App reported about each of them for that branch is
    known to report on pushes, so it is awaited.
    """


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the verdict on one commit rests on."""

    checks: CommitChecks
    pushed: Pushed
    """The same commit."""
    required: tuple[str, ...] = ()
    """Workflow files, workflows or checks that release.toml names."""
    rules: tuple[str, ...] = ()
    """Checks that the branch's rules require; of pull requests, for GitHub asks for nothing else."""
    elsewhere: Elsewhere | None = None
    has_pull_request: bool = True
    """Whether it is a merge commit of ours; of another commit, what only pull requests report is not asked for."""
    unchecked: bool = False
    """Whether release.toml says that nothing is required."""
    since: datetime | None = None
    """Not before then could anything start; None for when it was committed."""
