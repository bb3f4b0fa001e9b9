from dataclasses import replace
from datetime import timedelta

import pytest

from bot.github.facts import Check
from bot.release.ci.evidence import Elsewhere
from bot.release.ci.judge import CIState, asks_elsewhere
from tests.release.builders import NOW, OTHER, checks, pushed, run
from tests.release.ci.verdicts import TWO, check, evidence, lint, state, told

# No workflow runs for it

FILTERED = pushed("ci.yml: {name: CI, on: {push: {paths: ['src/**']}}}", changed=frozenset({"Cargo.toml"}))


def test_where_no_workflow_runs_for_the_changed_files_that_is_said_at_once_and_why():
    seen = checks(committed_at=NOW - timedelta(minutes=2))
    assert state(seen, FILTERED) is CIState.UNTRIGGERED
    assert told(seen, FILTERED) == ["ci.yml: its `paths` take none of the changed files"]
    assert state(replace(seen, checks=(check("DCO"),)), FILTERED) is CIState.UNTRIGGERED


def test_where_no_workflow_runs_for_the_changed_files_one_that_a_person_starts_counts():
    assert state(checks(lint(event="workflow_dispatch")), FILTERED) is CIState.GREEN
    assert state(checks(lint(event="workflow_dispatch", conclusion="failure")), FILTERED) is CIState.RED
    assert state(checks(lint(event="workflow_dispatch", status="queued", conclusion=None)), FILTERED) is CIState.RUNNING


def test_where_nothing_is_required_a_commit_is_green_whatever_ran():
    assert state(checks(), FILTERED, unchecked=True) is CIState.GREEN
    assert state(checks(run(conclusion="failure")), unchecked=True) is CIState.GREEN


@pytest.mark.parametrize(
    ("on", "why"),
    [
        ("{pull_request: {}}", "does not run on pushes"),
        ("{push: {branches: [dev]}}", "does not run for the branch main"),
        ("{push: {paths-ignore: ['*.md']}}", "its `paths-ignore` takes every file"),
    ],
)
def test_why_a_workflow_does_not_run_is_told(on, why):
    tree = pushed(f"ci.yml: {{on: {on}}}", "publish.yml: {on: {push: {tags: [v*]}}}", changed=frozenset({"a.md"}))
    assert told(checks(), tree) == [f"ci.yml: {why}"]


# What is required by name


def test_only_what_is_required_counts_when_a_workflow_is():
    seen = checks(run(), lint(conclusion="failure"), checks=(check("coverage", conclusion="failure"),))
    assert state(seen, required=("ci.yml",)) is CIState.GREEN


def test_what_is_required_and_no_workflow_is_required_beside_them():
    seen = checks(lint(), checks=(check("coverage"),))
    assert told(seen, TWO, required=("coverage",)) == ["ci.yml: has not started"]


def test_a_required_check_may_be_named_by_its_job():
    seen = checks(
        run(conclusion="failure"), checks=(Check("Rustfmt", "github-actions", "completed", "success", run=1),)
    )
    assert state(seen, required=("Rustfmt",)) is CIState.GREEN


def test_a_required_workflow_that_does_not_report_is_awaited_and_then_named():
    assert state(checks(run(), committed_at=NOW), TWO, required=("CI", "Lint")) is CIState.RUNNING
    assert told(checks(run()), TWO, required=("CI", "Lint")) == ["Lint: has not started"]


# What rules require of pull requests

PULL = replace(checks(checks=(check("DCO"),)), commit="c" * 40)
BEFORE = (replace(checks(run(head_sha=OTHER)), commit=OTHER), replace(checks(run(head_sha="b" * 40)), commit="b" * 40))


def before(*found):
    """The two commits before: what other Apps reported about each."""
    return tuple(replace(commit, checks=each) for commit, each in zip(BEFORE, found, strict=True))


def test_what_only_pull_requests_report_is_taken_from_the_head_of_the_pull_request():
    """field-reports-flow.md row 4: DCO never reports on a push."""
    assert state(checks(run()), rules=("DCO",)) is CIState.RUNNING
    assert state(checks(run()), rules=("DCO",), elsewhere=Elsewhere(PULL, BEFORE)) is CIState.GREEN
    failed = replace(PULL, checks=(check("DCO", conclusion="failure"),))
    assert state(checks(run()), rules=("DCO",), elsewhere=Elsewhere(failed, BEFORE)) is CIState.RED


def awaited(known):
    """Whether DCO is awaited on the merge commit, or else taken from the pull request."""
    there = Elsewhere(PULL, known)
    if state(checks(run()), rules=("DCO",), elsewhere=there) is CIState.GREEN:
        return False
    young = checks(run(), committed_at=NOW - timedelta(minutes=5))
    assert state(young, rules=("DCO",), elsewhere=there) is CIState.RUNNING
    return told(checks(run()), rules=("DCO",), elsewhere=there) == ["DCO: has not started"]


@pytest.mark.parametrize("app", ["dco", "status"])
def test_what_reports_on_pushes_is_awaited_though_the_pull_request_has_it(app):
    pushed_there = (check("DCO", app, branch=None if app == "status" else "main"),)
    assert awaited(before(pushed_there, pushed_there))
    assert awaited(before(pushed_there, pushed_there)[:1]), "a branch of two commits"
    assert not awaited(before(pushed_there, ())), "a branch of somebody's may have begun at the commit before"


@pytest.mark.parametrize("branch", ["topic", None], ids=["a branch", "a branch that is gone"])
def test_a_check_of_another_branch_on_the_commits_before_is_none_of_pushes(branch):
    """Release branches begin at main's head, so what only pull requests have may be on that commit, too."""
    theirs = (check("DCO", "dco", branch=branch),)
    assert not awaited(before(theirs, theirs))
    assert awaited(before((*theirs, check("DCO", "dco", branch="main")), (check("DCO", "dco", branch="main"),)))


def test_a_job_of_actions_before_is_known_from_the_workflow_files_alone():
    """A title lint that runs on pull requests is on main's head where a pull request goes out from main."""
    job = (check("DCO", "github-actions", branch="main"),)
    assert not awaited(before(job, job))


def test_what_reports_nowhere_is_not_called_red_and_the_line_that_settles_it_is_named():
    known = {"rules": ("Lint PR title",), "elsewhere": Elsewhere(replace(PULL, checks=()), BEFORE)}
    assert state(checks(run()), **known) is CIState.UNREPORTED
    assert told(checks(run()), **known) == [
        "Lint PR title: required, and nothing on pushes to main reports it",
        'required = ["ci.yml"] below [release] in .github/release.toml names what counts instead',
    ]


def test_a_pull_request_s_green_does_not_stand_for_ci():
    pull = replace(PULL, runs=(run(event="pull_request"),))
    known = {"rules": ("CI",), "elsewhere": Elsewhere(pull, BEFORE)}
    assert state(checks(), **known) is CIState.SILENT
    tree = pushed("ci.yml: {name: CI, on: pull_request}")
    assert state(checks(), tree, **known) is CIState.UNTRIGGERED


def test_other_commits_are_asked_about_only_when_all_that_runs_has_ended():
    assert asks_elsewhere(evidence(checks(run()), rules=("DCO",)))
    assert not asks_elsewhere(evidence(checks(run(status="queued", conclusion=None)), rules=("DCO",)))
    assert not asks_elsewhere(evidence(checks(), rules=("DCO",)))
    assert not asks_elsewhere(evidence(checks(run(), checks=(check("DCO"),)), rules=("DCO",)))


def test_before_there_is_a_pull_request_what_only_pull_requests_report_is_not_asked_for():
    assert state(checks(run()), rules=("DCO",), has_pull_request=False) is CIState.GREEN
    assert state(checks(run()), rules=("Rustfmt",), has_pull_request=False) is (CIState.SILENT)
