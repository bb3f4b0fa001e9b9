"""pixi.lock: the version of a project of this tree, and the hash of the files that describe it.

The entries of local projects have `name`, `version` and a `sha256` of pyproject.toml, setup.py and setup.cfg one after
the other, with `\n` at the end of lines; what does not come to the hash that stands there is left.
https://github.com/conda/rattler/blob/main/crates/rattler_lock/src/pypi.rs
"""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256

from bot.packaging.names import same_name
from bot.packaging.registry import Registry
from bot.packaging.versions import parse_pep440
from bot.plan.elsewhere.overlay import LARGEST, Overlay
from bot.plan.elsewhere.releases import same
from bot.plan.model import Tree
from bot.plan.paths import inside, join, parent
from bot.plan.request import Target

_LARGEST = 20 * LARGEST
_ENTRY = re.compile(r"^- (?P<kind>pypi|conda|kind): (?P<at>\S+)[ \t]*\n(?P<rest>(?:[ \t]+[^\n]*\n?)*)", re.MULTILINE)
_FIELD = re.compile(
    r"^  (?P<key>name|version|sha256|path|input): ?['\"]?(?P<value>[^\s'\"]*)['\"]?[ \t]*$", re.MULTILINE
)
_HASHED = ("pyproject.toml", "setup.py", "setup.cfg")


def move_pixi_locks(overlay: Overlay, tree: Tree, paths: Sequence[str], targets: Sequence[Target]) -> Iterator[str]:
    """Move the entries of released projects, and the hashes of those whose files changed; yields what is left."""
    for path in paths:
        if path.rpartition("/")[2] == "pixi.lock":
            yield from _move(overlay, tree, path, targets)


def _move(overlay: Overlay, tree: Tree, path: str, targets: Sequence[Target]) -> Iterator[str]:
    content = tree[path]
    try:
        text = content.decode() if len(content) <= _LARGEST else ""
    except UnicodeDecodeError:
        text = ""
    spans: list[tuple[int, int, str]] = []
    stale: list[str] = []
    for entry in _ENTRY.finditer(text):
        fields = {found["key"]: found for found in _FIELD.finditer(text, entry.start("rest"), entry.end("rest"))}
        folder = _folder(path, entry, fields)
        if folder is None or "name" not in fields:
            continue
        if entry["kind"] == "conda":
            stale += [fields["name"]["value"]] if _says_old(fields, targets) else []
            continue
        moved = _moved(overlay, tree, folder, fields, targets)
        if moved is None:
            stale.append(fields["name"]["value"])
        else:
            spans += moved
    if spans:
        changed = text
        for start, end, new in sorted(spans, reverse=True):
            changed = changed[:start] + new + changed[end:]
        words = [f"{text[a:b]} → {new}" for a, b, new in spans if len(new) < 64]
        overlay.write(path, changed.encode(), "locked version", *dict.fromkeys(words))
    for name in dict.fromkeys(stale):
        yield f"{path} holds {name} in a form that is not edited here: run `pixi lock`."


def _folder(path: str, entry: re.Match[str], fields: dict[str, re.Match[str]]) -> str | None:
    """The folder of this tree that an entry is of; None for what comes from elsewhere."""
    at = entry["at"]
    if entry["kind"] == "kind":
        at = fields["path"]["value"] if at == "pypi" and "path" in fields else ""
    if not at or "://" in at or at.endswith((".whl", ".conda", ".tar.gz", ".tar.bz2", ".zip")):
        return None
    return join(parent(path), at)


def _moved(
    overlay: Overlay, tree: Tree, folder: str, fields: dict[str, re.Match[str]], targets: Sequence[Target]
) -> list[tuple[int, int, str]] | None:
    """What changes in an entry; None where that cannot be told."""
    spans = []
    for target in targets:
        is_it = target.package.registry is Registry.PYPI and target.source.folder == folder
        if is_it and same_name(Registry.PYPI, target.package.name, fields["name"]["value"]) and "version" in fields:
            new = str(parse_pep440(target.new) or target.new)
            spans += [(*fields["version"].span("value"), new)] if fields["version"]["value"] != new else []
    if "sha256" not in fields:
        return spans
    before = _hash([tree.get(inside(folder, name)) for name in _HASHED])
    after = _hash([overlay.content(inside(folder, name)) for name in _HASHED])
    if before == after:
        return spans
    if fields["sha256"]["value"] != before:
        return None
    return [*spans, (*fields["sha256"].span("value"), after)]


def _says_old(fields: dict[str, re.Match[str]], targets: Sequence[Target]) -> bool:
    said = fields["version"]["value"] if "version" in fields else ""
    return any(
        same(said, target.package.version) and same_name(Registry.PYPI, target.package.name, fields["name"]["value"])
        for target in targets
    )


def _hash(contents: Sequence[bytes | None]) -> str:
    hashed = sha256()
    for content in contents:
        hashed.update((content or b"").replace(b"\r\n", b"\n"))
    return hashed.hexdigest()
