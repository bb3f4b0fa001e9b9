"""A plan's edits as a patch that `git apply` takes, and on disk: all of them or none."""

import difflib
import errno
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.plan.model import FileEdit

NO_NEWLINE = b"\\ No newline at end of file\n"


def unified_diff(edit: FileEdit) -> bytes:
    """One file's change as git prints it; bytes, since a file may hold any line ends and encodings."""
    path = edit.path.encode()
    header = b"diff --git a/%s b/%s\n" % (path, path)
    before, old = (edit.before, b"a/" + path) if edit.before is not None else (b"", b"/dev/null")
    after, new = (edit.after, b"b/" + path) if edit.after is not None else (b"", b"/dev/null")
    if edit.before is None:
        header += b"new file mode 100644\n"
    if edit.after is None:
        header += b"deleted file mode 100644\n"
    lines = difflib.diff_bytes(difflib.unified_diff, _lines(before), _lines(after), old, new, lineterm=b"\n")
    return header + b"".join(_ended(line) for line in lines)


def write_all(root: Path, edits: Sequence[FileEdit]) -> None:
    """Write every edit below `root`, or change nothing.

    Raises OSError when a file cannot be written, is a link, or is no longer as it was when the plan was made.
    """
    prepared: list[tuple[Path | None, Path]] = []
    replaced: list[tuple[Path, bytes]] = []
    try:
        for edit in edits:
            prepared.append((_prepare(root, edit), root / edit.path))  # noqa: PERF401 - each counts if the next fails
        for edit, (temporary, target) in zip(edits, prepared, strict=True):
            if temporary is None:
                target.unlink()
            else:
                temporary.replace(target)
            replaced.append((target, edit.before or b""))
    except OSError:
        for target, before in replaced:
            target.write_bytes(before)
        raise
    finally:
        for temporary, _ in prepared:
            if temporary is not None:
                temporary.unlink(missing_ok=True)


def _prepare(root: Path, edit: FileEdit) -> Path | None:
    """The new content in a temporary file beside the old one, with its mode; None for a file that is deleted."""
    target = root / edit.path
    if target.is_symlink():
        raise OSError(errno.ELOOP, "is a link, which is not followed", str(target))
    if target.read_bytes() != edit.before:
        raise OSError(errno.EBUSY, "was changed while the plan was made", str(target))
    if not os.access(target, os.W_OK):
        raise OSError(errno.EACCES, "may not be written", str(target))
    if edit.after is None:
        return None
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    with os.fdopen(descriptor, "wb") as file:
        file.write(edit.after)
        file.flush()
        os.fsync(file.fileno())
    temporary = Path(name)
    temporary.chmod(target.stat().st_mode)
    return temporary


def _lines(content: bytes) -> list[bytes]:
    """Lines as git counts them: only a line feed ends one."""
    return [line + b"\n" for line in content.split(b"\n")[:-1]] + [rest for rest in content.split(b"\n")[-1:] if rest]


def _ended(line: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + b"\n" + NO_NEWLINE
