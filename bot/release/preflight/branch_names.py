"""Whether the release branch can have its name beside the branches that are there. Pure.

Git keeps a ref's name as a path: beside `main` nothing can be called `main/…`.
https://git-scm.com/docs/git-check-ref-format, and what GitHub answers then: https://github.com/renovatebot/renovate/issues/1561
"""

from collections.abc import Iterable

from bot.packaging.problem import Problem
from bot.plan.paths import CONFIG_PATH
from bot.release.preflight.judgement import Judgement


def about_name(branch: str, existing: Iterable[str]) -> Judgement:
    """What forbids the branch for its name; `existing` are the branches that may stand in its way."""
    in_the_way = [name for name in existing if branch.startswith(f"{name}/") or name.startswith(f"{branch}/")]
    if not in_the_way:
        return Judgement()
    what = f"the release branch `{branch}` cannot be made, since there is a branch `{in_the_way[0]}`"
    fix = f"Choose another `branch-prefix` in {CONFIG_PATH}, or delete that branch; then ask again."
    return Judgement((Problem(branch, what, fix),))
