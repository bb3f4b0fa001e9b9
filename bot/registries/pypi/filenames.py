"""Which version a distribution's file name belongs to; also for the kinds that PyPI has not taken for years."""

import re

from packaging.utils import parse_wheel_filename
from packaging.version import InvalidVersion, Version

_ENDINGS = (
    *(".tar.gz", ".tar.bz2", ".tar.xz", ".tar.Z", ".tar", ".tgz", ".tbz", ".txz", ".zip"),
    *(".egg", ".exe", ".msi", ".rpm", ".deb", ".dmg"),
)
_BUILT_FOR = re.compile(
    r"[.-](?:win32|win-amd64|win_amd64|linux-\w+|macosx-[\d.]+-\w+|py[23](?:\.\d+)?)(?![a-z0-9]).*$"
)
_RPM_RELEASE = re.compile(r"-\d+(?:\.\w+)*\.(?:noarch|src|i\d86|x86_64)$")


def version_of(filename: str, project: str) -> str | None:
    """The version in a file's name, as PEP 440 spells it; None when the name tells none.

    `project` is the project's name in any spelling: it tells where the version begins, for older names use `-` in both.
    """
    if filename.endswith(".whl"):
        return _of_wheel(filename)
    ending = next((ending for ending in _ENDINGS if filename.endswith(ending)), None)
    if ending is None:
        return None
    stem = filename.removesuffix(ending)
    pieces = re.split(r"[-_.]+", project)
    begins = re.match("[-_.]+".join(map(re.escape, pieces)) + "[-_]", stem, re.IGNORECASE)
    if begins is None:
        return None
    rest = stem[begins.end() :]
    if ending == ".rpm":
        rest = _RPM_RELEASE.sub("", rest)
    candidates = (rest, _BUILT_FOR.sub("", rest), rest.replace("_", "-"), rest.rpartition("-")[0])
    return next((found for candidate in candidates if (found := _spelt(candidate))), None)


def _of_wheel(filename: str) -> str | None:
    try:
        return str(parse_wheel_filename(filename)[1])
    except ValueError:  # InvalidWheelFilename and InvalidTag are some
        parts = filename.removesuffix(".whl").split("-")
        return _spelt(parts[1].replace("_", "-")) if len(parts) in (5, 6) else None


def _spelt(text: str) -> str | None:
    try:
        return str(Version(text))
    except InvalidVersion:
        return None
