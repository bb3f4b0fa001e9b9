"""What the labels of a job tell of its machine, and what maturin builds there."""

import pytest

from bot.packaging.runners import Host, of_maturin, of_runner

LINUX, MAC, WINDOWS = Host("linux", "x86_64"), Host("macos", "aarch64"), Host("windows", "x86_64")


@pytest.mark.parametrize(
    ("label", "host"),
    [
        ("ubuntu-latest", LINUX),
        ("ubuntu-22.04", LINUX),
        ("ubuntu-slim", LINUX),
        ("ubuntu-24.04-arm", Host("linux", "aarch64")),
        ("windows-latest", WINDOWS),
        ("windows-2025-vs2026", WINDOWS),
        ("windows-11-arm", Host("windows", "aarch64")),
        ("macOS-latest", MAC),
        ("macos-26", MAC),
        ("macos-14", MAC),
        ("macos-13-xlarge", MAC),
        ("macos-latest-xlarge", MAC),
        ("macos-13", Host("macos", "x86_64")),
        ("macos-10.15", Host("macos", "x86_64")),
        ("macos-15-intel", Host("macos", "x86_64")),
        ("macos-latest-large", Host("macos", "x86_64")),
        ("linux", Host("linux", None)),
        ("ubuntu", None),
        ("ubuntu-latest-16-cores", None),
        ("my-linux-arm-box", None),
        ("codspeed-macro", None),
        ("${{ matrix.os }}", None),
        ("arm64", None),
    ],
)
def test_a_label_of_github_tells_the_machine_and_one_of_ones_own_does_not(label, host):
    assert of_runner([label]) == host


@pytest.mark.parametrize(
    ("labels", "host"),
    [
        (["self-hosted", "Linux", "X64"], LINUX),
        (["self-hosted", "macOS", "ARM64", "gpu"], MAC),
        (["self-hosted", "linux", "ARM"], Host("linux", None)),
        (["self-hosted"], None),
        (["linux", "windows"], None),
        (["ubuntu-latest", "arm64"], None),
        ([], None),
    ],
)
def test_several_labels_tell_what_each_tells_and_nothing_when_they_differ(labels, host):
    assert of_runner(labels) == host


@pytest.mark.parametrize(
    ("target", "host", "keys"),
    [
        ("", LINUX, ("linux-x86_64",)),
        ("", MAC, ("macos-arm64",)),
        ("", Host("linux"), None),
        ("", None, None),
        ("x64", WINDOWS, ("windows-x86_64",)),
        ("x86", LINUX, ("linux-i686",)),
        ("armv7", LINUX, ("linux-armv7l",)),
        ("aarch64", Host("linux"), ("linux-aarch64",)),
        ("universal2", MAC, ("macos-x86_64", "macos-arm64")),
        ("universal2", LINUX, None),
        ("potato", LINUX, None),
        ("aarch64", None, None),
        ("aarch64-pc-windows-msvc", None, ("windows-arm64",)),
        ("wasm32-unknown-emscripten", LINUX, None),
        ("aarch64-linux-android", LINUX, ("android-arm64_v8a",)),
        ("x86_64-unknown-linux-ohos", LINUX, None),
    ],
)
def test_maturin_builds_for_the_target_and_an_unknown_one_is_never_the_runner(target, host, keys):
    assert of_maturin(target, host) == keys


def test_a_musllinux_wheel_is_one_whatever_the_target_is_called():
    assert of_maturin("x86_64", LINUX, musl=True) == ("musllinux-x86_64",)
    assert of_maturin("", LINUX, musl=True) == ("musllinux-x86_64",)
    assert of_maturin("aarch64-unknown-linux-musl", LINUX) == ("musllinux-aarch64",)
