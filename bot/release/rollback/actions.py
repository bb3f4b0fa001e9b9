"""What each row of a rollback does: from a release and the facts of one look to actions. Pure."""

from bot.ledger import RollbackBegun
from bot.plan.naming import branch_of_yanked
from bot.release.actions import (
    Action,
    CancelRun,
    DeleteRelease,
    DeleteTags,
    MarkYanked,
    PostComment,
    React,
    Yank,
)
from bot.release.facts import Facts, Timeouts
from bot.release.model import Release
from bot.release.rollback.ladder import (
    active_runs,
    drafts_to_delete,
    fates,
    rollback_of,
    tags_to_delete,
    targets,
    to_yank,
)
from bot.release.rollback.model import OnRegistry


def begin_rollback(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """Tell the thread before anything is undone; the key tells the ledger's reader who asked for what."""
    rollback = rollback_of(release)
    if rollback.begun:
        return ()
    named = tuple(at for at, package in enumerate(release.packages) if package.key in rollback.packages)
    told = PostComment(RollbackBegun(rollback.comment, named))
    return (told, React("+1", rollback.comment))


def cancel_runs(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """Stop what may publish; whether it has ended, and what it published until then, the next look tells."""
    cancelled = tuple(CancelRun(run.id) for run in active_runs(release, facts))
    return (*begin_rollback(release, facts, timeouts), *cancelled)


def delete_tags(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """The drafts first: without their tags they would be harder to find."""
    drafts = tuple(DeleteRelease(page.id, page.tag) for page in drafts_to_delete(release, facts))
    tags = tags_to_delete(release, facts)
    standing = tuple(tag for tag in facts.snapshot.tags if tag.name in tags)
    deleted = (DeleteTags(standing),) if tags else ()
    return (*begin_rollback(release, facts, timeouts), *drafts, *deleted)


def yank(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """Each crate with a word for those who depend on it."""
    why = f"Rolled back by its maintainers, see {release.web_url}/issues/{release.request.issue}"
    yanked = tuple(Yank(package.registry, package.name, package.new, why) for package in to_yank(release, facts))
    return (*begin_rollback(release, facts, timeouts), *yanked)


def mark_yanked(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """The changelogs say what was yanked."""
    marking: tuple[Action, ...] = ()
    if facts.marks is not None and facts.marks.files:
        yanked = {fate.package for fate in fates(release, facts) if fate.on_registry is OnRegistry.YANKED}
        marked = [package for package in targets(release) if package.key in yanked]
        tags = dict.fromkeys(package.tag for package in marked)
        titles = ", ".join(package.title for package in marked)
        branch = branch_of_yanked(release.plan.policy.branch_prefix, list(tags))
        marking = (MarkYanked(facts.marks, branch, f"changelog: {titles} yanked"),)
    return (*begin_rollback(release, facts, timeouts), *marking)
