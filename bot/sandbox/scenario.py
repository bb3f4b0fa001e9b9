"""The script of a rehearsal: how long each job takes, and what goes wrong."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.sandbox.failures import FAILURES
from bot.sandbox.model import WorkflowRun

FAILURE_FORMS = (
    f"ci, {', '.join(FAILURES)}, approval, "
    "wheel=PLATFORM (such as wheel=linux-aarch64, wheel=macos-arm64 or wheel=sdist)"
)
_WHEEL = re.compile(r"wheel=(sdist|(linux|musllinux|macos|windows)-\w+)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ends."""

    conclusion: str = "success"
    """success, failure, cancelled, timed_out, …"""
    seconds: float = 0.3
    failed_step: str | None = None
    """Name of the step that failed; None in a failed job means its `main_step`."""
    cause: str | None = None
    """The word of `FAILURES` that says what a failed job printed, and whether it had uploaded by then."""


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
    registries: tuple[str, ...] = ()
    """Where it publishes to."""
    environment: str | None = None
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
        `publish`: the publish job of the first publish workflow fails, and with `publish=CAUSE` by that cause (one
        that only PyPI knows meets the jobs that publish there). `approval`: that job waits for a reviewer of its
        environment. `wheel=PLATFORM`: the job that builds this wheel fails, so the wheel is missing where the workflow
        lets this job fail (continue-on-error).
        """
        for word in fail:
            if word not in ("ci", "approval", *FAILURES) and not _WHEEL.fullmatch(word):
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
        cause = next(iter(sorted(failing & FAILURES.keys())), None)
        return Outcome("failure" if failing else "success", seconds, cause=cause)

    def asks_for_approval(self, job: JobFacts) -> bool:
        """Whether somebody has to approve this job of an environment."""
        asks = "approval" in self.failures and job.publishes and job.leads and job.environment is not None
        self.struck |= {"approval"} if asks else set()
        return asks


def _failures_of(job: JobFacts) -> Iterator[str]:
    """The words of `Scenario.parse` that this job would fail by."""
    if job.lands_release and job.leads and job.last:
        yield "ci"
    for word, failure in FAILURES.items():
        if job.leads and job.publishes if failure.registry is None else failure.registry in job.registries:
            yield word
    for platform in job.builds:
        yield f"wheel={platform}"
