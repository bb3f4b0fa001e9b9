"""What a look's facts come to for a release's packages: where their tags stand, which runs publish them, and what the
registries say of them.
"""

from collections.abc import Iterable
from datetime import datetime

from bot.github.facts import PASSING, Job, WorkflowRun
from bot.release.answers import Answer, Detail
from bot.release.ci.reported import BY_HAND, newest_attempts
from bot.release.facts import Facts, Timeouts
from bot.release.found import Found
from bot.release.model import Phase, Release, ReleasePackage
from bot.release.rollback.model import OnRegistry
from bot.release.verification.judge import Origin, Verdict, judge
from bot.workflows.releasing import Start

FOLLOWING = "workflow_run"
"""https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run"""
STARTS = frozenset({"push", "release", BY_HAND})
"""Events by which a publish workflow runs on a tag: its push, its GitHub Release, or by hand.

https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""


def tags_gone(packages: Iterable[ReleasePackage], facts: Facts) -> tuple[Detail, ...]:
    """The packages' tags that do not stand."""
    existing = {tag.name for tag in facts.snapshot.tags}
    return tuple(Detail(f"{package.tag} is gone") for package in packages if package.tag not in existing)


def tags_astray(packages: Iterable[ReleasePackage], release: Release, facts: Facts) -> tuple[Detail, ...]:
    """The packages' tags that stand on another commit than the release's, with both commits."""
    existing = {tag.name: tag.commit for tag in facts.snapshot.tags}
    return tuple(
        Detail(f"{package.tag} stands on {existing[package.tag]}, the release is {release.merge.commit}")
        for package in packages
        if existing.get(package.tag, release.merge.commit) != release.merge.commit
    )


def publish_runs(package: ReleasePackage, release: Release, facts: Facts) -> tuple[WorkflowRun, ...]:
    """The newest attempts of the workflows that this package's tag, or a person on it, started on the merge commit;
    where none of those is the package's, also what a person started of it on the base branch, the run that followed
    another one, or the one that the merge started.
    """
    if facts.checks is None:
        return ()
    of_the_tag = [
        run
        for run in facts.checks.runs
        if run.event in STARTS and run.head_branch == package.tag and run.head_sha == release.merge.commit
    ]
    started = {run.id for run in release.publishing.started if run.package == package.key}
    if started:
        of_the_tag += [run for run in facts.checks.runs if run.id in started]
    elif package.workflow not in {run.file for run in of_the_tag}:
        of_the_tag += by_hand(package, release, facts) or otherwise(package, release, facts)
    return newest_attempts(of_the_tag)


def has_a_run(package: ReleasePackage, release: Release, facts: Facts) -> bool:
    """Whether a run of the package's own workflow is among those that publish it."""
    return package.workflow in {run.file for run in publish_runs(package, release, facts)}


def by_hand(package: ReleasePackage, release: Release, facts: Facts) -> tuple[WorkflowRun, ...]:
    """The runs of the package's workflow that a person started on the base branch when its tag stood; whether they
    publish this very version is for the registry to say.
    """
    since = release.publishing.tagged_at or release.reached(Phase.TAGGED)
    runs = facts.checks.runs if facts.checks and since else ()
    return tuple(
        run
        for run in runs
        if run.event == BY_HAND
        and run.file == package.workflow
        and run.head_branch == release.plan.base
        and (since is None or run.created_at >= since)
    )


def otherwise(package: ReleasePackage, release: Release, facts: Facts) -> tuple[WorkflowRun, ...]:
    """The runs of the package's workflow that neither a tag nor a person starts.

    One that follows another run is on the default branch, whatever it follows; nothing tells which run that was. So
    those count that began after the tag stood, and one that failed only where no other is there: the registry judges.
    https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run
    """
    since = release.publishing.tagged_at or release.reached(Phase.TAGGED)
    of_it = [run for run in (facts.checks.runs if facts.checks else ()) if run.file == package.workflow]
    if package.start is Start.BRANCH:
        merged = (release.plan.base, release.merge.commit)
        return tuple(run for run in of_it if run.event == "push" and (run.head_branch, run.head_sha) == merged)
    if package.start is not Start.RUN or since is None:
        return ()
    followed = [run for run in of_it if run.event == FOLLOWING and run.created_at >= since]
    well = [run for run in followed if run.status != "completed" or run.conclusion in PASSING]
    return tuple(well or followed)


def follows_a_run(release: Release) -> bool:
    """Whether a publish workflow of the stage follows another workflow's run."""
    return any(package.start is Start.RUN for package in release.current)


def waits_for_a_hand(release: Release) -> bool:
    """Whether a person is, or may be, asked to start a publish workflow of the stage."""
    lost = release.blocked is not None and release.blocked.why is Answer.RUN_LOST
    return lost or any(package.start is Start.HAND for package in release.current)


def what_to_start(package: ReleasePackage, release: Release) -> Detail:
    """What a person is asked for who starts the package's workflow."""
    inputs = f", or on {release.plan.base} with {', '.join(package.asks)}" if package.asks else ""
    page = f"{release.web_url}/actions/workflows/{package.workflow}" if release.web_url else None
    return Detail(f"{package.workflow} for {package.title}: run it on the tag {package.tag}{inputs}", page)


def what_to_publish(package: ReleasePackage, facts: Facts) -> tuple[Detail, ...]:
    """The GitHub Release that somebody prepared, whose publication starts the package's workflow."""
    return tuple(
        Detail(f"{package.workflow} for {package.title}: publish the GitHub Release of {package.tag}", entry.url)
        for entry in facts.releases
        if entry.tag == package.tag and entry.draft
    )


def is_there(package: ReleasePackage, facts: Facts) -> bool:
    """Whether its registry was asked at this look and has the version."""
    found = facts.registries.get(package.key)
    return isinstance(found, Found) and found.presence is not OnRegistry.NOTHING


def tolerated_failures(release: Release, facts: Facts) -> tuple[tuple[Job, ...], ...]:
    """Of each publish run of the stage that ended well, the jobs that failed all the same (`continue-on-error`)."""
    jobs = facts.checks.jobs if facts.checks else {}
    runs = {run.id: run for package in release.current for run in publish_runs(package, release, facts)}
    return tuple(
        tuple(job for job in jobs.get(run.id, ()) if job.conclusion not in (None, *PASSING))
        for run in runs.values()
        if run.status == "completed" and run.conclusion in PASSING
    )


def verdicts_of(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Verdict, ...]:
    """The registries' verdict on each package of the stage that this look asked about."""
    since = release.publishing.ended_at or facts.now
    return verdicts_on(release, release.current, facts, published_at=since, timeouts=timeouts)


def verdicts_on(
    release: Release,
    packages: Iterable[ReleasePackage],
    facts: Facts,
    *,
    published_at: datetime,
    timeouts: Timeouts,
) -> tuple[Verdict, ...]:
    """The registries' verdict on those of these packages that a look asked about."""
    return tuple(
        judge(
            package,
            facts.registries[package.key],
            published_at=published_at,
            now=facts.now,
            timeouts=timeouts,
            origin=origin_of(package, release, facts.repository),
        )
        for package in packages
        if package.key in facts.registries
    )


def origin_of(package: ReleasePackage, release: Release, repository: str = "") -> Origin:
    """Where the package must come from: the repository, the tag's commit, the runs that published it.

    `repository` is the name that it has now, where that is known.
    """
    names = (repository, "/".join(release.web_url.split("/")[-2:]))
    return Origin(
        repositories=tuple(dict.fromkeys(name for name in names if name)),
        commit=release.merge.commit,
        runs=tuple((str(run.id), run.event) for run in release.publishing.ended_well if run.package == package.key),
        seen_before=release.reached(Phase.VERIFIED) is not None,
    )
