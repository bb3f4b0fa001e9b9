"""A publish workflow that only a person starts: asked for when the tags stand, and which run of it counts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.release.answers import Answer
from bot.release.model import Phase
from bot.release.table import decide
from bot.workflows.releasing import Start
from tests.release.builders import LONG_AGO, OTHER, TIMEOUTS, checks, facts, package, publish_run, release, tag

BY_HAND = package(start=Start.HAND, asks=("tag",))
TAGGED = release(Phase.TAGGED, packages=(BY_HAND,), publishing_tagged_at=LONG_AGO)


def started(**changes):
    """A person has started it on the base branch, a minute after the tags."""
    later = {"created_at": LONG_AGO + timedelta(minutes=1), "event": "workflow_dispatch", "head_branch": "main"}
    return publish_run(**{**later, **changes})


def looked(*runs, of=TAGGED):
    return decide(of, facts(tags=(tag(),), checks=checks(*runs)), TIMEOUTS)


def test_start_awaited_says_which_workflow_on_which_ref_with_which_inputs():
    decision = looked()
    assert decision.answer is Answer.START_AWAITED
    assert decision.release.blocked is not None
    assert [detail.text for detail in decision.details] == [
        "publish.yml for tidewater v0.5.0: run it on the tag v0.5.0, or on main with tag"
    ]
    without = replace(TAGGED, packages=(replace(BY_HAND, asks=()),))
    assert [detail.text for detail in looked(of=without).details] == [
        "publish.yml for tidewater v0.5.0: run it on the tag v0.5.0"
    ]


@pytest.mark.parametrize("commit", [{}, {"head_sha": OTHER}], ids=["the tagged commit", "a newer one"])
def test_a_run_that_a_person_starts_on_the_base_branch_counts(commit):
    assert looked(started(status="in_progress", conclusion=None, **commit)).answer is Answer.PUBLISHING
    assert looked(started(**commit)).answer is Answer.PUBLISHED
    assert looked(started(conclusion="failure", **commit)).answer is Answer.PUBLISH_FAILED


def test_a_run_that_a_person_starts_on_the_tag_counts():
    assert looked(started(head_branch="v0.5.0")).answer is Answer.PUBLISHED


@pytest.mark.parametrize(
    "another",
    [
        {"created_at": LONG_AGO - timedelta(seconds=1)},
        {"path": ".github/workflows/ci.yml"},
        {"head_branch": "topic"},
        {"event": "schedule"},
    ],
    ids=["from before the tags", "of another workflow", "on another branch", "that no person started"],
)
def test_no_other_run_counts(another):
    assert looked(started(**another)).answer is Answer.START_AWAITED


def test_a_run_on_the_base_branch_counts_where_the_tag_s_never_came_and_not_where_it_did():
    """So a trial run of a workflow that tags start hides nothing."""
    lost = replace(TAGGED, packages=(package(),))
    assert looked(of=lost).answer is Answer.RUN_LOST
    assert looked(started(), of=lost).answer is Answer.PUBLISHED
    failed = publish_run(conclusion="failure")
    assert looked(failed, started(id=10, number=6), of=lost).answer is Answer.PUBLISH_FAILED
