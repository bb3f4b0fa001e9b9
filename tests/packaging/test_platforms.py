"""Names of platforms: what each means, and that a name which is not known means none."""

import json
import os
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.tags import mac_platforms

from bot.packaging.platforms import (
    WORDS,
    allowed_words,
    keys_of,
    named_platforms,
    of_cibuildwheel,
    of_tag,
    of_target,
    position,
)
from bot.sandbox.registries.wheels import PLATFORM_TAGS, platform_tag

BOTH_MACS = ("macos-x86_64", "macos-arm64")
PYPI_MAC_ARCHS = ["ppc", "ppc64", "i386", "x86_64", "arm64", "intel", "fat", "fat3", "fat64", "universal", "universal2"]
"""What PyPI takes: `_macosx_arches` in warehouse/forklift/legacy.py."""


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Linux-amd64", ("linux-x86_64",)),
        (" linux-arm64 ", ("linux-aarch64",)),
        ("musllinux-x86", ("musllinux-i686",)),
        ("macos-aarch64", ("macos-arm64",)),
        ("macos-universal2", BOTH_MACS),
        ("windows-x64", ("windows-x86_64",)),
        ("windows-win32", ("windows-i686",)),
        ("android-x86", ("android-x86",)),
        ("sdist", ("sdist",)),
        ("ANY", ("any",)),
    ],
)
def test_a_platform_may_be_named_as_people_do(said, meant):
    assert named_platforms(said) == meant


@pytest.mark.parametrize(
    "said",
    ["linux-potato", "solaris-sparc", "linux", "linux-", "-x86_64", "linux-win32", "macos-x86", "any-x86_64", ""],
)
def test_a_word_that_names_no_platform_is_not_known(said):
    assert named_platforms(said) is None


@given(st.text(max_size=20) | st.sampled_from(WORDS).flatmap(lambda word: st.text(max_size=3).map(word.__add__)))
def test_a_word_is_a_key_or_not_known(text):
    for read in (named_platforms, of_tag, of_target, of_cibuildwheel):
        assert set(read(text) or ()) <= set(WORDS)


@pytest.mark.parametrize("word", WORDS)
def test_every_key_means_itself_and_is_among_the_allowed_words(word):
    assert named_platforms(word) == (word,)
    assert word.partition("-")[0] in allowed_words() and word.partition("-")[2] in allowed_words()


def test_keys_are_ordered_as_people_read_them_and_what_is_no_key_comes_last():
    keys = ["plan9-x86", "windows-arm64", "windows-x86_64", "macos-arm64", "linux-x86_64", "any", "sdist"]
    assert sorted(keys, key=position) == keys[::-1]


@pytest.mark.parametrize(
    ("tag", "keys"),
    [
        ("any", ("any",)),
        ("manylinux1_i686", ("linux-i686",)),
        ("manylinux2014_s390x", ("linux-s390x",)),
        ("manylinux_2_28_riscv64", ("linux-riscv64",)),
        ("linux_armv6l", ("linux-armv6l",)),
        ("musllinux_1_2_aarch64", ("musllinux-aarch64",)),
        ("macosx_10_12_universal2", BOTH_MACS),
        ("win32", ("windows-i686",)),
        ("android_21_arm64_v8a", ("android-arm64_v8a",)),
        ("ios_13_0_arm64_iphonesimulator", ("ios-arm64_iphonesimulator",)),
        ("pyemscripten_2025_0_wasm32", ("pyemscripten-wasm32",)),
        ("emscripten_3_1_58_wasm32", ("emscripten-wasm32",)),
        ("manylinux_2_17_amd64", None),
        ("manylinux_2_x86_64", None),
        ("win_ia64", None),
        ("freebsd_14_amd64", None),
    ],
)
def test_a_wheels_platform_tag_means_its_platforms(tag, keys):
    assert of_tag(tag) == keys


@pytest.mark.parametrize("name", PYPI_MAC_ARCHS)
@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_a_mac_tag_means_the_macs_on_which_pip_installs_it(name, architecture):
    tag = f"macosx_11_0_{name}" if name in ("arm64", "universal2") else f"macosx_10_6_{name}"
    installs = tag in {*mac_platforms((12, 0), architecture), *mac_platforms((10, 15), architecture)}
    assert (f"macos-{architecture}" in (of_tag(tag) or ())) == installs


@pytest.mark.parametrize("key", sorted({*WORDS, *PLATFORM_TAGS} - {"sdist"}))
def test_the_wheels_of_the_sandbox_are_read_as_what_they_are_built_for(key):
    read = {each for tag in platform_tag(key).split(".") for each in of_tag(tag) or ()}
    assert read == set(named_platforms(key) or ())


@pytest.mark.parametrize(
    ("platform", "keys"),
    [
        ("manylinux_x86_64", ("linux-x86_64",)),
        ("musllinux_armv7l", ("musllinux-armv7l",)),
        ("macosx_universal2", BOTH_MACS),
        ("win_arm64", ("windows-arm64",)),
        ("win32", ("windows-i686",)),
        ("ios_arm64_iphoneos", ("ios-arm64_iphoneos",)),
        ("pyodide_wasm32", ("pyodide-wasm32",)),
        ("graalos_x86_64", None),
        ("manylinux_potato", None),
    ],
)
def test_a_build_identifier_of_cibuildwheel_means_its_platform(platform, keys):
    assert of_cibuildwheel(platform) == keys


@pytest.mark.parametrize(
    ("target", "keys"),
    [
        ("x86_64-unknown-linux-gnu", ("linux-x86_64",)),
        ("aarch64-unknown-linux-musl", ("musllinux-aarch64",)),
        ("armv7-unknown-linux-gnueabihf", ("linux-armv7l",)),
        ("arm-unknown-linux-musleabihf", ("musllinux-armv6l",)),
        ("riscv64gc-unknown-linux-gnu", ("linux-riscv64",)),
        ("aarch64-apple-darwin", ("macos-arm64",)),
        ("universal2-apple-darwin", BOTH_MACS),
        ("i686-pc-windows-msvc", ("windows-i686",)),
        ("aarch64-apple-ios", ("ios-arm64_iphoneos",)),
        ("x86_64-apple-ios", ("ios-x86_64_iphonesimulator",)),
        ("aarch64-linux-android", ("android-arm64_v8a",)),
        *(
            (target, None)
            for target in ("wasm32-unknown-emscripten", "riscv64-linux-android", "x86_64-apple-ios-macabi")
        ),
        *((target, None) for target in ("x86_64-unknown-linux-ohos", "universal2-unknown-linux-gnu", "x86_64", "")),
    ],
)
def test_a_rust_target_means_its_platform_or_is_not_known(target, keys):
    assert of_target(target) == keys


@pytest.mark.skipif(shutil.which("rustc") is None, reason="rustc is not installed")
def test_every_target_of_rustc_is_read_as_rustc_describes_it_or_not_known():
    asked = ["rustc", "-Z", "unstable-options", "--print", "all-target-specs-json"]
    # The list is not stable; the switch lets a stable compiler print it.
    env = {**os.environ, "RUSTC_BOOTSTRAP": "1"}
    said = subprocess.run(asked, env=env, capture_output=True, text=True, check=True).stdout
    known = 0
    for target, spec in json.loads(said).items():
        first = spec["llvm-target"].partition("-")[0]
        architecture = {"arm": "armv6l", "powerpc64": "ppc64", "powerpc64le": "ppc64le"}.get(first, first)
        system = {"gnu": "linux", "musl": "musllinux"}.get(spec.get("env", ""), "")
        system = system if spec.get("os") == "linux" else spec.get("os", "")
        if system == "ios":
            architecture = f"{architecture}_{'iphonesimulator' if spec.get('env') == 'sim' else 'iphoneos'}"
        elif system == "android":  # as https://developer.android.com/ndk/guides/abis calls them
            abis = {"aarch64": "arm64_v8a", "armv7": "armeabi_v7a", "i686": "x86"}
            architecture = abis.get(architecture, architecture)
        keys = of_target(target)
        assert keys is None or keys == keys_of(system, architecture), target
        known += keys is not None
    assert known >= 30
