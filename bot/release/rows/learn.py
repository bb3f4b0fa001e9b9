"""What each row of the table learns: from a release and the facts of one look to the release that remembers. Pure."""

from dataclasses import replace

from bot.github.facts import Permission
from bot.release.answers import Answer, Detail
from bot.release.facts import Facts
from bot.release.github_releases import assets_astray
from bot.release.model import Release
from bot.release.publishing.packages import publish_runs
from bot.release.records import Merge, PublishRun
from bot.release.rollback.ladder import fates, rollback_of
from bot.release.rollback.model import Rollback
from bot.release.rows.act import with_pushed
from bot.release.with_plan import is_same_plan, with_notes, with_plan


def nothing_new(release: Release, facts: Facts) -> Release:
    """The release as it was."""
    return release


def the_plan(release: Release, facts: Facts) -> Release:
    """What preflight found."""
    return with_plan(release, facts.preflight) if facts.preflight else release


def the_pull_request(release: Release, facts: Facts) -> Release:
    """A pull request that was opened unnoticed."""
    pull = facts.snapshot.pull_request
    if pull is None:
        return release
    # A plan that was made since is not the one that stands there: then the pull request must follow its base.
    digest = release.plan.digest if facts.opened_from == release.plan.base_commit else ""
    ours = (facts.snapshot.branch.head,) if facts.snapshot.branch else release.review.ours
    at = facts.opened_from or ""
    return replace(
        release,
        plan=replace(release.plan, digest=digest, base_commit=at or release.plan.base_commit, compared_with=at),
        review=replace(release.review, pull_request=pull.number, url=pull.url, ours=ours),
    )


def the_same_plan(release: Release, facts: Facts) -> Release:
    """The files stay as they are; the rules and the workflows that the base has now count."""
    if facts.replan is None or not is_same_plan(release, facts.replan):
        return release
    planned = with_plan(release, facts.replan)
    return replace(planned, plan=replace(planned.plan, base_commit=release.plan.base_commit))


def the_newer_plan(release: Release, facts: Facts) -> Release:
    """The plan that the base leads to now."""
    return with_plan(release, facts.replan) if facts.replan else release


def the_merge(release: Release, facts: Facts) -> Release:
    """The merge commit."""
    pull = facts.snapshot.pull_request
    if pull is None:
        return release
    merge = replace(release.merge, commit=pull.merge_commit, since=facts.now, by=pull.merged_by)
    return replace(release, merge=merge)


def the_newer_commit(release: Release, facts: Facts) -> Release:
    """The fix of a red merge commit; its files and its CI are judged as if it were the merge commit."""
    if facts.snapshot.base is None:
        return release
    moved = replace(release, merge=Merge(facts.snapshot.base.head, facts.now, release.merge.by), refused=None)
    return _by_rules_of_today(moved, facts)


def the_tree(release: Release, facts: Facts) -> Release:
    """That the merge commit says the planned versions, and its changelog sections."""
    agrees = replace(with_notes(release, facts.notes), merge=replace(release.merge, tree_agrees=True))
    return _by_rules_of_today(agrees, facts)


def _by_rules_of_today(release: Release, facts: Facts) -> Release:
    """With the configuration that a retry has read anew."""
    return replace(release, plan=replace(release.plan, policy=facts.policy or release.plan.policy))


def who_took_over(release: Release, facts: Facts) -> Release:
    """Who retried, and may release, where who asked may not: CI may have to be awaited, and further stages follow,
    before this is asked again.
    """
    if release.blocked is None or release.blocked.why is not Answer.UNAUTHORISED or not release.asked.retry_by:
        return release
    return replace(release, asked=replace(release.asked, taken_over_by=release.asked.retry_by))


def the_push(release: Release, facts: Facts) -> Release:
    """Which tags it pushes, and when."""
    return the_tags(with_pushed(release, facts), facts)


def the_tags(release: Release, facts: Facts) -> Release:
    """Since when the stage's tags stand."""
    tagged = replace(release.publishing, tagged_at=facts.now)
    return replace(who_took_over(release, facts), publishing=tagged)


def the_publishing(release: Release, facts: Facts) -> Release:
    """When the stage's publish workflows had ended, and which runs those were."""
    runs = {package.key: publish_runs(package, release, facts) for package in release.current}
    named = (Detail(f"{run.name} for {run.head_branch}", run.url) for found in runs.values() for run in found)
    links = tuple(dict.fromkeys((*release.publishing.run_links, *named)))
    well = tuple(PublishRun(key, run.id, run.event, run.attempt) for key, found in runs.items() for run in found)
    publishing = replace(release.publishing, ended_at=facts.now, ended_well=well, run_links=links)
    return replace(release, publishing=publishing)


def the_silence(release: Release, facts: Facts) -> Release:
    """Since when a registry does not answer."""
    since = release.publishing.silent_since or facts.now
    return replace(release, publishing=replace(release.publishing, silent_since=since))


def the_registries(release: Release, facts: Facts) -> Release:
    """That each registry answers."""
    return replace(release, publishing=replace(release.publishing, silent_since=None))


def the_assets(release: Release, facts: Facts) -> Release:
    """Which files of its GitHub Releases are not what the registries have."""
    return replace(release, aftercare=replace(release.aftercare, assets_astray=assets_astray(facts)))


def the_stage(release: Release, facts: Facts) -> Release:
    """That the next stage is under way."""
    heard = the_registries(release, facts).publishing
    publishing = replace(heard, stage=heard.stage + 1, tagged_at=None, ended_at=None, ended_well=())
    return replace(release, publishing=publishing)


def the_rollback(release: Release, facts: Facts) -> Release:
    """That its rollback has begun, though nobody could be asked how its packages stand."""
    return replace(release, rollback=_begun(release, facts))


def the_refusal(release: Release, facts: Facts) -> Release:
    """How its packages stand, though nothing may be undone for who asked."""
    return replace(release, rollback=replace(rollback_of(release), begun=True, fates=fates(release, facts)))


def the_fates(release: Release, facts: Facts) -> Release:
    """How its packages stand."""
    return replace(release, rollback=replace(_begun(release, facts), fates=fates(release, facts)))


def the_deletion(release: Release, facts: Facts) -> Release:
    """How its packages stand, and since when GitHub is asked to delete their tags."""
    since = rollback_of(release).deleting_since or facts.now
    rollback = replace(_begun(release, facts), fates=fates(release, facts), deleting_since=since)
    return replace(release, rollback=rollback)


def _begun(release: Release, facts: Facts) -> Rollback:
    """The rollback under way; on `/release retry`, what was refused or given up is tried once more."""
    rollback = replace(rollback_of(release), begun=True)
    if not release.asked.retry_by:
        return rollback
    # Only who may undo things takes over from who asked.
    allowed = facts.authority is not None and facts.authority.allows(Permission(release.plan.policy.permission))
    return replace(rollback, by=release.asked.retry_by if allowed else rollback.by, yank_refused="")
