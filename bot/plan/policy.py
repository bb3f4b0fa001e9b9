"""What a repository asks of its releases, with the defaults of what it does not say."""

from dataclasses import dataclass

BRANCH_PREFIX = "shipmate/"
"""Begins the name of a release branch."""
TITLE = "release: {packages}"
"""Commit message and pull request title."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The `[release]` table of .github/release.toml and its neighbours, with their defaults."""

    branch: str | None = None
    """Branch to release from; None means the repository's default branch."""
    required: tuple[str, ...] = ()
    """Workflow files, workflows or checks that must be green; empty for what branch rules require and the commit's own
    workflows.
    """
    unchecked: bool = False
    """Whether `required = []` says that nothing has to be."""
    permission: str = "maintain"
    """Least repository role that may release: write, maintain or admin."""
    changelog: str = "draft"
    """When Unreleased is empty: draft or require."""
    generated_notes: bool = False
    """Whether GitHub's generated notes stand below the changelog section in a GitHub Release."""
    draft_first: bool = False
    """Whether the draft of a GitHub Release is made with its tag, for workflows to fill, and published last."""
    contributors: bool = False
    """Whether a changelog section ends with who made the changes, and who did so for the first time."""
    annotated: bool = False
    """Whether tags are annotated ones, by the App's bot; else lightweight."""
    lift_all_pins: bool = False
    """Whether caret requirements on released crates move also where they still hold (`pins = "always"`)."""
    branch_prefix: str = BRANCH_PREFIX
    """What stands before the tags in the name of a release branch."""
    commit_message: str = TITLE
    """Headline of the release commit, with placeholders (`bot.plan.naming.PLACEHOLDERS`)."""
    pull_request_title: str = TITLE
    """The same for the pull request's title."""
    ignores_robots: bool = False
    """Whether another robot that tags and publishes is left to itself: `robot = "ignore"`."""
    announce: str | None = None
    """`category` of `[announce]`: the discussion category in which a verified release is announced."""
