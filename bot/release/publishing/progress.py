"""How far publishing one package is, by the runs of its workflow. Pure."""

from datetime import timedelta

from bot.release.answers import Answer, Detail, Finding
from bot.release.facts import Facts, Timeouts
from bot.release.model import Release, ReleasePackage
from bot.release.publishing.failures import failed, how_it_failed, what_holds_it_up
from bot.release.publishing.packages import is_there, publish_runs, what_to_publish, what_to_start
from bot.workflows.releasing import Start


def publishing_of(package: ReleasePackage, release: Release, facts: Facts, timeouts: Timeouts) -> Finding:
    """What holds it up, or that it has ended well."""
    runs = publish_runs(package, release, facts)
    if package.workflow not in {None, *(run.file for run in runs)}:
        return _without_a_run(package, release, facts, timeouts)
    unwell = tuple(run for run in runs if failed(run))
    if unwell:
        return how_it_failed(package, unwell, facts, timeouts)
    waiting = [what_holds_it_up(run, package, facts) for run in runs if run.status == "waiting"]
    if waiting:
        worst = min((answer for answer, _ in waiting), key=(Answer.APPROVAL_AWAITED, Answer.PUBLISHING).index)
        return worst, tuple(detail for answer, details in waiting if answer is worst for detail in details)
    unfinished = tuple(run for run in runs if run.status != "completed")
    if unfinished:
        return Answer.PUBLISHING, tuple(Detail(f"{run.name} for {package.tag}", run.url) for run in unfinished)
    return _without_a_run(package, release, facts, timeouts) if package.workflow is None else (Answer.PUBLISHED, ())


def _without_a_run(package: ReleasePackage, release: Release, facts: Facts, timeouts: Timeouts) -> Finding:
    """Nobody is seen to publish it, though somebody may have: what its registry has is there."""
    if is_there(package, facts):
        return Answer.PUBLISHED, ()
    ended = (run.updated_at for run in publish_runs(package, release, facts))
    since = max((release.publishing.tagged_at or facts.now, *ended))
    overdue = facts.now - since >= timedelta(seconds=timeouts.run_appears)
    if package.workflow is None or package.start is Start.UNKNOWN:
        awaited = Detail(f"{package.title} on {package.registry.label}")
        return (Answer.UPLOAD_AWAITED if overdue else Answer.RUN_AWAITED), (awaited,)
    if package.start is Start.HAND and (overdue or package.dispatch is None):
        return Answer.START_AWAITED, (what_to_start(package, release),)
    if package.start is Start.RELEASE and (prepared := what_to_publish(package, facts)):
        return Answer.START_AWAITED, prepared
    return (Answer.RUN_LOST if overdue else Answer.RUN_AWAITED), (Detail(f"{package.workflow} for {package.tag}"),)
