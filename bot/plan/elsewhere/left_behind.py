"""What a release leaves behind: files that still say the old version, and notes that nobody collects.

Only the files that were read are looked at: all of a checkout's texts, and on GitHub those that `looked_at` chooses.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from posixpath import splitext

from bot.packaging.versions import pep440_of, semver_of
from bot.plan.elsewhere.looked_at import is_fragment, is_history, is_plain_changelog
from bot.plan.elsewhere.overlay import LARGEST
from bot.plan.elsewhere.releases import olds, same
from bot.plan.listed import listed
from bot.plan.model import FileEdit, Tree
from bot.plan.paths import is_ours, is_product, parent
from bot.plan.repository import Repository
from bot.plan.request import Target

_MOST_NAMED = 8
_MOST_BYTES = 60_000_000
_LOCKED = (".lock", "-lock.json", "-lock.yaml", "npm-shrinkwrap.json")
_STRUCTURED = {".toml", ".json", ".yml", ".yaml", ".cfg", ".ini", ".xml", ".properties", ".lock", ".cff"}
_MANIFESTS = {"Cargo.toml", "pyproject.toml", "package.json"}
_VERSION_KEY = re.compile(r"""^\s*(?:<version>|["']?(?:[\w.-]*[._-])?(?:version|release)["']?\s*[:=])""", re.IGNORECASE)
_OF_THE_PAST = re.compile(
    r"\b(?:since|version(?:added|changed|removed)|deprecated|(?:added|changed|removed|introduced|fixed|renamed|new|available)"
    r" (?:in|with)|as of|before|until|prior|earlier|older|upgrad\w*|migrat\w*)\b",
    re.IGNORECASE,
)
_NEVER_CHANGED = {"0.0.0", "0.0.1", "0.1.0", "1.0.0"}


def left_behind(repository: Repository, targets: Sequence[Target], edits: Sequence[FileEdit]) -> Iterator[str]:
    """One sentence for each old version that files still say, and for what waits to be collected."""
    all_of_them = {**repository.tree, **{edit.path: edit.after for edit in edits}}
    after = {path: content for path, content in all_of_them.items() if content is not None}
    seen = _Looked(repository, targets, after)
    for version in dict.fromkeys(version for target in targets for version in olds(target)):
        if found := seen.saying(version):
            yield f"These files still say {version}: {listed(found, most=_MOST_NAMED)}."
    edited = {edit.path for edit in edits}
    yield from _waiting(repository.tree, edited)
    yield from _plain_changelogs(repository.tree, targets, edited)


class _Looked:
    """The texts of a tree after a release."""

    def __init__(self, repository: Repository, targets: Sequence[Target], after: Mapping[str, bytes]) -> None:
        self._after = after
        self._new = {target.new for target in targets}
        keys = {target.package.key for target in targets}
        self._others = [source for source in repository.sources.values() if source.key not in keys]
        names = {re.escape(target.package.name.lower()) for target in targets}
        any_of = "|".join(re.sub(r"\\?[-_.]", "[-_.]", name) for name in sorted(names))
        self._names = re.compile(rf"(?<![\w-])(?:{any_of})(?!\w|-(?!v?\d))")
        self._paths = self._bounded()

    def saying(self, version: str) -> list[str]:
        """`path:line` of the first place in each file that still says this version; the likeliest first."""
        if any(same(version, new) for new in self._new):
            return []
        spellings = {each for each in (version, semver_of(version), pep440_of(version)) if each}
        token = re.compile(
            rf"(?<![\w.+-])v?(?:{'|'.join(map(re.escape, sorted(spellings)))})"
            r"(?![\w+]|\.\d|[-.](?:alpha|beta|rc|pre|dev|post|a\d|b\d|\d))|"
            rf"(?<=[A-Za-z]-)v?(?:{'|'.join(map(re.escape, sorted(spellings)))})(?=\.[a-z]|[\s\"'`)]|$)",
            re.MULTILINE,
        )
        raw = [each.encode() for each in spellings]
        is_shared = any(same(source.version or "", version) for source in self._others)
        found = []
        for path in self._paths:
            content = self._after[path]
            if any(each in content for each in raw) and not self._is_anothers(path, version):
                line = self._line(path, content.decode(errors="replace"), token, named=is_shared)
                found += [f"{path}:{line}"] if line else []
        return found

    def _bounded(self) -> list[str]:
        """The files that are read for it: texts of the product, nearest to the root first, up to a size."""
        room, kept = _MOST_BYTES, []
        for path in sorted(self._after, key=lambda path: (path.count("/"), path)):
            size = len(self._after[path])
            if size > min(LARGEST, room) or is_history(path) or path.endswith(_LOCKED) or not is_ours(parent(path)):
                continue
            if b"\0" not in self._after[path][:1000]:
                kept.append(path)
                room -= size
        return kept

    def _is_anothers(self, path: str, version: str) -> bool:
        """Whether it is the manifest of another package, or of a helper whose version was never changed."""
        if path.rpartition("/")[2] not in _MANIFESTS:
            return False
        if version in _NEVER_CHANGED or not is_product(parent(path)):
            return True
        return any(path in (source.manifest, source.file) for source in self._others)

    def _line(self, path: str, text: str, token: re.Pattern[str], *, named: bool) -> int | None:
        for found in token.finditer(text):
            start = text.rfind("\n", 0, found.start()) + 1
            end = text.find("\n", found.end())
            line = text[start : len(text) if end < 0 else end][:1000]
            if self._counts(path, line, named=named):
                return text.count("\n", 0, found.start()) + 1
        return None

    def _counts(self, path: str, line: str, *, named: bool) -> bool:
        """Whether a line with the version is about the package as it is, as far as one can tell."""
        if _OF_THE_PAST.search(line):
            return False
        is_named = self._names.search(line.lower()) is not None
        if is_named or named:
            return is_named
        if splitext(path)[1].lower() in _STRUCTURED:
            return _VERSION_KEY.match(line) is not None and "cff-version" not in line
        return True


def _waiting(tree: Tree, edited: set[str]) -> Iterator[str]:
    """Notes for the changelog that a tool would collect, and this release does not."""
    waiting: dict[str, list[str]] = {}
    for path in sorted(tree):
        if is_fragment(path) and path not in edited and is_ours(parent(path)):
            waiting.setdefault(parent(path), []).append(path)
    if waiting:
        named = [_pattern(folder, paths) for folder, paths in waiting.items()]
        those = listed(named, most=_MOST_NAMED)
        yield f"Changelog notes that wait to be collected, and are not by this release: {those}."


def _pattern(folder: str, paths: Sequence[str]) -> str:
    if len(paths) == 1:
        return paths[0]
    ends = {splitext(path)[1] for path in paths}
    return f"{folder}/*{ends.pop() if len(ends) == 1 else ''} ({len(paths)})"


def _plain_changelogs(tree: Tree, targets: Sequence[Target], edited: set[str]) -> Iterator[str]:
    """Changelogs of another form, of released packages that have no other."""
    without = [target.source.folder for target in targets if target.package.changelog is None]
    found = [
        path
        for path in sorted(tree)
        if is_plain_changelog(path) and path not in edited and parent(path) in {*without, ".", "docs", "doc"}
    ]
    if without and found:
        are = "is in a form" if len(found) == 1 else "are in forms"
        yield f"{listed(found, most=_MOST_NAMED)} {are} that I do not write: left alone."
