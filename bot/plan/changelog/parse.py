"""A changelog as Markdown or reStructuredText sees it: release headings, Unreleased section, link references.

Headings in code fences, comments, quotes and lists are none; that is why a Markdown parser reads the file and not a
regular expression. Positions are line numbers, so that everything which is not edited stays byte for byte.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from markdown_it import MarkdownIt

from bot.packaging.problem import Problem
from bot.packaging.versions import same_version
from bot.plan.changelog.rst import is_rst, titles
from bot.plan.manifests.toml import MAX_BYTES
from bot.plan.model import Tree

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_MARKDOWN.core.ruler.enableOnly(["normalize", "block"])

_BOM = "\ufeff"
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_MARKS = r"[\[*_`\s]*"
_DATE = r"\d{4}[-/.]\d{2}[-/.]\d{2}"
_UNRELEASED = re.compile(rf"{_MARKS}unreleased\b", re.IGNORECASE)
_UPCOMING = re.compile(
    rf"{_MARKS}(?:upcoming|latest changes|next|main|master|head|trunk"
    r"|(?:in )?development)(?:\s+(?:release|version|changes?|branch))?"
    r"[\s\]*_`:.]*(?:[-–—(\[*_\s]*(?:unreleased|not yet released|in progress|tb[ad])[\s)\]*_`.]*)?",
    re.IGNORECASE,
)
_ANCHOR = re.compile(r" {0,3}<a\s+(?:name|id)\s*=[^<>]*>(?:\s*</a>)?\s*", re.IGNORECASE)
_RELEASE = re.compile(
    rf"{_MARKS}(?:{_DATE}[,:]?\s+(?:[-–—]\s+)?)?(?:(?:version|release)\s+)?\[?"
    r"(?P<label>(?P<name>[A-Za-z@][\w./@-]*?(?:\s+|[-_/@]))??"
    r"v?(?P<version>\d{1,9}\.\d{1,9}(?:\.\d{1,9}){0,2}(?:[-.+_]?[0-9A-Za-z][0-9A-Za-z.+-]*)?(?<![.-])))"
    r"(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_LONGEST_HEADING = 400
_SURFACE = (
    r"(?:(?P<python>python|pypi)|(?P<rust>rust|crates?\.io|cargo|(?=crate\b)))?"
    r"\s*(?:package|bindings?|crate|wheels?|library|core)?"
)
_SURFACES = re.compile(_SURFACE, re.IGNORECASE)
_NOTE = re.compile(r"[\]*_`]*\s+\((?P<surface>[^()]{1,40})\)")
_AND = re.compile(rf"[\])*_`]*\s*(?:[+,;&/]|\band\b)(?={_MARKS})", re.IGNORECASE)
_TAGGED = re.compile(r"[A-Za-z][\w.-]*(?:[-_/]v|@v?)\d", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"[-*_\s]*(?:nothing(?: changed)?(?: yet| so far)?|none(?: yet)?|n/?a|tbd|no (?:\w+ )?changes?(?: yet)?)[.!*_\s]*",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})")
_REFERENCE = re.compile(r"(?P<lead> {0,3}\[(?P<label>[^\]]+)\]:[ \t]*)(?P<url>\S+)(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading: lines [start, end), how deep, and its inline Markdown."""

    start: int
    end: int
    level: int
    text: str
    top: int
    """The line where what belongs to it begins: that of an anchor such as `<a name="0.4.0"></a>` right above it."""

    @property
    def is_setext(self) -> bool:
        """Whether it is underlined rather than marked with `#`."""
        return self.end - self.start > 1


@dataclass(frozen=True, slots=True)
class Release:
    """The heading of a released version."""

    heading: Heading
    version: str
    label: str
    """The version with what belongs to it: `v0.5.0`, `rust-v0.5.0`, `edgequake-llm 0.5.0`."""
    name: str
    """The name or tag prefix before the version, lower case, without separators; often empty."""
    start: int
    """Where the label stands in the heading's text: a heading may carry the versions of several packages."""
    note: str = ""
    """What follows the label and says which package of that name it is: ` (Python package)`."""
    registry: str = ""
    """The registry that the note means."""

    @property
    def end(self) -> int:
        """Where the label and its note end in the heading's text."""
        return self.start + len(self.label) + len(self.note)


@dataclass(frozen=True, slots=True)
class LinkReference:
    """One `[label]: url` line."""

    line: int
    lead: str
    label: str
    url: str
    rest: str


@dataclass(frozen=True)
class Changelog:
    """A changelog that was read; `lines` keep their line ends."""

    path: str
    lines: tuple[str, ...]
    headings: tuple[Heading, ...]
    references: tuple[LinkReference, ...]
    bom: bool
    names: frozenset[str]

    @property
    def newline(self) -> str:
        """The line end of the file, by its first line."""
        return next((line[len(line.rstrip("\r\n")) :] for line in self.lines if line.endswith(("\r", "\n"))), "\n")

    @cached_property
    def unreleased(self) -> Heading | None:
        """The heading of the Unreleased section, the first one when there are several.

        Where none is called so, the one above all releases that says the same: `Upcoming`, `Next release`, `main`.
        """
        level = min((release.heading.level for release in self.releases), default=None)
        found = [heading for heading in self.headings if _UNRELEASED.match(heading.text)]
        called = next((heading for heading in found if level is None or heading.level <= level), None)
        return called or self._upcoming(level or 2)

    @cached_property
    def releases(self) -> tuple[Release, ...]:
        """The released versions in the order of the file, all headings on one level; one heading may carry several."""
        found = [release for heading in self.headings for release in self._releases_in(heading)]
        level = min((release.heading.level for release in found), default=0)
        return tuple(release for release in found if release.heading.level == level)

    def end_of(self, heading: Heading) -> int:
        """The line after a section: the next heading of its level or above, else the link references at the end."""
        following = (
            other.top for other in self.headings if other.start > heading.start and other.level <= heading.level
        )
        return next(following, self.end_of_text)

    @cached_property
    def end_of_text(self) -> int:
        """The line after the last one that is neither blank nor a link reference."""
        references = {reference.line for reference in self.references}
        end = len(self.lines)
        while end and (end - 1 in references or not self.lines[end - 1].strip()):
            end -= 1
        return end

    def body(self, heading: Heading) -> str:
        """The Markdown below a heading with `\\n` line ends, without the rule that parts it from the next."""
        references = {reference.line for reference in self.references if reference.line >= self.end_of_text}
        lines = [self.lines[number] for number in range(heading.end, self.end_of(heading)) if number not in references]
        text = "".join(lines).replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        head, _, last = text.rpartition("\n")
        return (head if _RULE.fullmatch(last) else text).strip()

    def is_empty(self, heading: Heading, apart: Collection[int] = ()) -> bool:
        """Whether a section says nothing: no more than group headings, comments, rules and `- nothing yet`.

        Lines whose numbers are in `apart` do not count.
        """
        headings = {*apart, *(number for other in self.headings for number in range(other.start, other.end))}
        kept = (self.lines[n] for n in range(heading.end, self.end_of(heading)) if n not in headings)
        text = _without_comments("".join(kept))
        lines = (line for line in text.splitlines() if line.strip())
        return all(_PLACEHOLDER.fullmatch(line) or _RULE.fullmatch(line) for line in lines)

    def of(self, names: Sequence[str], registry: str = "") -> tuple[Release, ...]:
        """The releases whose headings carry one of these names, else those without a name, else all.

        With a registry, releases of the same name that are said to be another registry's are none of them.
        """
        wanted = {plain(name) for name in names}
        fitting = (release for release in self.releases if not registry or release.registry in ("", registry))
        named = tuple(release for release in fitting if release.name in wanted)
        return named or tuple(release for release in self.releases if not release.name) or self.releases

    def release(self, version: str, names: Sequence[str], registry: str = "") -> Release | None:
        """The section of one version of a package, in whatever spelling: `3.0.0-alpha.0` is `3.0.0a0`."""
        fitting = self.of(names, registry)
        exact = (release for release in fitting if release.version == version)
        return next(exact, next((release for release in fitting if same_version(release.version, version)), None))

    def encoded(self, lines: Sequence[str]) -> bytes:
        """A file of these lines, with the byte order mark when this one has it."""
        return ((_BOM if self.bom else "") + "".join(lines)).encode()

    def _upcoming(self, level: int) -> Heading | None:
        first = self.releases[0].heading.start if self.releases else len(self.lines)
        above = (heading for heading in self.headings if heading.level == level and heading.start < first)
        return next((heading for heading in above if _UPCOMING.fullmatch(heading.text[:_LONGEST_HEADING])), None)

    def _releases_in(self, heading: Heading) -> list[Release]:
        """The version of a heading, and those of the packages that it names behind it."""
        if len(heading.text) >= _LONGEST_HEADING or _UNRELEASED.match(heading.text):
            return []
        found: list[Release] = []
        release = self._release(heading, 0)
        while release is not None and (not found or release.name in self.names or _TAGGED.match(release.label)):
            found.append(release)
            joined = _AND.match(heading.text, release.end)
            release = self._release(heading, joined.end()) if joined else None
        return found

    def _release(self, heading: Heading, position: int) -> Release | None:
        found = _RELEASE.match(heading.text, position)
        if found is None:
            return None
        name = plain(found["name"] or "")
        if (found["name"] or "")[-1:].isspace() and name not in self.names:
            return None  # "Rust 1.83 support" is no release; "edgequake-llm 0.5.0" is
        note = _NOTE.match(heading.text, found.end())
        registry = surface_of(note["surface"]) if note else ""
        said = note[0] if note and registry else ""
        return Release(heading, found["version"], found["label"], name, found.start("label"), said, registry)


def read_changelog(path: str, tree: Tree, names: Sequence[str] = ()) -> Changelog | Problem:
    """Read one changelog. `names` are the repository's packages, which may stand before versions in headings.

    The same content is parsed once however many packages share it: a long changelog takes a tenth of a second.
    """
    return _changelog(path, tree[path], frozenset(plain(name) for name in names))


@lru_cache(maxsize=8)
def _changelog(path: str, content: bytes, names: frozenset[str]) -> Changelog | Problem:
    if len(content) > MAX_BYTES:
        return Problem(path, f"is larger than {MAX_BYTES // 1_000_000} MB", "Move old sections to another file.")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        return Problem(path, f"is not UTF-8 (byte {error.start})", "Save it as UTF-8.")
    bom, text = text.startswith(_BOM), text.removeprefix(_BOM)
    lines, headings, references = parsed_rst(text) if is_rst(path) else parsed(text)
    return Changelog(path, lines, headings, references, bom, names)


@lru_cache(maxsize=8)
def parsed(text: str) -> tuple[tuple[str, ...], tuple[Heading, ...], tuple[LinkReference, ...]]:
    """The lines, headings and link references of a text, which do not depend on whose changelog it is."""
    lines = tuple(_LINES.findall(text))
    environment: dict[str, dict[str, dict[str, list[int]]]] = {}
    tokens = _MARKDOWN.parse(text, environment)
    headings = tuple(
        Heading(token.map[0], token.map[1], int(token.tag[1]), tokens[index + 1].content, _top(lines, token.map[0]))
        for index, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    )
    places = sorted(reference["map"][0] for reference in environment.get("references", {}).values())
    found = [(place, _REFERENCE.fullmatch(lines[place])) for place in places if place < len(lines)]
    references = tuple(LinkReference(line, m["lead"], m["label"], m["url"], m["rest"]) for line, m in found if m)
    return lines, headings, references


@lru_cache(maxsize=8)
def parsed_rst(text: str) -> tuple[tuple[str, ...], tuple[Heading, ...], tuple[LinkReference, ...]]:
    """The same of a text in reStructuredText; its link targets are left alone."""
    lines = tuple(_LINES.findall(text))
    return lines, tuple(Heading(start, end, level, said, start) for start, end, level, said in titles(lines)), ()


def _top(lines: Sequence[str], start: int) -> int:
    top = start
    while top and _ANCHOR.fullmatch(lines[top - 1]):
        top -= 1
    return top


def _without_comments(text: str) -> str:
    kept, position = [], 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[position:start])
        position = end + 3
    return "".join((*kept, text[position:]))


def surface_of(text: str) -> str:
    """The registry that `Python package`, `Rust crate` and the like mean; empty for any other text."""
    found = _SURFACES.fullmatch(text.strip())
    if found is None:
        return ""
    return "pypi" if found["python"] else "crates.io" if found["rust"] is not None else ""


def plain(name: str) -> str:
    """A name or tag prefix without what parts it from the version: `py-v` → `py`."""
    return re.sub(r"[-_/@\s]+v?$|^v$", "", name.lower().strip())
