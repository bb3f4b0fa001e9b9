"""What is planned in real repositories, without configuration, is what their history and their workflows say.

A fact that is not right yet is marked in not_yet.py.
"""

import re
from collections.abc import Iterator

import pytest

from bot.plan.model import Plan
from tests.shared import needs_shared
from tests.wild.not_yet import WRONG
from tests.wild.repositories import NAMES, Answer, again, answer, key_of, publishing, started_by

pytestmark = needs_shared

ALSO_RIGHT = {
    "axum": {"crates.io:axum", "crates.io:axum-core", "crates.io:axum-extra", "crates.io:axum-macros"},
    "clap": {"crates.io:clap"},
}
"""Other packages of the release than expected, which its `doubts` call right, too."""
MAY_PROMISE_NONE = {"tiktoken"}
"""Nothing uploads there, so that no promise of files is right, too."""

_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?(?:[.-]?[a-z]+\.?\d*)?")
_FALSE = re.compile(r"which is after the verification|no package of this release has that tag there")
"""Of what belongs to the release."""
_NOBODY = re.compile(
    r"\bno workflow\b.*\bpublishes|\bnothing\b.*\bpublishes|see what publishes|publish it", re.IGNORECASE
)


def packages(told: Answer) -> Iterator[str]:
    """The release is made of the expected packages, at their places."""
    right = {key_of(each["registry"], each["name"]): each["path"] for each in told.expected["packages"]}
    got = {key_of(str(bump.package.registry), bump.package.name): bump.package.path for bump in told.bumps}
    if got.keys() != ALSO_RIGHT.get(name_of(told)):
        yield from (f"{key} is missing" for key in sorted(right.keys() - got.keys()))
        yield from (f"{key} is too much" for key in sorted(got.keys() - right.keys()))
    yield from (f"{key} is at {got[key]}" for key in sorted(got.keys() & right.keys()) if got[key] != right[key])


def tags(told: Answer) -> Iterator[str]:
    """Each package has its tag format; a format that is not known may be any."""
    for key, form in each_expected(told, told.expected["tag_format"]):
        package = told.packages.get(key)
        if package is None:
            yield f"{key} is not found"
        elif form is not None and package.tag != form:
            yield f"{key}: {package.tag}, not {form}"


def workflow(told: Answer) -> Iterator[str]:
    """Each package has its publish workflow, which is started by what starts it."""
    for key, _ in each_expected(told, None):
        said = publishing(told.case, key)
        start, file, package = started_by(said), said["workflow"], told.packages.get(key)
        if start == "robot":
            yield from () if file in told.refused else (f"{key}: {file} is not named by a refusal",)
        elif package is None:
            yield f"{key} is not found"
        elif package.workflow != file or (file and package.start != start):
            yield f"{key}: {package.workflow} ({package.start}), not {file} ({start})"


def files(told: Answer) -> Iterator[str]:
    """The promised files are those that the workflow builds."""
    for name, right in (told.expected["files"] or {}).items():
        package = told.packages.get(key_of("pypi", name))
        got = set(package.files) if package else set()
        if not package or (got != set(right) and (got or name not in MAY_PROMISE_NONE)):
            yield f"{name}: missing {sorted({*right} - got)}, too much {sorted(got - {*right})}"


def changelog(told: Answer) -> Iterator[str]:
    """The changelog of each package is found."""
    for key, _ in each_expected(told, None):
        got, right = told.packages.get(key), told.expected["changelog"]
        if got is None or got.changelog != right:
            yield f"{key}: {got and got.changelog}, not {right}"


_STARTED = re.compile("started by hand|I start it after the tag")


def verdict(told: Answer) -> Iterator[str]:
    """It is planned, to the right versions, with what a person has to know; or refused where another robot acts."""
    starts = {started_by(publishing(told.case, key)) for key, _ in each_expected(told, None)}
    if "robot" in starts:
        yield from workflow(told)
        return
    if not isinstance(told.outcome, Plan):
        yield f"refused: {told.refused}"
        return
    right = set(_VERSION.findall(told.expected["ask_means"]))
    yield from (f"{bump.title} is not meant" for bump in told.bumps if bump.new not in right)
    yield from (warning for warning in told.warnings if _FALSE.search(warning))
    if "nobody" in starts and not any(_NOBODY.search(warning) for warning in told.warnings):
        yield "nothing says that nobody publishes"
    if "hand" in starts and not any(_STARTED.search(warning) for warning in told.warnings):
        yield "nothing says that somebody has to start the workflow"


def each_expected(told: Answer, said: object) -> Iterator[tuple[str, object]]:
    """The key of each expected package, and what is said of it by a mapping, or of all."""
    for each in told.expected["packages"]:
        key = f"{each['registry']}:{each['name']}"
        yield key_of(each["registry"], each["name"]), said[key] if isinstance(said, dict) else said


def name_of(told: Answer) -> str:
    """The folder's name."""
    return next(name for name in NAMES if answer(name) is told)


FACTS = {fact.__name__: fact for fact in (packages, tags, workflow, files, changelog, verdict)}
ALL = [
    pytest.param(name, fact, id=f"{name}-{fact}", marks=[pytest.mark.xfail(strict=True, reason=WRONG[name, fact])])
    if (name, fact) in WRONG
    else pytest.param(name, fact, id=f"{name}-{fact}")
    for name in NAMES
    for fact in FACTS
]


@pytest.mark.parametrize(("name", "fact"), ALL)
def test_what_is_planned_is_what_the_repository_says(name, fact):
    told = answer(name)
    by_robot = any(started_by(publishing(told.case, key)) == "robot" for key, _ in each_expected(told, None))
    refused_rightly = by_robot and not list(workflow(told))
    assert refused_rightly or list(FACTS[fact](told)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_takes_no_second(name):
    assert answer(name).seconds <= 1 or again(name).seconds <= 1  # another process may have been in the way


def test_each_mark_is_about_a_repository():
    assert {fact for _, fact in WRONG} <= FACTS.keys()
    assert {name for name, _ in WRONG} | ALSO_RIGHT.keys() | MAY_PROMISE_NONE <= set(NAMES)
