"""A bot that was down while things happened: it starts, and catches up by itself."""

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app import bot, working
from bot.cli.rehearsal import MAINTAINER, _settings
from bot.sandbox import Sandbox, example
from tests.play import EXAMPLE, registered


class Place:
    """A sandbox, an address for the bot, and what is said there."""

    def __init__(self, sandbox, repository, folder):
        self.sandbox = sandbox
        self.world = sandbox.world
        self.repository = repository
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.settings = replace(_settings(sandbox, folder), port=port, missed_seconds=0.5)
        self.world.app.webhook_url = f"http://127.0.0.1:{port}/webhook"

    @asynccontextmanager
    async def up(self):
        """The bot, started."""
        async with bot(self.settings) as parts, working(parts):
            yield parts

    async def comment(self, text):
        """Somebody comments on the one issue."""
        if not self.repository.issues:
            await self.world.open_issue(self.repository, "Release", by=MAINTAINER)
        comment = await self.world.comment(self.repository, 1, text, by=MAINTAINER)
        await self.world.webhooks.drain()
        return comment

    def said(self):
        """All that the bot said."""
        return "\n".join(each.body for each in self.repository.issues[1].comments if each.app_id)

    async def until_said(self, text):
        """Return when the bot has said it."""
        async with asyncio.timeout(30):
            while text not in self.said():  # noqa: ASYNC110 - the other side is another program
                await asyncio.sleep(0.05)

    async def until_reacted(self, comment, content):
        """Return when the bot has answered finally."""
        async with asyncio.timeout(30):
            while content not in {each.content for each in comment.reactions}:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)


@pytest.fixture
async def place(tmp_path):
    async with Sandbox.open(folder=tmp_path, app=registered()) as sandbox:
        repository = await example.build(sandbox)
        await sandbox.actions.idle()
        yield Place(sandbox, repository, tmp_path)


async def test_nothing_lost_what_failed_while_the_bot_was_down_is_redelivered_when_it_starts(place):
    await place.comment(EXAMPLE)
    failed = [each for each in place.world.deliveries if each.event == "issue_comment"]
    assert [each.status for each in failed] == [None]
    async with place.up():
        await place.until_said(" status -->")
        await asyncio.sleep(1.0)  # for the look to end: a lease that is left behind outlives this test
    (pull,) = [each for each in place.repository.issues.values() if each.pull_request and each.app_id]
    await place.world.merge(place.repository, pull.number, by=MAINTAINER)
    await place.world.webhooks.drain()
    await place.sandbox.actions.idle()
    async with place.up():
        await place.until_said("Released")
    assert place.said().count("proposes") == 1
    assert {"v0.5.0", "py-v0.4.0"} <= set(await place.world.tags(place.repository))


async def test_nothing_lost_a_command_that_no_log_knows_is_found_by_a_bot_with_a_new_store(place):
    asked = await place.comment("/release help")
    asked.created_at -= timedelta(minutes=5)
    next(iter(place.world.installations.values())).created_at -= timedelta(hours=1)
    asked.updated_at = asked.created_at
    place.world.deliveries.clear()
    async with place.up():
        await place.until_reacted(asked, "+1")
    assert "What I understand" in place.said()


async def test_what_was_written_before_the_app_was_installed_was_not_written_to_it(place):
    asked = await place.comment("/release help")
    asked.created_at -= timedelta(minutes=5)
    asked.updated_at = asked.created_at
    later = await place.comment("/release status")
    later.created_at = later.updated_at = asked.created_at + timedelta(minutes=2)
    next(iter(place.world.installations.values())).created_at = asked.created_at + timedelta(minutes=1)
    place.world.deliveries.clear()
    async with place.up():
        await place.until_reacted(later, "confused")
    assert not asked.reactions


async def test_once_two_bots_that_start_together_do_it_once(place):
    asked = await place.comment("/release help")
    asked.created_at -= timedelta(minutes=5)
    next(iter(place.world.installations.values())).created_at -= timedelta(hours=1)
    asked.updated_at = asked.created_at
    async with place.up(), bot(place.settings) as other:
        await asyncio.gather(*(other.sweep.once() for _ in range(3)))
        await place.until_said("What I understand")
        await asyncio.sleep(1.5)
    assert place.said().count("What I understand") == 1
