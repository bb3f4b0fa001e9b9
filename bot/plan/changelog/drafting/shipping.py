"""Titles about the act of releasing itself: `Release 0.5.0`, `Bump version`, `Merge branch 'main'`."""

import re

_LONGEST = 300
_VERSION = re.compile(
    r"(?:[\w./@-]{0,60}?[-_/@])?"
    r"(?:v?\d+\.\d+(?:\.\d+)+[\w.+-]*|v?\d+\.\d+(?:[-.]?(?:a|b|rc|dev|alpha|beta)[\w.]*)?|v\d+)",
    re.IGNORECASE,
)
_MERGE = re.compile(
    r"merge (?:branch (?:['\"]|\S+ (?:into|of) \S+$)|pull request #|remote-tracking branch|commit ['\"]|tag ['\"])"
    r"|uprev\b|back to dev|\[pre-commit|fixup!|squash!",
    re.IGNORECASE,
)
_ACT = re.compile(
    r"(?:(?:cut|tag|publish|make|do|new|create|post)[ -])?release[ds]?\b(?:\([^)]*\))?:?"
    r"|(?:bump|set|update|increase|increment)(?:s|ed|ing)? (?:the )?(?:\S+ )?versions?\b(?: numbers?\b)?:?"
    r"|prepar(?:e|es|ed|ing) (?:for )?(?:an? |the )?(?:\S+ )?(?:patch |minor |major )?release\b:?",
    re.IGNORECASE,
)
"""Words that begin such a title, and others: `Release the GIL`. What follows tells."""
_STEP = re.compile(r"(?:bump|start|begin|open|back)(?:ing)?(?: to| for)?(?: next)? |", re.IGNORECASE)
"""The same, where nothing but a version may follow."""
_BETWEEN = {
    *("from", "to", "as", "version", "versions", "of", "for", "and", "the", "a", "new", "next", "release", "releases"),
    *("development", "dev", "cycle", "iteration", "=", "=>", "->", "→", "-", "–", "—", "&"),
}
_MOST_NAMES = 4


def is_shipping(title: str) -> bool:
    """Whether a title says nothing but that something is released: it names a version, or ends with the words."""
    text = re.sub(r"\s*\(#\d+\)$", "", title.strip())[:_LONGEST]
    if _MERGE.match(text):
        return True
    act = _ACT.match(text)
    if act is not None:
        return _is_version_or_nothing(text[act.end() :])
    step = _STEP.match(text)
    words = _words(text[step.end() :] if step else text)
    return len(words) == 1 and _VERSION.fullmatch(words[0]) is not None and "." in words[0]


def _is_version_or_nothing(rest: str) -> bool:
    words = [word for word in _words(rest) if word.lower() not in _BETWEEN]
    versions = [place for place, word in enumerate(words) if _VERSION.fullmatch(word)]
    if not words or words[0].lower() == "in":
        return True
    if not versions or len(words) - len(versions) > _MOST_NAMES:
        return False
    told = re.match(r"\s*(?:\S+ )?(?P<version>\S+?)\s*(?::|\s[-–—(])", rest)
    return versions[-1] == len(words) - 1 or bool(told and _VERSION.fullmatch(told["version"]))


def _words(text: str) -> list[str]:
    return [word for part in re.split(r"[\s,()+:;`'\"]+", text) if (word := part.strip(".!"))]
