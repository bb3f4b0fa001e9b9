"""The rollback ladder: from the facts of one look to what is still possible. Pure.

What nobody can have got from a registry is taken back (runs, tags, drafts); what was published is only yanked. A tag
is deleted in the look that asked each registry about it, never on an earlier answer, and never on none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.github.facts import GitHubRelease, Permission, WorkflowRun
from bot.packaging.names import same_name
from bot.plan.model import Wanted
from bot.release.answers import Answer, Detail, Finding
from bot.release.facts import Facts, Timeouts
from bot.release.found import Found
from bot.release.model import Phase, Release, ReleasePackage
from bot.release.publishing.packages import by_hand, otherwise
from bot.release.rollback.model import Fate, OnRegistry, Rollback, TagFate

WATCHED = timedelta(days=7)
"""How long a version that a person is to yank is watched."""
DELETING = timedelta(minutes=10)
"""How long GitHub is asked to delete what it still shows.

docs/live-check.md#replication-lag
"""
DESTRUCTIVE = frozenset({Answer.RUNS_GO_ON, Answer.RUNS_HANG, Answer.TO_YANK, Answer.TO_DELETE})
"""Answers upon which something is undone that cannot be done again."""


def what_is_left_to_undo(release: Release, facts: Facts, timeouts: Timeouts) -> Finding:
    """The next rung. Who asked must have the permission at this very look for anything that is destroyed."""
    answer, details = _next_rung(release, facts, timeouts)
    needed = Permission(release.plan.policy.permission)
    if answer in DESTRUCTIVE and (facts.authority is None or not facts.authority.allows(needed)):
        who = f"@{release.on_behalf_of} has {facts.authority or 'no role'}"
        asker = who if release.on_behalf_of else "the comment that asked for it is gone"
        return Answer.ROLLBACK_UNAUTHORISED, (Detail(asker),)
    return answer, details


def _next_rung(release: Release, facts: Facts, timeouts: Timeouts) -> Finding:
    silent = tuple(package for package in release.packages if on_registry(package, facts) is None)
    if silent:
        return Answer.ROLLBACK_UNREACHABLE, tuple(_unreached(package, facts) for package in silent)
    runs = active_runs(release, facts)
    if runs:
        hang = facts.now - rollback_of(release).at >= timedelta(seconds=timeouts.run_appears)
        details = tuple(Detail(f"{run.name} for {run.head_branch}", run.url) for run in runs)
        return (Answer.RUNS_HANG if hang else Answer.RUNS_GO_ON), details
    crates = to_yank(release, facts)
    if crates:
        return Answer.TO_YANK, tuple(Detail(package.title) for package in crates)
    tags = tags_to_delete(release, facts)
    if tags and may_still_publish(release, facts, timeouts):
        return Answer.MAY_STILL_PUBLISH, tuple(Detail(tag) for tag in tags)
    if tags or drafts_to_delete(release, facts):
        return Answer.TO_DELETE, tuple(Detail(tag) for tag in tags)
    left = [fate for fate in fates(release, facts) if fate.on_registry is OnRegistry.PUBLISHED]
    if left and facts.now - rollback_of(release).at < WATCHED:
        return Answer.YANK_AWAITED, tuple(Detail(f"{fate.package} is not yanked", fate.page) for fate in left)
    return Answer.UNDONE, tuple(Detail(_draft(page), page.url) for page in drafts_left(release, facts))


def _draft(page: GitHubRelease) -> str:
    return f"the draft of {page.tag} by {page.author or 'somebody'}"


def rollback_of(release: Release) -> Rollback:
    """The release's rollback; there is one in this phase."""
    if release.rollback is None:
        raise ValueError(f"{release.id} is not rolled back")
    return release.rollback


def targets(release: Release) -> tuple[ReleasePackage, ...]:
    """The packages that are rolled back."""
    return tuple(package for package in release.packages if package.key in rollback_of(release).packages)


def on_registry(package: ReleasePackage, facts: Facts) -> OnRegistry | None:
    """What its registry has of the version at this look; None when that could not be asked."""
    found = facts.registries.get(package.key)
    return found.presence if isinstance(found, Found) else None


def is_unpublished(packages: Iterable[ReleasePackage], facts: Facts) -> bool:
    """published-keeps-its-tag: whether the registries were asked at this look, and have nothing of any of these."""
    return all(on_registry(package, facts) is OnRegistry.NOTHING for package in packages)


def active_runs(release: Release, facts: Facts) -> tuple[WorkflowRun, ...]:
    """The runs on the packages' tags that have not ended, whatever started them."""
    return tuple(run for run in _runs(release, facts) if run.status != "completed")


def to_yank(release: Release, facts: Facts) -> tuple[ReleasePackage, ...]:
    """The packages that can be yanked with the operator's token and are not."""
    if rollback_of(release).yank_refused:
        return ()
    return tuple(
        package
        for package in targets(release)
        if package.registry in facts.can_yank and on_registry(package, facts) is OnRegistry.PUBLISHED
    )


def tags_to_delete(release: Release, facts: Facts) -> tuple[str, ...]:
    """The tags that this release made, of which nothing is published, and that still stand where it put them."""
    tags = dict.fromkeys(package.tag for package in targets(release))
    return tuple(tag for tag in tags if tag_fate(tag, release, facts) is TagFate.OURS)


def drafts_to_delete(release: Release, facts: Facts) -> tuple[GitHubRelease, ...]:
    """The drafts that a machine made for tags that are taken back; a person's draft is left alone."""
    tags = {package.tag for package in targets(release)}
    return tuple(
        page
        for page in facts.releases
        if page.draft
        and page.by_a_bot
        and page.tag in tags
        and is_unpublished(_of_tag(page.tag, release), facts)
        and tag_fate(page.tag, release, facts) in (TagFate.OURS, TagFate.ABSENT)
        and not _tried_long_enough(release, facts)
    )


def drafts_left(release: Release, facts: Facts) -> tuple[GitHubRelease, ...]:
    """The drafts for tags that do not stand: whoever publishes one makes GitHub put the tag there again."""
    existing = {tag.name for tag in facts.snapshot.tags}
    tags = {package.tag for package in targets(release)} - existing
    return tuple(page for page in facts.releases if page.draft and page.tag in tags)


def tag_fate(tag: str, release: Release, facts: Facts) -> TagFate:
    """What may become of a tag. Each doubt leaves it where it is."""
    commit = next((existing.commit for existing in facts.snapshot.tags if existing.name == tag), None)
    if commit is None:
        return TagFate.ABSENT
    if not is_unpublished(_of_tag(tag, release), facts):
        return TagFate.PUBLISHED
    if commit != release.merge.commit:
        return TagFate.ELSEWHERE
    if tag not in release.publishing.pushed:
        return TagFate.NOT_OURS
    if any(page.tag == tag and not page.draft for page in facts.releases):
        return TagFate.HAS_RELEASE
    return TagFate.REFUSED if _tried_long_enough(release, facts) else TagFate.OURS


def may_still_publish(release: Release, facts: Facts, timeouts: Timeouts) -> bool:
    """Whether a run may yet appear, or one that has ended may have published what its registry does not show yet."""
    if release.publishing.rerun_at is not None and facts.now - release.publishing.rerun_at < timedelta(
        seconds=timeouts.lag
    ):
        return True
    tags = tags_to_delete(release, facts)
    return any(
        _may_still_publish(package, release, facts, timeouts) for tag in tags for package in _of_tag(tag, release)
    )


def _may_still_publish(package: ReleasePackage, release: Release, facts: Facts, timeouts: Timeouts) -> bool:
    runs = [run for run in _runs(release, facts) if run.head_branch == package.tag]
    runs += by_hand(package, release, facts)
    since = release.publishing.tagged_at or rollback_of(release).at
    # A run from before the tag was pushed again is not the one that this push starts.
    begun = any(run.file == package.workflow and run.updated_at >= since for run in runs)
    if package.workflow and not begun and facts.now - since < timedelta(seconds=timeouts.run_appears):
        return True
    for run in runs:
        claims = run.file == (package.workflow or run.file) and run.conclusion == "success"
        wait = timeouts.propagation if claims else timeouts.settle
        if facts.now - run.updated_at < timedelta(seconds=wait):
            return True
    return False


def fates(release: Release, facts: Facts) -> tuple[Fate, ...]:
    """How the packages stand; nothing of those whose registry was not reached."""
    looked = [(package, facts.registries.get(package.key)) for package in targets(release)]
    return tuple(
        Fate(package.key, found.presence, tag_fate(package.tag, release, facts), found.page)
        for package, found in looked
        if isinstance(found, Found)
    )


def wants_marks(release: Release, facts: Facts) -> bool:
    """Whether the changelogs are to be marked: all that was published is yanked now."""
    states = {on_registry(package, facts) for package in targets(release)}
    return OnRegistry.YANKED in states and not states & {None, OnRegistry.PUBLISHED}


def was_asked(release: Release, rollback: Rollback) -> bool:
    """Whether this very command was taken before."""
    known = release.rollback
    return known is not None and known.comment == rollback.comment and set(rollback.packages) <= set(known.packages)


def begin(release: Release, rollback: Rollback) -> Release:
    """The release, whatever became of it so far, on its way back. Two commands of one comment are one."""
    if release.rollback is not None and release.rollback.comment == rollback.comment:
        both = {*release.rollback.packages, *rollback.packages}
        rollback = replace(rollback, packages=tuple(p.key for p in release.packages if p.key in both))
    # A retry that stands may have been carried out by a look that broke off.
    rerun_at = rollback.at if release.asked.retry_by else release.publishing.rerun_at
    asked = replace(
        release,
        asked=replace(release.asked, cancel_by=None, retry_by=None),
        rollback=rollback,
        blocked=None,
        look_at=None,
    )
    asked = replace(asked, publishing=replace(asked.publishing, rerun_at=rerun_at))
    return asked.moved_to(Phase.ROLLING_BACK, rollback.at)


def named(release: Release, wanted: Sequence[Wanted]) -> tuple[str, ...]:
    """Keys of the packages that a command names with the very versions of this release; none when a name or a version
    is another. A version alone means all packages, where they share it.
    """
    if [item.package for item in wanted] == [None]:
        versions = {package.new for package in release.packages}
        return tuple(package.key for package in release.packages) if versions == {wanted[0].version} else ()
    found: set[str] = set()
    for item in wanted:
        meant = [package for package in release.packages if _is_called(package, item.package or "")]
        if not meant or any(package.new != item.version for package in meant):
            return ()
        found |= {package.key for package in meant}
    return tuple(package.key for package in release.packages if package.key in found)


def command_for(release: Release) -> str:
    """What is typed to roll all of a release back."""
    names = [package.name for package in release.packages]
    words = [f"{p.key if names.count(p.name) > 1 else p.name} {p.new}" for p in release.packages]
    return f"/release rollback {' '.join(words)}"


def _is_called(package: ReleasePackage, selector: str) -> bool:
    registry, _, name = selector.lower().rpartition(":")
    return same_name(package.registry, package.name, name) and registry in ("", str(package.registry))


def _of_tag(tag: str, release: Release) -> tuple[ReleasePackage, ...]:
    """All packages of the release that the tag stands for, also those that are not rolled back."""
    return tuple(package for package in release.packages if package.tag == tag)


def _runs(release: Release, facts: Facts) -> tuple[WorkflowRun, ...]:
    tags = {package.tag for package in targets(release)}
    runs = facts.checks.runs if facts.checks else ()
    of_the_tags = (run for run in runs if run.head_branch in tags and run.head_sha == release.merge.commit)
    started = [
        run
        for package in targets(release)
        for run in (*by_hand(package, release, facts), *otherwise(package, release, facts))
    ]
    return tuple(dict.fromkeys((*of_the_tags, *started)))


def _tried_long_enough(release: Release, facts: Facts) -> bool:
    since = rollback_of(release).deleting_since
    return since is not None and facts.now - since >= DELETING


def _unreached(package: ReleasePackage, facts: Facts) -> Detail:
    found = facts.registries.get(package.key)
    why = getattr(found, "why", "")
    return Detail(f"{package.title} on {package.registry.label}{f': {why}' if why else ''}")
