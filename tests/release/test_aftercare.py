"""What four more looks at the registries lead to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.registries.crates_io.facts import TrustedRun
from bot.registries.crates_io.found import CrateVersion
from bot.release.aftercare import AFTER, POSTPONED, begin, look_again
from bot.release.facts import Facts
from bot.release.found import Unreachable
from bot.release.model import Phase
from tests.release.builders import LONG_AGO, TIMEOUTS, release

CRATE = CrateVersion(
    name="tidewater", version="0.5.0", in_api=True, in_index=True, api_checksum="a" * 64, index_checksum="a" * 64,
    yanked=False, readme=True, url="https://crates.example/tidewater/0.5.0",
)  # fmt: skip
YANKED = replace(CRATE, yanked=True)


def ended(**changes):
    """A release that ended two hours ago."""
    return begin(release(Phase.RELEASED, timeline=((Phase.RELEASED, LONG_AGO),), **changes))


def look(existing, found, after):
    """One look, so long after the end."""
    facts = {"crates.io:tidewater": found}
    return look_again(existing, Facts(LONG_AGO + after, registries=facts), TIMEOUTS)


def test_only_what_was_released_is_looked_at_again():
    assert ended().aftercare.next_at == LONG_AGO + timedelta(minutes=5)
    assert begin(release(Phase.CANCELLED)).aftercare.next_at is None


def test_a_release_that_stays_as_it_was_is_looked_at_four_times_and_never_spoken_of():
    existing, times = ended(), []
    while existing.aftercare.next_at is not None:
        times.append(existing.aftercare.next_at - LONG_AGO)
        existing, change = look(existing, CRATE, times[-1])
        assert change is None
    assert tuple(times) == AFTER


def test_looks_that_nobody_could_make_are_not_made_up_for():
    existing, _ = look(ended(), CRATE, timedelta(days=2))
    assert (existing.aftercare.looks, existing.aftercare.next_at) == (3, LONG_AGO + timedelta(days=13))


def test_what_changes_is_told_once_and_so_is_its_end():
    existing, change = look(ended(), YANKED, AFTER[0])
    assert [line.text for _, line in change.troubles] == ["0.5.0 is yanked"]
    existing, change = look(existing, YANKED, AFTER[1])
    assert change is None
    _, change = look(existing, CRATE, AFTER[2])
    assert (change.troubles, change.mended) == ((), ("tidewater v0.5.0: 0.5.0 is yanked",))


@pytest.mark.parametrize("found", [Unreachable("crates.io", "502"), replace(CRATE, in_index=False)])
def test_what_is_not_known_for_sure_is_looked_at_a_little_later(found):
    existing, change = look(ended(), found, AFTER[0])
    assert change is None
    assert (existing.aftercare.looks, existing.aftercare.next_at) == (0, LONG_AGO + AFTER[0] + POSTPONED)


def test_a_repository_that_was_renamed_before_publishing_is_no_stranger():
    found = {"crates.io:tidewater": replace(CRATE, trusted=TrustedRun("o/renamed", "7", None))}
    now = LONG_AGO + AFTER[0]
    _, change = look_again(ended(), Facts(now, registries=found, repository="o/renamed"), TIMEOUTS)
    assert change is None
    _, change = look_again(ended(), Facts(now, registries=found), TIMEOUTS)
    assert "not by o/r" in change.troubles[0][1].text


def test_a_version_that_stays_away_is_gone():
    _, change = look(ended(), replace(CRATE, in_api=False, in_index=False), timedelta(hours=24))
    assert "does not have 0.5.0" in change.troubles[0][1].text


def test_a_registry_that_never_answers_again_is_not_asked_for_ever():
    existing, now, looks = ended(), AFTER[0], 0
    while existing.aftercare.next_at is not None:
        now, looks = existing.aftercare.next_at - LONG_AGO, looks + 1
        assert looks < 1000
        existing, change = look(existing, Unreachable("crates.io", "502"), now)
        assert change is None
    assert now >= AFTER[-1]
