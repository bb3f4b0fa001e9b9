"""Which workflow publishes a package, on what trigger, and the files that it promises.

A package's publisher is the workflow that publishes that very package: by the folder, the name and the manifest that
its commands name. What a file does not tell is said before the tag, in `Publisher.doubts`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.packaging.registry import Registry
from bot.plan.publishing.fitting import Fitting
from bot.plan.repository import Repository, Source
from bot.plan.tags import TagFormat
from bot.workflows.building.promises import Expected, generated_files
from bot.workflows.commands import commands
from bot.workflows.publishing import cannot_be_read
from bot.workflows.releasing import Releasing, Start, Way
from bot.workflows.robots import left_out, robots
from bot.workflows.runs import RunJob

NO_PUBLISHER = "none found"
_SAYS_PUBLISH = re.compile(r"publish|releas|deploy|upload", re.IGNORECASE)
THE_BRANCH = "the branch "
_RELEASE_BRANCH = re.compile(r"(?:^|[/_-])(?:pre)?(?:releases?|prod|production|stable|publish|deploy)(?:$|[/_-])")
"""Branches that are there to be released from: what is pushed to them is published, and Shipmate pushes to none."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """What publishes a package, as far as the files say."""

    workflow: Releasing | None = None
    start: Start = Start.NOBODY
    robot: str = ""
    """The name of the robot that does it; empty for another start."""
    after: str = ""
    """Of Start.RUN: path of the workflow whose run it follows."""
    branch: str = ""
    """Of Start.BRANCH: a branch whose push starts it."""

    @property
    def source(self) -> str:
        """Where it stands."""
        return self.workflow.path if self.workflow else NO_PUBLISHER


@dataclass(frozen=True, slots=True)
class _Candidate:
    publisher: Publisher
    fit: int
    rank: int


class Publishers:
    """Finds the publisher of each package of a tree."""

    def __init__(self, repository: Repository, workflows: Sequence[Releasing], *, ignores_robots: bool = False) -> None:
        self._tree = repository.tree
        self._ignores_robots = ignores_robots
        self._workflows = workflows
        self._fitting = Fitting(repository)

    def of(self, source: Source, tag: TagFormat) -> Publisher:
        """What publishes a package whose tags have this format."""
        likely = next(self._likely(tag, source), "")
        found = [each for workflow in self._workflows for each in self._candidates(workflow, source, likely)]
        best = max(found, key=lambda each: (each.fit, -each.rank), default=None)
        robot = next((each for each in found if each.publisher.start is Start.ROBOT and each.rank < 0), None)
        return (robot or best or _Candidate(Publisher(), 0, 0)).publisher

    def by(self, workflow: Releasing, source: Source, tag: str) -> Publisher:
        """How this workflow publishes the package whose tag that is."""
        found = list(self._candidates(workflow, source, tag))
        best = max(found, key=lambda each: (each.rank < 0, each.fit, -each.rank), default=None)
        return best.publisher if best else Publisher(workflow, workflow.start_for(tag))

    def unread(self, tag: str) -> tuple[str, ...]:
        """What a tag starts that may publish and cannot be read: another repository's workflow, a script that is not
        there, a program of one's own.
        """
        found = [
            f"{workflow.path} {what}"
            for workflow in self._workflows
            for way in workflow.by_tag(tag)
            for what in _unread(way.jobs)
        ]
        return tuple(dict.fromkeys(found))

    def expected(self, source: Source, workflow: Releasing | None, tag: str) -> tuple[Expected, str]:
        """The files that releasing this tag promises, and where that stands."""
        pyproject = source.project.file.data if source.project else {}
        compiled = self._fitting.is_compiled(source)
        if workflow is None:
            return self._by_hand(source, tag, compiled=compiled)
        expected = workflow.expected(
            tag, extension=compiled, pyproject=pyproject, own=lambda build: self._fitting.is_own(build, source)
        )
        if expected.files:
            return expected, workflow.path
        generated = replace(generated_files(pyproject), unknown=expected.unknown)
        return generated, source.file if generated.files else NO_PUBLISHER

    def _by_hand(self, source: Source, tag: str, *, compiled: bool) -> tuple[Expected, str]:
        """What a person has to upload: an sdist and one wheel, or what some workflow builds for the tag's commit."""
        if source.project is None:
            return Expected(), NO_PUBLISHER
        if not compiled:
            return Expected(("sdist", "any"), guessed=True), source.file
        for workflow in self._workflows:
            found = workflow.expected(
                tag,
                extension=True,
                pyproject=source.project.file.data,
                own=lambda build: self._fitting.is_own(build, source),
            )
            if {"sdist"} < set(found.files):
                return replace(found, guessed=True), workflow.path
        return Expected(), NO_PUBLISHER

    def _likely(self, tag: TagFormat, source: Source) -> Iterator[str]:
        """Tags as the next release may have them, those that start a workflow first."""
        examples = _examples(tag, source)
        yield from (each for each in examples if any(workflow.starts_for(each) for workflow in self._workflows))
        yield from examples

    def _candidates(self, workflow: Releasing, source: Source, tag: str) -> Iterator[_Candidate]:
        for rank, (way, jobs) in enumerate(workflow.publishing(tag, source.registry)):
            robot = "" if self._ignores_robots else self._robot_of(way.jobs, source)
            fit = self._fitting.fit(source, way, jobs)
            if way.start is Start.BRANCH and _RELEASE_BRANCH.search(way.branch) and not self._ignores_robots:
                robot = robot or f"{THE_BRANCH}{way.branch}"
            if robot and way.start not in (Start.TAG, Start.RELEASE, Start.RUN):
                by_itself = way.start is not Start.HAND and not robot.startswith(THE_BRANCH)
                yield _Candidate(Publisher(workflow, Start.ROBOT, robot), fit or 1, -1 if by_itself else 45)
            elif fit:
                yield _Candidate(
                    Publisher(workflow, way.start, after=way.after, branch=way.branch), fit, _rank(way, jobs) + rank
                )

    def _robot_of(self, jobs: Sequence[RunJob], source: Source) -> str:
        """The robot that releases the package in these jobs; empty for none, or one that is told to leave it out."""
        for robot in (robot for job in jobs for robot in robots(job)):
            if robot.name == "release-plz" and (
                source.registry is not Registry.CRATES_IO or left_out(source.name, self._tree)
            ):
                continue
            return robot.name
        return ""


def _unread(jobs: Sequence[RunJob]) -> Iterator[str]:
    for job in jobs:
        if job.runs is False:
            continue
        if job.calls and _SAYS_PUBLISH.search(job.calls):
            yield f"calls {job.calls}"
        for step in (step for step in job.steps if step.runs is not False):
            read = {script.started for script in step.scripts}
            for command in commands(step):
                name = " ".join(command.words[:2])
                if cannot_be_read(command) and not command.read and name not in read and _SAYS_PUBLISH.search(name):
                    yield f"runs `{name}`"


def _rank(way: Way, jobs: Sequence[RunJob]) -> int:
    """What starts by itself with a release stands before what a person starts; the order within is the workflow's."""
    sure = way.starts is True and any(job.runs is True for job in jobs)
    order = (Start.TAG, Start.RELEASE, Start.RUN, Start.BRANCH, Start.HAND, Start.ROBOT, Start.UNKNOWN)
    return 10 * order.index(way.start) + (0 if sure else 5 if order.index(way.start) > 2 else 25)


def likely(workflow: Releasing | None, tag: TagFormat, source: Source) -> str:
    """A tag as the next release may have it: one that starts the workflow, if any does."""
    examples = _examples(tag, source)
    return next((each for each in examples if workflow and workflow.starts_for(each)), examples[0])


def _examples(tag: TagFormat, source: Source) -> list[str]:
    return [tag.example(version) for version in ("1.2.3", source.version or "")]
