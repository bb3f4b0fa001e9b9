"""The workflows of a repository that may have to do with releases: what starts them, where they publish, which files.

`Releasing` answers for one file; `read_workflows` reads those of a tree.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.workflows.actions import Local
from bot.workflows.building.builds import Build
from bot.workflows.building.promises import Expected, expected_files
from bot.workflows.document import line_of
from bot.workflows.events import anything, dispatch, push_of_tag
from bot.workflows.files import Workflow, is_workflow, read_workflow
from bot.workflows.publishing import registries, uploads
from bot.workflows.robots import Robot, robots
from bot.workflows.runs import RunJob, run_of
from bot.workflows.triggers import starts
from bot.workflows.ways import RELEASE_TYPES, Start, Way, other_ways, ways_by_tag

__all__ = ["RELEASE_TYPES", "Releasing", "Start", "Way", "read_workflows"]

_RELEVANT = re.compile(rb"tags|release|publish|upload|maturin|workflow_call|workflow_run|craft|[.$]/", re.IGNORECASE)
_MOST_TAGS = 200
"""Tags of which it is remembered what they start."""
_ORDER = (Start.TAG, Start.RELEASE, Start.RUN, Start.BRANCH, Start.HAND, Start.ROBOT, Start.UNKNOWN)
"""Where a workflow may be started in several ways: what a release does by itself comes first."""


@dataclass(frozen=True, slots=True)
class Releasing:
    """One workflow file, asked what releasing needs to know of it."""

    workflow: Workflow
    files: Mapping[str, Workflow]
    """All workflows of the tree, by path, for those that it calls."""
    publishes: frozenset[Registry]
    """The registries that it uploads to, whatever starts it."""
    known: Mapping[str, str]
    """What is known of the `github` context."""
    local: Local = field(default_factory=Local, compare=False, repr=False)
    """The other files of the tree, for what its steps run of them."""
    robots: tuple[Robot, ...] = ()
    """The robots that it runs, whatever starts it."""
    _ways: dict[str, tuple[Way, ...]] = field(default_factory=dict, compare=False, repr=False)
    _found: dict[tuple[str, str], tuple[tuple[Way, tuple[RunJob, ...]], ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def name(self) -> str:
        """File name below .github/workflows."""
        return self.workflow.file

    @property
    def path(self) -> str:
        """Path in the repository."""
        return self.workflow.path

    @property
    def tag_patterns(self) -> tuple[str, ...]:
        """`on.push.tags`; empty when it does not wait for tags, though any push may start it."""
        filters = self.workflow.triggers.get("push")
        return (filters.tags or ()) if filters else ()

    def starts_for(self, tag: str) -> bool:
        """Whether pushing this tag starts it."""
        return starts(self.workflow.triggers, push_of_tag(tag)) is True

    def by_tag(self, tag: str) -> tuple[Way, ...]:
        """The ways in which this tag, or its GitHub Release, starts it."""
        if tag not in self._ways:
            if len(self._ways) > _MOST_TAGS:
                self._ways.clear()
                self._found.clear()
            self._ways[tag] = tuple(ways_by_tag(self.workflow, tag, self.files, self.local, self.known))
        return self._ways[tag]

    @property
    def otherwise(self) -> tuple[Way, ...]:
        """The ways in which something else does, whatever is released."""
        if "" not in self._ways:
            self._ways[""] = tuple(other_ways(self.workflow, self.files, self.local, self.known))
        return self._ways[""]

    def publishing(self, tag: str, registry: Registry | None = None) -> Sequence[tuple[Way, tuple[RunJob, ...]]]:
        """The ways in which it publishes, or may, to a registry (or any), each with the jobs that do; surest first."""
        if not self.robots and not (registry in self.publishes if registry else self.publishes):
            return ()
        key = (tag, registry.word if registry else "")
        if key not in self._found:
            found = list(_publishing(self.by_tag(tag), registry))
            if not found or self.robots:
                found += _publishing(self.otherwise, registry)
            self._found[key] = tuple(sorted(found, key=lambda each: _rank(each[0], each[1], registry)))
        return self._found[key]

    def start_for(self, tag: str, registry: Registry | None = None) -> Start:
        """What makes it publish for this tag; where nothing is known to publish, what makes it run."""
        found = next(iter(self.publishing(tag, registry)), None)
        if found is not None:
            return found[0].start
        ways = self.by_tag(tag) or self.otherwise
        return min((way.start for way in ways), key=_ORDER.index, default=Start.UNKNOWN)

    def line_of(self, event: str, content: bytes) -> str:
        """Path of the file, and the line that names this event."""
        return f"{self.path}:{line_of(content, 'on', event)}"

    def publishes_when_started(self, registry: Registry, tag: str) -> bool:
        """Whether a run that is started by hand on this tag publishes, or may publish, to a registry."""
        known = {**self.known, "ref": f"refs/tags/{tag}", "ref_name": tag, "ref_type": "tag"}
        return registry in registries(run_of(self.workflow, dispatch(**known), self.files, self.local))

    def expected(
        self,
        tag: str,
        *,
        extension: bool,
        pyproject: Mapping[str, Any] | None = None,
        own: Callable[[Build], bool] = lambda _: True,
    ) -> Expected:
        """The files on PyPI that releasing this tag promises, of those builds that are the package's own.

        Of all ways to start it only the run that publishes counts.
        """
        publishing = next(iter(self.publishing(tag, Registry.PYPI)), None)
        if publishing is None and Registry.PYPI in self.publishes:
            return Expected(unknown=(f"no job that publishes runs for the tag {tag}",))
        ways = sorted(self.by_tag(tag) or self.otherwise, key=lambda way: _ORDER.index(way.start))
        jobs = publishing[0].jobs if publishing else ways[0].jobs if ways else self._anyhow()
        uploading = publishing[1] if publishing else ()
        needed = {each for job in uploading for gate in job.gates for each in gate.before}
        return expected_files(
            jobs, extension=extension, pyproject=pyproject, own=own, configs=self.local.tree, needed=needed
        )

    def _anyhow(self) -> tuple[RunJob, ...]:
        return run_of(self.workflow, anything(), self.files, self.local)


def _publishing(ways: Iterable[Way], registry: Registry | None) -> Iterator[tuple[Way, tuple[RunJob, ...]]]:
    for way in ways:
        if jobs := tuple(job for job in way.jobs if _publishes(job, registry)):
            yield way, jobs


def _publishes(job: RunJob, registry: Registry | None) -> bool:
    if job.runs is False:
        return False
    found = {upload.registry for upload in uploads(job)}
    found |= {each for robot in robots(job) for each in robot.publishes}
    return registry in found if registry else bool(found)


def _rank(way: Way, jobs: Sequence[RunJob], registry: Registry | None) -> tuple[int, int]:
    """What surely publishes stands before what may; but only what a release starts by itself before a person."""
    sure = way.starts is True and any(job.runs is True and _surely(job, registry) for job in jobs)
    itself = way.start in (Start.TAG, Start.RELEASE, Start.RUN)
    return (0 if sure and itself else 1 if itself else 2 if sure else 3), _ORDER.index(way.start)


def _surely(job: RunJob, registry: Registry | None) -> bool:
    running = [step.name for step in job.steps if step.runs is True]
    return any(upload.step in running and registry in (None, upload.registry) for upload in uploads(job)) or any(
        robots(job)
    )


def read_workflows(tree: Mapping[str, bytes], repository: str = "") -> tuple[list[Releasing], list[Problem]]:
    """The workflows of the tree that could have to do with releases, and those that cannot be read.

    `repository` is its full name, which conditions may ask for; empty when it is not known.
    """
    found, problems = _read_workflows(tuple(sorted(tree.items())), repository)
    return list(found), list(problems)


@lru_cache(maxsize=4)  # one request reads the same tree several times
def _read_workflows(
    items: tuple[tuple[str, bytes], ...], repository: str
) -> tuple[tuple[Releasing, ...], tuple[Problem, ...]]:
    tree = dict(items)
    paths = sorted(path for path in tree if is_workflow(path) and _is_relevant(tree[path]))
    read = {path: read_workflow(path, tree[path]) for path in paths}
    known = {"repository": repository, "repository_owner": repository.partition("/")[0]} if repository else {}
    valid = {path: workflow for path, workflow in read.items() if workflow.problem is None}
    local = Local(tree)
    found = []
    for each in valid.values():
        jobs = run_of(each, anything(), valid, local)
        running = tuple(robot for job in jobs for robot in robots(job))
        found.append(Releasing(each, valid, registries(jobs), known, local, running))
    return tuple(found), tuple(_problems(read.values()))


def _is_relevant(content: bytes) -> bool:
    return _RELEVANT.search(content.replace(b"\0", b"")) is not None  # also in UTF-16, which GitHub does not read


def _problems(workflows: Iterable[Workflow]) -> Iterator[Problem]:
    for workflow in workflows:
        if mistake := workflow.problem:
            where = f"{workflow.path}:{mistake.line}" if mistake.line else workflow.path
            yield Problem(where, mistake.what, "Correct the file; GitHub cannot run it either.")
