"""Archives that come out the same, byte for byte, whenever they are made of the same files."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip file can hold."""


def tar_gz(files: Mapping[str, bytes]) -> bytes:
    """A gzipped tar of these files, in the order given."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)


def read_tar_gz(content: bytes) -> dict[str, bytes]:
    """The files of a gzipped tar by name; ValueError when it is none."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            members = [member for member in archive.getmembers() if member.isfile()]
            return {member.name: file.read() for member in members if (file := archive.extractfile(member))}
    except (tarfile.TarError, OSError, EOFError) as mistake:
        raise ValueError(f"not a gzipped tar: {mistake}") from mistake


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files, in the order given."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(name, _EPOCH)
            member.external_attr, member.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return packed.getvalue()


def read_zip(content: bytes) -> dict[str, bytes]:
    """The files of a zip by name; ValueError when it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile as mistake:
        raise ValueError(f"not a zip: {mistake}") from mistake
