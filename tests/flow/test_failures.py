"""Each flaw that a rehearsal can publish with, and what the thread says of it in the end.

One row for each word of `--fail`: how the release ends, and parts of the sentences that name the flaw.
"""

import pytest

from bot.release.model import Phase
from tests.play import EXAMPLE, play

ENDS = [
    ("wheel=linux-aarch64", Phase.PUBLISHED, ["linux-aarch64 wheel is missing"]),
    ("abi=linux-x86_64", Phase.PUBLISHED, ["linux-x86_64 wheel cannot be used: it is tagged cp38-cp38"]),
    ("sdist", Phase.PUBLISHED, ["sdist is missing"]),
    ("yanked", Phase.PUBLISHED, ["0.5.0 is yanked", "0.4.0 is yanked"]),
    ("quarantined", Phase.PUBLISHED, ["PyPI does not have 0.4.0"]),
    ("deleted", Phase.PUBLISHED, ["PyPI does not have 0.4.0"]),
    ("stale", Phase.RELEASED, ["pip's index lists every file"]),
    (
        "readme",
        Phase.PUBLISHED,
        ["the tree has a README, and the .crate has none", "the project page has no description"],
    ),
]


@pytest.mark.parametrize(("word", "phase", "sentences"), ENDS, ids=[word for word, *_ in ENDS])
async def test_a_flaw_is_named_and_the_release_ends_accordingly(tmp_path, word, phase, sentences):
    async with play(tmp_path, word) as on:
        await on.comment(EXAMPLE)
        await on.merge()
        assert on.sandbox.actions.scenario.struck == {word}
        said = on.thread().replace("\\", "").replace("`", "")
        assert [sentence for sentence in sentences if sentence not in said] == [], said
        assert [release.phase for release in await on.releases()] == [phase], said
