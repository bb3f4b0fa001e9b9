"""The tree as a release leaves it, while it is still being edited."""

from collections.abc import Iterable

from bot.plan.model import FileEdit, Tree

LARGEST = 1_000_000
"""Bytes above which a file is not read for a version."""


class Overlay:
    """A tree and the edits made so far; several edits of one file become one."""

    def __init__(self, tree: Tree, edits: Iterable[FileEdit]) -> None:
        self._tree = tree
        self._edits = {edit.path: edit for edit in edits}

    @property
    def edits(self) -> tuple[FileEdit, ...]:
        """Every edit, those of before first."""
        return tuple(self._edits.values())

    def content(self, path: str) -> bytes | None:
        """The file's bytes as they are now; None where there is no such file."""
        edit = self._edits.get(path)
        return self._tree.get(path) if edit is None else edit.after

    def text(self, path: str) -> str:
        """The file's text as it is now; empty where there is none, and for what is too large or no UTF-8."""
        content = self.content(path)
        if content is None or len(content) > LARGEST:
            return ""
        try:
            return content.decode()
        except UnicodeDecodeError:
            return ""

    def write(self, path: str, after: bytes, why: str, *changes: str) -> None:
        """One more edit of a file of the tree."""
        before = self._edits.get(path)
        if before is None:
            self._edits[path] = FileEdit(path, self._tree[path], after, why, changes)
            return
        reasons = before.why if why in before.why else f"{before.why}; {why}"
        self._edits[path] = FileEdit(path, before.before, after, reasons, (*before.changes, *changes))

    def replace(self, path: str, spans: Iterable[tuple[int, int, str]], why: str, what: str) -> None:
        """Exchange parts of a file's text (`start`, `end`, new text); `what` names them in the changes."""
        text = self.text(path)
        changes = []
        for start, end, new in sorted(spans, reverse=True):
            if text[start:end] == new:
                continue
            changes.append(f"{what}: {text[start:end]} → {new}")
            text = text[:start] + new + text[end:]
        if changes:
            self.write(path, text.encode(), why, *dict.fromkeys(reversed(changes)))
