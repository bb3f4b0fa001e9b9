"""What starts the publish workflows of a plan, which files they promise, and what of that a maintainer hears of before
the tag.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.plan.listed import listed
from bot.plan.manifests.declared_metadata import with_expected
from bot.plan.model import Discovery, Package, Tree
from bot.plan.paths import CONFIG_PATH
from bot.plan.publishing.dispatching import dispatch_of, mistakes_in_inputs
from bot.plan.publishing.publishers import THE_BRANCH, Publisher, Publishers
from bot.plan.request import Target
from bot.workflows.building.promises import Expected
from bot.workflows.files import FOLDER
from bot.workflows.releasing import Releasing, Start

_MOST_REASONS = 3


def with_files(
    publishers: Publishers, workflows: Sequence[Releasing], targets: Sequence[Target]
) -> tuple[list[Target], list[str]]:
    """With what starts their workflow for this very tag, and the files that it promises unless they are configured; and
    what is not known of them.
    """
    made: list[Target] = []
    questions: list[str] = []
    unseen: dict[tuple[Registry, tuple[str, ...]], list[Target]] = {}
    by_name = {workflow.name: workflow for workflow in workflows}
    for asked in targets:
        target, package, tag = asked, asked.package, asked.bump.tag
        workflow = by_name.get(package.workflow or "")
        if workflow is None:
            unseen.setdefault((package.registry, tuple(publishers.unread(tag))), []).append(target)
        else:
            found = publishers.by(workflow, target.source, tag)
            questions += _about_start(package, found, tag)
            package = replace(package, start=found.start, robot=found.robot, asks=tuple(workflow.workflow.asks))
            package = replace(package, dispatch=dispatch_of(workflow, package, tag, target.new))
            target = replace(target, package=package)
        if package.registry.several_files and package.sources.get("files") != CONFIG_PATH:
            expected, _ = publishers.expected(target.source, workflow, tag)
            target = replace(target, package=with_expected(package, expected))
            questions += [_unseen(target.package, workflow.path, expected)] if workflow and expected.unknown else []
        made.append(target)
    unpublished = (_unpublished(group, registry, unread) for (registry, unread), group in unseen.items())
    return made, [*unpublished, *questions]


def others_publish(targets: Sequence[Target]) -> list[Problem]:
    """Another robot releases what is asked for: both would choose a version, tag it and publish it."""
    problems = []
    for target in targets:
        package = target.package
        if package.start is not Start.ROBOT:
            continue
        where = f"{FOLDER}{package.workflow}"
        what = f"lets {package.robot} tag and publish {package.name} by itself"
        if package.robot.startswith(THE_BRANCH):
            what = f"publishes {package.name} when {package.robot} is pushed, and I push to no such branch"
        fix = (
            "Let it do so, and ask `/release verify` afterwards; or switch it off there, and ask again. "
            f'`robot = "ignore"` in `[release]` of {CONFIG_PATH} lets me go on beside it.'
        )
        problems.append(Problem(where, what, fix))
    return problems


def unheard_tags(
    tree: Tree, workflows: Sequence[Releasing], targets: Sequence[Target], discovery: Discovery
) -> tuple[list[Problem], list[str]]:
    """A tag that starts no publish run would be a release that never leaves the repository: problems, and warnings
    where the last release had such a tag, too, and so left it all the same.
    """
    problems, warnings = [], []
    by_name = {workflow.name: workflow for workflow in workflows}
    taken = {package.workflow for package in discovery.packages}
    for target in targets:
        workflow, tag, start = by_name.get(target.package.workflow or ""), target.bump.tag, target.package.start
        if start is Start.NOBODY:
            free = (each for each in workflows if target.package.registry in each.publishes and each.name not in taken)
            workflow = next((each for each in free if not _hears(each, tag)), None)
        group = discovery.group_of(target.package.key)
        last = group.last if group else None
        if workflow and start is Start.RELEASE and discovery.policy.draft_first:
            what = f"publishes {target.package.name} when a GitHub Release is published (`on.release`)"
            where, fix = workflow.line_of("release", tree[workflow.path]), "it would stay a draft until that has ended"
            problems.append(Problem(where, what, f'Take `release = "draft-first"` out of {CONFIG_PATH}: {fix}.'))
        elif workflow and start is Start.HAND:
            problems += mistakes_in_inputs(workflow, target.package)
        elif workflow and start not in (Start.RELEASE, Start.RUN) and not _hears(workflow, tag):
            what = f"does not run for the tag {tag}: `on.push.tags` is {', '.join(workflow.tag_patterns)}"
            if last and not workflow.starts_for(last):
                warnings.append(f"{workflow.path} {what}. Nor does it for {last}, the last tag of that form.")
                continue
            told = f"; the last tag of that form was {last}" if last else ""
            form = f", or write another `tag` in {CONFIG_PATH}" if not last else ""
            fix = f"Add a pattern that matches {tag}, or release another version{form}."
            problems.append(Problem(workflow.path, f"{what}{told}", fix))
    return problems, list(dict.fromkeys(warnings))


def _hears(workflow: Releasing, tag: str) -> bool:
    return not workflow.tag_patterns or workflow.starts_for(tag)


def _unpublished(targets: Sequence[Target], registry: Registry, unread: Sequence[str]) -> str:
    """A sentence about packages of which no file tells who publishes them."""
    names = listed((target.package.name for target in targets), most=_MOST_REASONS)
    tags = list(dict.fromkeys(target.bump.tag for target in targets))
    when = f"the tag {tags[0]} stands" if len(tags) == 1 else "their tags stand"
    unseen, them = f"I do not see what publishes {names}", "it" if len(targets) == 1 else "them"
    if unread:
        reasons = listed(list(unread), most=_MOST_REASONS)
        return f"{unseen}: {reasons}, which I cannot read. If it does not, publish {them} when {when}."
    return f"{unseen}: publish {them} when {when}, and I look at {registry.label}."


def _about_start(package: Package, found: Publisher, tag: str) -> Iterator[str]:
    """Sentences about a trigger that is not a tag's, for what a maintainer would ask before the tag is there."""
    if found.workflow is None:
        return
    path = found.workflow.path
    if found.start is Start.BRANCH:
        moved = f"{found.branch} moves" if found.branch else "a pull request is merged"
        when = f"when {moved}, so with the merge and not for the tag {tag}"
        yield f"{path} publishes {package.name} {when}."
    elif found.start is Start.RUN and found.after:
        yield f"{path} publishes {package.name} after {found.after} has run for the tag {tag}."
    elif found.start is Start.UNKNOWN:
        yield f"What starts {path}, which publishes {package.name}, is not known: nothing does when {tag} is pushed."


def _unseen(package: Package, path: str, expected: Expected) -> str:
    """A sentence about the files of a package that are not known before its workflow runs."""
    known = f"at least {', '.join(expected.files)}" if expected.files else "none for sure"
    why = listed(list(dict.fromkeys(expected.unknown)), most=_MOST_REASONS)
    return f"Not every file of {package.name} is known before {path} runs ({known}): {why}."
