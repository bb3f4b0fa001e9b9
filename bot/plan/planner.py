"""The plan: every byte of the release commit, computed from one tree, one request and one date."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.packaging.problem import Problem
from bot.plan.asked.prepared import nothing_to_commit
from bot.plan.changelog.histories import History, histories
from bot.plan.changelog.sections import Sections
from bot.plan.discovery import expected_of, sources_of
from bot.plan.edits import FileEdits
from bot.plan.groups import is_beside
from bot.plan.groups.choices import offer
from bot.plan.model import Change, Discovery, Plan, Refusal, Tree, Wanted
from bot.plan.naming import branch_of, titled
from bot.plan.paths import CONFIG_PATH
from bot.plan.publishing.dispatching import dispatch_of, mistakes_in_inputs
from bot.plan.repository import Repository
from bot.plan.request import Target, resolve
from bot.plan.warnings import warnings_about
from bot.workflows.releasing import Releasing, Start, read_workflows


def make_plan(
    tree: Tree,
    discovery: Discovery,
    wanted: Sequence[Wanted],
    *,
    date: date,
    changes: Mapping[str, Sequence[Change]],
) -> Plan | Refusal:
    """Plan a release of `wanted`, or say why it cannot be planned; nothing is guessed and nothing is partial.

    `discovery` must be of the same tree (its configuration may come from elsewhere). `date` is the UTC day that the
    changelog gets. `changes` maps package keys to what was merged since their last tags, as `histories_needed` asks for
    it; without the key of a package nothing is known about it.
    Pure, and total: whatever the files hold, the answer is a Plan or a Refusal.
    """
    repository = Repository(tree)
    targets, problems = resolve(repository, discovery, sources_of(repository, discovery.packages), wanted)
    problems = [*discovery.problems, *repository.problems, *problems]
    workflows = {workflow.name: workflow for workflow in read_workflows(tree, discovery.repository)[0]}
    unheard: list[str] = []
    if not problems:
        problems, unheard = _unheard_tags(tree, workflows, targets, discovery)
    if problems:
        return Refusal(tuple(dict.fromkeys(problems)))
    targets, open_questions = _with_files(workflows, targets)
    edits = FileEdits(repository, targets)
    sections = Sections(repository, discovery, targets, date, changes)
    problems = [*edits.problems, *sections.problems, *repository.problems]
    if problems:
        return Refusal(tuple(dict.fromkeys(problems)))
    bumps = tuple(target.bump for target in targets)
    beside = {source.key for source in repository.sources.values() if is_beside(source)}
    plan = Plan(
        bumps=bumps,
        edits=(*edits.edits, *sections.edits),
        sections=sections.sections,
        headline=titled(discovery.policy.commit_message, bumps),
        title=titled(discovery.policy.pull_request_title, bumps),
        branch=branch_of(discovery.policy.branch_prefix, [bump.tag for bump in bumps]),
        warnings=(
            *warnings_about(repository, targets, sections.sections),
            *unheard,
            *open_questions,
            *sections.warnings,
        ),
        offer=offer(discovery.groups, discovery.packages, beside, wanted, bumps),
        policy=discovery.policy,
        downstream=discovery.downstream,
    )
    empty = nothing_to_commit(plan)
    return replace(plan, warnings=(*plan.warnings, f"{empty.what}. {empty.fix}")) if empty else plan


def histories_needed(tree: Tree, discovery: Discovery, wanted: Sequence[Wanted]) -> tuple[History, ...]:
    """What a plan wants to know of what was merged; nothing when the request is refused anyway."""
    repository = Repository(tree)
    released = sources_of(repository, discovery.packages)
    targets, problems = resolve(repository, discovery, released, wanted)
    if problems or discovery.problems or repository.problems:
        return ()
    return histories(repository, discovery, released, targets)


def _with_files(workflows: Mapping[str, Releasing], targets: Sequence[Target]) -> tuple[list[Target], list[str]]:
    """With what starts their workflow for this very tag, and the files that it promises unless they are configured; and
    what is not known of them.
    """
    made, questions = [], []
    for asked in targets:
        target, package = asked, asked.package
        workflow = workflows.get(package.workflow or "")
        if workflow:
            package = replace(
                package,
                start=workflow.start_for(target.bump.tag),
                asks=tuple(workflow.workflow.asks),
                dispatch=dispatch_of(workflow, package, target.bump.tag, target.new),
            )
            target = replace(target, package=package)
        if package.registry.several_files and workflow and package.sources.get("files") != CONFIG_PATH:
            expected, _ = expected_of(target.source, workflow, target.bump.tag)
            promises = replace(package.promises, may_fail=expected.may_fail, pythons=expected.pythons)
            target = replace(target, package=replace(package, files=expected.files, promises=promises))
            questions += [
                f"Not every file of {package.name} is known before {workflow.path} runs: {why}."
                for why in expected.unknown
            ]
        made.append(target)
    return made, questions


def _unheard_tags(
    tree: Tree, workflows: Mapping[str, Releasing], targets: Sequence[Target], discovery: Discovery
) -> tuple[list[Problem], list[str]]:
    """A tag that starts no publish run would be a release that never leaves the repository: problems, and warnings
    where the last release had such a tag, too, and so left it all the same.
    """
    problems, warnings = [], []
    for target in targets:
        workflow, tag = workflows.get(target.package.workflow or ""), target.bump.tag
        group = discovery.group_of(target.package.key)
        last = group.last if group else None
        draft_first = discovery.policy.draft_first
        if workflow and draft_first and workflow.start_for(tag) is Start.RELEASE:
            what = f"publishes {target.package.name} when a GitHub Release is published (`on.release`)"
            where, fix = workflow.line_of("release", tree[workflow.path]), "it would stay a draft until that has ended"
            problems.append(Problem(where, what, f'Take `release = "draft-first"` out of {CONFIG_PATH}: {fix}.'))
        elif workflow and workflow.start_for(tag) is Start.HAND:
            problems += mistakes_in_inputs(workflow, target.package)
        elif workflow and workflow.tag_patterns and not workflow.starts_for(tag):
            what = f"does not run for the tag {tag}: `on.push.tags` is {', '.join(workflow.tag_patterns)}"
            if last and not workflow.starts_for(last):
                warnings.append(f"{workflow.path} {what}. Nor does it for {last}, the last tag of that form.")
                continue
            told = f"; the last tag of that form was {last}" if last else ""
            fix = f"Add a pattern that matches {tag}, or release another version."
            problems.append(Problem(workflow.path, f"{what}{told}", fix))
    return problems, list(dict.fromkeys(warnings))
