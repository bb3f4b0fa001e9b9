"""`plan`: what a release would commit, computed offline in any directory."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.cli.checkout import Checkout, branches_of, read_checkout, read_line
from bot.cli.patch import unified_diff, write_all
from bot.commands import Command, CommandError, Verb, parse
from bot.comments.pull_request import plan_body
from bot.packaging.problem import Problem
from bot.plan import discover, histories_needed, make_plan
from bot.plan.line import configuration, of_line, with_branch
from bot.plan.model import Change, Discovery, Plan, Refusal, Section, Wanted
from bot.plan.publishing.unasked import Where, published_besides, publishers_unasked

PLANNED, REFUSED, USAGE = 0, 1, 2


def run(specs: Sequence[str], *, repo: Path, day: date | None, output: str, changelog: str | None, write: bool) -> int:
    """Plan, show, and perhaps write; the exit code: 0 planned, 1 refused, 2 usage."""
    wanted, line = wanted_of(specs), branch_of(specs)
    if write and line is not None:
        raise click.UsageError(f"--write changes the files that are checked out: check out {line}, and plan there")
    try:
        checkout = read_checkout(repo)
    except OSError as failure:
        raise click.BadParameter(str(failure), param_hint="--repo") from None
    outcome = outcome_of(checkout, wanted, day or datetime.now(UTC).date(), changelog, line)
    if write and isinstance(outcome, Plan):
        outcome = _written(checkout, outcome)
    show = {"text": _show_text, "diff": _show_diff, "json": _show_json}[output]
    show(outcome)
    return PLANNED if isinstance(outcome, Plan) else REFUSED


def wanted_of(specs: Sequence[str]) -> tuple[Wanted, ...]:
    """The request, in the words of a comment; click's usage error points at the mistake."""
    return _command(specs).wanted


def branch_of(specs: Sequence[str]) -> str | None:
    """The maintenance branch that it names, if it names one."""
    return _command(specs).branch


def _command(specs: Sequence[str]) -> Command:
    parsed = parse(f"/release {' '.join(specs)}")
    if len(parsed) != 1:
        raise click.UsageError("say what to release: a version or a level, or NAME VERSION …")
    command = parsed[0]
    if isinstance(command, CommandError):
        hint = f"\n\nDid you mean `{command.suggestion}`?" if command.suggestion else ""
        raise click.UsageError(f"{command.message}\n\n{command.pointer}{hint}")
    if command.spec.name is not Verb.RELEASE:
        raise click.UsageError(f"`{' '.join(specs)}` is a command for a comment, not something to release")
    return command


def outcome_of(
    checkout: Checkout,
    wanted: Sequence[Wanted],
    day: date,
    changelog: str | None = None,
    line: str | None = None,
) -> Plan | Refusal:
    """What a release of this would commit, from another branch than the one that is checked out where `line` names
    one; `changelog` overrides what the configuration says of it.
    """
    discovery = discover(checkout.tree, checkout.tags)
    if line is not None:
        there = read_line(checkout, line)
        if there is None:
            return Refusal((Problem("request", f"you ask for {line}, and there is no such branch", "Name one."),))
        checkout = replace(there, tree={**configuration(checkout.tree), **there.tree})
        discovery = of_line(discover(checkout.tree, checkout.tags), discovery, line)
    discovery = _with_changelog(discovery, changelog)
    changes: dict[str, Sequence[Change]] = {}
    for history in histories_needed(checkout.tree, discovery, wanted):
        if (merged := checkout.changes(history)) is not None:
            changes |= {package.key: merged for package in history.packages}
    outcome = make_plan(checkout.tree, discovery, wanted, date=day, changes=changes)
    if isinstance(outcome, Refusal):
        return replace(outcome, problems=with_branch(outcome.problems, wanted, branches_of(checkout)))
    outcome = _with_workflows(checkout, outcome)
    if changelog == "skip" and isinstance(outcome, Plan):
        return replace(outcome, sections=())
    return outcome


def _with_workflows(checkout: Checkout, plan: Plan) -> Plan | Refusal:
    """What the release's branch and tags start is looked at as if it were released from the branch checked out."""
    where = Where(plan.policy.branch or checkout.branch, checkout.branch)
    if problems := publishers_unasked(checkout.tree, plan, where):
        return Refusal(problems)
    return replace(plan, warnings=(*plan.warnings, *published_besides(checkout.tree, plan, where)))


def _with_changelog(discovery: Discovery, mode: str | None) -> Discovery:
    """The discovery with the changelog handled as asked, whatever the configuration says."""
    if mode is None:
        return discovery
    if mode == "skip":
        packages = tuple(replace(package, changelog=None) for package in discovery.packages)
        return replace(discovery, packages=packages, policy=replace(discovery.policy, changelog="draft"))
    return replace(discovery, policy=replace(discovery.policy, changelog=mode))


def _written(checkout: Checkout, plan: Plan) -> Plan | Refusal:
    try:
        write_all(checkout.root, plan.edits)
    except OSError as failure:
        where = str(failure.filename or checkout.root)
        fix = "Nothing was changed. Make the file writable, or see that nobody edits it, and try again."
        return Refusal((Problem(where, failure.strerror or str(failure), fix),))
    return plan


def _show_diff(outcome: Plan | Refusal) -> None:
    if isinstance(outcome, Refusal):
        _show_problems(outcome, Console(stderr=True))
        return
    sys.stdout.flush()
    for edit in outcome.edits:
        sys.stdout.buffer.write(unified_diff(edit))
    sys.stdout.buffer.flush()


def _show_json(outcome: Plan | Refusal) -> None:
    click.echo(json.dumps(as_json(outcome), indent=2, ensure_ascii=False))


def as_json(outcome: Plan | Refusal) -> Mapping[str, Any]:
    """The outcome as documented: every key is always there."""
    plan = outcome if isinstance(outcome, Plan) else None
    problems = outcome.problems if isinstance(outcome, Refusal) else ()
    return {
        "packages": [
            {
                "name": bump.package.name,
                "registry": str(bump.package.registry),
                "path": bump.package.path,
                "old": bump.old,
                "new": bump.new,
                "tag": bump.tag,
                "source": dict(bump.package.sources),
            }
            for bump in (plan.bumps if plan else ())
        ],
        "files": [
            {"path": edit.path, "why": edit.why, "changes": list(edit.changes)} for edit in (plan.edits if plan else ())
        ],
        "title": plan.title if plan else "",
        "body": plan_body(plan) if plan else "",
        "warnings": list(plan.warnings) if plan else [],
        "problems": [asdict(problem) for problem in problems],
    }


def _show_text(outcome: Plan | Refusal) -> None:
    console = Console(highlight=False)
    if isinstance(outcome, Refusal):
        _show_problems(outcome, console)
        return
    console.print(f"[bold]{escape(outcome.title)}[/]\n")
    packages = Table("Package", "Registry", "Version", "Tag", box=None, pad_edge=False, header_style="dim")
    for bump in outcome.bumps:
        before = f"{escape(bump.old)} → " if bump.old != bump.new else ""
        versions = f"{before}[bold green]{escape(bump.new)}[/]"
        packages.add_row(escape(bump.package.name), bump.package.registry.label, versions, escape(bump.tag))
    console.print(packages)
    for edit in outcome.edits:
        console.print(f"\n[bold]{escape(edit.path)}[/]  [dim]{escape(edit.why)}[/]")
        for change in edit.changes:
            console.print(f"  {escape(change)}")
    for section in _shown_once(outcome.sections):
        drafted = " [yellow](a draft, to be edited)[/]" if section.drafted else ""
        console.print(f"\n[bold]{escape(section.heading)}[/]{drafted}\n{escape(section.body)}", emoji=False)
    for warning in outcome.warnings:
        console.print(f"\n[yellow]⚠ {escape(warning)}[/]")
    if outcome.offer:
        console.print(f"\n[dim]{escape(outcome.offer)}[/]")


def _shown_once(sections: Sequence[Section]) -> Sequence[Section]:
    """The sections without those that another package has in the same words: it is one that they share."""
    return tuple({(section.heading, section.body): section for section in reversed(sections)}.values())[::-1]


def _show_problems(refusal: Refusal, console: Console) -> None:
    for problem in refusal.problems:
        console.print(f"[bold red]✗ {escape(problem.where)}[/]: {escape(problem.what)}")
        if problem.fix:
            first, *more = problem.fix.splitlines()
            console.print(f"  → {escape(first)}", soft_wrap=bool(more))
            for line in more:
                console.print(f"    {escape(line)}", soft_wrap=True)
