"""Which further files of a repository are looked at for its version: bounded in number, the likeliest first."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from bot.plan.paths import is_changelog, is_like_changelog, is_ours, parent

MOST_LOOKED_AT = 150
"""Three requests to GitHub, which knows their content by name only."""
_README = re.compile(r"README(?:[._-][A-Za-z-]+)?(?:\.(?:md|markdown|rst|txt))?", re.I)
_KNOWN = {
    *("CITATION.cff", ".bumpversion.toml", ".bumpversion.cfg", ".cz.toml", "cz.toml", "tbump.toml"),
    *("pixi.toml", "pixi.lock"),
}
_LIKELY = (
    *("conf.py", "Dockerfile", "Makefile", "justfile", "CMakeLists.txt", "meson.build", "pom.xml", "build.gradle*"),
    *("gradle.properties", "*.nix", "*.gemspec", "*.podspec", "snapcraft.yaml", "action.y*ml", "codemeta.json"),
    *(".zenodo.json", "mkdocs.yml", "_config.yml", "Chart.yaml", "meta.yaml", "recipe.yaml", "openapi.*"),
    *("sonar-project.properties", "antora.yml", "lib.rs", "version.rs", "version.go", "version.ts", "version.js"),
)
_PROSE = (".md", ".markdown", ".rst", ".txt", ".adoc")
_TEXT = (
    *(".py", ".pyi", ".rs", ".toml", ".cfg", ".ini", ".json", ".yml", ".yaml", ".xml", ".kts", ".properties", ".cff"),
    *(".rb", ".go", ".js", ".mjs", ".cjs", ".ts", ".tsx", ".java", ".kt", ".swift", ".c", ".h", ".cc", ".cpp", ".hpp"),
    *(".cmake", ".tex", ".html", ".sh", ".ps1", ".bat", ".env", ".tf", ".jl", ".r", ".lua", ".ipynb"),
)
_TESTS = {"test", "tests", "testing", "__tests__", "fuzz", "bench", "benches", "benchmark", "benchmarks"}
_FRAGMENTS = {
    *("changes", "changelog.d", "changes.d", "newsfragments", "news.d", "news", ".changeset", ".changes", ".change"),
    *("fragments", "unreleased", "notes", "scriv.d"),
}
_FRAGMENT = re.compile(
    r"(?:[+!]?\w[\w-]*\.[a-z]+(?:\.\d+)?(?:\.(?:md|rst|txt))?|\d+(?:\.(?:md|rst|txt))?|\d{8}_\w[\w.-]*\.(?:md|rst)"
    r"|[\w-]+-[0-9a-f]{16}\.yaml)",
    re.I,
)
_NO_FRAGMENT = re.compile(r"(?:README|index|template|config|v?\d+\.\d).*", re.I)


def looked_at(paths: Iterable[str], *, most: int = MOST_LOOKED_AT, every: bool = False) -> list[str]:
    """The paths that may say the version of a package although no manager of packages reads them, at most `most`.

    Without `every`, sources are left out that seldom do.
    """
    ranked = ((rank, path.count("/"), path) for path in paths if (rank := _rank(path, every=every)) is not None)
    return [path for _, _, path in sorted(ranked)[:most]]


def is_readme(path: str) -> bool:
    """Whether it is a README in any language."""
    return _README.fullmatch(path.rpartition("/")[2]) is not None


def is_fragment(path: str) -> bool:
    """Whether it looks like a note that waits to be collected into a changelog.

    The folders and names are those of towncrier, scriv, Changesets, reno and their like:
    https://towncrier.readthedocs.io/en/stable/tutorial.html#creating-news-fragments
    https://docs.openstack.org/reno/latest/user/usage.html
    """
    folder, _, name = path.rpartition("/")
    last = folder.rpartition("/")[2]
    if last not in _FRAGMENTS or _NO_FRAGMENT.fullmatch(name) or name.startswith("_"):
        return False
    if last in (".changeset", ".changes", ".change"):
        return name.endswith((".md", ".yaml", ".yml", ".json")) and name != "config.json"
    if last in ("news", "notes", "fragments", "unreleased", "changes"):
        return re.match(r"[+]?\d+\b|.*-[0-9a-f]{16}\.yaml", name) is not None and _FRAGMENT.fullmatch(name) is not None
    return _FRAGMENT.fullmatch(name) is not None


def is_history(path: str) -> bool:
    """Whether the file tells of versions that were: changelogs of any format, and notes for them."""
    stem = path.rpartition("/")[2].partition(".")[0]
    return is_changelog(path) or is_like_changelog(path) or is_changelog(stem) or is_fragment(path)


def is_plain_changelog(path: str) -> bool:
    """Whether it is named as a changelog, in a format that is not Markdown."""
    name = path.rpartition("/")[2]
    return name.endswith((".rst", ".txt", ".adoc", ".asciidoc", ".org")) and is_changelog(name.rpartition(".")[0])


def _rank(path: str, *, every: bool) -> int | None:
    """How likely the file is to be of use, 0 first; None for one that is not looked at."""
    folder, name = parent(path), path.rpartition("/")[2]
    if not is_ours(folder) or not _TESTS.isdisjoint(folder.lower().split("/")):
        return None
    if name in _KNOWN or is_readme(path):
        return 0
    if is_plain_changelog(path) or is_fragment(path):
        return 1
    if any(fnmatchcase(name, pattern) for pattern in _LIKELY):
        return 2
    if name.lower().endswith(_PROSE):
        return None if is_history(path) else 3
    return 4 if every and name.lower().endswith(_TEXT) else None
