"""The ladder's single rungs: whom a command means, what may still come, and what is given up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands import Command, parse
from bot.github.facts import Permission
from bot.ledger import TagsPushed
from bot.packaging.registry import Registry
from bot.reconcile.recovery.rollback import pushed_tags
from bot.release.actions import PostComment
from bot.release.answers import Answer
from bot.release.model import Phase
from bot.release.rollback.ladder import begin, command_for, named, was_asked
from bot.release.rollback.model import Rollback
from bot.release.rollback.selection import Declined, Why, which
from bot.release.table import decide
from tests.release.builders import (
    LONG_AGO,
    MERGE,
    NOW,
    TIMEOUTS,
    changed,
    checks,
    crate,
    facts,
    package,
    publish_run,
    release,
    tag,
)

CRATE = package()
TWIN = package(registry=Registry.PYPI, tag="py-v0.4.0", new="0.4.0")
ABSENT = crate(in_api=False, in_index=False, api_checksum=None, index_checksum=None)


def wanted(text):
    (command,) = parse(text)
    assert isinstance(command, Command)
    return command.wanted


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("crates.io:tidewater 0.5.0 pypi:tidewater 0.4.0", (CRATE.key, TWIN.key)),
        ("pypi:Tidewater 0.4.0", (TWIN.key,)),
        ("tidewater 0.5.0", ()),  # the name means both, and the other has another version
        ("0.5.0", ()),
        ("ebb 0.5.0", ()),
        ("tidewater 0.5.1", ()),
    ],
)
def test_a_rollback_names_each_package_with_its_very_version(text, meant):
    assert named(release(packages=(CRATE, TWIN)), wanted(f"/release rollback {text}")) == meant


def test_a_version_alone_means_all_packages_that_share_it():
    both = release(packages=(CRATE, replace(TWIN, new="0.5.0")))
    assert named(both, wanted("/release rollback 0.5.0")) == (CRATE.key, TWIN.key)


@pytest.mark.parametrize("packages", [(CRATE,), (CRATE, TWIN), (CRATE, package("ebb", new="1.0.0-rc.1"))])
def test_the_command_that_is_shown_is_one_that_is_understood(packages):
    whole = release(packages=packages)
    assert named(whole, wanted(command_for(whole))) == tuple(p.key for p in packages)


def test_the_release_of_the_thread_comes_first_and_an_untagged_one_last():
    here, elsewhere = release(Phase.TAGGED), release(Phase.TAGGED, id="r2")
    untagged = release(Phase.CANCELLED, id="r3", publishing_tagged_at=None)
    asked = wanted("/release rollback 0.5.0")
    assert which(asked, [here], [elsewhere, here]) == here
    assert which(asked, [untagged], [untagged, elsewhere]) == elsewhere
    assert which(asked, [untagged], [untagged]) == Declined(Why.UNTAGGED, untagged)
    assert which(asked, [], []) == Declined(Why.UNKNOWN, None)


def test_two_rollbacks_of_one_comment_are_one_and_the_same_one_is_taken_once():
    whole = release(Phase.RELEASED, packages=(CRATE, TWIN))
    first = Rollback("robin", 200, NOW, (CRATE.key,))
    second = replace(first, packages=(TWIN.key,))
    both = begin(begin(whole, first), second)
    assert both.rollback is not None
    assert both.rollback.packages == (CRATE.key, TWIN.key)
    assert was_asked(both, first)
    assert not was_asked(begin(whole, first), second)


def look(*runs, tagged=LONG_AGO, **changes):
    asked = Rollback("robin", 200, LONG_AGO, (CRATE.key,), begun=True, **changes)
    before = release(Phase.ROLLING_BACK, publishing_pushed=("v0.5.0",), rollback=asked, publishing_tagged_at=tagged)
    known = {"checks": checks(*runs), "tags": (tag(),), "registries": {CRATE.key: ABSENT}}
    return decide(before, facts(authority=Permission.MAINTAIN, **known), TIMEOUTS)


def ended(conclusion, seconds):
    return publish_run(conclusion=conclusion, updated_at=NOW - timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("runs", "answer"),
    [
        ((ended("failure", TIMEOUTS.settle - 1),), Answer.MAY_STILL_PUBLISH),
        ((ended("failure", TIMEOUTS.settle),), Answer.TO_DELETE),
        ((ended("success", TIMEOUTS.propagation - 1),), Answer.MAY_STILL_PUBLISH),
        ((ended("success", TIMEOUTS.propagation),), Answer.TO_DELETE),
        ((), Answer.TO_DELETE),
    ],
)
def test_published_keeps_its_tag_an_ended_run_is_given_the_time_that_a_registry_takes_to_show_it(runs, answer):
    assert look(*runs).answer is answer


def test_published_keeps_its_tag_a_run_that_has_not_appeared_yet_may_still_publish():
    assert look(tagged=NOW - timedelta(seconds=TIMEOUTS.run_appears - 1)).answer is Answer.MAY_STILL_PUBLISH
    assert look(tagged=NOW - timedelta(seconds=TIMEOUTS.run_appears)).answer is Answer.TO_DELETE


def test_published_keeps_its_tag_a_run_from_before_the_tag_was_pushed_again_is_not_the_one_that_is_awaited():
    pushed_again = NOW - timedelta(seconds=TIMEOUTS.run_appears - 1)
    assert look(ended("failure", TIMEOUTS.run_appears + 60), tagged=pushed_again).answer is Answer.MAY_STILL_PUBLISH


@pytest.mark.parametrize(
    ("known", "answer"),
    [
        ({"status": "in_progress", "conclusion": None}, Answer.RUNS_HANG),  # cancelled long ago in vain
        ({"conclusion": "success", "updated_at": NOW - timedelta(seconds=1)}, Answer.MAY_STILL_PUBLISH),
        ({"status": "in_progress", "conclusion": None, "created_at": LONG_AGO - timedelta(1)}, Answer.TO_DELETE),
        ({"status": "in_progress", "conclusion": None, "path": ".github/workflows/ci.yml"}, Answer.TO_DELETE),
    ],
)
def test_published_keeps_its_tag_a_run_that_a_person_started_on_the_base_branch_may_publish(known, answer):
    assert look(publish_run(event="workflow_dispatch", head_branch="main", **known)).answer is answer


def test_published_keeps_its_tag_a_run_of_a_workflow_that_is_not_known_to_publish_may_have_published():
    asked = Rollback("robin", 200, LONG_AGO, (CRATE.key,), begun=True)
    by_hand = replace(CRATE, workflow=None)
    before = release(
        Phase.ROLLING_BACK,
        packages=(by_hand,),
        publishing_pushed=("v0.5.0",),
        rollback=asked,
        publishing_tagged_at=LONG_AGO,
    )
    for seconds, answer in (
        (TIMEOUTS.propagation - 1, Answer.MAY_STILL_PUBLISH),
        (TIMEOUTS.propagation, Answer.TO_DELETE),
    ):
        known = {"checks": checks(ended("success", seconds)), "tags": (tag(),), "registries": {CRATE.key: ABSENT}}
        assert decide(before, facts(authority=Permission.MAINTAIN, **known), TIMEOUTS).answer is answer


@pytest.mark.parametrize("broke_off", [False, True], ids=["kept", "broke off before it was kept"])
def test_published_keeps_its_tag_a_run_that_was_started_again_may_not_be_shown_yet(broke_off):
    """The failed run still looks ended in the look right after the retry."""
    failed = ended("failure", TIMEOUTS.settle + 1)
    before = release(
        Phase.TAGGED, publishing_pushed=("v0.5.0",), publishing_tagged_at=LONG_AGO, asked_retry_by="morgan"
    )
    retried = decide(before, facts(tags=(tag(),), checks=checks(failed)), TIMEOUTS).release
    asked = Rollback("robin", 200, NOW, (CRATE.key,), begun=True)
    back = begin(before if broke_off else retried, asked)
    known = facts(authority=Permission.MAINTAIN, checks=checks(failed), tags=(tag(),), registries={CRATE.key: ABSENT})
    assert decide(back, known, TIMEOUTS).answer is Answer.MAY_STILL_PUBLISH
    shown = replace(known, now=NOW + timedelta(seconds=TIMEOUTS.lag))
    assert decide(back, shown, TIMEOUTS).answer is Answer.TO_DELETE


def test_to_delete_becomes_undone_when_github_does_not_delete_for_long():
    first = look()
    assert first.release.rollback is not None
    assert first.release.rollback.deleting_since == NOW
    assert look(deleting_since=NOW - timedelta(minutes=9)).answer is Answer.TO_DELETE
    assert look(deleting_since=NOW - timedelta(minutes=10)).answer is Answer.UNDONE


def test_rollback_unauthorised_ends_when_somebody_takes_over_and_answers_for_the_rest():
    before = release(
        Phase.ROLLING_BACK,
        publishing_pushed=("v0.5.0",),
        rollback=Rollback("", 200, LONG_AGO, (CRATE.key,)),
        publishing_tagged_at=LONG_AGO,
    )
    known = facts(registries={CRATE.key: ABSENT}, tags=(tag(),), checks=checks())
    assert before.on_behalf_of == ""
    assert decide(before, known, TIMEOUTS).answer is Answer.ROLLBACK_UNAUTHORISED
    taken = decide(changed(before, asked_retry_by="mira"), replace(known, authority=Permission.ADMIN), TIMEOUTS)
    assert (taken.answer, taken.release.on_behalf_of) == (Answer.TO_DELETE, "mira")


def test_yank_awaited_is_not_taken_over_by_who_may_not_undo_things():
    asked = Rollback("robin", 200, LONG_AGO, (CRATE.key,), begun=True)
    before = release(Phase.ROLLING_BACK, rollback=asked, publishing_tagged_at=LONG_AGO, asked_retry_by="mira")
    published = facts(registries={CRATE.key: crate()}, checks=checks(), authority=Permission.TRIAGE)
    waits = decide(before, published, TIMEOUTS)
    assert (waits.answer, waits.release.on_behalf_of) == (Answer.YANK_AWAITED, "robin")


def test_no_silence_what_stops_a_second_rollback_is_said_though_it_stopped_the_first():
    def said(comment):
        asked = Rollback("robin", comment, LONG_AGO, (CRATE.key,), begun=True)
        before = release(
            Phase.ROLLING_BACK, publishing_pushed=("v0.5.0",), rollback=asked, publishing_tagged_at=LONG_AGO
        )
        known = facts(registries={CRATE.key: ABSENT}, tags=(tag(),), checks=checks(), authority=Permission.READ)
        return [a.key for a in decide(before, known, TIMEOUTS).actions if isinstance(a, PostComment)]

    assert said(200) != said(201)


def test_which_tags_a_lost_release_pushed_is_told_by_its_comments():
    whole = release(packages=(CRATE, replace(package("ebb", tag="ebb-v1"), after=("tidewater",))))
    assert pushed_tags(whole, [TagsPushed(0, MERGE)]) == ("v0.5.0",)
    assert pushed_tags(whole, [TagsPushed(0, MERGE), TagsPushed(1, MERGE, True)]) == ("v0.5.0",)
    assert pushed_tags(whole, []) == ()
