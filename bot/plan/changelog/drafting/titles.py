"""What the title of a change says of it: its type, whether it breaks something, whether readers want to hear of it."""

import re
from dataclasses import dataclass

from bot.plan.changelog.drafting.shipping import is_shipping
from bot.plan.model import Change

_TYPED = re.compile(r"(?P<type>[a-z]+)(?:\((?P<scope>[^)]*)\))?(?P<breaking>!)?:\s+(?P<text>.+)", re.IGNORECASE)
_TYPES = {
    "feat": "Added", "feature": "Added", "add": "Added", "fix": "Fixed", "bugfix": "Fixed", "hotfix": "Fixed",
    "perf": "Changed", "refactor": "Changed", "change": "Changed", "docs": "Changed", "doc": "Changed",
    "deprecate": "Deprecated", "remove": "Removed", "revert": "Changed", "security": "Security", "sec": "Security",
}  # fmt: skip
_SILENT_TYPES = {"chore", "ci", "test", "tests", "style", "build", "release", "wip"}

_CODE = re.compile(r":(?P<code>[a-z][a-z0-9_+-]*):\s*")
_EMOJI = re.compile(
    "(?P<sign>[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff])[\ufe0f\u200d\U0001f3fb-\U0001f3ff\u2640\u2642]*\\s*"
)
_SIGNS = {
    "✨": "sparkles", "🎉": "tada", "🐛": "bug", "🚑": "ambulance", "🩹": "adhesive_bandage", "🔒": "lock",
    "🔥": "fire", "🗑": "wastebasket", "💥": "boom", "🔖": "bookmark", "👷": "construction_worker",
    "💚": "green_heart", "✅": "white_check_mark", "🧪": "test_tube", "🚨": "rotating_light", "🎨": "art",
    "🚧": "construction", "🙈": "see_no_evil", "🔀": "twisted_rightwards_arrows", "📌": "pushpin",
}  # fmt: skip
_CODES = {
    "sparkles": "Added", "tada": "Added", "bug": "Fixed", "ambulance": "Fixed", "adhesive_bandage": "Fixed",
    "lock": "Security", "fire": "Removed", "wastebasket": "Deprecated",
}  # fmt: skip
_SILENT_CODES = {
    *("bookmark", "construction_worker", "green_heart", "white_check_mark", "test_tube", "rotating_light", "art"),
    *("construction", "see_no_evil", "twisted_rightwards_arrows", "pushpin"),
}
"""The signs and what they stand for: https://gitmoji.dev."""

_VERBS = (
    (re.compile(r"(?:add|introduce|implement|support|allow|new)(?:s|ed)?\b", re.I), "Added"),
    (re.compile(r"(?:fix|correct|repair|resolve|prevent|avoid)(?:s|es|ed)?\b", re.I), "Fixed"),
    (re.compile(r"(?:remove|drop|delete)(?:s|d|ped)?\b", re.I), "Removed"),
    (re.compile(r"deprecate", re.I), "Deprecated"),
)
_LABELS = (
    (re.compile(r"security|vulnerabilit", re.I), "Security"),
    (re.compile(r"deprecat", re.I), "Deprecated"),
    (re.compile(r"remov", re.I), "Removed"),
    (re.compile(r"bug|regression|\bfix", re.I), "Fixed"),
    (re.compile(r"feature|enhancement|\badd", re.I), "Added"),
    (re.compile(r"breaking|perf|refactor|doc", re.I), "Changed"),
)
_SILENT_LABELS = re.compile(
    r"(?:skip|no|ignore)[-_ ](?:changelog|release[-_ ]?notes|for[-_ ]release)|^internal$|^release$", re.I
)

_USERS_NOTICE = re.compile(
    r"\bmsrv\b|\bminimum\b|\bwheels?\b"
    r"|\b(?:drop|requir|rais|support)\w*\b.*\b(?:python|pypy|rust|rustc|glibc|musl|macos|windows)\b",
    re.IGNORECASE,
)
"""What is a `chore` or `build` to its author and a change to who installs it."""
_DEPENDENCIES = re.compile(
    r"(?:\w+(?:\(deps[^)]*\))?!?: )?(?:bump|update|upgrade)s? \S|[^(]*\(deps[^)]*\)|lock file maintenance",
    re.IGNORECASE,
)
_DEPENDENCY_BOTS = re.compile(r"dependabot|renovate|pyup|pre-commit-ci", re.I)
_FOOTER = re.compile(r"^BREAKING[ -]CHANGES?:\s*(?P<what>\S.*)", re.MULTILINE)
_NOTHING = re.compile(r"(?:no(?:ne|thing)?|n/?a|false)\b[.!\s]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Title:
    """A title, read."""

    text: str
    """What it says, without emoji and type."""
    kind: str = ""
    """The type of Conventional Commits, lower case; empty without one that is known."""
    code: str = ""
    """The gitmoji's name."""
    breaking: bool = False

    @property
    def is_silent(self) -> bool:
        """Whether it is about the repository's own upkeep, or the act of releasing."""
        if is_shipping(self.text) and self.kind in ("", *_SILENT_TYPES):
            return True
        upkeep = self.kind in _SILENT_TYPES or (not self.kind and self.code in _SILENT_CODES)
        heard = self.kind in ("build", "chore") and _USERS_NOTICE.search(self.text)
        return upkeep and not self.breaking and not heard

    @property
    def group(self) -> str:
        """The group of Keep a Changelog that it belongs to."""
        typed = _TYPES.get(self.kind) or _CODES.get(self.code)
        return typed or next((group for pattern, group in _VERBS if pattern.match(self.text)), "Changed")


def read_title(text: str) -> Title:
    """The title without a leading emoji, and its type where it has one."""
    code, text = _without_emoji(" ".join(text.split()))
    typed = _TYPED.fullmatch(text)
    kind = typed["type"].lower() if typed else ""
    if typed is None or kind not in {*_TYPES, *_SILENT_TYPES}:
        return Title(text, "", code, bool(typed and typed["breaking"]) or code == "boom")
    more, said = _without_emoji(typed["text"])
    return Title(said, kind, code or more, bool(typed["breaking"]) or "boom" in (code, more))


def _without_emoji(text: str) -> tuple[str, str]:
    """The name of the first of a title's leading emojis, and the rest of the title."""
    first, rest = "", text.strip()
    while found := _CODE.match(rest) or _EMOJI.match(rest):
        if found.end() == len(rest):
            break
        named = found.groupdict()
        first = first or named.get("code") or _SIGNS.get(named.get("sign") or "", "")
        rest = rest[found.end() :]
    return first, rest


def is_breaking(body: str) -> bool:
    """Whether the text below a title has a footer that says so: https://www.conventionalcommits.org/en/v1.0.0/#specification.

    A form that was left at `BREAKING CHANGE: none`, or stands in a comment of a template, says nothing.
    """
    text = re.sub(r"<!--.*?(?:-->|$)", "", body, flags=re.DOTALL)
    return any(not _NOTHING.match(found["what"]) for found in _FOOTER.finditer(text))


def breaks(change: Change) -> bool:
    """Whether title, labels or the text below say that it breaks something."""
    return (
        change.breaking
        or read_title(change.title).breaking
        or any("breaking" in each.lower() for each in change.labels)
    )


def is_dependency(change: Change) -> bool:
    """Whether a robot moved what the package is built from."""
    by_robot = change.bot or bool(change.author and _DEPENDENCY_BOTS.search(change.author))
    title = _without_emoji(change.title)[1]
    return by_robot and bool(_DEPENDENCIES.match(title) or any("depend" in label.lower() for label in change.labels))


def is_noise(change: Change) -> bool:
    """Whether no reader of a changelog wants to hear of it."""
    if any(_SILENT_LABELS.search(label) for label in change.labels):
        return True
    return read_title(change.title).is_silent and not breaks(change)


def group_of(change: Change) -> str:
    """The group of Keep a Changelog that a change belongs to; labels count more than the title."""
    labelled = (group for pattern, group in _LABELS if any(pattern.search(label) for label in change.labels))
    return next(labelled, None) or read_title(change.title).group
