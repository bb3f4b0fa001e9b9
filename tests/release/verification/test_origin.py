"""Where it was built: three commits, each with its own severity."""

from dataclasses import replace

import pytest

from bot.registries.crates_io.facts import PreviousCrate, TrustedRun
from bot.registries.pypi.facts import Attestation, Provenance
from bot.release.verification.judge import Mark, Origin, State
from tests.release.verification.building import OTHER, SUM, TAG, archive, crate, indexed, names, release, texts, verdict

HERE = Origin(repositories=("o/r",), commit=TAG, runs=(("7", "push"),))
SDIST = names()[0]
ATTESTED = Attestation(
    "GitHub", "o/r", "publish.yml", None, TAG, "refs/tags/v0.5.0", "https://github.com/o/r/actions/runs/7", "push",
    ((SDIST, SUM),),
)  # fmt: skip


def of_crate(origin=HERE, **more):
    return verdict(crate(**more), origin=origin)


def attested(**more):
    one = replace(ATTESTED, **more)
    return verdict(release(provenance=(Provenance(SDIST, (one,), "https://pypi.org/integrity"),)), origin=HERE)


def test_a_crate_that_was_packaged_from_the_tags_commit_says_so():
    assert "packaged from 111111111111, the tag's commit" in texts(of_crate(), Mark.OK)


def test_a_crate_that_was_packaged_from_another_commit_is_a_failure():
    assert texts(of_crate(archive=archive(commit=OTHER)), Mark.FAILED) == [
        "packaged from 222222222222, but the tag stands on 111111111111"
    ]


def test_a_commit_may_be_abbreviated():
    assert of_crate(Origin(commit=TAG[:8])).state is State.COMPLETE
    assert of_crate(Origin(commit=OTHER[:8])).state is State.INCOMPLETE


def test_a_dirty_tree_is_a_failure_and_a_missing_commit_is_unknown():
    assert texts(of_crate(archive=archive(dirty=True)), Mark.FAILED) == [
        "the .crate was packaged from a tree with uncommitted changes"
    ]
    unknown = of_crate(archive=archive(commit=None))
    assert unknown.state is State.COMPLETE
    assert "the .crate does not say which commit it was packaged from" in texts(unknown, Mark.NOTE)


def test_the_run_that_published_a_crate_is_told():
    assert "published by run 7 of O/R" in texts(of_crate(trusted=TrustedRun("O/R", "7", TAG)), Mark.OK)


def test_a_crate_that_another_repository_published_is_a_failure():
    found = of_crate(trusted=TrustedRun("fork/r", "7", TAG))
    assert texts(found, Mark.FAILED) == ["published by run 7 of fork/r, not by o/r"]


def test_a_repository_that_was_renamed_meanwhile_is_known_by_both_names():
    renamed = Origin(repositories=("o/new", "o/r"), commit=TAG)
    assert of_crate(renamed, trusted=TrustedRun("o/r", "7", TAG)).state is State.COMPLETE


def test_a_run_that_the_tag_did_not_start_is_noted():
    found = of_crate(trusted=TrustedRun("o/r", "8", TAG))
    assert "published by run 8 of o/r, which is not a run of the tag" in texts(found, Mark.NOTE)


@pytest.mark.parametrize(("event", "mark"), [("push", Mark.FAILED), ("workflow_dispatch", Mark.NOTE)])
def test_a_run_on_another_commit_is_a_failure_unless_a_person_started_it(event, mark):
    origin = replace(HERE, runs=(("7", event),))
    found = of_crate(origin, trusted=TrustedRun("o/r", "7", OTHER))
    assert any(text.startswith("published by run 7 of o/r at 222222222222") for text in texts(found, mark))


@pytest.mark.parametrize(("packaged", "mark"), [(TAG, Mark.NOTE), (None, Mark.FAILED)])
def test_without_the_event_the_packaged_commit_decides(packaged, mark):
    found = of_crate(replace(HERE, runs=()), trusted=TrustedRun("o/r", "7", OTHER), archive=archive(commit=packaged))
    assert any(text.startswith("published by run 7") for text in texts(found, mark))


def test_a_token_where_a_trusted_publisher_published_before_is_noted():
    found = of_crate(previous=PreviousCrate("0.4.0", True, None))
    assert "published with a token, while a trusted publisher published 0.4.0" in texts(found, Mark.NOTE)
    assert texts(of_crate(previous=PreviousCrate("0.4.0", False, None)), Mark.NOTE) == []


def test_a_provenance_from_the_tags_commit_says_so():
    found = attested()
    assert found.state is State.COMPLETE
    assert "PyPI says that publish.yml of o/r built it at 111111111111" in texts(found, Mark.OK)


def test_a_provenance_of_another_repository_is_a_failure():
    assert texts(attested(repository="fork/r"), Mark.FAILED) == [
        "PyPI says that publish.yml of fork/r built it, not o/r"
    ]


@pytest.mark.parametrize(("event", "state"), [("push", State.INCOMPLETE), ("workflow_dispatch", State.COMPLETE)])
def test_a_provenance_of_another_commit_is_a_failure_unless_a_person_started_the_run(event, state):
    assert attested(commit=OTHER, event=event).state is state


def test_a_provenance_for_a_branch_is_noted():
    assert any("built it for refs/heads/main" in text for text in texts(attested(ref="refs/heads/main"), Mark.NOTE))


def test_a_provenance_about_other_bytes_is_a_failure():
    found = attested(subjects=((SDIST, "cd" * 32),))
    assert texts(found, Mark.FAILED) == [f"the provenance of {SDIST} is about other bytes"]


def test_a_provenance_may_spell_the_name_of_its_file_in_another_way():
    assert attested(subjects=((SDIST.replace("_", "-"), SUM),)).state is State.COMPLETE


def test_a_provenance_that_cannot_be_read_is_noted():
    found = verdict(
        release(provenance=(Provenance(SDIST, (), "https://pypi.org", unreadable="nonsense"),)), origin=HERE
    )
    assert f"the provenance of {SDIST} cannot be read: nonsense" in texts(found, Mark.NOTE)
    assert found.state is State.COMPLETE


def test_a_provenance_that_the_release_before_had_is_missed():
    found = verdict(release(others=(indexed("0.4.0", has_provenance=True),)))
    assert "no provenance, while 0.4.0 had one" in texts(found, Mark.NOTE)


def test_without_a_provenance_the_commit_is_unknown():
    assert any("is unknown" in text for text in texts(verdict(release(), origin=HERE), Mark.NOTE))
    assert not any("unknown" in text for text in texts(verdict(release()), Mark.NOTE))
