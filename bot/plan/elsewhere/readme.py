"""Lines of a README that say how to install a package, links to its documentation, and static version badges.

A place counts only where it names the package and says its old version, in as many parts as it likes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.packaging.registry import Registry
from bot.plan.elsewhere.looked_at import is_readme
from bot.plan.elsewhere.overlay import Overlay
from bot.plan.elsewhere.releases import Releases, any_same, olds, spelled, with_precision
from bot.plan.manifests.npm.followers import Follower
from bot.plan.paths import is_ours, parent
from bot.plan.request import Target

_VERSION = r"(?P<version>\d{1,9}(?:\.\d{1,9}){0,3}(?:-?[a-z][0-9a-z.-]*)?)"
_END = r"(?![\w+]|\.\d|-\w)"
_NAME = r"(?<![\w.@/-]){name}"
_LOOSE = rf"[\^~]?[ ]?{_VERSION}"
_CARGO = (
    rf'{_NAME}[ \t]*=[ \t]*"=?{_LOOSE}"',
    rf'{_NAME}[ \t]*=[ \t]*\{{[^{{}}\n]{{0,200}}?\bversion[ \t]*=[ \t]*"=?{_LOOSE}"',
    rf"{_NAME}@{_VERSION}{_END}",
    rf"\bcargo[ \t]+(?:install|add)\b[^\n]{{0,100}}?{_NAME}[ \t][^\n]{{0,100}}?--vers(?:ion)?[ =]{_VERSION}{_END}",
    rf"\bdocs\.rs/(?:crate/)?{{name}}/{_VERSION}(?![\w.+-])",
    rf"\bcrates\.io/crates/{{name}}/{_VERSION}(?![\w.+-])",
)
_PYPI = (
    rf"{_NAME}(?:\[[^\]\n]{{0,100}}\])?[ \t]*(?:===?|~=)[ \t]*{_VERSION}{_END}",
    rf"\bpypi\.org/project/{{name}}/{_VERSION}(?![\w.+-])",
)
_PYPI_ALONE = (rf'{_NAME}[ \t]*=[ \t]*"(?:==)?{_LOOSE}"', rf"{_NAME}@{_VERSION}{_END}")
_NPM = (rf"{_NAME}@{_VERSION}{_END}", rf'"{{name}}"[ \t]*:[ \t]*"{_LOOSE}"')
_ROOT_URL = r'html_root_url[ \t]*=[ \t]*"https?://docs\.rs/{name}/(?P<version>[0-9][^"/\s]*)/?"'
_BADGE = re.compile(
    r"\bimg\.shields\.io/(?:badge/|static/v1\?label=)(?P<label>[A-Za-z0-9_.%]+(?:--[A-Za-z0-9_.%]+)*)(?:-|&message=)v?"
    r"(?P<version>\d{1,9}(?:\.\d{1,9}){1,3})(?=[-&?)\"'\s])"
)
_LABELS = {"version", "release", "latest", "latest release", "crates.io", "pypi", "npm", "crate", "package", "current"}
_HEADING = re.compile(r"^(?:#+[ \t]+(?P<atx>[^\n]+)|(?P<set>[^\n]+)\n[=~^-]{3,}[ \t]*$)", re.MULTILINE)
_OF_THE_PAST = re.compile(r"\bchange(?:s|log)?\b|\bhistory\b|\brelease notes\b|\bmigrat|\bupgrad|\bwhat'?s new\b", re.I)


@dataclass(frozen=True, slots=True)
class _Named:
    """What a release is called in such lines, and how they look."""

    patterns: tuple[re.Pattern[str], ...]
    target: Target


def move_readmes(overlay: Overlay, paths: Sequence[str], releases: Releases, followers: Sequence[Follower]) -> None:
    """Move the places in READMEs, in the documentation at the head of a crate, and in its `html_root_url`."""
    looked_at = [path for path in paths if is_ours(parent(path)) and (is_readme(path) or path.endswith("lib.rs"))]
    named = [*_named(releases), *_followers(releases.targets, followers)] if looked_at else []
    for path in looked_at:
        if is_readme(path):
            overlay.replace(path, _spans(overlay.text(path), named), "install lines", "install line")
            overlay.replace(path, _badges(overlay.text(path), parent(path), releases), "version badge", "badge")
        else:
            overlay.replace(path, _root_urls(overlay.text(path), releases.targets), "html_root_url", "html_root_url")
            text = overlay.text(path)
            spans = [span for span in _spans(text, named) if _in_crate_docs(text, span[0])]
            overlay.replace(path, spans, "install lines", "install line")


def _named(releases: Releases) -> Iterator[_Named]:
    for target in releases.targets:
        name = target.package.name
        if target.package.registry is Registry.CRATES_IO:
            yield _Named(_patterns(_CARGO, _spelling(name, "[-_]")), target)
        elif target.package.registry is Registry.PYPI:
            alone = () if releases.has_crate(name) else _PYPI_ALONE
            yield _Named(_patterns((*_PYPI, *alone), f"(?i:{_spelling(name, '[-_.]')})"), target)


def _followers(targets: Sequence[Target], followers: Sequence[Follower]) -> Iterator[_Named]:
    for each in followers:
        leader = next((target for target in targets if target.package.name == each.leader), None)
        if leader is not None and each.name:
            yield _Named(_patterns(_NPM, re.escape(each.name)), leader)


def _spelling(name: str, between: str) -> str:
    return between.join(re.escape(part) for part in re.split(r"[-_.]" if "." in between else r"[-_]", name))


def _patterns(templates: Sequence[str], name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(template.replace("{name}", name)) for template in templates)


def _spans(text: str, named: Sequence[_Named]) -> list[tuple[int, int, str]]:
    """The places that change; never below a heading about changes."""
    found: dict[tuple[int, int], str] = {}
    past = _past(text)
    for each in named:
        for pattern in each.patterns:
            for place in pattern.finditer(text):
                new = with_precision(each.target, place["version"])
                start, end = place.span("version")
                if new is not None and new != place["version"] and not any(a <= start < b for a, b in past):
                    found.setdefault((start, end), new)
    return [(start, end, new) for (start, end), new in found.items()]


def _past(text: str) -> list[tuple[int, int]]:
    """The parts below headings that tell of changes."""
    headings = list(_HEADING.finditer(text))
    ends = [*(heading.start() for heading in headings[1:]), len(text)]
    return [
        (heading.start(), end)
        for heading, end in zip(headings, ends, strict=False)
        if _OF_THE_PAST.search(heading["atx"] or heading["set"] or "")
    ]


def _badges(text: str, folder: str, releases: Releases) -> list[tuple[int, int, str]]:
    """The static badges that say a package's version: https://shields.io/badges."""
    spans = []
    for badge in _BADGE.finditer(text):
        label = badge["label"].replace("--", "-").replace("_", " ").replace("%20", " ").lower()
        target = releases.at(folder, badge["version"])
        by_name = [
            each
            for each in releases.targets
            if label in (each.package.name.lower(), each.package.name.lower().replace("_", " "))
        ]
        if by_name and any_same(olds(by_name[0]), badge["version"]):
            target = by_name[0]
        elif label not in _LABELS:
            continue
        new = with_precision(target, badge["version"]) if target else None
        if new is not None and new != badge["version"]:
            spans.append((*badge.span("version"), new))
    return spans


def _root_urls(text: str, targets: Sequence[Target]) -> list[tuple[int, int, str]]:
    spans = []
    for target in targets:
        if target.package.registry is not Registry.CRATES_IO:
            continue
        for (pattern,) in (_patterns((_ROOT_URL,), _spelling(target.package.name, "[-_]")),):
            for place in pattern.finditer(text):
                exact = any_same(olds(target), place["version"])
                new = spelled(target, place["version"]) if exact else with_precision(target, place["version"])
                if new is not None and new != place["version"]:
                    spans.append((*place.span("version"), new))
    return spans


def _in_crate_docs(text: str, at: int) -> bool:
    return text[text.rfind("\n", 0, at) + 1 : at].lstrip().startswith("//!")
