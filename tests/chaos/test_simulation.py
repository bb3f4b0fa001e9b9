"""The simulation itself: it replays exactly, what it plays is plain data, and what fails is made short."""

import asyncio
import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache

import aiohttp.connector
import pytest

from bot.release.facts import Timeouts
from bot.sandbox.git import repository as disk
from bot.sandbox.git.objects import GitError, Person, RefUpdate
from chaos.dice import KINDS, script
from chaos.git.repository import MemoryGit
from chaos.oracle.verdict import Violation
from chaos.people.people import People
from chaos.run import Result, play, run
from chaos.script import HARMLESS, Act, Deed, Fate, Fault, Kill, Moment, Request, Script, Webhook
from chaos.shrink import shrink
from chaos.simulation import loop as virtual
from chaos.simulation.loop import BEGINNING
from chaos.simulation.network import LAG

LOST_AND_MOVED = Script(
    1001,
    merge_after=1500.0,
    webhooks=(Webhook("issue_comment", 0, Fate.DROPPED, 1.0),),
    kills=(Kill("after mutation Open", 0, 60.0, fresh=True),),
    acts=(Act(Deed.PUSH_ENTRY, Moment.OPENED, 30.0),),
)
RENAMED = Script(
    1002, failing=("ci",), acts=(Act(Deed.RENAME, Moment.OPENED, 30.0), Act(Deed.CLOSE, Moment.OPENED, 90.0))
)
PUBLISH_FAILED = Script(1003, failing=("publish",), acts=(Act(Deed.ROLLBACK, Moment.TAGGED, 900.0),))
ROUNDS = {
    *("*", "crates.io", "PyPI"),
    *("GET deliveries", "GET installations", "GET repositories", "GET recent comments"),
}
"""What a look at one release does not ask of GitHub."""
ASKED = {
    "mint": 11,  # one for what is optional, one to list the repositories, and five for rounds while nothing is open
    "query Ledger": 2,  # once for each repository: at once, and when a lag is over
    # The plan and the pull request
    "GET permission": 2,  # before the plan and before the tags
    "query Base": 2,  # the branch, its checks and every tag; the tags again before the GitHub Releases
    "GET trees": 2,  # of the base and of the merge commit
    "query Files": 2,  # once more those that may still say the old version; the merge commit's are known
    "query Changes": 2,  # one drafts a section, one is held against a written section
    "GET rules": 4,  # of the base, remembered for a minute; once of the release branch
    "GET rulesets": 1,  # for the tags
    "GET environments": 1,  # those that publishing jobs name
    "query BeforeOpening": 1,
    "mutation Open": 1,
    "POST check-runs": 1,  # whether the pull request is the plan
    # Each look from the merge on; twice where the tags are pushed
    "query Snapshot": 10,
    "GET runs": 5,
    "GET refs": 2,
    "POST tags": 1,
    "POST branches": 1,
    # What is said
    "POST comment": 5,
    "PATCH comment": 5,
    "POST reactions": 3,
    # The two GitHub Releases
    "GET releases": 1,
    "POST releases": 2,
    "PATCH release": 2,
}
SOMEBODY = Person("Ann", "ann@example.org")


@cache
def calm() -> Result:
    return run(Script(1))


def test_a_run_without_mishaps_ends_with_a_release_and_breaks_nothing():
    assert (calm().ending, calm().violations) == ("released", ())


def test_a_calm_release_asks_github_no_more_than_this():
    """Time is virtual, so the count is the same each time. CI takes a minute here and publishing three, in which a look
    a minute is made; the rounds for what was missed and the registries are left out.
    """
    asked = {kind: number for kind, number in calm().requests.items() if kind not in ROUNDS}
    assert asked == ASKED
    assert sum(asked.values()) == 69


@pytest.mark.slow
def test_a_seed_replays_exactly():
    assert play(7).digest == play(7).digest


@pytest.mark.slow
def test_a_seed_replays_exactly_in_another_process():
    assert _hash_of_logs(11) == _hash_of_logs(11) != _hash_of_logs(12)


def test_connections_grow_old_in_virtual_time():
    """By the machine's clock, a slow machine would close a connection that a fast one keeps, and time would part."""
    assert virtual.simulate(_ages, seed=1) == [0, 3600]


async def _ages() -> list[int]:
    clock = vars(aiohttp.connector)["monotonic"]
    began = clock()
    await asyncio.sleep(3600)
    return [round(began), round(clock())]


def _hash_of_logs(seed: int) -> str:
    command = [sys.executable, "-m", "chaos", "--seeds", "1", "--first", str(seed)]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = re.search(r"hash of all logs\W+(\w{16})", done.stdout)
    assert found, done.stdout
    return found[1]


def test_mishaps_make_another_run():
    kill = Kill("after mutation Open", 0, 60.0, fresh=False)
    assert run(Script(1)).digest != (killed := run(Script(1, kills=(kill,)))).digest
    assert (killed.kills, killed.ending, killed.violations) == (1, "released", ())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_a_hostile_run_breaks_no_promise(seed):
    assert [str(violation) for violation in play(seed).violations] == []


def test_a_seed_always_gives_the_same_script():
    assert [script(seed) for seed in range(50)] == [script(seed) for seed in range(50)]


def test_a_script_can_be_played_with_a_part_of_its_mishaps():
    whole = script(24)
    some = frozenset(whole.mishaps[::2])
    assert set(whole.only(some).mishaps) == some
    assert whole.only(frozenset(whole.mishaps)) == whole


def test_replicas_lag_no_longer_than_the_bot_waits_for_them():
    assert Timeouts().lag > LAG


def test_only_harmless_deeds_leave_the_end_as_it_is():
    assert Script(1, acts=(Act(Deed.STATUS, Moment.ASKED, 1.0),)).ends_calmly
    assert not Script(1, acts=(Act(Deed.CLOSE, Moment.OPENED, 1.0),)).ends_calmly
    assert Deed.CANCEL not in HARMLESS


def test_what_fails_is_made_as_short_as_it_can_be():
    culprit = Request("POST comment", 3, Fault.REFUSED)
    others = tuple(Request("GET runs", at, Fault.SLOW) for at in range(9))
    empty = run(Script(1))

    def played(of: Script) -> Result:
        broken = (Violation("once", "said twice"),) if culprit in of.requests else ()
        return replace(empty, script=of, violations=broken)

    short = shrink(played(Script(1, requests=(*others[:4], culprit, *others[4:]))), played)
    assert short.script.mishaps == (culprit,)


async def test_git_in_memory_has_the_ids_and_answers_of_git_on_disk(tmp_path):
    real = await disk.GitRepository.create(tmp_path / "real.git", "main")
    copy = await MemoryGit.create(tmp_path / "copy.git", "main")
    found = [await _history(git) for git in (real, copy)]
    assert found[0] == found[1]


async def _history(git: disk.GitRepository) -> list[object]:
    """Two branches from one commit, merged; with all that can be asked about them."""
    files = {"a.txt": b"one\ntwo\nthree\n", "dir/b.txt": b"b\n", "dir.txt": b"c\n"}
    base = await _commit(git, None, [], files, 0)
    left = await _commit(git, base, [base], {"a.txt": b"ONE\ntwo\nthree\n", "new/d.txt": b""}, 60)
    right = await _commit(git, base, [base], {"a.txt": b"one\ntwo\nTHREE\n"}, 120)
    merged = await git.merge_trees(left, right)
    merge = await git.write_commit(
        merged, [left, right], "Merge", author=SOMEBODY, committer=SOMEBODY, at=BEGINNING.replace(hour=11)
    )
    tag = await git.write_tag("v1", merge, "One", tagger=SOMEBODY, at=BEGINNING)
    await git.update_refs([RefUpdate("refs/heads/main", merge), RefUpdate("refs/tags/v1", tag)])
    return [
        (base, left, right, merge, tag),
        await git.refs("refs/"),
        await git.ls_tree("main", recursive=True),
        await git.objects(["main:a.txt", "v1:dir/b.txt", "main:none", "refs/heads/main:new"]),
        [await git.resolve(rev) for rev in ("refs/heads/main", "refs/tags/v1", "refs/heads/none")],
        await git.resolve_tree("refs/heads/main"),
        await git.commits("refs/heads/main"),
        await git.commits(f"{left}..refs/heads/main"),
        await git.commits("refs/heads/main", path="dir"),
        await git.merge_base(left, right),
        [await git.is_ancestor(base, merge), await git.is_ancestor(left, right)],
        await git.changes(base, merge),
        await git.stats(base, merge),
    ]


async def _commit(git, on, parents, files, seconds):
    tree = await git.edit_tree(on, files)
    at = BEGINNING.replace(minute=seconds // 60)
    return await git.write_commit(tree, parents, f"After {seconds}", author=SOMEBODY, committer=SOMEBODY, at=at)


async def test_git_in_memory_moves_refs_all_or_none(tmp_path):
    git = await MemoryGit.create(tmp_path / "copy.git", "main")
    commit = await _commit(git, None, [], {"a.txt": b"a"}, 0)
    await git.update_refs([RefUpdate("refs/tags/v1", commit)])
    updates = [RefUpdate("refs/tags/v2", commit, "0" * 40), RefUpdate("refs/tags/v1", commit, "0" * 40)]
    with pytest.raises(GitError):
        await git.update_refs(updates)
    assert list(await git.refs("refs/tags/")) == ["refs/tags/v1"]


def test_a_run_that_spins_has_fallen_silent(monkeypatch):
    monkeypatch.setattr(virtual, "MOST_TURNS", 2000)
    result = run(Script(1))
    assert [violation.property for violation in result.violations] == ["no-silence"]
    assert "the run spins" in result.violations[0].what
    assert run(Script(1)).digest == result.digest


def test_a_run_that_crashes_is_told_with_its_trace(monkeypatch):
    async def broken(self):
        raise ZeroDivisionError("a person fell over")

    monkeypatch.setattr(People, "_glance", broken)
    result = run(Script(1))
    assert [violation.property for violation in result.violations] == ["crashed"]
    assert "a person fell over" in result.violations[0].what
    assert any("/release tidewater" in what for _, what in result.trace)


@pytest.mark.slow
@pytest.mark.parametrize(
    "script", [script(2), script(3), LOST_AND_MOVED, RENAMED, PUBLISH_FAILED], ids=lambda of: f"seed {of.seed}"
)
def test_every_request_that_the_bot_makes_can_go_wrong(script):
    assert set(run(script).requests) - {*KINDS, "*"} == set()


def test_a_process_that_dies_gives_up_its_turn_to_migrate():
    """Seed 248: the third of three processes waited for ever for one that had died."""
    died = Kill("after commit", 1, 0.1, fresh=False)
    result = run(Script(1, processes=3, kills=(died,)))
    assert (result.kills, result.ending, result.violations) == (1, "released", ())
