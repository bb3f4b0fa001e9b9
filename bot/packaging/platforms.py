"""Platforms: one vocabulary for what people, wheels, Rust, cibuildwheel and GitHub's runners call them.

A platform key is the name that a person gives a platform in `.github/release.toml`: `linux-x86_64`,
`musllinux-aarch64`, `macos-arm64`, `windows-x86_64`, …; beside them stand `sdist`, and `any` for a wheel without
compiled code. Every function that maps a name answers None for one that its table does not hold: it is not known,
and no other platform is put in its place.
"""

import re
from collections.abc import Mapping
from typing import TypeAlias

Keys: TypeAlias = tuple[str, ...]
"""Platform keys; two for a file that serves two platforms, as universal2 does. Never empty."""

_UNIX = [
    "x86_64",
    "aarch64",
    "i686",
    "armv6l",
    "armv7l",
    "armv8l",
    "ppc64",
    "ppc64le",
    "s390x",
    "riscv64",
    "loongarch64",
]
_ARCHITECTURES: Mapping[str, list[str]] = {
    "linux": _UNIX,
    "musllinux": _UNIX,
    "macos": ["x86_64", "arm64", "i386", "ppc", "ppc64"],
    "windows": ["x86_64", "arm64", "i686"],
    "android": ["arm64_v8a", "armeabi_v7a", "x86_64", "x86"],
    "ios": ["arm64_iphoneos", "arm64_iphonesimulator", "x86_64_iphonesimulator"],
    "emscripten": ["wasm32"],
    "pyemscripten": ["wasm32"],
    "pyodide": ["wasm32"],
}
"""As wheel tags write them: PEP 425, 600, 656, 730, 738 and 783, and what PyPI takes (warehouse/forklift/legacy.py)."""

_COMMON = {"amd64": "x86_64", "x64": "x86_64"}
_UNIX_ALIASES = {**_COMMON, "arm64": "aarch64", "armv7": "armv7l", "x86": "i686", "i386": "i686", "i586": "i686"}
_ALIASES: Mapping[str, Mapping[str, str]] = {
    "linux": _UNIX_ALIASES,
    "musllinux": _UNIX_ALIASES,
    "macos": {**_COMMON, "aarch64": "arm64"},
    "windows": {**_COMMON, "aarch64": "arm64", "x86": "i686", "i386": "i686", "i586": "i686", "win32": "i686"},
}
"""Other names of architectures, by system: people's, maturin-action's (its src/index.ts) and cibuildwheel's."""

_MAC_BINARIES: Mapping[str, tuple[str, ...]] = {
    "universal2": ("x86_64", "arm64"),
    "universal": ("x86_64",),
    "intel": ("x86_64",),
    "fat64": ("x86_64",),
    "fat3": ("x86_64",),
    "fat": ("i386",),
}
"""Binaries for several architectures (`packaging.tags.mac_platforms`); of the old kinds the one that is still met."""

WORDS: Keys = ("sdist", "any", *(f"{system}-{name}" for system, names in _ARCHITECTURES.items() for name in names))
"""Every platform key, in the order of systems in which people read them."""

_WINDOWS_TAGS = {"win_amd64": "x86_64", "win_arm64": "arm64", "win32": "i686"}
_TAGS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("linux", re.compile(r"(?:manylinux(?:1|2010|2014|_\d+_\d+)|linux)_(\w+)")),
    ("musllinux", re.compile(r"musllinux_\d+_\d+_(\w+)")),
    ("macos", re.compile(r"macosx_\d+_\d+_(\w+)")),
    ("android", re.compile(r"android_\d+_(\w+)")),
    ("ios", re.compile(r"ios_\d+_\d+_(\w+)")),
    *(
        (system, re.compile(rf"{system}_\d+_\d+(?:_\d+)?_(\w+)"))
        for system in ("emscripten", "pyemscripten", "pyodide")
    ),
)

_RUST_SYSTEMS: Mapping[str, str] = {
    **dict.fromkeys(("unknown-linux-gnu", "unknown-linux-gnueabi", "unknown-linux-gnueabihf"), "linux"),
    **dict.fromkeys(("unknown-linux-musl", "unknown-linux-musleabi", "unknown-linux-musleabihf"), "musllinux"),
    **dict.fromkeys(("pc-windows-msvc", "pc-windows-gnu", "pc-windows-gnullvm"), "windows"),
    "apple-darwin": "macos",
    "linux-android": "android",
    "linux-androideabi": "android",
}
_RUST_ARCHITECTURES: Mapping[str, str] = {
    "universal2": "universal2",  # maturin's own
    "arm": "armv6l",  # "Armv6 Linux", by that page
    "armv7": "armv7l",
    "powerpc64": "ppc64",
    "powerpc64le": "ppc64le",
    "riscv64gc": "riscv64",
    **{name: name for name in ("x86_64", "aarch64", "i686", "i586", "s390x", "loongarch64")},
}
"""The first parts of Rust's targets, by https://doc.rust-lang.org/rustc/platform-support.html."""

_RUST_ANDROID = {"aarch64": "arm64_v8a", "armv7": "armeabi_v7a", "i686": "x86", "x86_64": "x86_64"}
_RUST_IOS = {
    "aarch64-apple-ios": "arm64_iphoneos",
    "aarch64-apple-ios-sim": "arm64_iphonesimulator",
    "x86_64-apple-ios": "x86_64_iphonesimulator",
}
"""What maturin calls the wheels for these: https://github.com/PyO3/maturin/blob/main/src/target/platform_tag.rs."""

_CIBUILDWHEEL = {"manylinux": "linux", "musllinux": "musllinux", "macosx": "macos"}
_CIBUILDWHEEL |= {name: name for name in ("android", "ios", "pyodide", "pyemscripten")}


def position(key: str) -> tuple[int, str, bool, str]:
    """The order in which people read platform keys; what is no key comes last."""
    systems = ["sdist", "any", *_ARCHITECTURES]
    system, _, architecture = key.partition("-")
    known = systems.index(system) if system in systems else len(systems)
    return known, system, architecture != "x86_64", architecture


def allowed_words() -> str:
    """What may be written for `named_platforms`, as a sentence without its full stop."""
    by_names: dict[str, list[str]] = {}
    for system, names in _ARCHITECTURES.items():
        words = [*names, "universal2"] if system == "macos" else names
        by_names.setdefault(", ".join(words), []).append(f"{system}-")
    groups = (f"{' or '.join(systems)} ({names})" for names, systems in by_names.items())
    return f"Allowed: sdist, any, {', '.join(groups)}"


def named_platforms(text: str) -> Keys | None:
    """What a person means: `linux-amd64` is `linux-x86_64`, `macos-universal2` is both Macs."""
    text = text.strip().lower()
    if text in ("sdist", "any"):
        return (text,)
    system, _, architecture = text.partition("-")
    return keys_of(system, architecture)


def keys_of(system: str, architecture: str) -> Keys | None:
    """The keys of a system (the first part of a key) and an architecture in any of its names there, in lower case."""
    return _keys(system, _ALIASES.get(system, {}).get(architecture, architecture))


def of_tag(tag: str) -> Keys | None:
    """The keys of a wheel's platform tag, such as `manylinux_2_17_x86_64`."""
    if tag == "any":
        return ("any",)
    if tag in _WINDOWS_TAGS:
        return _keys("windows", _WINDOWS_TAGS[tag])
    for system, pattern in _TAGS:
        if found := pattern.fullmatch(tag):
            return _keys(system, found[1])
    return None


def of_target(target: str) -> Keys | None:
    """The keys of a whole Rust target, such as `aarch64-apple-darwin`, or of maturin's `universal2-apple-darwin`."""
    architecture, _, rest = target.lower().partition("-")
    if target.lower() in _RUST_IOS:
        return _keys("ios", _RUST_IOS[target.lower()])
    if _RUST_SYSTEMS.get(rest) == "android":
        return _keys("android", _RUST_ANDROID.get(architecture, ""))
    if rest not in _RUST_SYSTEMS or architecture not in _RUST_ARCHITECTURES:
        return None
    return keys_of(_RUST_SYSTEMS[rest], _RUST_ARCHITECTURES[architecture])


def of_cibuildwheel(platform: str) -> Keys | None:
    """The keys of the second half of a build identifier: `manylinux_x86_64`, `macosx_universal2`, `win32`.

    Source: https://cibuildwheel.pypa.io/en/stable/options/#build-skip
    """
    if platform in _WINDOWS_TAGS:
        return _keys("windows", _WINDOWS_TAGS[platform])
    system, _, architecture = platform.partition("_")
    return _keys(_CIBUILDWHEEL[system], architecture) if system in _CIBUILDWHEEL else None


def _keys(system: str, architecture: str) -> Keys | None:
    if system == "macos" and architecture in _MAC_BINARIES:
        return tuple(f"macos-{each}" for each in _MAC_BINARIES[architecture])
    return (f"{system}-{architecture}",) if architecture in _ARCHITECTURES.get(system, ()) else None
