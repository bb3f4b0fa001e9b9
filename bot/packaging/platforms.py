"""The names of platforms: those of targets and runners, and the keys by which people name them."""

import re

_ORDER = ("sdist", "any", "linux", "musllinux", "macos", "windows")
_ARCHITECTURES = {
    "x64": "x86_64", "amd64": "x86_64", "x86_64": "x86_64",
    "x86": "i686", "i686": "i686", "i586": "i686", "i386": "i686", "win32": "i686",
    "aarch64": "aarch64", "arm64": "aarch64",
    "armv7": "armv7l", "armv7l": "armv7l", "arm": "armv7l",
    "ppc64le": "ppc64le", "powerpc64le": "ppc64le", "s390x": "s390x", "riscv64": "riscv64", "riscv64gc": "riscv64",
}  # fmt: skip


def platform_key(system: str, architecture: str) -> tuple[str, ...]:
    """The keys of a system (`linux`, `musllinux`, `macos`, `windows`) and an architecture, in any of its names.

    Two for universal2, none for an architecture that is not known.
    """
    if architecture == "universal2":
        return ("macos-x86_64", "macos-arm64")
    known = _ARCHITECTURES.get(architecture)
    if known is None:
        return ()
    return (f"{system}-{'arm64' if known == 'aarch64' and system in ('macos', 'windows') else known}",)


def system_of(text: str) -> str | None:
    """The system that a target or a runner's label names, in lower case."""
    for words, system in (
        (("apple", "darwin", "macos"), "macos"),
        (("windows",), "windows"),
        (("linux", "ubuntu"), "linux"),
    ):
        if any(word in text for word in words):
            return system
    return None


def runner_architecture(runner: str, system: str) -> str:
    """The architecture of GitHub's runner of that label, in lower case."""
    if re.search(r"arm|aarch64", runner):
        return "aarch64"
    if system == "macos":  # macos-14 and later are Apple silicon unless named otherwise
        version = re.search(r"macos-(\d+)", runner)
        return "x86_64" if "intel" in runner or "large" in runner or (version and int(version[1]) < 14) else "aarch64"
    return "x86_64"


def position(key: str) -> tuple[int, bool, str]:
    """The order in which people read platform keys."""
    system, _, architecture = key.partition("-")
    return _ORDER.index(system), architecture != "x86_64", architecture
