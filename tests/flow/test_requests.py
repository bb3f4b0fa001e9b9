"""How often GitHub is asked in a calm release. What each request is for stands in tests/chaos/test_simulation.py."""

from bot.cli.rehearsal import REHEARSAL_TIMEOUTS
from tests.play import EXAMPLE, play

WHILE_WAITING = ("query Snapshot(", "/actions/runs", "PATCH /repos/morgan/tidewater/issues/comments")
"""Asked at each look at a machine that is at work, and edits: how many there are depends on how fast it is."""


async def test_a_release_asks_github_no_more_than_this_beside_what_it_asks_while_it_waits(tmp_path):
    async with play(tmp_path) as on:
        await on.pass_time(
            REHEARSAL_TIMEOUTS.settle
        )  # else CI of the base's head counts as running, and it is planned twice
        await on.comment(EXAMPLE)
        await on.merge()
        asked = [f"{call.method} {call.path} {(call.request or {}).get('query', '')}" for call in on.world.calls]
        steady = [each for each in asked if not any(part in each for part in WHILE_WAITING)]
        assert len(steady) <= 40, "\n".join(each[:90] for each in steady)
