"""File names of distributions, by pip's own rules."""

import pytest

from bot.packaging.wheels import (
    CPYTHONS,
    allowed_by,
    is_stable,
    other_pythons,
    platform_keys,
    pythons,
    tag_text,
    written,
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
        ("a-1.0-cp313-cp313-ios_13_0_arm64_iphoneos.whl", {"ios-arm64_iphoneos"}),
        ("a-1.0-cp39-abi3-plan9_x86.whl", set()),
        ("a-1.0-cp39-abi3-manylinux_2_17_potato.whl", set()),
        ("a-1.0-cp39-abi3-macosx_11_0_aarch64.whl", set()),
        ("a-1.0-cp39-abi3-manylinux_2_17_potato.manylinux_2_17_x86_64.whl", {"linux-x86_64"}),
        ("a-1.0-1-cp39-abi3-win32.whl", {"windows-i686"}),
        ("a-1.0.zip", {"sdist"}),
        ("a-1.0.tar.bz2", {"sdist"}),
        ("a-1.0.win32.zip", set()),
        ("a-1.0-py2.7.egg", set()),
        ("a-1.0.win32.exe", set()),
        ("not a wheel.whl", set()),
    ],
)
def test_a_file_names_the_platforms_that_it_serves(filename, keys):
    assert platform_keys(filename) == keys


@pytest.mark.parametrize(
    ("tag", "serves"),
    [
        ("cp39-abi3", "3.9–3.19"),
        ("cp38-cp38", "3.8"),
        ("py3-none", "3.2–3.19"),
        ("py2.py3-none", "2.6–3.19"),
        ("cp312-none", "3.12"),
        ("cp36-cp36m", "3.6"),
        ("cp27-cp27mu", "2.7"),
        ("cp315-abi3.abi3t", "3.15–3.19"),
    ],
)
def test_interpreter_and_abi_tell_which_cpythons_a_wheel_serves(tag, serves):
    assert written(pythons(f"a-1.0-{tag}-win_amd64.whl")) == serves


def test_a_wheel_whose_name_breaks_todays_rules_is_read_all_the_same():
    assert written(pythons("a-1.0-beta_1-cp27-none-win32.whl")) == "2.7"


@pytest.mark.parametrize(
    ("tag", "others"),
    [("cp314-cp314t", {"cp314t"}), ("pp310-pypy310_pp73", {"pp310"}), ("cp39-abi3", set())],
)
def test_other_pythons_are_told_by_their_short_names(tag, others):
    assert other_pythons([f"a-1.0-{tag}-win_amd64.whl"]) == others


@pytest.mark.parametrize(
    ("requires", "allowed"),
    [
        (">=3.9", "3.9–3.19"),
        (">=3.9.2,<3.12", "3.9–3.11"),
        ("~=3.10", "3.10–3.19"),
        ("!=3.11.*,>=3.10", "3.10, 3.12–3.19"),
    ],
)
def test_requires_python_lets_pythons_in(requires, allowed):
    assert written(allowed_by(requires)) == allowed


@pytest.mark.parametrize("unreadable", ["three", None, ""])
def test_an_unreadable_requires_python_lets_everybody_in(unreadable):
    assert allowed_by(unreadable) == set(CPYTHONS)


@pytest.mark.parametrize("tag", ["cp314-cp314t", "pp310-pypy310_pp73"])
def test_wheels_for_other_pythons_serve_no_cpython(tag):
    assert not pythons(f"a-1.0-{tag}-win_amd64.whl")


def test_only_wheels_for_the_stable_abi_or_none_serve_what_is_to_come():
    assert is_stable("a-1.0-cp39-abi3-win32.whl")
    assert is_stable("a-1.0-py3-none-win32.whl")
    assert not is_stable("a-1.0-cp312-none-win32.whl")


def test_tags_are_told_without_the_platform():
    names = ["a-1.0-cp39-abi3-win32.whl", "a-1.0-py2.py3-none-any.whl"]
    assert tag_text(names) == "cp39-abi3, py2.py3-none"


@pytest.mark.parametrize("name", ["edge-0.5.0-[red]-none-any.whl", "a-1.0-.whl", "a-1--.-.-..whl", "a-1-x-y-z-u.whl"])
def test_a_name_that_no_tool_writes_is_no_wheel_for_anybody(name):
    assert not pythons(name)
