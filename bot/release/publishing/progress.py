"""How far publishing one package is, by the runs of its workflow. Pure."""

from datetime import timedelta

from bot.release.answers import Answer, Detail, Finding
from bot.release.facts import Facts, Timeouts
from bot.release.model import Release, ReleasePackage
from bot.release.publishing.failures import failed, how_it_failed, what_holds_it_up
from bot.release.publishing.packages import publish_runs, what_to_start
from bot.workflows.releasing import Start


def publishing_of(package: ReleasePackage, release: Release, facts: Facts, timeouts: Timeouts) -> Finding:
    """What holds it up, or that it has ended well."""
    runs = publish_runs(package, release, facts)
    if package.workflow is not None and package.workflow not in {run.file for run in runs}:
        if package.start is Start.HAND:
            return Answer.START_AWAITED, (what_to_start(package, release),)
        since = release.publishing.tagged_at or facts.now
        lost = facts.now - since >= timedelta(seconds=timeouts.run_appears)
        return (Answer.RUN_LOST if lost else Answer.RUN_AWAITED), (Detail(f"{package.workflow} for {package.tag}"),)
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
    return Answer.PUBLISHED, ()
