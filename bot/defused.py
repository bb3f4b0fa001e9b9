"""Texts on which GitHub would act, said so that it does not. Pure.

A pull request's title and text become a commit message when it is squashed, and commit and tag messages are read, too.
`defused` rewords what starts no CI or closes issues, wherever it stands: in a commit message a code span protects
nothing. It rewords, and hides no character in it: git's pager shows such characters (`<U+200B>`). `quiet_mentions` is
for Markdown that people read on GitHub.
"""

import re
from collections.abc import Callable

from bot.workflows.triggers import SKIPS

_SKIP = re.compile("|".join(re.escape(mark) for mark in SKIPS), re.IGNORECASE)
_TRAILER = re.compile(r"(skip-checks)\s*:\s*(true)", re.IGNORECASE)
"""https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs"""

_CLOSING = re.compile(
    r"""(?<![A-Za-z0-9])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)
    (?P<between>[*_~]*(?:[\s:]|&nbsp;)+)
    (?=[*_~`"'\[<]*(?:\[[^\]]*\]\()?(?:
        (?:[\w.-]+/[\w.-]+)?\\?\#[0-9]
        | gh-[0-9]
        | https?://[\w.:-]+/[\w.-]+/[\w.-]+/(?:issues|pull|discussions)/[0-9]
    ))""",
    re.IGNORECASE | re.VERBOSE,
)
"""A keyword right before a reference, with emphasis or a link around that at most.

Keywords: https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
References: https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
What GitHub allows between the two: docs/live-check.md#closing-words
"""

_CODE_BLOCKS = re.compile(
    r"(?P<fence>^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\2[`~]*\s*$|\Z))|(?P<span>(`+)(?!`).+?(?<!`)\4(?!`))", re.M | re.S
)
_MENTION = re.compile(r"(?<![\w/@])@(?=[A-Za-z0-9])")


def defused(text: str) -> str:
    """The same text in words that start no workflow less and close no issue: `(skip ci)`, `fixes issue #31`."""
    text = _TRAILER.sub(r"\1 = \2", _SKIP.sub(_in_parentheses, text))
    return _CLOSING.sub(lambda found: f"{found[0]}{'' if found[0][-1].isspace() else ' '}issue ", text)


def quiet_mentions(markdown: str) -> str:
    """The same Markdown with every `@name` outside code shown but nobody called."""
    return outside_code(markdown, quiet)


def quiet(text: str) -> str:
    """The same for a text without code."""
    return _MENTION.sub("@\u200b", text)


def outside_code(markdown: str, change: Callable[[str], str]) -> str:
    """Markdown with what stands outside its code changed."""
    pieces, position = [], 0
    for found in _CODE_BLOCKS.finditer(markdown):
        pieces += [change(markdown[position : found.start()]), found[0]]
        position = found.end()
    return "".join((*pieces, change(markdown[position:])))


def without_code(markdown: str) -> str:
    """Markdown without its code."""
    return _CODE_BLOCKS.sub("", markdown)


def _in_parentheses(found: re.Match[str]) -> str:
    """A link keeps its brackets."""
    words = f"({found[0][1:-1]})"
    return f"[{words}]" if found.string[found.end() : found.end() + 1] in ("(", "[") else words
