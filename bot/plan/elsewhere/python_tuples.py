"""`__version_info__ = (0, 4, 0)` and its like beside a Python project's version."""

import re
from collections.abc import Iterator

from bot.packaging.versions import is_prerelease, parse_pep440
from bot.plan.elsewhere.overlay import Overlay
from bot.plan.repository import Repository
from bot.plan.request import Target

_TUPLE = re.compile(
    r"^(?P<name>__version_info__|__version_tuple__|version_info|version_tuple|VERSION_INFO|VERSION)"
    r"[ \t]*(?::[^=\n]+)?=[ \t]*\((?P<numbers>[ \t]*\d{1,9}(?:[ \t]*,[ \t]*\d{1,9})+)(?P<more>[ \t]*,[^)\n]*)?\)",
    re.MULTILINE,
)


def move_tuples(overlay: Overlay, repository: Repository, targets: tuple[Target, ...]) -> Iterator[str]:
    """Move the tuples of released projects; yields those that cannot say the new version."""
    for target in targets:
        project = target.source.project
        for path in repository.version_files(project) if project else ():
            if path.endswith(".py"):
                yield from _move(overlay, path, target)


def _move(overlay: Overlay, path: str, target: Target) -> Iterator[str]:
    old, new = parse_pep440(target.package.version), parse_pep440(target.new)
    if old is None or new is None:
        return
    text = overlay.text(path)
    found = list(_TUPLE.finditer(text))
    names = [one["name"] for one in found]
    is_plain = not is_prerelease(target.new) and not is_prerelease(target.package.version)
    spans = []
    for one in found:
        numbers = [int(part) for part in one["numbers"].split(",")]
        if numbers != [*old.release, 0, 0][: len(numbers)] or names.count(one["name"]) > 1:
            continue
        if is_plain and len(numbers) <= 3 and not (one["more"] or "").strip(" \t,"):
            spans.append((*one.span("numbers"), _written(one["numbers"], [*new.release, 0, 0])))
        else:
            line = text.count("\n", 0, one.start()) + 1
            said = text[one.start("numbers") - 1 : one.end()]
            yield f"{path}:{line} says {one['name']} = {said}, which is left to you."
    overlay.replace(path, spans, "version", "version tuple")


def _written(numbers: str, new: list[int]) -> str:
    """The new numbers with the blanks of the old ones."""
    parts = numbers.split(",")
    return ",".join(re.sub(r"\d+", str(number), part) for part, number in zip(parts, new, strict=False))
