"""The workflows of a repository that may have to do with releases: what starts them, where they publish, which files.

`Releasing` answers for one file; `read_workflows` reads those of a tree.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.workflows.document import line_of
from bot.workflows.events import Event, anything, dispatch, finished_run, push_of_tag, release
from bot.workflows.files import Workflow, is_workflow, read_workflow
from bot.workflows.promises import Expected, expected_files
from bot.workflows.publishing import registries
from bot.workflows.runs import RunJob, run_of
from bot.workflows.triggers import starts

_RELEVANT = re.compile(rb"tags|release|publish|upload|maturin|workflow_call|\./\.github/workflows/", re.IGNORECASE)
RELEASE_TYPES = ("published", "created", "released")
"""What GitHub says of a GitHub Release that is made at once: one run each, for a workflow that names no types.

https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#release
"""


class Start(StrEnum):
    """What makes a publish workflow run for a tag."""

    TAG = "tag"
    """Its push, or the run of another workflow that this starts; also where nothing is known to."""
    RELEASE = "release"
    """Only a GitHub Release that is published."""
    HAND = "hand"
    """Only a person."""


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

    def start_for(self, tag: str) -> Start:
        """What makes it run for this tag."""
        triggers, pushed = self.workflow.triggers, push_of_tag(tag, **self.known)
        tagged = starts(triggers, pushed) is not False
        if tagged or any(starts(each.triggers, pushed) for each in self._before(tag)):
            return Start.TAG
        if any(starts(triggers, release(tag, each, **self.known)) for each in RELEASE_TYPES):
            return Start.RELEASE
        return Start.HAND if "workflow_dispatch" in triggers and "push" not in triggers else Start.TAG

    def line_of(self, event: str, content: bytes) -> str:
        """Path of the file, and the line that names this event."""
        return f"{self.path}:{line_of(content, 'on', event)}"

    def publishes_for(self, registry: Registry, tag: str) -> bool:
        """Whether a run that the release of this tag starts publishes, or may publish, to a registry."""
        return any(registry in registries(run) for run in self._runs(tag))

    def publishes_when_started(self, registry: Registry, tag: str) -> bool:
        """Whether a run that is started by hand on this tag publishes, or may publish, to a registry."""
        known = {**self.known, "ref": f"refs/tags/{tag}", "ref_name": tag, "ref_type": "tag"}
        return registry in registries(run_of(self.workflow, dispatch(**known), self.files))

    def expected(self, tag: str, *, extension: bool, pyproject: Mapping[str, Any] | None = None) -> Expected:
        """The files on PyPI that releasing this tag promises.

        Of a workflow that the tag starts, or a GitHub Release of it, only the run that publishes counts; one that
        a person starts is looked at as if somebody did.
        """
        runs = list(self._runs(tag)) or [run_of(self.workflow, self._by_hand(), self.files)]
        publishing = [run for run in runs if Registry.PYPI in registries(run)]
        if not publishing and Registry.PYPI in self.publishes:
            return Expected(unknown=(f"no job that publishes runs for the tag {tag}",))
        return expected_files((publishing or runs)[0], extension=extension, pyproject=pyproject)

    def _runs(self, tag: str) -> Iterator[tuple[RunJob, ...]]:
        """What a release starts of it: by the push of the tag, by the GitHub Release, by the end of a run of these."""
        pushed = push_of_tag(tag, **self.known)
        for event in (pushed, *(release(tag, each, **self.known) for each in RELEASE_TYPES)):
            if starts(self.workflow.triggers, event) is not False:
                yield run_of(self.workflow, event, self.files)
        for other in self._before(tag):
            if starts(other.triggers, pushed):
                ended = finished_run(other.name, tag, **self.known)
                yield (*run_of(other, pushed, self.files), *run_of(self.workflow, ended, self.files))

    def _before(self, tag: str) -> Iterator[Workflow]:
        """The workflows of which the end of a run for the tag starts it."""
        for other in self.files.values():
            if starts(self.workflow.triggers, finished_run(other.name, tag, **self.known)):
                yield other

    def _by_hand(self) -> Event:
        return dispatch(**self.known) if "workflow_dispatch" in self.workflow.triggers else anything()


def read_workflows(tree: Mapping[str, bytes], repository: str = "") -> tuple[list[Releasing], list[Problem]]:
    """The workflows of the tree that could have to do with releases, and those that cannot be read.

    `repository` is its full name, which conditions may ask for; empty when it is not known.
    """
    paths = sorted(path for path in tree if is_workflow(path) and _is_relevant(tree[path]))
    read = {path: read_workflow(path, tree[path]) for path in paths}
    known = {"repository": repository, "repository_owner": repository.partition("/")[0]} if repository else {}
    valid = {path: workflow for path, workflow in read.items() if workflow.problem is None}
    found = [Releasing(each, valid, registries(run_of(each, anything(), valid)), known) for each in valid.values()]
    return found, list(_problems(read.values()))


def _is_relevant(content: bytes) -> bool:
    return _RELEVANT.search(content.replace(b"\0", b"")) is not None  # also in UTF-16, which GitHub does not read


def _problems(workflows: Iterable[Workflow]) -> Iterator[Problem]:
    for workflow in workflows:
        if mistake := workflow.problem:
            where = f"{workflow.path}:{mistake.line}" if mistake.line else workflow.path
            yield Problem(where, mistake.what, "Correct the file; GitHub cannot run it either.")
