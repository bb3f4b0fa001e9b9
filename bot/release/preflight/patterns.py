"""The patterns of rulesets and environments: which names they match.

Ref patterns are those of Ruby's `File.fnmatch` with FNM_PATHNAME, in which `*` matches no slash and `**/` any folders:
https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/creating-rulesets-for-a-repository#using-fnmatch-syntax
"""

import re

from bot.github.facts import NamePattern

ALL = "~ALL"
"""https://docs.github.com/en/rest/repos/rules#get-a-repository-ruleset"""
_TOKEN = re.compile(r"\*\*/|\*+|\?|\[!?\^?[^\]]+\]|\\.|.", re.DOTALL)


def matches(pattern: str, name: str) -> bool:
    """Whether a ref pattern matches a whole name; one that cannot be read matches nothing."""
    if pattern == ALL:
        return True
    try:
        return re.fullmatch("".join(map(_translated, _TOKEN.findall(pattern))), name, re.DOTALL) is not None
    except re.error:
        return False


def fulfils(text: str, wanted: NamePattern) -> bool | None:
    """Whether a text is as a rule wants it; None where that cannot be told.

    The operators: https://docs.github.com/en/rest/repos/rules#get-a-repository-ruleset
    """
    match wanted.operator:
        case "starts_with":
            alike = text.startswith(wanted.pattern)
        case "ends_with":
            alike = text.endswith(wanted.pattern)
        case "contains":
            alike = wanted.pattern in text
        case "regex":
            try:
                alike = re.search(wanted.pattern, text) is not None
            except re.error:  # GitHub's expressions are RE2's, which differ in little
                return None
        case _:
            return None
    return alike is not wanted.negate


def _translated(part: str) -> str:
    """A part of a ref pattern as a regular expression."""
    if part == "**/":
        return "(?:[^/]+/)*"
    if part.startswith("*"):
        return "[^/]*"
    if part == "?":
        return "[^/]"
    if part.startswith("[") and len(part) > 1:
        inside = part[1:-1].replace("\\", "\\\\")
        return f"[^{inside[1:]}]" if inside[0] in "!^" else f"[{inside}]"
    return re.escape(part[-1])
