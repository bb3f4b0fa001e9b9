"""Each key of `.github/release.toml` changes a plan or a decision: none is read by nobody."""

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest

from bot.clock import SystemClock
from bot.github.facts import Base, Branch
from bot.plan import histories_needed, make_plan
from bot.plan.config import KEYS
from bot.plan.model import Change, Plan, Tree
from bot.plan.paths import CONFIG_PATH
from bot.reconcile.effects.pull_requests import proposal_of
from bot.reconcile.planning import Planning
from bot.release.actions import PassOn, StartDiscussion
from bot.release.ci.evidence import Evidence
from bot.release.ci.judge import judge_ci
from bot.release.facts import Preflight
from bot.release.github_releases import missing_pages
from bot.release.model import Phase
from bot.release.rows.act import conclude, push_tags
from bot.release.table import decide
from bot.release.with_plan import with_plan
from tests.plan.trees import DAY, lamp, wanted
from tests.release.builders import MERGE, NOW, TIMEOUTS, checks, facts, pushed, release, run

WORKFLOWS = {
    f".github/workflows/{name}.yml": (
        f"on: {{push: {{tags: ['{tag}']}}}}\njobs: {{p: {{runs-on: u, steps: [{{run: {does}}}]}}}}\n"
    )
    for name, tag, does in (
        ("ship", "v*", "cargo publish"),
        ("other", "v*", "cargo publish"),
        ("py", "py-v*", "twine upload"),
    )
} | {
    ".github/workflows/hand.yml": "on: {workflow_dispatch: {inputs: {tag: {}, kind: {}}}}\n"
    "jobs: {p: {runs-on: u, steps: [{run: cargo publish}]}}\n"
}

MERGED = {
    "lamp-py/src/lib.rs": Change("feat: dim", 31, credit="@ann"),
    "proto/lamp.proto": Change("fix: the protocol", 32, credit="@ann"),
}
RELEASES = "on: {push: {branches: [main]}}\njobs: {p: {runs-on: u, steps: [{uses: release-plz/action@v0.5}]}}\n"
ROBOT = {".github/workflows/robot.yml": RELEASES}


class Repository:
    """What `Planning` reads of GitHub: two branches with the same files."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    async def base(self, branch: str | None, *, with_checks: bool = False) -> Base:
        return Base("R_1", Branch(branch or "main", MERGE), ())

    async def paths(self, commit: str) -> list[str]:
        return list(self._tree)

    async def files(self, commit: str, paths: list[str]) -> Tree:
        return {path: self._tree[path] for path in paths}


def _items(asked: str) -> list[str]:
    """`"lamp 0.5.0 lamp-py 0.4.0"` in items of `wanted`."""
    words = asked.split()
    return [" ".join(words[at : at + 2]) for at in range(0, len(words), 2)]


def outcome(config: str, *, tree: Tree, asked: str) -> list[Any]:
    """All that a release with this configuration comes to, from the branch to the last action."""
    tree = {**tree, CONFIG_PATH: config.encode()}
    planning = Planning(cast(Any, None), SystemClock())
    base, _, discovery = asyncio.run(planning._discover(cast(Any, Repository(tree))))
    items = wanted(*_items(asked))
    changes = {
        package.key: [change for path, change in MERGED.items() if history.covers(path)]
        for history in histories_needed(tree, discovery, items)
        for package in history.packages
    }
    plan = make_plan(tree, discovery, items, date=DAY, changes=changes)
    if not isinstance(plan, Plan):
        return [base.branch, plan]
    red = run(id=2, workflow_id=2, path=".github/workflows/red.yml", conclusion="failure")
    seen = checks(run(), red)
    preflight = Preflight(plan, (), "main", MERGE, seen, pushed=pushed())
    asking = release(
        Phase.REQUESTED,
        merge_commit=None,
        review_pull_request=None,
        publishing_tagged_at=None,
        publishing_ended_at=None,
    )
    judged = judge_ci(Evidence(seen, pushed(), plan.policy.required), now=NOW, timeouts=TIMEOUTS).state
    allowed = decide(asking, facts(preflight=preflight), TIMEOUTS).answer
    whole = with_plan(replace(asking, phase=Phase.VERIFIED), preflight)
    afterwards = [each for each in conclude(whole, facts(), TIMEOUTS) if isinstance(each, PassOn | StartDiscussion)]
    packages = [(each.key, each.tag, each.workflow, each.after, each.files, each.notes) for each in whole.packages]
    return [
        base.branch,
        plan.edits,
        packages,
        judged,
        allowed,
        push_tags(whole, facts(), TIMEOUTS),
        afterwards,
        missing_pages(whole, facts()),
        whole.plan.downstream,
        whole.review.branch,
        proposal_of(whole, plan, MERGE),
    ]


CRATE, WHEEL = '[[package]]\nname = "lamp"\n', '[[package]]\nname = "lamp-py"\n'
GROUP = '[[group]]\npackages = ["lamp"]\n'
HOUSE = '[[downstream]]\nrepository = "o/house"\npackage = "lamp"\n'
BOTH, ONE = "lamp 0.5.0 lamp-py 0.4.0", "lamp 0.5.0"
BY_HAND = CRATE + 'publish = "hand.yml"\n'
GREEN = "[release]\nrequired = ['ci.yml']"
CHANGES = {
    "release.branch": ("", '[release]\nbranch = "stable"', ONE),
    "release.required": ("", '[release]\nrequired = ["ci.yml"]', ONE),
    "release.permission": (
        "[release]\nrequired = ['ci.yml']",
        "[release]\nrequired = ['ci.yml']\npermission = 'admin'",
        ONE,
    ),
    "release.changelog": ("", '[release]\nchangelog = "require"', BOTH),
    "release.generated-notes": ("", "[release]\ngenerated-notes = true", ONE),
    "release.release": ("", '[release]\nrelease = "draft-first"', ONE),
    "release.contributors": ("", "[release]\ncontributors = true", BOTH),
    "release.tags": ("", '[release]\ntags = "annotated"', ONE),
    "release.pins": ("", '[release]\npins = "always"', "lamp 0.4.1"),
    "release.branch-prefix": ("", '[release]\nbranch-prefix = "release/"', ONE),
    "release.commit-message": ("", '[release]\ncommit-message = "Release {versions}"', ONE),
    "release.pull-request-title": ("", '[release]\npull-request-title = "Release {versions}"', ONE),
    "release.robot": (
        CRATE + 'publish = "robot.yml"\n',
        CRATE + 'publish = "robot.yml"\n[release]\nrobot = "ignore"',
        ONE,
    ),
    "package.name": (CRATE, WHEEL, "0.9.0"),
    "package.registry": (CRATE, CRATE + 'registry = "pypi"', ONE),
    "package.path": (CRATE, CRATE + 'path = "elsewhere"', ONE),
    "package.tag": (CRATE, CRATE + 'tag = "lamp-{version}"', ONE),
    "package.changelog": (WHEEL, WHEEL + 'changelog = "CHANGELOG.md"', BOTH),
    "package.publish": (CRATE, CRATE + 'publish = "ship.yml"', ONE),
    "package.inputs": (BY_HAND, BY_HAND + "inputs = {tag = '{tag}'}", ONE),
    "package.follows": (WHEEL, WHEEL + 'follows = "lamp"', ONE),
    "package.after": (WHEEL, WHEEL + 'after = ["lamp"]', BOTH),
    "package.files": (WHEEL, WHEEL + 'files = ["sdist"]', BOTH),
    "package.also": (CRATE, CRATE + "also = [{path = 'install.sh', search = 'lamp={version}'}]", ONE),
    "package.include": (WHEEL, WHEEL + 'include = ["proto"]', BOTH),
    "package.exclude": (WHEEL, WHEEL + 'exclude = ["lamp-py/src/**"]', BOTH),
    "group.packages": (GROUP, GROUP.replace('"lamp"', '"lamp", "lamp-py"'), ONE),
    "group.tag": (GROUP, GROUP + 'tag = "lamp-{version}"', ONE),
    "group.publish": (GROUP, GROUP + 'publish = "ship.yml"', ONE),
    "downstream.repository": (HOUSE, HOUSE.replace("o/house", "o/shed"), ONE),
    "downstream.package": (HOUSE, HOUSE.replace('"lamp"', '"lamp-py"'), ONE),
    "announce.category": ("", '[announce]\ncategory = "News"', ONE),
}
"""For each key: a configuration, the same with another value of the key, and what is asked for."""


def test_each_key_of_the_configuration_stands_in_the_table():
    assert CHANGES.keys() == {f"{table}.{key}" for table, keys in KEYS.items() for key in keys}


@pytest.mark.parametrize("key", CHANGES)
def test_each_key_of_the_configuration_changes_a_plan_or_a_decision(key):
    before, after, asked = CHANGES[key]
    tree = lamp(**WORKFLOWS, **{"install.sh": "lamp=0.4.0\n"}, **(ROBOT if key == "release.robot" else {}))
    assert outcome(before, tree=tree, asked=asked) != outcome(after, tree=tree, asked=asked)
