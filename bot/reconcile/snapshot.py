"""All of one release in a single request, wherever a look asks for it."""

from bot.github import Reader
from bot.github.facts import ReleaseSnapshot
from bot.release.model import Release


async def snapshot_of(reader: Reader, release: Release, *, with_checks: bool = False) -> ReleaseSnapshot:
    """The release's snapshot: whether the base holds its merge commit, before the merge the commit that it was planned
    from; `with_checks` of the merge commit, too, also where it is only found now.
    """
    merge_is_known = release.merge.commit is not None
    return await reader.snapshot(
        base=release.plan.base,
        held=release.merge.commit or release.plan.base_commit,
        branch=release.review.branch,
        pull_request=release.review.pull_request,
        tags=[package.tag for package in release.packages],
        with_checks=with_checks and merge_is_known,
        with_merged_checks=with_checks and not merge_is_known,
    )
