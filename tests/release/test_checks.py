from dataclasses import replace
from datetime import timedelta

import pytest

from bot.github.facts import Check
from bot.release.checks import CIState, judge_ci
from tests.release.builders import NOW, TIMEOUTS, checks, job, publish_run, run


def state(commit_checks, required=()):
    return judge_ci(commit_checks, required, branch="main", now=NOW, timeouts=TIMEOUTS).state


def test_a_settled_green_run_is_green():
    assert state(checks(run())) is CIState.GREEN


def test_no_checks_at_all_are_not_green():
    assert state(checks()) is CIState.SILENT


def test_no_checks_yet_on_a_young_commit_are_awaited():
    assert state(checks(committed_at=NOW)) is CIState.RUNNING


def test_green_counts_only_after_it_has_settled():
    fresh = run(updated_at=NOW - timedelta(seconds=5))
    verdict = judge_ci(checks(fresh), (), branch="main", now=NOW, timeouts=TIMEOUTS)
    assert verdict.state is CIState.RUNNING
    assert verdict.settles_at == NOW + timedelta(seconds=55)


def test_one_red_workflow_makes_the_commit_red_whatever_else_is_green():
    red = run(id=2, workflow_id=2, name="Python", path=".github/workflows/py.yml", conclusion="failure")
    assert state(checks(run(), red)) is CIState.RED


def test_a_cancelled_run_is_not_green():
    assert state(checks(run(conclusion="cancelled"))) is CIState.RED


def test_the_failing_job_and_step_are_named():
    red = checks(run(conclusion="failure"), jobs={1: (job("Rustfmt", "failure", "cargo fmt"),)})
    failed = judge_ci(red, (), branch="main", now=NOW, timeouts=TIMEOUTS).failed
    assert [detail.text for detail in failed] == ["CI / Rustfmt: failure in “cargo fmt”"]


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


DEPENDABOT, PAGES, CODEQL = (
    f"dynamic/{name}"
    for name in ("dependabot/dependabot-updates", "pages/pages-build-deployment", "github-code-scanning/codeql")
)


def dynamic(path, **changes):
    return run(id=9, workflow_id=9, name=path.rpartition("/")[2], path=path, event="dynamic", **changes)


@pytest.mark.parametrize("path", [DEPENDABOT, PAGES])
@pytest.mark.parametrize("ended", ["success", "failure", "cancelled", None])
def test_a_dynamic_run_is_neither_evidence_nor_red(path, ended):
    its = dynamic(path, status="completed" if ended else "in_progress", conclusion=ended, updated_at=NOW)
    assert state(checks(run(), its)) is CIState.GREEN
    assert state(checks(its)) is CIState.SILENT


def test_a_dynamic_run_does_not_stand_for_one_that_is_required():
    assert state(checks(run(), dynamic(DEPENDABOT)), ("dependabot-updates",)) is not CIState.GREEN


def test_codeql_is_evidence_against_a_commit_only():
    red = judge_ci(checks(run(), dynamic(CODEQL, conclusion="failure")), (), branch="main", now=NOW, timeouts=TIMEOUTS)
    assert (red.state, red.failed[0].text) == (CIState.RED, "codeql: failure")
    assert state(checks(run(), dynamic(CODEQL, status="in_progress", conclusion=None))) is CIState.RUNNING
    assert state(checks(run(), dynamic(CODEQL))) is CIState.GREEN
    assert state(checks(dynamic(CODEQL))) is CIState.SILENT


def test_a_red_check_of_another_app_makes_the_commit_red():
    red = Check("coverage", "codecov", "completed", "failure")
    assert state(checks(run(), checks=(red,))) is CIState.RED


def test_only_what_is_required_counts_when_something_is():
    red = Check("coverage", "codecov", "completed", "failure")
    assert state(checks(run(), checks=(red,)), ("ci.yml",)) is CIState.GREEN


def test_a_required_check_may_be_named_by_its_job():
    rustfmt = Check("Rustfmt", "github-actions", "completed", "success")
    assert state(checks(run(), checks=(rustfmt,)), ("Rustfmt",)) is CIState.GREEN


def test_a_required_check_that_never_reports_is_awaited_and_then_named():
    assert state(checks(run(), committed_at=NOW), ("CI", "Lint")) is CIState.RUNNING
    verdict = judge_ci(checks(run()), ("CI", "Lint"), branch="main", now=NOW, timeouts=TIMEOUTS)
    assert verdict.state is CIState.RED
    assert "Lint: required, but it never reported" in verdict.failed[0].text
