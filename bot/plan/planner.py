"""The plan: every byte of the release commit, computed from one tree, one request and one date."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.plan.asked.prepared import nothing_to_commit
from bot.plan.changelog.histories import History, histories
from bot.plan.changelog.sections import Sections
from bot.plan.discovery import sources_of
from bot.plan.edits import FileEdits
from bot.plan.elsewhere.left_behind import left_behind
from bot.plan.elsewhere.places import Places
from bot.plan.groups import is_beside
from bot.plan.groups.choices import offer
from bot.plan.model import Change, Discovery, Plan, Refusal, Tree, Wanted
from bot.plan.naming import branch_of, titled
from bot.plan.publishing.planned import others_publish, unheard_tags, with_files
from bot.plan.publishing.publishers import Publishers
from bot.plan.repository import Repository
from bot.plan.request import resolve
from bot.plan.warnings import warnings_about
from bot.workflows.releasing import read_workflows


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
    workflows = read_workflows(tree, discovery.repository)[0]
    publishers = Publishers(repository, workflows, ignores_robots=discovery.policy.ignores_robots)
    targets, open_questions = with_files(publishers, workflows, targets)
    unheard: list[str] = []
    if not problems:
        problems = [*others_publish(targets)]
        silent, unheard = unheard_tags(tree, workflows, targets, discovery)
        problems += silent
    if problems:
        return Refusal(tuple(dict.fromkeys(problems)))
    edits = FileEdits(repository, targets, discovery.policy)
    sections = Sections(repository, discovery, targets, date, changes)
    places = Places(repository, discovery, targets, edits.edits, edits.followers, date)
    problems = [*edits.problems, *places.problems, *sections.problems, *repository.problems]
    if problems:
        return Refusal(tuple(dict.fromkeys(problems)))
    bumps = tuple(target.bump for target in targets)
    made = (*places.edits, *sections.edits)
    beside = {source.key for source in repository.sources.values() if is_beside(source)}
    warnings = (
        *warnings_about(repository, targets, sections.sections),
        *edits.warnings,
        *places.warnings,
        *unheard,
        *open_questions,
        *sections.warnings,
        *left_behind(repository, targets, made),
    )
    plan = Plan(
        bumps=bumps,
        edits=made,
        sections=sections.sections,
        headline=titled(discovery.policy.commit_message, bumps),
        title=titled(discovery.policy.pull_request_title, bumps),
        branch=branch_of(discovery.policy.branch_prefix, [bump.tag for bump in bumps]),
        warnings=tuple(dict.fromkeys(warnings)),
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
