"""The verdict on what the registries have."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.packaging.registry import Registry
from bot.registries.crates_io.found import CrateVersion
from bot.registries.pypi.facts import ReleaseFile
from bot.registries.pypi.found import PyPIRelease
from bot.release.facts import Timeouts
from bot.release.found import Unreachable
from bot.release.model import ReleasePackage
from bot.release.verification.judge import Mark, State, judge

ENDED = datetime(2026, 4, 4, 16, tzinfo=UTC)
SUM = "ab" * 32
TAILS = {
    "linux-x86_64": "cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64",
    "linux-aarch64": "cp39-abi3-manylinux_2_17_aarch64.manylinux2014_aarch64",
    "macos-arm64": "cp39-abi3-macosx_11_0_arm64",
    "windows-x86_64": "cp39-abi3-win_amd64",
}
CRATE = CrateVersion(
    "edge-demo", "0.5.0", True, True, SUM, SUM, False, True, "https://crates.io/crates/edge-demo/0.5.0"
)


def package(registry, files=()):
    return ReleasePackage(
        name="edge-demo",
        registry=registry,
        path=".",
        manifest="Cargo.toml",
        old="0.4.0",
        new="0.5.0",
        tag="v0.5.0",
        workflow="publish.yml",
        files=files,
        notes="",
        drafted=False,
    )


def names(*without, **instead):
    tails = {**TAILS, **instead}
    wheels = [f"edge_demo-0.5.0-{tail}.whl" for key, tail in tails.items() if key not in without]
    return (*(() if "sdist" in without else ("edge_demo-0.5.0.tar.gz",)), *wheels)


def release(uploaded, indexed=None, **more):
    files = tuple(ReleaseFile(name, SUM, 1, ENDED - timedelta(minutes=5), ">=3.9", False) for name in uploaded)
    about = {"in_json": bool(files), "yanked": False, "has_description": True, "requires_python": ">=3.9", **more}
    return PyPIRelease("edge-demo", "0.5.0", files=files, index_files=indexed or (), url="https://pypi.org/x", **about)


def verdict(found, after=60.0, files=("sdist", *TAILS)):
    registry = Registry.CRATES_IO if isinstance(found, CrateVersion) else Registry.PYPI
    now = ENDED + timedelta(seconds=after)
    return judge(package(registry, files), found, published_at=ENDED, now=now, timeouts=Timeouts())


def texts(verdict, mark):
    return [line.text for line in verdict.lines if line.mark is mark]


def test_a_crate_that_is_everywhere_is_complete_with_its_evidence():
    found = verdict(CRATE)
    assert found.state is State.COMPLETE
    assert texts(found, Mark.OK) == [
        "crates.io has 0.5.0",
        "the sparse index, which cargo reads, has 0.5.0",
        "checksum is the same in API and index (abababababab…)",
        "not yanked",
        "README is rendered",
    ]


@pytest.mark.parametrize(
    "found",
    [
        replace(CRATE, in_api=False, in_index=False, api_checksum=None, index_checksum=None, readme=None),
        replace(CRATE, in_index=False, index_checksum=None, readme=None),
        replace(CRATE, in_api=False, api_checksum=None),
        release(()),
        release(names(), names("windows-x86_64")),
        release(names("windows-x86_64"), names()),
        release(names()),
        release((), names()),
    ],
)
def test_what_is_absent_or_disagrees_is_awaited_and_then_incomplete(found):
    assert verdict(found, after=1799.9).state is State.PROPAGATING
    assert verdict(found, after=1800).state is State.INCOMPLETE


def test_two_checksums_of_one_crate_version_are_no_cache_on_its_way():
    found = verdict(replace(CRATE, index_checksum="cd" * 32))
    assert found.state is State.INCOMPLETE
    assert texts(found, Mark.FAILED) == [f"checksum differs: API {SUM}, index {'cd' * 32}"]


@pytest.mark.parametrize("found", [replace(CRATE, yanked=True), release(names(), names(), yanked=True)])
def test_a_yanked_version_is_incomplete_at_once(found):
    assert verdict(found).state is State.INCOMPLETE
    assert texts(verdict(found), Mark.FAILED) == ["0.5.0 is yanked"]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (replace(CRATE, readme=False), "no README is rendered (yet)"),
        (release(names(), names(), has_description=False), "the project page has no description"),
    ],
)
def test_a_missing_readme_that_nobody_promised_is_noted_and_holds_nothing_up(found, said):
    assert verdict(found).state is State.COMPLETE
    assert said in texts(verdict(found), Mark.NOTE)


def test_every_promised_file_is_told_by_its_platform():
    found = verdict(release(names(), names()))
    assert found.state is State.COMPLETE
    assert texts(found, Mark.OK) == [
        "PyPI has 0.5.0",
        "sdist",
        "linux-x86_64 wheel (cp39-abi3)",
        "linux-aarch64 wheel (cp39-abi3)",
        "macos-arm64 wheel (cp39-abi3)",
        "windows-x86_64 wheel (cp39-abi3)",
        "pip installs a wheel on CPython 3.9–3.14 on every platform",
        "pip's index lists every file",
        "not yanked",
        "description is there",
    ]


@pytest.mark.parametrize(
    ("key", "said"), [("linux-aarch64", "linux-aarch64 wheel is missing"), ("sdist", "sdist is missing")]
)
def test_a_promised_file_that_is_nowhere_is_missing_at_once(key, said):
    found = verdict(release(names(key), names(key)), after=0)
    assert found.state is State.INCOMPLETE
    assert texts(found, Mark.FAILED) == [said]


def test_while_something_is_missing_the_last_day_to_upload_it_is_told():
    found = verdict(release(names("linux-aarch64"), names("linux-aarch64")))
    assert texts(found, Mark.NOTE)[-1] == (
        "PyPI takes missing files until 2026-04-18 15:55 UTC; never other bytes of a name"
    )


def test_after_that_day_only_a_new_version_helps():
    found = verdict(release(names("linux-aarch64"), names("linux-aarch64")), after=15 * 86_400)
    assert texts(found, Mark.NOTE)[-1] == "PyPI takes no more files for it since 2026-04-18: publish a new version"


def test_a_wheel_for_one_interpreter_is_not_the_promised_abi3_wheel():
    files = names(**{"linux-x86_64": "cp38-cp38-manylinux_2_17_x86_64"})
    found = verdict(release(files, files))
    assert found.state is State.INCOMPLETE
    assert texts(found, Mark.FAILED) == [
        "linux-x86_64 wheel cannot be used: it is tagged cp38-cp38, expected is cp39-abi3"
    ]


def test_a_universal_wheel_serves_both_macs():
    files = ("edge_demo-0.5.0-cp39-abi3-macosx_10_12_universal2.whl",)
    assert verdict(release(files, files), files=("macos-x86_64", "macos-arm64")).state is State.COMPLETE


def test_where_nothing_is_promised_what_is_there_is_told():
    files = ("edge_demo-0.5.0-py3-none-any.whl",)
    found = verdict(release(files, files), files=())
    assert found.state is State.COMPLETE
    assert "wheel for any platform (py3-none)" in texts(found, Mark.OK)


def test_a_python_that_one_platform_lacks_is_noted():
    several = [f"edge_demo-0.5.0-{py}-{py}-{on}.whl" for py in ("cp312", "cp313") for on in ("win32", "win_amd64")]
    files = (*several, "edge_demo-0.5.0-cp313-cp313-macosx_11_0_arm64.whl")
    found = verdict(release(files, files), files=("macos-arm64",))
    assert found.state is State.COMPLETE
    assert "macos-arm64 wheel does not serve CPython 3.12, most platforms do" in texts(found, Mark.NOTE)


def test_a_registry_that_cannot_be_asked_tells_nothing_however_late():
    found = verdict(Unreachable("PyPI", "HTTP 503 from pypi.org"), after=86_400)
    assert found.state is State.UNREACHABLE
    assert texts(found, Mark.WAITING) == ["PyPI cannot be asked: HTTP 503 from pypi.org"]
