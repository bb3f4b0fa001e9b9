"""What looks like a secret, taken out of text that will be shown. GitHub masks those that it knows of; here go others.

It errs on the side of hiding: a long word of mixed letters and digits that is no secret is lost, too.
"""

import re

HIDDEN = "***"

# https://github.blog/changelog/2021-03-31-authentication-token-format-updates-are-generally-available
_KNOWN = (
    r"gh[a-z]_[A-Za-z0-9._-]{20,}",  # GitHub's; installation tokens are JWTs behind their prefix
    r"github_pat_\w{20,}",
    r"pypi-[A-Za-z0-9_-]{16,}",
    r"\bcio[A-Za-z0-9_]{20,}",  # crates.io's
    r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}",  # a JWT
    r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}",
    r"\b(?:npm|glpat|sk|xox[a-z]|dckr_pat|hf)[_-][A-Za-z0-9_-]{16,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*",
    r"^[A-Za-z0-9+/=]{40,}$",  # a line of a key
)
_NAMED = re.compile(
    r"(?i)\b((?:[a-z0-9_-]*(?:token|password|passwd|secret|api[_-]?key|private[_-]?key|signature|sig|authorization)"
    r")[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:bearer |basic |token )?)([^\s\"'&,;]{6,})"
)
_SCHEME = re.compile(r"(?i)\b((?:bearer|basic)\s{1,4})([A-Za-z0-9+/._=-]{12,})")
_IN_ADDRESS = re.compile(r"(://)[^\s/@]{1,200}@")
_SHAPED = re.compile("|".join(f"(?:{each})" for each in _KNOWN))
_LONG_WORD = re.compile(r"(?<![A-Za-z0-9_=+-])[A-Za-z0-9_=+-]{30,}(?![A-Za-z0-9_=+-])")


def redacted(line: str) -> str:
    """One line without anything that looks like a token, key or password."""
    line = _SHAPED.sub(HIDDEN, line)
    line = _NAMED.sub(rf"\1{HIDDEN}", line)
    line = _SCHEME.sub(rf"\1{HIDDEN}", line)
    line = _IN_ADDRESS.sub(rf"\1{HIDDEN}@", line)
    return _LONG_WORD.sub(_unless_harmless, line)


def _unless_harmless(found: re.Match[str]) -> str:
    """Random text has capitals, small letters and digits; commits, digests and file names do not have all three."""
    word = found[0]
    random = re.search(r"[A-Z]", word) and re.search(r"[a-z]", word) and re.search(r"[0-9]", word)
    return HIDDEN if random else word
