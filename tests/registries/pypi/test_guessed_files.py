"""A promise that rests on a guess, or tells a part, is held against the releases before and blocks nothing alone."""

import pytest

from bot.plan.model import Promises
from bot.release.verification.judge import Mark, State
from tests.release.verification.building import TAILS, indexed, names, release, texts, verdict

GUESSED, PARTIAL = Promises(guessed=True), Promises(partial=True)
LESS = tuple(key for key in TAILS if key != "windows-x86_64")


def without(*keys, before=()):
    """A release without these files, after one that had all but `before`."""
    others = (indexed("0.4.0", *names("0.4.0", without=before)),)
    return release(*names(without=keys), others=others)


def test_a_guessed_file_that_no_release_had_is_a_note():
    found = verdict(without("windows-x86_64", before=("windows-x86_64",)), files=tuple(TAILS), promises=GUESSED)
    assert found.state is State.COMPLETE
    told = [text for text in texts(found, Mark.NOTE) if text.startswith("windows")]
    assert told == ["windows-x86_64 wheel is not there, which the workflow seems to build"]
    first = verdict(release(*names(without=("sdist",))), files=tuple(TAILS), promises=GUESSED)
    assert first.state is State.COMPLETE


def test_a_guessed_file_that_the_release_before_has_is_missing():
    found = verdict(without("windows-x86_64"), files=tuple(TAILS), promises=GUESSED)
    assert texts(found, Mark.FAILED) == ["windows-x86_64 wheel is missing"]


def test_what_the_release_before_has_and_the_workflow_seems_not_to_build_is_a_note():
    found = verdict(without("windows-x86_64"), files=LESS, promises=GUESSED)
    assert found.state is State.COMPLETE
    told = [text for text in texts(found, Mark.NOTE) if text.startswith("windows")]
    assert told == ["windows-x86_64 wheel is not there, which releases before had; the workflow seems not to"]


def test_a_part_of_the_files_is_filled_up_with_what_the_release_before_has():
    found = verdict(without("windows-x86_64"), files=LESS, promises=PARTIAL)
    assert texts(found, Mark.FAILED) == ["windows-x86_64 wheel is missing, which releases before had"]
    found = verdict(without("sdist", before=("sdist",)), files=("sdist",), promises=PARTIAL)
    assert texts(found, Mark.FAILED) == ["sdist is missing"]


@pytest.mark.parametrize("promises", [GUESSED, PARTIAL])
def test_more_than_is_promised_is_no_surprise(promises):
    found = verdict(release(*names()), files=("sdist",), promises=promises)
    assert found.state is State.COMPLETE
    assert not [text for text in texts(found, Mark.NOTE) if "besides" in text]


def test_free_threaded_wheels_are_compared_across_platforms_also_in_a_first_release():
    platforms = ("manylinux_2_17_x86_64", "win_amd64", "macosx_11_0_arm64")
    made = [f"edge_demo-0.5.0-{tag}-{on}.whl" for tag in ("cp39-abi3", "cp314-cp314t") for on in platforms]
    found = verdict(release("edge_demo-0.5.0.tar.gz", *made[:-1]))
    assert found.state is State.COMPLETE
    told = [text for text in texts(found, Mark.NOTE) if "cp314t" in text]
    assert told == ["macos-arm64 wheel has none for cp314t, most platforms do"]
    assert not [text for text in texts(verdict(release(*made)), Mark.NOTE) if "cp314t" in text]
