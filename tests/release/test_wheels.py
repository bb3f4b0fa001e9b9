"""File names of distributions, by pip's own rules."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from bot.release.wheels import by_platform, gaps, is_stable, misfits, platform_keys, pythons, tag_text

REAL = Path(__file__).parents[3] / "shared/data/registries/pypi-simple-edgequake-litellm.json"
ALL = {
    "sdist",
    "linux-x86_64",
    "linux-aarch64",
    "musllinux-x86_64",
    "musllinux-aarch64",
    "macos-x86_64",
    "macos-arm64",
    "windows-x86_64",
}


def wheels(**tags):
    """One wheel a platform: linux_x86_64="cp39-abi3"."""
    names = {"linux": "manylinux_2_17_x86_64", "musl": "musllinux_1_2_x86_64", "mac": "macosx_11_0_arm64"}
    return by_platform(
        f"a-1.0-{tag}-{names.get(key, key)}.whl" for key, several in tags.items() for tag in several.split()
    )


@pytest.mark.parametrize(
    ("filename", "keys"),
    [
        ("edge_demo-0.4.0.tar.gz", {"sdist"}),
        ("a-1.0-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", {"linux-x86_64"}),
        ("a-1.0-cp39-abi3-manylinux1_i686.whl", {"linux-i686"}),
        ("a-1.0-cp39-abi3-linux_armv7l.whl", {"linux-armv7l"}),
        ("a-1.0-cp39-abi3-musllinux_1_2_aarch64.whl", {"musllinux-aarch64"}),
        ("a-1.0-cp39-abi3-macosx_10_12_x86_64.whl", {"macos-x86_64"}),
        ("a-1.0-cp39-abi3-macosx_11_0_arm64.whl", {"macos-arm64"}),
        ("a-1.0-cp39-abi3-macosx_10_12_universal2.whl", {"macos-x86_64", "macos-arm64"}),
        ("a-1.0-cp39-abi3-win_amd64.whl", {"windows-x86_64"}),
        ("a-1.0-cp39-abi3-win_arm64.whl", {"windows-arm64"}),
        ("a-1.0-cp39-abi3-win32.whl", {"windows-i686"}),
        ("a-1.0-py3-none-any.whl", {"any"}),
        ("a-1.0-cp39-abi3-plan9_x86.whl", set()),
        ("a-1.0.win32.exe", set()),
        ("not a wheel.whl", set()),
    ],
)
def test_a_file_names_the_platforms_that_it_serves(filename, keys):
    assert platform_keys(filename) == keys


@pytest.mark.parametrize(
    ("tag", "first", "last"),
    [
        ("cp39-abi3", 9, 19),
        ("cp38-cp38", 8, 8),
        ("py3-none", 8, 19),
        ("cp312-none", 12, 12),
        ("cp315-abi3.abi3t", 15, 19),
    ],
)
def test_interpreter_and_abi_tell_which_cpythons_a_wheel_serves(tag, first, last):
    assert pythons(f"a-1.0-{tag}-win_amd64.whl") == set(range(first, last + 1))


@pytest.mark.parametrize("tag", ["cp314-cp314t", "pp310-pypy310_pp73"])
def test_wheels_for_other_pythons_serve_no_cpython(tag):
    assert not pythons(f"a-1.0-{tag}-win_amd64.whl")


def test_only_wheels_for_the_stable_abi_or_none_serve_what_is_to_come():
    assert is_stable("a-1.0-cp39-abi3-win32.whl")
    assert is_stable("a-1.0-py3-none-win32.whl")
    assert not is_stable("a-1.0-cp312-none-win32.whl")


def test_one_interpreter_where_the_others_have_the_stable_abi_is_a_misfit():
    found = wheels(linux="cp312-cp312", musl="cp39-abi3", mac="cp39-abi3", win32="cp39-abi3")
    assert misfits(found, None) == {"linux-x86_64": "cp39-abi3"}


def test_of_two_platforms_the_one_with_the_stable_abi_is_right():
    assert misfits(wheels(linux="cp38-cp38", mac="cp39-abi3"), None) == {"linux-x86_64": "cp39-abi3"}


def test_extra_wheels_beside_the_stable_abi_are_no_misfit():
    found = wheels(linux="cp39-abi3 cp314-cp314t", mac="cp39-abi3", win32="cp39-abi3 pp310-pypy310_pp73")
    assert misfits(found, ">=3.9") == {}


def test_a_lone_wheel_must_serve_a_python_that_the_release_supports():
    assert misfits(wheels(linux="cp38-cp38"), ">=3.9") == {"linux-x86_64": "a wheel for Python >=3.9"}
    assert misfits(wheels(linux="cp38-cp38"), ">=3.8.2") == {}


def test_a_wheel_for_each_interpreter_is_no_misfit_and_a_gap_is_told():
    found = wheels(linux="cp312-cp312 cp313-cp313", mac="cp312-cp312 cp313-cp313", win32="cp313-cp313")
    assert misfits(found, ">=3.12") == {}
    assert gaps(found) == {"windows-i686": ("3.12",)}


def test_an_unreadable_requires_python_accuses_nobody():
    assert misfits(wheels(linux="cp312-cp312"), "three") == {}


def test_tags_are_told_without_the_platform():
    names = ["a-1.0-cp39-abi3-win32.whl", "a-1.0-py2.py3-none-any.whl"]
    assert tag_text(names) == "cp39-abi3, py2.py3-none"


@pytest.fixture
def real_releases():
    if not REAL.is_file():
        pytest.skip("the real file lists (../shared/data/registries) are not here")
    releases = defaultdict(list)
    for file in json.loads(REAL.read_text())["files"]:
        name = file["filename"]
        releases[name.removesuffix(".tar.gz").split("-")[1]].append(name)
    return {version: by_platform(names) for version, names in releases.items()}


def test_of_fourteen_real_releases_the_two_broken_ones_are_found(real_releases):
    assert len(real_releases) == 14
    missing = {version: ALL - set(found) for version, found in real_releases.items() if ALL - set(found)}
    assert missing == {"0.2.0": {"linux-aarch64"}, "0.3.0": {"linux-aarch64"}}


def test_of_fourteen_real_releases_the_one_with_a_useless_wheel_is_found(real_releases):
    found = {
        version: misfits({key: names for key, names in files.items() if key != "sdist"}, ">=3.9")
        for version, files in real_releases.items()
    }
    assert {version: keys for version, keys in found.items() if keys} == {"0.2.0": {"linux-x86_64": "cp39-abi3"}}
