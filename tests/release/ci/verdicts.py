"""The vocabulary of tests of the verdict on a commit's CI: what it is of these checks and this tree."""

from bot.github.facts import Check
from bot.release.ci.evidence import Evidence
from bot.release.ci.judge import judge_ci
from tests.release.builders import NOW, TIMEOUTS, pushed, run


def evidence(seen, tree=None, **known):
    return Evidence(seen, pushed() if tree is None else tree, **known)


def verdict(seen, tree=None, **known):
    return judge_ci(evidence(seen, tree, **known), now=NOW, timeouts=TIMEOUTS)


def state(seen, tree=None, **known):
    return verdict(seen, tree, **known).state


def told(seen, tree=None, **known):
    return [detail.text for detail in verdict(seen, tree, **known).details]


def lint(**changes):
    return run(**{"id": 2, "workflow_id": 2, "name": "Lint", "path": ".github/workflows/lint.yml", **changes})


def check(name, app="codecov", conclusion="success", branch=None):
    return Check(name, app, "completed" if conclusion else "in_progress", conclusion, branch=branch)


TWO = pushed("ci.yml: {name: CI, on: push}", "lint.yml: {name: Lint, on: push}")
