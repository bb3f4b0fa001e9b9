from dataclasses import replace
from datetime import timedelta

import pytest

from bot.github.facts import Check
from bot.release.ci.judge import CIState
from tests.release.builders import NOW, checks, job, publish_run, pushed, run
from tests.release.ci.verdicts import TWO, check, lint, state, told, verdict


def test_a_settled_green_run_is_green():
    assert state(checks(run())) is CIState.GREEN


def test_no_checks_at_all_are_not_green_and_what_must_report_is_named():
    assert state(checks()) is CIState.SILENT
    assert told(checks(), TWO) == ["ci.yml: has not started", "lint.yml: has not started"]


def test_no_checks_yet_on_a_young_commit_are_awaited():
    assert state(checks(committed_at=NOW)) is CIState.RUNNING


def test_a_commit_is_as_young_as_the_release_s_knowledge_of_it():
    assert state(checks(), since=NOW) is CIState.RUNNING


def test_green_counts_only_after_it_has_settled():
    fresh = verdict(checks(run(updated_at=NOW - timedelta(seconds=5))))
    assert fresh.state is CIState.RUNNING
    assert fresh.settles_at == NOW + timedelta(seconds=55)


def test_one_red_workflow_makes_the_commit_red_whatever_else_is_green():
    assert state(checks(run(), lint(conclusion="failure"))) is CIState.RED


def test_a_cancelled_run_is_not_green():
    assert state(checks(run(conclusion="cancelled"))) is CIState.RED


def test_the_failing_job_and_step_are_named():
    red = checks(run(conclusion="failure"), jobs={1: (job("Rustfmt", "failure", "cargo fmt"),)})
    assert told(red) == ["CI / Rustfmt: failure in “cargo fmt”"]


def test_the_newest_attempt_of_a_workflow_counts():
    first = run(conclusion="failure")
    assert state(checks(first, replace(first, attempt=2, conclusion="success"))) is CIState.GREEN


def test_runs_of_tags_schedules_and_other_branches_say_nothing_about_the_commit():
    others = (
        publish_run(conclusion="failure"),
        run(id=4, workflow_id=4, event="schedule", conclusion="failure"),
        run(id=5, workflow_id=5, head_branch="topic", conclusion="failure"),
    )
    assert state(checks(run(), *others)) is CIState.GREEN
    assert state(checks(*others)) is CIState.SILENT


# Each workflow of the tree is awaited


def test_a_workflow_that_has_not_started_is_awaited_and_then_named_though_another_is_green():
    assert state(checks(run(), committed_at=NOW - timedelta(minutes=5)), TWO) is CIState.RUNNING
    assert verdict(checks(run(), committed_at=NOW - timedelta(minutes=5)), TWO).running == ("lint.yml",)
    assert (state(checks(run()), TWO), told(checks(run()), TWO)) == (CIState.SILENT, ["lint.yml: has not started"])
    assert state(checks(run(), lint()), TWO) is CIState.GREEN


@pytest.mark.parametrize("silent", ["on: {push: {tags: ['v*']}}", "on: {push: {branches: [dev]}}", "on: schedule"])
def test_a_workflow_that_this_push_does_not_start_is_not_awaited(silent):
    assert state(checks(run()), pushed("ci.yml: {name: CI, on: push}", f"other.yml: {{{silent}}}")) is CIState.GREEN


def test_a_workflow_that_may_start_is_awaited_and_no_promise():
    """What the commit changes is not known, so nobody knows whether a filter takes it."""
    tree = pushed("ci.yml: {name: CI, on: push}", "docs.yml: {on: {push: {paths: ['docs/**']}}}")
    assert state(checks(run(), committed_at=NOW - timedelta(minutes=5)), tree) is CIState.RUNNING
    assert state(checks(run()), tree) is CIState.GREEN
    alone = pushed("docs.yml: {on: {push: {paths: ['docs/**']}}}")
    assert (state(checks(), alone), told(checks(), alone)) == (CIState.SILENT, ["docs.yml: has not started"])


def test_of_more_than_300_files_nobody_knows_which_github_holds_against_a_filter():
    tree = pushed("ci.yml: {name: CI, on: push}", "docs.yml: {on: {push: {paths: ['docs/**']}}}")
    few = frozenset(f"docs/{number}.md" for number in range(300))
    assert state(checks(run()), replace(tree, changed=few)) is CIState.SILENT
    assert state(checks(run()), replace(tree, changed=few | {"one-more"})) is CIState.GREEN


def test_a_run_that_came_unexpectedly_counts():
    tree = pushed("ci.yml: {name: CI, on: push}", "lint.yml: {on: {push: {paths: [docs]}}}", changed=frozenset({"src"}))
    assert state(checks(run(), lint(conclusion="failure")), tree) is CIState.RED
    assert state(checks(run(), lint(status="queued", conclusion=None)), tree) is CIState.RUNNING


def test_a_run_of_which_every_job_was_skipped_neither_proves_nor_blocks():
    assert state(checks(run(conclusion="skipped"))) is CIState.SILENT
    assert told(checks(run(conclusion="skipped"))) == ["CI: skipped, which proves nothing"]
    assert state(checks(run(), lint(conclusion="skipped")), TWO) is CIState.GREEN


def test_a_message_that_skips_ci_is_named_and_not_waited_for():
    tree = pushed(message="Release (#8)\n\n* Honour [skip ci]")
    minutes_old = checks(committed_at=NOW - timedelta(minutes=2))
    assert state(minutes_old, tree) is CIState.SILENT
    assert told(minutes_old, tree) == ["ci.yml: has not started, since the commit's message says to skip CI"]
    assert state(checks(run(event="workflow_dispatch")), tree) is CIState.GREEN


# Nothing else stands in for it

DEPENDABOT, PAGES, CODEQL, COPILOT = (
    f"dynamic/{name}"
    for name in (
        "dependabot/dependabot-updates",
        "pages/pages-build-deployment",
        "github-code-scanning/codeql",
        "agents/copilot-pull-request-reviewer",
    )
)


def dynamic(path, **changes):
    return run(id=9, workflow_id=9, name=path.rpartition("/")[2], path=path, event="dynamic", **changes)


@pytest.mark.parametrize("path", [DEPENDABOT, PAGES, COPILOT])
@pytest.mark.parametrize("ended", ["success", "failure", "cancelled", None])
def test_a_dynamic_run_is_neither_evidence_nor_red(path, ended):
    its = dynamic(path, status="completed" if ended else "in_progress", conclusion=ended, updated_at=NOW)
    assert state(checks(run(), its)) is CIState.GREEN
    assert state(checks(its)) is CIState.SILENT


def test_a_dynamic_run_does_not_stand_for_one_that_is_required():
    assert state(checks(run(), dynamic(DEPENDABOT)), required=("dependabot-updates",)) is not CIState.GREEN


def test_codeql_is_evidence_against_a_commit_only():
    red = checks(run(), dynamic(CODEQL, conclusion="failure"))
    assert (state(red), told(red)) == (CIState.RED, ["codeql: failure"])
    assert state(red, required=("ci.yml",)) is CIState.RED
    assert state(checks(run(), dynamic(CODEQL, status="in_progress", conclusion=None))) is CIState.RUNNING
    assert state(checks(run(), dynamic(CODEQL))) is CIState.GREEN
    assert state(checks(dynamic(CODEQL))) is CIState.SILENT


@pytest.mark.parametrize("conclusion", ["success", "skipped", "neutral"])
@pytest.mark.parametrize("app", ["dco", "status", "github-advanced-security", "mintlify"])
def test_a_commit_on_which_only_another_app_reported_is_not_green(app, conclusion):
    """github-truth.md A1: 61 s after the merge with nothing but a DCO check."""
    only = checks(checks=(check("DCO", app, conclusion),))
    assert state(replace(only, committed_at=NOW - timedelta(seconds=61))) is CIState.RUNNING
    assert state(only) is CIState.SILENT
    assert state(only, required=("DCO",)) is CIState.SILENT
    assert state(only, rules=("DCO",)) is CIState.SILENT


def test_jobs_of_runs_that_do_not_test_the_commit_prove_nothing():
    its = Check("Dependabot", "github-actions", "completed", "success", run=9)
    seen = checks(dynamic(DEPENDABOT), checks=(its,))
    assert state(seen, required=("Dependabot",)) is CIState.SILENT
    assert state(seen, rules=("Dependabot",)) is CIState.SILENT


@pytest.mark.parametrize("conclusion", ["failure", None])
def test_what_another_app_reports_does_not_block_unless_required_and_is_shown(conclusion):
    seen = checks(run(), checks=(check("coverage", "codecov", conclusion),))
    assert state(seen) is CIState.GREEN
    assert [detail.text for detail in verdict(seen).apart] == (["coverage: failure"] if conclusion else [])
    assert state(seen, rules=("coverage",)) is (CIState.RED if conclusion else CIState.RUNNING)
    assert state(seen, required=("coverage",)) is (CIState.RED if conclusion else CIState.RUNNING)


def test_a_run_that_a_person_started_says_nothing_of_what_must_run_unless_it_is_that():
    bench = lint(event="workflow_dispatch", conclusion="cancelled")
    assert state(checks(run(), bench)) is CIState.GREEN
    assert state(checks(lint(event="workflow_dispatch"))) is CIState.SILENT
    assert state(checks(run(event="workflow_dispatch"))) is CIState.GREEN


# What was found green stays green


def test_a_commit_that_the_merge_queue_found_green_stays_green_when_the_later_push_run_is_cancelled():
    queued = run(event="merge_group", head_branch="gh-readonly-queue/main/pr-8", number=5)
    assert state(checks(queued)) is CIState.GREEN
    assert state(checks(queued, run(id=3, number=6, conclusion="cancelled"))) is CIState.GREEN
    assert state(checks(run(), run(id=3, number=6, event="workflow_dispatch", conclusion="failure"))) is CIState.GREEN


def test_a_push_run_that_failed_or_goes_on_counts_whatever_the_merge_queue_found():
    queued = run(event="merge_group", head_branch="gh-readonly-queue/main/pr-8", number=5)
    assert state(checks(queued, run(id=3, number=6, conclusion="failure"))) is CIState.RED
    assert state(checks(queued, run(id=3, number=6, status="queued", conclusion=None))) is CIState.RUNNING


# A branch that takes changes through a merge queue only


def queued(**changes):
    head = "gh-readonly-queue/main/pr-8-0123"
    return run(**{"event": "merge_group", "head_branch": head, "number": 5, **changes})


def test_where_a_queue_is_demanded_each_workflow_that_it_starts_must_have_reported():
    tree = pushed("ci.yml: {name: CI, on: merge_group}", "lint.yml: {name: Lint, on: push}", queued=True)
    assert state(checks(queued(), lint()), tree) is CIState.GREEN
    assert state(checks(lint()), tree) is CIState.SILENT
    assert told(checks(lint()), tree) == ["ci.yml: has not started, and only the merge queue starts it"]
    assert told(checks(queued()), tree) == ["lint.yml: has not started"]
    assert state(checks(lint()), replace(tree, queued=False)) is CIState.GREEN


def test_a_run_of_another_branch_s_queue_or_of_the_push_of_a_queue_s_branch_says_nothing():
    tree = pushed("ci.yml: {name: CI, on: [push, merge_group]}", queued=True)
    assert state(checks(queued(head_branch="gh-readonly-queue/main-2/pr-8-0123")), tree) is CIState.SILENT
    assert state(checks(run(head_branch="gh-readonly-queue/main/pr-8-0123")), tree) is CIState.SILENT
