"""The verdict on a PyPI release, beside its files: yanks, caches, metadata, sizes, late uploads."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.plan.model import Promises
from bot.release.verification.judge import Mark, Origin, State
from tests.release.verification.building import ENDED, TAILS, file, indexed, names, release, texts, then, verdict


def failed(found, **more):
    return texts(verdict(found, **more), Mark.FAILED)


def notes(found, **more):
    return texts(verdict(found, **more), Mark.NOTE)


def with_files(change):
    """A release whose files are changed one by one, on both sides."""
    files = tuple(change(number, file(name)) for number, name in enumerate(names()))
    whole = release()
    return replace(whole, files=files, releases=(replace(whole.releases[0], files=files),))


def test_a_yank_is_told_with_its_reason():
    assert failed(release(yanked=True, yanked_reason="lost data")) == ["0.5.0 is yanked: lost data"]


def test_a_quarantined_project_is_told_as_such():
    nothing = release(files=(), index_files=(), releases=(), in_json=False, status="quarantined")
    assert failed(nothing)[0] == "PyPI has quarantined the project"
    assert "run it again" not in then(verdict(nothing, after=timedelta(hours=1)), "PyPI does not have 0.5.0")


def test_an_archived_project_is_noted():
    assert "the project is marked as archived on PyPI" in notes(release(status="archived"))


def test_a_release_that_was_seen_and_is_gone_is_said_to_be_gone():
    nothing = release(files=(), index_files=(), releases=(), in_json=False)
    late = {"origin": Origin(seen_before=True), "after": timedelta(hours=1)}
    assert failed(nothing, **late) == ["PyPI had 0.5.0, and it is gone"]
    assert verdict(nothing, origin=Origin(seen_before=True)).state is State.PROPAGATING  # a cache that lags


def test_an_index_that_is_older_than_the_json_is_awaited():
    found = verdict(release(index_files=(), releases=(), stale_index=True))
    assert found.state is State.PROPAGATING
    assert texts(found, Mark.WAITING)[0].endswith("more, it is older")


def test_behind_a_mirror_without_json_the_index_alone_is_judged():
    found = verdict(release(files=(), in_json=False, has_description=None, json_served=False), after=timedelta(days=1))
    assert found.state is State.COMPLETE
    assert "no JSON API is served here: judged by pip's index alone" in texts(found, Mark.NOTE)


def test_two_hashes_of_one_file_are_a_failure():
    found = release()
    other = tuple(replace(each, sha256="cd" * 32) for each in found.files[:1])
    (text,) = failed(replace(found, files=(*other, *found.files[1:])))
    assert text.startswith("edge_demo-0.5.0.tar.gz has SHA-256 cdcdcdcdcdcd… in the JSON API")


def test_a_description_that_the_tree_promises_is_missed():
    bare = release(has_description=False)
    assert failed(bare, promises=Promises(readme=True)) == ["the project page has no description"]
    assert verdict(bare, promises=Promises(readme=False)).state is State.COMPLETE


def test_another_requires_python_than_the_trees_is_a_failure():
    assert failed(release(), promises=Promises(requires_python=">=3.10")) == [
        "requires-python is >=3.9 in every file, the tree says >=3.10"
    ]
    assert verdict(release(), promises=Promises(requires_python=">= 3.9")).state is State.COMPLETE


def test_one_file_with_another_requires_python_is_named():
    found = with_files(lambda n, each: replace(each, requires_python=">=3.7") if n == 0 else each)
    assert failed(found, promises=Promises(requires_python=">=3.9")) == [
        "requires-python is >=3.7 in edge_demo-0.5.0.tar.gz, the tree says >=3.9"
    ]
    assert any("do not agree on requires-python" in text for text in notes(found))


@pytest.mark.parametrize(
    "said", ["git@github.com:o/r.git", "ssh://git@github.com/O/r", "https://github.com/o/r/#readme"]
)
def test_a_repository_is_the_same_however_it_is_written(said):
    found = release(links=("https://github.com/o/r",))
    assert not any("repository" in text for text in notes(found, promises=Promises(repository=said)))


def test_license_and_repository_are_held_against_the_tree():
    promised = Promises(license="MIT", repository="https://github.com/o/r")
    drifted = release(license="Apache-2.0", links=("https://github.com/o/old",))
    assert [text for text in notes(drifted, promises=promised) if "tree" in text] == [
        "license is Apache-2.0, the tree says MIT",
        "it does not name the repository https://github.com/o/r that the tree names",
    ]


def test_files_that_came_late_are_named():
    found = with_files(lambda n, each: replace(each, uploaded_at=ENDED - timedelta(minutes=20 if n != 2 else 1)))
    assert "late by 19 min: linux-aarch64 wheel" in notes(found)


def test_the_last_days_to_upload_are_counted():
    found = verdict(release(*names(without=("sdist",))), files=tuple(TAILS), after=timedelta(days=13))
    assert texts(found, Mark.NOTE)[-1].startswith(
        "PyPI takes missing files until 2026-04-18 15:59 UTC (23 h 59 min left)"
    )


def test_sizes_far_from_the_release_befores_are_noted():
    found = release(others=(indexed("0.4.0", size=400_000),))
    (text,) = [text for text in notes(found) if text.startswith("other sizes")]
    assert text.startswith("other sizes than in 0.4.0: sdist, linux-x86_64 wheel")
    assert text.endswith("windows-x86_64 wheel 0.4 MB → 1.0 MB")


def test_a_file_near_pypis_limit_is_noted():
    found = with_files(lambda n, each: replace(each, size=90_000_000) if n == 1 else each)
    assert any(text.endswith("has 90.0 MB of at most 100.0 MB") for text in notes(found))


def test_a_floor_that_rose_is_noted():
    newer = names(linux_x86_64="-cp39-abi3-manylinux_2_34_x86_64.whl")
    found = notes(release(*newer, others=(indexed("0.4.0"),)))
    glibc, macos = "glibc 2.17 (linux-aarch64), 2.34 (linux-x86_64)", "macOS 10.12 (macos-x86_64), 11.0 (macos-arm64)"
    assert f"oldest systems served: {glibc}; {macos}" in found
    assert "the oldest system rose since 0.4.0: linux-x86_64 from 2.17 to 2.34" in found


@pytest.mark.parametrize(
    ("others", "version", "said"),
    [
        ((), "0.5.0", "pip install edge-demo takes it"),
        ((), "0.5.0rc1", "pip install edge-demo takes it"),
    ],
)
def test_what_pip_takes_is_told(others, version, said):
    found = verdict(release(*names(version), version=version, others=others))
    assert said in texts(found, Mark.OK)


def test_pip_takes_a_newer_release_than_one_of_an_older_line():
    found = release()
    newer = replace(found, releases=(*found.releases, indexed("0.6.0")))
    assert "pip install edge-demo takes 0.6.0, which is newer" in notes(newer)


def test_pip_does_not_take_a_prerelease_by_itself():
    found = release(*names("0.5.0rc1"), version="0.5.0rc1", others=(indexed("0.4.0"),))
    assert "a prerelease: pip install edge-demo takes 0.4.0" in notes(found)


def test_pip_falls_back_where_no_file_of_a_release_can_be_used():
    found = release("edge_demo-0.5.0-cp38-cp38-win_amd64.whl", others=(indexed("0.4.0"),))
    assert "pip install edge-demo falls back to 0.4.0" in failed(found)


def test_where_no_wheel_fits_it_is_told_what_pip_does():
    less = names(without=("linux-aarch64",))
    assert "without a wheel that fits, pip builds the sdist on linux-aarch64" in notes(
        release(*less), files=tuple(TAILS)
    )


def test_pythons_for_which_pip_must_build_are_told():
    wheels = [f"edge_demo-0.5.0-cp3{minor}-cp3{minor}-win_amd64.whl" for minor in (9, 10, 11, 12)]
    found = verdict(release("edge_demo-0.5.0.tar.gz", *wheels))
    assert "pip installs a wheel on CPython 3.9–3.12 on every platform" in texts(found, Mark.OK)
    assert "on CPython 3.13, 3.14 pip builds the sdist on every platform" in texts(found, Mark.NOTE)


def test_every_failure_says_what_to_do_next():
    broken = release(*names(without=("sdist",)), yanked=True, has_description=False, index_files=())
    found = verdict(
        broken, files=tuple(TAILS), promises=Promises(readme=True, requires_python=">=3.10"), after=timedelta(days=1)
    )
    assert all(line.then.endswith(".") for line in found.lines if line.mark is Mark.FAILED)
    assert then(found, "0.5.0 is yanked").startswith("pip takes it only when it is pinned.")


def test_of_many_files_the_first_are_named():
    unseen = verdict(replace(release(), index_files=(), releases=()))
    assert [line.text for line in unseen.lines if "does not list" in line.text] == [
        f"pip's index does not list {', '.join(names()[:3])} and {len(TAILS) - 3} more"
    ]
    unlisted = verdict(replace(release(), files=()))
    assert any(text.endswith("and 4 more") for text in texts(unlisted, Mark.WAITING))
