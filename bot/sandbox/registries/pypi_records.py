"""What PyPI keeps of a file, how it checks an upload, and the JSON that it shows."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from packaging.metadata import RawMetadata, parse_email
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from bot.sandbox.registries.archives import read_tar_gz, read_zip
from bot.sandbox.registries.errors import Refused

_PLATFORMS = re.compile(
    r"any|win32|win_amd64|win_arm64|manylinux(1|2010|2014|_\d+_\d+)_\w+|musllinux_\d+_\d+_\w+"
    r"|macosx_10_\d+_\w+|macosx_(11|12|13|14|15|26)_0_\w+|linux_armv[67]l|android_\d+_\w+|ios_\d+_\d+_\w+"
    r"|(pyodide|pyemscripten)_\d+_\d+_wasm32"
)
"""Platform tags that PyPI takes; a bare `linux_x86_64` is none of them."""


@dataclass
class File:
    """One uploaded file."""

    filename: str
    content: bytes
    metadata_bytes: bytes
    metadata: RawMetadata
    version: Version
    kind: str
    """`sdist` or `bdist_wheel`."""
    python: str
    """`source`, or the interpreter tag of a wheel."""
    uploaded_at: datetime
    yanked: str | None = None
    """The reason when it is yanked (which may be empty)."""
    provenance: Mapping[str, Any] | None = None
    """What the integrity API shows of it (PEP 740)."""

    @property
    def sha256(self) -> str:
        """In hex."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def blake2b(self) -> str:
        """The 256 bit BLAKE2b hash, which is its address, in hex."""
        return hashlib.blake2b(self.content, digest_size=32).hexdigest()

    @property
    def path(self) -> str:
        """Its path on the file host."""
        return f"/files/{self.blake2b[:2]}/{self.blake2b[2:4]}/{self.blake2b[4:]}/{self.filename}"

    @property
    def name(self) -> str:
        """The project's name as the file's metadata spells it."""
        return self.metadata.get("name", "")


def read_file(filename: str, content: bytes, at: datetime) -> File:
    """What PyPI learns from an upload; Refused when it would not take it, whatever else is there."""
    try:
        name, version, kind, python = _read_name(filename)
        metadata_bytes = _metadata_of(filename, content)
    except (InvalidSdistFilename, InvalidWheelFilename, ValueError) as mistake:
        raise Refused(f"Invalid distribution file. {mistake}") from mistake
    metadata, _ = parse_email(metadata_bytes)
    try:
        declared = Version(metadata.get("version", ""))
    except InvalidVersion as mistake:
        raise Refused(f"'{metadata.get('version', '')}' is an invalid value for Version.") from mistake
    if canonicalize_name(metadata.get("name", "")) != name:
        raise Refused(f"Start filename for {metadata.get('name', '')!r} should be different from {filename!r}.")
    if declared != version:
        raise Refused(f"Version in filename should be {str(declared)!r} not {str(version)!r}.")
    if declared.local:
        raise Refused(f"The use of local versions in {str(declared)!r} is not allowed.")
    return File(filename, content, metadata_bytes, metadata, version, kind, python, at)


def _read_name(filename: str) -> tuple[str, Version, str, str]:
    """Project, version, packagetype and python_version, by the file's name."""
    if not filename.endswith(".whl"):
        name, version = parse_sdist_filename(filename)
        if filename != f"{name.replace('-', '_')}-{version}.tar.gz":
            raise Refused(f"Invalid source distribution filename: {filename!r} is not normalized.")
        return name, version, "sdist", "source"
    name, version, _, tags = parse_wheel_filename(filename)
    for platform in sorted({tag.platform for tag in tags}):
        if not _PLATFORMS.fullmatch(platform):
            raise Refused(f"Binary wheel {filename!r} has an unsupported platform tag {platform!r}.")
    return name, version, "bdist_wheel", filename.split("-")[-3]


def _metadata_of(filename: str, content: bytes) -> bytes:
    wheel = filename.endswith(".whl")
    files = read_zip(content) if wheel else read_tar_gz(content)
    wanted = ".dist-info/METADATA" if wheel else "/PKG-INFO"
    found = next((data for name, data in files.items() if name.endswith(wanted) and name.count("/") == 1), None)
    if found is None:
        raise ValueError(f"{wanted.rpartition('/')[2]} not found in it.")
    return found


def stamp(at: datetime) -> str:
    """A date as both of PyPI's JSON interfaces write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def url_json(file: File, origin: str) -> dict[str, Any]:
    """An entry of `urls` and `releases` in the JSON API."""
    return {
        "comment_text": None,
        "digests": {
            "blake2b_256": file.blake2b,
            "md5": hashlib.md5(file.content, usedforsecurity=False).hexdigest(),
            "sha256": file.sha256,
        },
        "core-metadata": _core_metadata(file),
        "downloads": -1,
        "filename": file.filename,
        "has_sig": False,
        "md5_digest": hashlib.md5(file.content, usedforsecurity=False).hexdigest(),
        "packagetype": file.kind,
        "python_version": file.python,
        "requires_python": file.metadata.get("requires_python"),
        "size": len(file.content),
        "upload_time": file.uploaded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "upload_time_iso_8601": stamp(file.uploaded_at),
        "url": f"{origin}{file.path}",
        "yanked": file.yanked is not None,
        "yanked_reason": file.yanked,
    }


def _core_metadata(file: File) -> Mapping[str, str] | bool:
    return {"sha256": hashlib.sha256(file.metadata_bytes).hexdigest()} if file.kind == "bdist_wheel" else False


_TOLD = (
    *("author", "author_email", "description_content_type", "dynamic", "home_page", "license", "license_expression"),
    *("license_files", "project_urls", "provides_extra", "requires_dist", "requires_python", "summary"),
)
"""Metadata that is shown as it is."""


def info_json(files: Sequence[File], project: str, origin: str) -> dict[str, Any]:
    """`info` of a release: everything comes from the file uploaded first, as on PyPI."""
    first = files[0]
    told, number = first.metadata, str(first.version)
    page = f"{origin}/project/{project}/"
    return {
        **{name: told.get(name) for name in _TOLD},
        **dict.fromkeys(("bugtrack_url", "docs_url", "download_url", "maintainer", "maintainer_email", "platform")),
        "classifiers": told.get("classifiers", []),
        "description": told.get("description", ""),
        "downloads": {"last_day": -1, "last_month": -1, "last_week": -1},
        "keywords": ",".join(told.get("keywords", [])) or None,
        "name": first.name,
        "package_url": page,
        "project_url": page,
        "release_url": f"{page}{number}/",
        "version": number,
        "yanked": all(file.yanked is not None for file in files),
        "yanked_reason": first.yanked,
    }


def provenance_url(file: File, project: str, origin: str) -> str | None:
    """Where the integrity API has a file's provenance; None when there is none."""
    return f"{origin}/integrity/{project}/{file.version}/{file.filename}/provenance" if file.provenance else None


def simple_json(file: File, project: str, origin: str) -> dict[str, Any]:
    """An entry of `files` in the simple index (PEP 691, 700, 714, 740)."""
    return {
        "filename": file.filename,
        "url": f"{origin}{file.path}",
        "hashes": {"sha256": file.sha256},
        "requires-python": file.metadata.get("requires_python"),
        "size": len(file.content),
        "upload-time": stamp(file.uploaded_at),
        "yanked": False if file.yanked is None else file.yanked or True,
        "core-metadata": _core_metadata(file),
        "data-dist-info-metadata": _core_metadata(file),
        "provenance": provenance_url(file, project, origin),
    }
