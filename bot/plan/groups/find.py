"""Groups: what one tag releases. Packages of one tag format and version are one, or what the configuration says."""

import re
from collections.abc import Mapping, Sequence

from bot.plan.config import GroupConfig
from bot.plan.model import Group, Package
from bot.plan.repository import Source
from bot.plan.tags import History, canonical

_OTHER_LANGUAGES = (
    *("node", "nodejs", "js", "javascript", "napi", "typescript", "wasm", "jni", "java", "kotlin", "swift"),
    *("ruby", "cpp", "php", "dotnet", "csharp", "golang", "elixir", "julia"),
)
_HELPERS = ("tool", "tools", "dev", "script", "scripts", "gen", "bench", "benchmark", "benchmarks")
_BESIDE = re.compile(rf"(?:^|[^a-z])(?:{'|'.join((*_OTHER_LANGUAGES, *_HELPERS))})(?:[^a-z]|$)", re.I)


def is_beside(source: Source) -> bool:
    """Whether a package looks like a helper, or like bindings of a language that no registry here is for."""
    return source.folder != "." and _BESIDE.search(f"{source.folder}/{source.name}") is not None


def find_groups(
    packages: Sequence[Package],
    sources: Sequence[Source],
    configured: Mapping[str, GroupConfig],
    history: History,
) -> list[Group]:
    """Every package in one group, in the order of the packages."""
    pairs = list(zip(packages, sources, strict=True))
    version_of = {package.tag: package.version for package, source in reversed(pairs) if source.version}
    members: dict[object, list[Package]] = {}
    for package, source in pairs:
        table = configured.get(package.key)
        # One tag is one version; a package whose version only the tag says moves with whatever has that tag.
        version = package.version if source.version else version_of.get(package.tag, package.version)
        members.setdefault(table.line if table else (package.tag, canonical(version)), []).append(package)
    return [_group(each, history) for each in members.values()]


def most_used_first(
    groups: Sequence[Group], sources: Sequence[Source], history: History, repository: str
) -> list[Group]:
    """The groups as people would look for them: what has the repository's name, the most tags; helpers last."""
    by_key = {source.key: source for source in sources}
    name = repository.rpartition("/")[2].lower()

    def use(group: Group) -> tuple[bool, bool, int]:
        inside = [by_key[key] for key in group.packages]
        used = history.of(group.tag)
        called = any(source.name.lower() == name for source in inside)
        return all(map(is_beside, inside)), not called, -len(used.tags) if used else 0

    return sorted(groups, key=use)


def _group(packages: Sequence[Package], history: History) -> Group:
    tag = packages[0].tag
    used = history.of(tag)
    last = max(used.finals or used.tags, key=lambda each: each.date) if used else None
    return Group(
        packages=tuple(package.key for package in packages),
        tag=tag,
        last=last.tag.name if last else None,
        spelled=used.spelled if used else None,
    )
