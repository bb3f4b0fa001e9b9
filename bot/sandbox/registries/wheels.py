"""Wheels and sdists: small, but real archives with right names and metadata, the same bytes for the same input.

Formats: https://packaging.python.org/en/latest/specifications/binary-distribution-format/ and PEP 625.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name
from packaging.version import Version

from bot.packaging.platforms import WORDS
from bot.sandbox.registries.archives import tar_gz, zipped

_NEWER = {"riscv64": "manylinux_2_31_riscv64", "loongarch64": "manylinux_2_36_loongarch64"}
"""The oldest manylinux of an architecture that manylinux2014 is older than: https://github.com/pypa/manylinux."""
_NOT_MANYLINUX = ("armv6l",)
"""An architecture that no manylinux knows; PyPI takes its wheels as `linux_` all the same."""

PLATFORM_TAGS: Mapping[str, str] = {
    "any": "any",
    "macos-x86_64": "macosx_10_12_x86_64",
    "macos-arm64": "macosx_11_0_arm64",
    "macos-universal2": "macosx_10_12_x86_64.macosx_11_0_arm64.macosx_10_12_universal2",
    "windows-x86_64": "win_amd64",
    "windows-arm64": "win_arm64",
    "windows-i686": "win32",
}
"""What maturin names a platform in a wheel's file name, where the architecture is not simply the tag's last part."""

_PREFIXES: Mapping[str, str] = {
    "musllinux": "musllinux_1_2",
    "macos": "macosx_10_6",
    "android": "android_24",
    "ios": "ios_13_0",
    "emscripten": "emscripten_4_0_9",
    "pyemscripten": "pyemscripten_2026_0",
    "pyodide": "pyodide_2025_0",
}
"""What stands before the architecture: https://github.com/PyO3/maturin/blob/main/src/target/platform_tag.rs,
https://peps.python.org/pep-0738/, https://peps.python.org/pep-0730/, https://peps.python.org/pep-0783/."""


def platform_tag(platform: str) -> str:
    """The platform tag of a platform key such as `linux-x86_64` or `musllinux-aarch64`."""
    if platform in PLATFORM_TAGS:
        return PLATFORM_TAGS[platform]
    if platform not in WORDS or platform == "sdist":
        raise ValueError(f"no wheels are built for {platform}")
    system, _, architecture = platform.partition("-")
    if system in _PREFIXES:
        return f"{_PREFIXES[system]}_{architecture}"
    if architecture in _NOT_MANYLINUX:
        return f"linux_{architecture}"
    return _NEWER.get(architecture, f"manylinux_2_17_{architecture}.manylinux2014_{architecture}")


@dataclass(frozen=True, slots=True)
class Project:
    """A Python project as its metadata tells it."""

    name: str
    version: str
    """As PEP 440 spells it."""
    summary: str = ""
    requires_python: str = ""
    license: str = ""
    readme: str = ""
    readme_type: str = "text/markdown"
    urls: Mapping[str, str] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """How its files' names begin: `tidewater_py-0.4.0`."""
        return f"{canonicalize_name(self.name).replace('-', '_')}-{Version(self.version)}"

    def metadata(self) -> bytes:
        """The METADATA of its wheels, which is the PKG-INFO of its sdist."""
        fields = {
            "Metadata-Version": "2.4",
            "Name": self.name,
            "Version": str(Version(self.version)),
            "Summary": self.summary,
            "License-Expression": self.license,
            "Requires-Python": self.requires_python,
            "Description-Content-Type": f"{self.readme_type}; charset=UTF-8" if self.readme else "",
        }
        lines = [f"{name}: {' '.join(value.split())}" for name, value in fields.items() if value]
        lines += [f"Project-URL: {label}, {url}" for label, url in self.urls.items()]
        return "\n".join([*lines, "", self.readme]).encode()


def wheel(project: Project, tag: str, files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """Name and content of a wheel; `tag` is the end of its name: `cp39-abi3-win_amd64`."""
    info = f"{project.stem}.dist-info"
    pure = "true" if tag.endswith("-any") else "false"
    pythons, abis, platforms = (part.split(".") for part in tag.split("-"))
    tags = [f"Tag: {python}-{abi}-{platform}" for python in pythons for abi in abis for platform in platforms]
    about = ["Wheel-Version: 1.0", "Generator: shipmate-sandbox", f"Root-Is-Purelib: {pure}", *tags]
    content = {**files, f"{info}/METADATA": project.metadata(), f"{info}/WHEEL": "\n".join([*about, ""]).encode()}
    record = [f"{name},{_digest(data)},{len(data)}" for name, data in content.items()]
    content[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    return f"{project.stem}-{tag}.whl", zipped(content)


def sdist(project: Project, files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """Name and content of a source distribution of these files."""
    content = {f"{project.stem}/PKG-INFO": project.metadata()}
    content |= {f"{project.stem}/{name}": data for name, data in files.items()}
    return f"{project.stem}.tar.gz", tar_gz(content)


def _digest(data: bytes) -> str:
    """A hash as RECORD writes it."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
