"""What a release hears of CI: each verdict as the answer of its phase."""

from dataclasses import replace
from datetime import timedelta

from bot.github.facts import Branch
from bot.plan.model import Plan
from bot.release.actions import RerunFailedJobs
from bot.release.answers import Answer
from bot.release.ci.evidence import Elsewhere
from bot.release.facts import Preflight
from bot.release.model import Phase
from bot.release.table import decide
from tests.release.builders import NOW, OTHER, TIMEOUTS, checks, facts, pushed, release, run

FILTERED = pushed("ci.yml: {name: CI, on: {push: {paths: [src]}}}", changed=frozenset({"Cargo.toml"}))


def looked(**known):
    return decide(release(Phase.MERGED), facts(**known), TIMEOUTS)


def test_head_untriggered_a_repository_without_a_workflow_on_pushes_is_refused():
    plan = Plan((), (), (), "release: tidewater v0.5.0", "release: tidewater v0.5.0", "shipmate/v0.5.0")
    tree = pushed("ci.yml: {name: CI, on: pull_request}", commit=OTHER)
    found = Preflight(plan, (), "main", OTHER, replace(checks(), commit=OTHER), pushed=tree)
    decision = decide(release(Phase.REQUESTED, review_pull_request=None), facts(preflight=found), TIMEOUTS)
    assert decision.answer is Answer.HEAD_UNTRIGGERED
    assert [detail.text for detail in decision.details] == ["ci.yml: does not run on pushes"]


def test_ci_untriggered_where_no_workflow_runs_for_the_merged_files():
    assert looked(checks=checks(), pushed=FILTERED).answer is Answer.CI_UNTRIGGERED


def test_ci_unreported_where_a_rule_requires_what_nothing_reports():
    nowhere = Elsewhere(checks(), (checks(),))
    assert looked(checks=checks(run()), rules=("DCO",), elsewhere=nowhere).answer is Answer.CI_UNREPORTED


CANCELLED, NEWER = checks(run(conclusion="cancelled")), Branch("main", OTHER)


def test_ci_cancelled_by_a_newer_push_runs_again_once():
    decision = looked(checks=CANCELLED, base=NEWER)
    assert decision.answer is Answer.CI_CANCELLED
    assert [action for action in decision.actions if isinstance(action, RerunFailedJobs)] == [RerunFailedJobs(1, 1)]
    soon = replace(facts(checks=CANCELLED, base=NEWER), now=NOW + timedelta(seconds=1))
    assert decide(decision.release, soon, TIMEOUTS).answer is Answer.CI_RUNNING
    late = replace(soon, now=NOW + timedelta(seconds=TIMEOUTS.lag))
    assert decide(decision.release, late, TIMEOUTS).answer is Answer.CI_RED
    again = checks(run(conclusion="cancelled", attempt=2))
    assert looked(checks=again, base=NEWER).answer is Answer.CI_RED


def test_ci_that_a_person_cancelled_where_nothing_is_newer_waits_for_a_person():
    assert looked(checks=CANCELLED).answer is Answer.CI_RED
