"""No answer hangs on a name: where names, folders, versions, workflow files and the order of jobs change, it changes
with them and in nothing else, whether it is right or not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass

import pytest

from tests.shared import needs_shared
from tests.wild.mutations import CHANGES, Renaming, all_changes
from tests.wild.repositories import NAMES, Answer, answer, answer_for, files_of

pytestmark = needs_shared

HANGS = {
    ("oxigraph", "other_folders"): "a build in a container and a publish step name folders in ways that are not read",
    ("oxigraph", "other_names"): "which of several packages without tags a required one goes with hangs on their names",
}
"""Which answers hang on what, by the repository's folder and the change; whoever mends it takes the line away."""


def marked(name: str, change: str = "") -> Iterator[pytest.MarkDecorator]:
    """That it is wrong, for this change or for any."""
    for (where, what), reason in HANGS.items():
        if where == name and change in ("", what):
            yield pytest.mark.xfail(strict=True, raises=AssertionError, reason=reason)


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """What is said of one package."""

    key: str
    path: str
    tag: str
    changelog: str
    workflow: str
    start: str
    files: tuple[str, ...]
    planned: str
    """The new version and the tag; empty where it is not planned."""

    def renamed(self, by: Renaming) -> "Fact":
        """The same in other words."""
        return Fact(
            by.name(self.key),
            by.path(self.path),
            by.name(self.tag),
            by.path(self.changelog),
            by.workflow(self.workflow),
            self.start,
            self.files,
            by.version(by.name(self.planned)),
        )


def facts(told: Answer) -> set[Fact]:
    """All that is planned or found."""
    planned = {bump.package.key: f"{bump.new} {bump.tag}" for bump in told.bumps}
    found = {each.key: each for each in (*told.discovery.packages, *(bump.package for bump in told.bumps))}
    return {
        Fact(
            key,
            each.path,
            each.tag,
            each.changelog or "",
            each.workflow or "",
            str(each.start),
            each.files,
            planned.get(key, ""),
        )
        for key, each in found.items()
    }


def differences(name: str, was: Iterable[Fact], now: Iterable[Fact]) -> list[tuple[str, ...]]:
    """What is only in one of both, for reading."""
    return sorted((name, *map(str, astuple(each))) for each in {*was} ^ {*now})


def changed_at_once(name: str) -> list[tuple[str, ...]]:
    """What differs after all changes."""
    told = answer(name)
    *_, (case, files, _) = steps = list(all_changes(told.case, files_of(name)))
    right = facts(told)
    for _, _, renaming in steps:
        right = {each.renamed(renaming) for each in right}
    again = answer_for(case, files)
    assert bool(again.refused) == bool(told.refused), again.refused or told.refused
    return differences(name, right, facts(again))


def changed(name: str, change: str) -> list[tuple[str, ...]]:
    """What differs after one of them."""
    told = answer(name)
    case, files, renaming = CHANGES[change](told.case, files_of(name))
    again = answer_for(case, files)
    assert bool(again.refused) == bool(told.refused), again.refused or told.refused
    return differences(name, {each.renamed(renaming) for each in facts(told)}, facts(again))


@pytest.mark.parametrize("name", [pytest.param(name, marks=[*marked(name)]) for name in NAMES])
def test_the_answer_hangs_on_no_name(name):
    assert changed_at_once(name) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "change"),
    [pytest.param(name, change, marks=[*marked(name, change)]) for name in NAMES for change in CHANGES],
)
def test_the_answer_does_not_hang_on_this(name, change):
    assert changed(name, change) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_change_changes_something(name):
    case, files = answer(name).case, files_of(name)
    for change in set(CHANGES) - {"other_folders"}:
        other_case, other_files, _ = CHANGES[change](case, files)
        few = change == "other_order_of_jobs" or change == "other_workflow_files"
        assert few or (other_case, other_files) != (case, files), change
        assert len(other_files) == len(files), change
