"""Filter patterns, by the rows of GitHub's cheat sheet, and the same patterns against what they must refuse.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

import pytest

from bot.workflows.filters import fits, matches

CHARACTERS = [
    ("Octo*", "Octocat", True), ("Octo*", "Octo", True), ("Octo*", "Octo/cat", False),
    ("[CB]at", "Cat", True), ("[CB]at", "Bat", True), ("[CB]at", "Rat", False),
    ("[1-2]00", "100", True), ("[1-2]00", "200", True), ("[1-2]00", "300", False),
    ("[0-9a-z]", "7", True), ("[0-9a-z]", "k", True), ("[0-9a-z]", "K", False), ("[0-9a-z]", "77", False),
    ("ab+", "abbb", True), ("ab+", "a", False), ("ab?", "a", True), ("ab?", "ab", True), ("ab?", "abb", False),
    ("a!b", "a!b", True), (r"a\*", "a*", True), (r"a\*", "ab", False), ("a.b", "a.b", True), ("a.b", "aXb", False),
]  # fmt: skip
REFS = [
    ("feature/*", "feature/my-branch", True), ("feature/*", "feature/your-branch", True),
    ("feature/*", "feature/beta-a/my-branch", False), ("feature/*", "feature", False),
    ("feature/**", "feature/beta-a/my-branch", True), ("feature/**", "feature/your-branch", True),
    ("feature/**", "feature/mona/the/octocat", True), ("feature/**", "features/x", False),
    ("main", "main", True), ("main", "maintenance", False), ("main", "Main", False),
    ("releases/mona-the-octocat", "releases/mona-the-octocat", True),
    ("*", "main", True), ("*", "releases", True), ("*", "all/the/branches", False),
    ("**", "all/the/branches", True), ("**", "every/tag", True), ("**", "main", True),
    ("*feature", "mona-feature", True), ("*feature", "feature", True), ("*feature", "ver-10-feature", True),
    ("*feature", "feature-1", False), ("*feature", "x/feature", False),
    ("v2*", "v2", True), ("v2*", "v2.0", True), ("v2*", "v2.9", True), ("v2*", "v1.2", False),
    ("v[12].[0-9]+.[0-9]+", "v1.10.1", True), ("v[12].[0-9]+.[0-9]+", "v2.0.0", True),
    ("v[12].[0-9]+.[0-9]+", "v3.0.0", False), ("v[12].[0-9]+.[0-9]+", "v1.10", False),
    ("v[12].[0-9]+.[0-9]+", "v2.0.0-rc.1", False),
]  # fmt: skip
PATHS = [
    ("*", "README.md", True), ("*", "server.rb", True), ("*", "docs/README.md", False),
    ("*.jsx?", "page.js", True), ("*.jsx?", "page.jsx", True), ("*.jsx?", "page.jsxx", False),
    ("**", "all/the/files.md", True),
    ("*.js", "app.js", True), ("*.js", "index.js", True), ("*.js", "js/index.js", False),
    ("**.js", "index.js", True), ("**.js", "js/index.js", True), ("**.js", "src/js/app.js", True),
    ("**.js", "app.jsx", False),
    ("docs/*", "docs/README.md", True), ("docs/*", "docs/file.txt", True), ("docs/*", "docs/mona/octocat.txt", False),
    ("docs/**", "docs/README.md", True), ("docs/**", "docs/mona/octocat.txt", True), ("docs/**", "x/docs/a", False),
    ("docs/**/*.md", "docs/README.md", True), ("docs/**/*.md", "docs/mona/hello-world.md", True),
    ("docs/**/*.md", "docs/a/markdown/file.md", True), ("docs/**/*.md", "docs.md", False),
    ("**/docs/**", "docs/hello.md", True), ("**/docs/**", "dir/docs/my-file.txt", True),
    ("**/docs/**", "space/docs/plan/space.doc", True), ("**/docs/**", "mydocs/hello.md", False),
    ("**/README.md", "README.md", True), ("**/README.md", "js/README.md", True), ("**/README.md", "jsREADME.md", False),
    ("**/*src/**", "a/src/app.js", True), ("**/*src/**", "my-src/code/js/app.js", True),
    ("**/*src/**", "src-a/app.js", False),
    ("**/*-post.md", "my-post.md", True), ("**/*-post.md", "path/their-post.md", True),
    ("**/*-post.md", "my-post.txt", False),
    ("**/migrate-*.sql", "migrate-10909.sql", True), ("**/migrate-*.sql", "db/migrate-v1.0.sql", True),
    ("**/migrate-*.sql", "db/sept/migrate-v1.sql", True), ("**/migrate-*.sql", "db/xmigrate-1.sql", False),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "name", "fitting"), CHARACTERS + REFS + PATHS)
def test_a_pattern_fits_as_the_cheat_sheet_says(pattern, name, fitting):
    assert fits(name, pattern) is fitting


@pytest.mark.parametrize(
    ("patterns", "name", "taken"),
    [
        (["*.md", "!README.md"], "hello.md", True),
        (["*.md", "!README.md"], "README.md", False),
        (["*.md", "!README.md"], "docs/hello.md", False),
        (["*.md", "!README.md", "README*"], "hello.md", True),
        (["*.md", "!README.md", "README*"], "README.md", True),
        (["*.md", "!README.md", "README*"], "README.doc", True),
        (["!README.md"], "hello.md", False),
        ([], "hello.md", False),
    ],
)
def test_the_last_pattern_that_fits_decides(patterns, name, taken):
    assert matches(patterns, name) is taken


@pytest.mark.parametrize("pattern", ["*a" * 60, "**/" * 80 + "x", "a?" * 120, "[a-z]+" * 40, "a+?" * 80])
def test_a_hostile_pattern_comes_to_an_end(pattern):
    """One that backtracks would not in a lifetime."""
    assert not fits("a" * 200 + "!", pattern)


@pytest.mark.parametrize("pattern", ["[", "[]", "?", "+", "a[", "\\", "!", "[z-a]"])
def test_a_pattern_that_means_nothing_is_no_error(pattern):
    assert fits("x/y", pattern) is False
