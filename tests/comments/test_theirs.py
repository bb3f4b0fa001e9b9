"""Who put what on the release branch is said in words."""

import pytest

from bot.comments.theirs import not_mine
from bot.release.records import Theirs
from tests.release.builders import release

SHIP = ".github/workflows/ship.yml"


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        (None, ""),
        (Theirs("a"), ""),
        (
            Theirs("a", ("abc1234567 Fix a typo",), ("README.md",)),
            "✍️ The release has 1 commit that is not mine: `abc1234567 Fix a typo`. It changes `README.md`.",
        ),
        (
            Theirs("a", ("abc1234567 Two", "def1234567 One"), (SHIP, "README.md")),
            "✍️ The release has 2 commits that are not mine: `abc1234567 Two` and `def1234567 One`."
            f" They change `{SHIP}` and `README.md`.",
        ),
        (
            Theirs("a", ("abc1234567 Merge main", "def1234567 One"), (), more=True),
            "✍️ The release has at least 2 commits that are not mine: `abc1234567 Merge main` and `def1234567 One`.",
        ),
    ],
)
def test_commits_that_are_not_ours_are_named_with_what_they_change(theirs, said):
    assert not_mine(release(review_theirs=theirs)) == said
