"""What a look does when GitHub does not tell everything yet."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.github.facts import Base, Branch, Permission, PullRequestState, ReleaseSnapshot, Tag
from bot.plan.policy import Policy
from bot.reconcile.observe import Observer
from bot.reconcile.unsettled import Unsettled
from bot.release.answers import Answer
from bot.release.model import Phase
from bot.release.table import decide
from tests.release.builders import MERGE, NOW, OTHER, TIMEOUTS, checks, pull_request, release, run
from tests.store.builders import REPOSITORY

A_SECOND = timedelta(seconds=1)


CI = ".github/workflows/ci.yml"


def gives(value):
    """A question that is always answered so."""

    async def answer(*_, **__):
        return value

    return answer


WORKFLOWS = {"paths": gives((CI,)), "files": gives({CI: b"{name: CI, on: push, jobs: {t: {runs-on: u}}}"})}
"""Of every commit."""


def observer(snapshot, now):
    """One to which GitHub shows just this."""
    return looking_with(SimpleNamespace(snapshot=gives(snapshot), **WORKFLOWS), now)


def looking_with(reader, now):
    """One that has only this to read with."""
    github = SimpleNamespace(reader=lambda _: reader)
    clock = SimpleNamespace(now=lambda: now)
    return Observer(cast(Any, github), cast(Any, None), cast(Any, None), cast(Any, clock), TIMEOUTS.lag)


async def test_a_merge_whose_commit_is_not_shown_yet_is_looked_for_again_soon_but_not_for_ever():
    merged = replace(pull_request(PullRequestState.MERGED), merge_commit=None)
    snapshot = ReleaseSnapshot(None, False, merged, None, False, (), ())
    proposed = release(Phase.PROPOSED, merge_commit=None)
    with pytest.raises(Unsettled):
        await observer(snapshot, NOW).look(REPOSITORY, proposed, ())
    much_later = NOW + timedelta(hours=1)
    facts = await observer(snapshot, much_later).look(REPOSITORY, proposed, ())
    assert facts.snapshot.pull_request == merged


async def test_off_base_is_said_of_a_merge_commit_only_when_github_cannot_lag_any_more():
    snapshot = ReleaseSnapshot(Branch("main", OTHER), False, None, None, False, (), ())
    merged = release(Phase.MERGED, merge_since=NOW)
    with pytest.raises(Unsettled):
        await observer(snapshot, NOW).look(REPOSITORY, merged, ())
    later = NOW + timedelta(seconds=TIMEOUTS.lag)
    facts = await observer(snapshot, later).look(REPOSITORY, merged, ())
    assert decide(merged, facts, TIMEOUTS).answer is Answer.OFF_BASE


async def test_cancel_asked_of_a_request_waits_for_no_registry():
    asked = release(
        Phase.REQUESTED, merge_commit=None, review_pull_request=None, publishing_tagged_at=None, asked_cancel_by="robin"
    )
    facts = await observer(None, NOW).look(REPOSITORY, asked, ())
    assert decide(asked, facts, TIMEOUTS).answer is Answer.CANCEL_ASKED


async def test_before_the_github_releases_the_tags_are_read_with_every_other_and_in_the_same_request():
    mine, older = Tag("v0.5.0", MERGE), Tag("v0.4.0", OTHER)
    verified = release(Phase.VERIFIED)
    for existing, answer in (((mine, older), Answer.WITHOUT_RELEASES), ((older,), Answer.TAG_LOST)):
        reader = SimpleNamespace(releases=gives(()), base=gives(Base("R_1", Branch("main", MERGE), existing)))
        facts = await looking_with(reader, NOW).look(REPOSITORY, verified, ())
        assert facts.all_tags == tuple(tag.name for tag in existing)
        assert decide(verified, facts, TIMEOUTS).answer is answer


MERGED = replace(pull_request(PullRequestState.MERGED), merge_commit=MERGE)


def noticed(base):
    """The snapshot that tells of the merge, while the base branch ends in that commit."""
    return ReleaseSnapshot(Branch("main", base), False, MERGED, None, False, (), (), merged_checks=checks(run()))


async def merge_noticed(snapshot):
    """What is seen of the merge, and the release that learnt of it."""
    proposed = release(Phase.PROPOSED, merge_commit=None, plan_policy=Policy(required=("ci.yml",)))
    seen = await observer(snapshot, NOW).look(REPOSITORY, proposed, ())
    return seen, decide(proposed, seen, TIMEOUTS).release


async def test_the_snapshot_by_which_a_merge_is_noticed_is_not_asked_for_again_when_the_base_ends_in_it():
    seen, merged = await merge_noticed(noticed(MERGE))
    facts = await looking_with(SimpleNamespace(**WORKFLOWS), NOW + A_SECOND).look(REPOSITORY, merged, (), seen)
    assert decide(merged, facts, TIMEOUTS).answer is Answer.CI_GREEN


async def test_a_base_that_has_moved_past_the_merge_is_asked_whether_it_holds_it():
    seen, merged = await merge_noticed(noticed(OTHER))
    for holds, answer in ((True, Answer.CI_GREEN), (False, Answer.OFF_BASE)):
        snapshot = ReleaseSnapshot(Branch("main", OTHER), holds, MERGED, None, False, (), (), checks=checks(run()))
        later = NOW + timedelta(seconds=TIMEOUTS.lag)
        facts = await observer(snapshot, later).look(REPOSITORY, merged, (), seen)
        assert decide(merged, facts, TIMEOUTS).answer is answer


async def test_green_before_tag_what_is_no_longer_green_is_not_tagged_for_what_was_seen_a_moment_ago():
    seen, merged = await merge_noticed(noticed(MERGE))
    green = replace(merged, phase=Phase.GREEN)
    red = ReleaseSnapshot(
        Branch("main", MERGE), True, MERGED, None, False, (), (), checks=checks(run(conclusion="failure"))
    )
    reader = SimpleNamespace(snapshot=gives(red), permission=gives(Permission.ADMIN), **WORKFLOWS)
    facts = await looking_with(reader, NOW + A_SECOND).look(REPOSITORY, green, (), seen)
    assert decide(green, facts, TIMEOUTS).answer is Answer.NO_LONGER_GREEN
