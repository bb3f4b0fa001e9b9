"""A bot that was down while things happened: it starts, and catches up by itself."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.app import bot
from tests.play import EXAMPLE, play


def down(folder):
    """A bot that was not started yet, and then looks at once for what it missed."""
    return play(folder, up=False, prepare=lambda sandbox, settings: replace(settings, missed_seconds=0.5))


def installed_an_hour_ago(on):
    on.world.installation_of(on.repository).created_at -= timedelta(hours=1)


def written_five_minutes_ago(comment):
    comment.created_at -= timedelta(minutes=5)
    comment.updated_at = comment.created_at


def answers(on, text):
    return sum(text in body for body in on.said())


async def test_nothing_lost_what_failed_while_the_bot_was_down_is_redelivered_when_it_starts(tmp_path):
    async with down(tmp_path) as on:
        await on.comment(EXAMPLE, settle=False)
        await on.world.webhooks.drain()
        failed = [each for each in on.world.deliveries if each.event == "issue_comment"]
        assert [each.status for each in failed] == [None]
        await on.server.start()
        await on.until(lambda: answers(on, "proposes"))
        await on.server.stop()
        await on.world.merge(on.repository, on.pull_request.number, by="morgan", method="merge")
        await on.world.webhooks.drain()
        await on.sandbox.actions.idle()
        await on.server.start()
        await on.until(lambda: answers(on, "✅ Released"))
        assert answers(on, "proposes") == 1
        assert (await on.tags()).keys() == {"v0.5.0", "py-v0.4.0"}


async def test_nothing_lost_a_command_that_no_log_knows_is_found_by_a_bot_with_a_new_store(tmp_path):
    async with down(tmp_path) as on:
        installed_an_hour_ago(on)
        asked = await on.comment("/release help", settle=False)
        written_five_minutes_ago(asked)
        on.world.deliveries.clear()
        await on.server.start()
        await on.until(lambda: "+1" in on.reactions(asked))
        assert answers(on, "What I understand") == 1


async def test_what_was_written_before_the_app_was_installed_was_not_written_to_it(tmp_path):
    async with down(tmp_path) as on:
        asked = await on.comment("/release help", settle=False)
        written_five_minutes_ago(asked)
        later = await on.comment("/release status", settle=False)
        later.created_at = later.updated_at = asked.created_at + timedelta(minutes=2)
        on.world.installation_of(on.repository).created_at = asked.created_at + timedelta(minutes=1)
        on.world.deliveries.clear()
        await on.server.start()
        await on.until(lambda: "confused" in on.reactions(later))
        assert not asked.reactions


async def test_once_two_bots_that_start_together_do_it_once(tmp_path):
    async with down(tmp_path) as on:
        installed_an_hour_ago(on)
        written_five_minutes_ago(await on.comment("/release help", settle=False))
        await on.server.start()
        async with bot(on.bot.settings, on.world.clock) as other:
            await asyncio.gather(*(other.sweep.once() for _ in range(3)))
            await on.until(lambda: answers(on, "What I understand"))
            await on.pass_time(1.5)
        assert answers(on, "What I understand") == 1
