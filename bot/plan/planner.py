"""The plan: every byte of the release commit, computed from one tree, one request and one date."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.packaging.problem import Problem
from bot.plan.asked.prepared import nothing_to_commit
from bot.plan.changelog.sections import Sections
from bot.plan.discovery import expected_of, sources_of
from bot.plan.edits import FileEdits
from bot.plan.model import Bump, Change, Discovery, Plan, Refusal, Tree, Wanted
from bot.plan.naming import branch_of, titled
from bot.plan.paths import CONFIG_PATH
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
    changelog gets. `changes` maps package keys to what was merged since their last tags; it is used for the packages
    that `drafts_needed` names. Pure, and total: whatever the files hold, the answer is a Plan or a Refusal.
    """
    repository = Repository(tree)
    targets, problems = resolve(repository, discovery, sources_of(repository, discovery.packages), wanted)
    problems = [*discovery.problems, *repository.problems, *problems]
    workflows = {workflow.name: workflow for workflow in read_workflows(tree, discovery.repository)[0]}
    if not problems:
        problems = _unheard_tags(tree, workflows, targets)
    if problems:
        return Refusal(tuple(dict.fromkeys(problems)))
    targets, open_questions = _with_files(workflows, targets)
    edits = FileEdits(repository, targets)
    sections = Sections(repository, discovery, targets, date, changes)
    problems = [*edits.problems, *sections.problems, *repository.problems]
    if problems:
        return Refusal(tuple(dict.fromkeys(problems)))
    bumps = tuple(target.bump for target in targets)
    plan = Plan(
        bumps=bumps,
        edits=(*edits.edits, *sections.edits),
        sections=sections.sections,
        headline=titled(discovery.policy.commit_message, bumps),
        title=titled(discovery.policy.pull_request_title, bumps),
        branch=branch_of(discovery.policy.branch_prefix, [bump.tag for bump in bumps]),
        warnings=(*warnings_about(repository, targets, sections.sections), *open_questions, *sections.warnings),
        policy=discovery.policy,
        downstream=discovery.downstream,
    )
    empty = nothing_to_commit(plan)
    return replace(plan, warnings=(*plan.warnings, f"{empty.what}. {empty.fix}")) if empty else plan


def drafts_needed(tree: Tree, discovery: Discovery, wanted: Sequence[Wanted]) -> tuple[Bump, ...]:
    """What of a request nobody has written about; empty when it is refused anyway."""
    repository = Repository(tree)
    targets, problems = resolve(repository, discovery, sources_of(repository, discovery.packages), wanted)
    if problems or discovery.problems or repository.problems:
        return ()
    return Sections.to_draft(repository, discovery, targets)


def _with_files(workflows: Mapping[str, Releasing], targets: Sequence[Target]) -> tuple[list[Target], list[str]]:
    """With what starts their workflow for this very tag, and the files that it promises unless they are configured; and
    what is not known of them.
    """
    made, questions = [], []
    for asked in targets:
        target, package = asked, asked.package
        workflow = workflows.get(package.workflow or "")
        if workflow:
            package = replace(package, start=workflow.start_for(target.bump.tag), asks=workflow.workflow.asks)
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


def _unheard_tags(tree: Tree, workflows: Mapping[str, Releasing], targets: Sequence[Target]) -> list[Problem]:
    """A tag that starts no publish run would be a release that never leaves the repository.

    Neither does a GitHub Release: it is made when everything is verified, so a run that it starts comes too late.
    """
    problems = []
    for target in targets:
        workflow, tag = workflows.get(target.package.workflow or ""), target.bump.tag
        if workflow and workflow.start_for(tag) is Start.RELEASE:
            what = (
                f"publishes {target.package.name} when a GitHub Release is published (`on.release`), and I publish "
                "that only when everything is verified"
            )
            where, fix = workflow.line_of("release", tree[workflow.path]), "the GitHub Release follows by itself."
            problems.append(Problem(where, what, f"Start it by `on.push.tags` with a pattern for {tag} instead: {fix}"))
        elif workflow and workflow.tag_patterns and not workflow.starts_for(tag):
            what = f"does not run for the tag {tag}: `on.push.tags` is {', '.join(workflow.tag_patterns)}"
            problems.append(
                Problem(workflow.path, what, f"Add a pattern that matches {tag}, or release another version.")
            )
    return problems
