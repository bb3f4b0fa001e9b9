"""Each flaw that a rehearsal can publish with, and what the thread says of it in the end.

One row for each word of `--fail`: how the release ends, and parts of the sentences that name the flaw.
"""

import pytest

from bot.release.model import Phase
from bot.sandbox.actions.scenario import FAILURES
from tests.play import EXAMPLE, play

ENDS = [
    ("ci", Phase.MERGED, ["CI failed on the merge commit"]),
    ("publish", Phase.TAGGED, ["A publish workflow failed"]),
    (
        "publish=already-exists",
        Phase.RELEASED,
        ["0.5.0 is on the registry already", "packaged from "],
    ),
    (
        "publish=timed-out",
        Phase.RELEASED,
        [
            "tidewater was uploaded, and the index did not show it in time.",
            "I look at the registry before I call this a failure",
            "packaged from ",
        ],
    ),
    ("wheel=linux-aarch64", Phase.PUBLISHED, ["linux-aarch64 wheel is missing", "PyPI takes missing files until "]),
    ("abi=linux-x86_64", Phase.PUBLISHED, ["linux-x86_64 wheel cannot be used: it is tagged cp38-cp38"]),
    ("sdist", Phase.PUBLISHED, ["sdist is missing"]),
    ("late", Phase.RELEASED, ["late by 16 min: linux-aarch64 wheel"]),
    ("rebuilt", Phase.RELEASED, ["late by 20 min: ", "PyPI keeps the first bytes of every name"]),
    ("pythons", Phase.PUBLISHED, ["requires-python is >=3.10,<3.12 in every file, the tree says >=3.10"]),
    (
        "readme",
        Phase.PUBLISHED,
        ["the tree has a README, and the .crate has none", "the project page has no description"],
    ),
    (
        "metadata",
        Phase.RELEASED,
        [
            "license is ISC, the tree says MIT",
            "it does not name the repository https://github.com/morgan/tidewater that the tree names",
        ],
    ),
    (
        "dependency",
        Phase.PUBLISHED,
        [
            "its dependency tidewater-sibling 0.5.0 is not on crates.io",
            "Nobody can build it until a fitting version of tidewater-sibling is published: publish that next.",
        ],
    ),
    ("dirty", Phase.PUBLISHED, ["the .crate was packaged from a tree with uncommitted changes"]),
    ("commit", Phase.PUBLISHED, ["packaged from ", ", but the tag stands on ", "morgan/tidewater built it at "]),
    (
        "fork",
        Phase.PUBLISHED,
        ["of somebody-else/tidewater, not by morgan/tidewater", "built it, not morgan/tidewater"],
    ),
    (
        "token",
        Phase.RELEASED,
        ["published with a token, while a trusted publisher published 0.4.0", "no provenance, while 0.3.0 had one"],
    ),
    ("docs", Phase.RELEASED, ["docs.rs is building it"]),
    ("stale", Phase.RELEASED, ["pip's index lists every file"]),
    ("yanked", Phase.PUBLISHED, ["0.5.0 is yanked", "0.4.0 is yanked", "pip takes it only when it is pinned"]),
    ("quarantined", Phase.PUBLISHED, ["quarantine"]),
    ("deleted", Phase.PUBLISHED, ["PyPI does not have 0.4.0"]),
]


def test_every_failure_has_its_row():
    elsewhere = {"approval"}  # which waits for a person, and ends when one has answered
    assert {word.partition("=")[0] for word, *_ in ENDS} == {word.partition("=")[0] for word in FAILURES} - elsewhere


@pytest.mark.slow
@pytest.mark.parametrize(("word", "phase", "sentences"), ENDS, ids=[word for word, *_ in ENDS])
async def test_a_flaw_is_named_and_the_release_ends_accordingly(tmp_path, word, phase, sentences):
    async with play(tmp_path, word) as on:
        await on.comment(EXAMPLE)
        await on.merge()
        assert on.sandbox.actions.scenario.struck == {word}
        said = on.thread().replace("\\", "").replace("`", "")
        assert [sentence for sentence in sentences if sentence not in said] == [], said
        assert [release.phase for release in await on.releases()] == [phase], said
