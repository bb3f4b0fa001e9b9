"""The script of a rehearsal: how long each job takes, and what goes wrong."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.sandbox.actions.failures import CAUSES
from bot.sandbox.model import WorkflowRun

FAILURES: Mapping[str, str] = {
    "ci": "CI fails on the commit that merging the release pull request makes",
    "publish": "the publish job of the first publish workflow fails",
    "publish=already-exists": "it fails although its upload went through",
    "publish=timed-out": "`cargo publish` uploads, and waits in vain for the index to show it",
    "publish=invalid-publisher": "PyPI does not trust the workflow",
    "publish=token": "no token is there to publish with",
    "publish=audit": "`cargo audit` knows an advisory",
    "publish=platform": "PyPI refuses a wheel's platform",
    "publish=429": "the registry takes no more uploads for a while",
    "approval": "the publish job waits for a reviewer of its environment",
    "wheel=PLATFORM": "the job that builds this wheel (or `wheel=sdist`) fails",
    "abi=PLATFORM": "this wheel is tagged `cp38-cp38`",
    "sdist": "the sdist is not uploaded",
    "late": "one wheel is uploaded 16 minutes after the others",
    "rebuilt": "half of the wheels were uploaded by an earlier attempt, with other bytes",
    "pythons": "the files exclude Python 3.12 and later, the project does not",
    "readme": "the packages have no README",
    "metadata": "the packages name another license and another repository than the tree",
    "dependency": "the crate needs a version of a crate beside it that is not on crates.io",
    "dirty": "the crate is packaged from a tree with uncommitted changes",
    "commit": "the packages are made from the commit before the tagged one",
    "fork": "another repository's workflow publishes",
    "token": "published with a long-lived token although trusted publishing is set up",
    "docs": "docs.rs cannot build the documentation",
    "stale": "the indexes that cargo and pip read lag some seconds behind",
    "yanked": "the new versions are yanked as soon as they are published",
    "quarantined": "PyPI puts the project in quarantine",
    "deleted": "the new release is deleted from PyPI",
}
"""What can be asked to go wrong, and what happens then."""

_PLATFORM = r"(linux|musllinux|macos|windows)-\w+"
_KEYS = {"wheel": re.compile(rf"sdist|{_PLATFORM}"), "abi": re.compile(_PLATFORM)}


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
    stale_seconds: float = 3.0
    """How far the indexes lag behind once `stale` is met."""
    late: float = 0.0
    """How long after a push to a branch its runs appear; seconds."""
    late_files: dict[str, float] = field(default_factory=dict)
    """How much later those of single workflow files do, by path; seconds."""
    never: set[str] = field(default_factory=set)
    """Paths of the workflow files that no push to a branch starts, as where a token of Actions pushed."""
    never_landing: set[str] = field(default_factory=set)
    """Paths of those that merging one of the App's pull requests does not start."""
    failures: set[str] = field(default_factory=set)
    script: Script | None = None
    """Asked first about each job."""
    struck: set[str] = field(default_factory=set)
    """Those of `failures` that met something until now."""

    @classmethod
    def parse(cls, fail: Sequence[str]) -> "Scenario":
        """A scenario of failures in the words of FAILURES; ValueError says what is wrong with one."""
        for word in fail:
            _check(word)
        return cls(failures=set(fail))

    def decide(self, run: WorkflowRun, job: JobFacts, attempt: int) -> Outcome:
        """How a job of this attempt of a run ends."""
        scripted = self.script(run, job, attempt) if self.script else None
        if scripted is not None:
            return scripted
        seconds = self.publish_seconds if job.publishes or job.builds else self.job_seconds
        failing = self.failures & set(_failures_of(job))
        self.struck |= failing
        cause = next(iter(sorted(failing & CAUSES.keys())), None)
        return Outcome("failure" if failing else "success", seconds, cause=cause)

    def loses(self, path: str, *, lands: bool) -> bool:
        """Whether a push to a branch does not start this workflow file though it should."""
        return path in self.never or (lands and path in self.never_landing)

    def asks_for_approval(self, job: JobFacts) -> bool:
        """Whether somebody has to approve this job of an environment."""
        asks = "approval" in self.failures and job.publishes and job.leads and job.environment is not None
        self.struck |= {"approval"} if asks else set()
        return asks

    def strikes(self, word: str) -> bool:
        """Whether this failure is wanted, asked where it would happen: it counts as met then."""
        if word not in self.failures:
            return False
        self.struck.add(word)
        return True


def _check(word: str) -> None:
    kind, equals, key = word.partition("=")
    if kind in _KEYS:
        if not _KEYS[kind].fullmatch(key):
            raise ValueError(f"{word!r} names no platform; write {kind}=linux-aarch64 or {kind}=macos-arm64")
    elif word not in FAILURES and kind == "publish":
        raise ValueError(f"{word!r} is no cause; known are: {', '.join(CAUSES)}")
    elif word not in FAILURES and kind in FAILURES and equals:
        raise ValueError(f"{kind} takes no value: write {kind}")
    elif word not in FAILURES:
        raise ValueError(f"unknown failure {word!r}; known are: {', '.join(FAILURES)} (such as wheel=linux-aarch64)")


def _failures_of(job: JobFacts) -> Iterator[str]:
    """The failures that make this job fail."""
    if job.lands_release and job.leads and job.last:
        yield "ci"
    for word, failure in CAUSES.items():
        if job.leads and job.publishes if failure.registry is None else failure.registry in job.registries:
            yield word
    for platform in job.builds:
        yield f"wheel={platform}"


def failures_table() -> str:
    """What can be asked for, as Markdown."""
    rows = (f"| `--fail {word}` | {meaning} |" for word, meaning in FAILURES.items())
    return "\n".join(["| Option | What goes wrong |", "|---|---|", *rows])
