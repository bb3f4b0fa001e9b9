"""Which of the commands that our App put a 👍 on it still owes something, as far as GitHub tells."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from bot.github.facts import Comment, CommentState, Permission
from bot.ledger import Mark, Promised, known
from bot.reconcile.deliveries.missed_comments import COMMENTS_SINCE
from bot.reconcile.recovery.owed_commands import with_promises
from bot.release.model import Phase
from bot.release.records import RetryOwed
from tests.release.builders import NOW, release
from tests.store.builders import REPOSITORY

THUMB = CommentState(edited=False, reactions=frozenset({"eyes", "+1"}))
SEEN = CommentState(edited=False, reactions=frozenset({"eyes"}))
CHANGED = CommentState(edited=True, reactions=frozenset({"+1"}))
BLOCK = "blocked-publish_failed-0-1-0123abcd"
TOLD = {("r100", BLOCK): 110}


def comment(number, body, by="robin"):
    return Comment(number, f"C{number}", body, by, by_us=False, url="", created_at=NOW, issue=7, by_a_person=True)


class Ledger:
    """GitHub as far as it is asked: every comment stands so, with our 👍 unless told otherwise."""

    def __init__(self, state=THUMB, **roles):
        self.state = state
        self.roles = roles
        self.asked = []

    def reader(self, _):
        return self

    async def permission(self, login):
        self.asked.append(login)
        return self.roles.get(login, Permission.MAINTAIN)

    async def comment_states(self, _, nodes):
        return {int(node[1:]): self.state for node in nodes}


def mark(subject, key) -> Mark:
    """Of a subject and a key in words."""
    found = known(subject, key)
    assert found is not None
    return found


async def owed(comments, said, ledger=None, now=NOW):
    """Who asked for the cancel and for the retry that are owed to an open release, of which `said` was said."""
    spoken = {mark(*each): comment(number, "") for each, number in said.items()}
    found = await with_promises(
        release(Phase.GREEN), comments, spoken, github=cast(Any, ledger or Ledger()), repository=REPOSITORY, now=now
    )
    return found.asked.cancel_by, found.asked.retry_owed


async def test_a_retry_is_owed_after_a_block_and_a_cancel_always():
    said = [comment(120, "/release retry"), comment(121, "/release cancel", "kim")]
    assert await owed(said, TOLD) == ("kim", RetryOwed("robin", (BLOCK,)))
    assert await owed(said, {}) == ("kim", None)
    assert await owed([comment(109, "/release retry")], TOLD) == (None, None)


@pytest.mark.parametrize("command", ["retry", "cancel"])
async def test_owed_is_only_what_a_person_wrote_after_the_request_and_nobody_changed_and_has_our_thumb(command):
    said = comment(120, f"/release {command}")
    for forged in (
        replace(said, by_a_person=False),
        replace(said, edited=True),
        comment(100, said.body),
        comment(99, said.body),
    ):
        assert await owed([forged], {("r100", BLOCK): 98}) == (None, None)
    for state in (SEEN, CHANGED):
        assert await owed([said], TOLD, Ledger(state)) == (None, None)


async def test_a_cancel_that_was_answered_is_owed_no_more_and_a_block_of_another_release_owes_no_retry():
    said = [comment(120, "/release retry"), comment(121, "/release cancel", "kim")]
    assert await owed(said, {("r90", BLOCK): 110, ("r100", "overtaken-tagged"): 122}) == (None, None)


@pytest.mark.parametrize("key", ["answer-1", "set-aside"])
@pytest.mark.parametrize("command", ["retry", "cancel"])
async def test_a_command_that_was_declined_is_owed_to_nobody_though_another_of_its_comment_has_a_thumb(command, key):
    both = [comment(120, f"/release status\n/release {command}")]
    assert await owed(both, TOLD) != (None, None)
    assert await owed(both, TOLD | {("c120", key): 121}) == (None, None)


async def test_what_was_asked_while_a_newer_release_stood_on_the_issue_was_meant_for_that_one():
    said = comment(120, "/release retry")
    newer = TOLD | {("r115", "pull-request-opened"): 116}
    assert await owed([said], newer) == (None, None)
    assert (await owed([replace(said, issue=8)], newer))[1]  # on the older one's pull request
    assert (await owed([said], newer | {("r115", "cancelled"): 118}))[1]
    assert await owed([said], newer | {("r115", "released"): 125}) == (None, None)


async def test_a_retry_of_long_ago_is_owed_no_more_for_it_may_have_been_carried_out_and_the_base_has_moved_since():
    said = [comment(120, "/release retry"), comment(121, "/release cancel", "kim")]
    assert await owed(said, TOLD, now=NOW + COMMENTS_SINCE) == ("kim", RetryOwed("robin", (BLOCK,)))
    assert await owed(said, TOLD, now=NOW + COMMENTS_SINCE + timedelta(seconds=1)) == ("kim", None)


async def test_a_retry_that_was_promised_in_words_where_the_issue_takes_no_thumb_is_owed():
    said = [comment(120, "/release status\n/release retry")]
    told = TOLD | {("c120", Promised(1).text): 121}
    assert await owed(said, told, Ledger(SEEN)) == (None, RetryOwed("robin", (BLOCK,)))
    assert await owed(said, told, Ledger(CHANGED)) == (None, None)


async def test_whoever_may_no_longer_ask_is_passed_over_and_asked_about_once():
    ledger = Ledger(kim=Permission.WRITE)
    said = [comment(119, "/release retry"), *(comment(number, "/release retry", "kim") for number in range(120, 400))]
    assert await owed(said, TOLD, ledger) == (None, RetryOwed("robin", (BLOCK,)))
    assert ledger.asked == ["kim", "robin"]
