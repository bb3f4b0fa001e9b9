"""The script of a rehearsal: how long each job takes, and what goes wrong."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.sandbox.model import WorkflowRun

FAILURE_FORMS = "ci, publish, wheel=PLATFORM (such as wheel=linux-aarch64, wheel=macos-arm64 or wheel=sdist)"
_WHEEL = re.compile(r"wheel=(sdist|(linux|musllinux|macos|windows)-\w+)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ends."""

    conclusion: str = "success"
    """success, failure, cancelled, timed_out, …"""
    seconds: float = 0.3
    failed_step: str | None = None
    """Name of the step that failed; None in a failed job means its `main_step`."""


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What a scenario may know of a job before it ends."""

    name: str
    """As GitHub shows it."""
    steps: tuple[str, ...]
    main_step: str
    """The step that publishes, else the one that builds, else the last one."""
    builds: tuple[str, ...] = ()
    """Platform keys of the files that it makes for PyPI, `sdist` among them."""
    publishes: bool = False
    lands_release: bool = False
    """Whether it tests the commit that merging one of the App's pull requests made."""
    leads: bool = False
    """Whether its workflow is the first of its kind (CI, publishing) in the repository."""
    last: bool = False
    """Whether it is the last of its run's jobs that do not publish."""


Script: TypeAlias = Callable[[WorkflowRun, JobFacts, int], Outcome | None]
"""(run, job, attempt) to an outcome, or None for what would happen anyway."""


@dataclass
class Scenario:
    """What every job does: it succeeds, unless `failures` or `script` say otherwise.

    `failures` holds the words of `parse`, and may be changed while things run: `failures.clear()` mends everything.
    """

    job_seconds: float = 0.3
    publish_seconds: float = 0.3
    """Of the jobs of a run for a tag."""
    failures: set[str] = field(default_factory=set)
    script: Script | None = None
    """Asked first about each job."""
    struck: set[str] = field(default_factory=set)
    """Those of `failures` that met a job until now."""

    @classmethod
    def parse(cls, fail: Sequence[str]) -> "Scenario":
        """A scenario of failures in words; ValueError names the allowed forms.

        `ci`: on the commit that merging the release pull request makes, the last job of the first CI workflow fails.
        `publish`: the publish job of the first publish workflow fails. `wheel=PLATFORM`: the job that builds this
        wheel fails, so the wheel is missing where the workflow lets this job fail (continue-on-error).
        """
        for word in fail:
            if word not in ("ci", "publish") and not _WHEEL.fullmatch(word):
                raise ValueError(f"unknown failure {word!r}; known are: {FAILURE_FORMS}")
        return cls(failures=set(fail))

    def decide(self, run: WorkflowRun, job: JobFacts, attempt: int) -> Outcome:
        """How a job of this attempt of a run ends."""
        scripted = self.script(run, job, attempt) if self.script else None
        if scripted is not None:
            return scripted
        seconds = self.publish_seconds if job.publishes or job.builds else self.job_seconds
        failing = self.failures & set(_failures_of(job))
        self.struck |= failing
        return Outcome("failure" if failing else "success", seconds)


def _failures_of(job: JobFacts) -> Iterator[str]:
    """The words of `Scenario.parse` that this job would fail by."""
    if job.lands_release and job.leads and job.last:
        yield "ci"
    if job.publishes and job.leads:
        yield "publish"
    for platform in job.builds:
        yield f"wheel={platform}"
