"""The pull request's text: what is released, which files change and why, what the changelogs say, what happens next."""

import re
from collections.abc import Sequence
from itertools import groupby

from bot.defused import defused, outside_code, quiet, quiet_mentions, without_code
from bot.plan.listed import listed
from bot.plan.model import Bump, FileEdit, Plan, Section
from bot.release.records import Request

BODY_LIMIT = 59_000
"""GitHub refuses bodies above 65,536 characters; the rest is room for what the caller adds."""
_MOST_ROWS = 60
_MOST_NAMED = 6

_HEADING = re.compile(r"^(#{1,6})(?=\s)", re.MULTILINE)


def commit_message(request: Request) -> str:
    """The message of the release commit below its headline."""
    return f"Requested by {request.by} in #{request.issue}."


def pull_request_body(plan: Plan, *, requested_by: str, issue: int) -> str:
    """The Markdown of the release's pull request, at most `BODY_LIMIT` characters; it calls nobody by @name."""
    head = f"{quiet(f'@{requested_by}')} asked for this release in #{issue}."
    tail = _next_steps(plan, issue)
    return f"{head}\n\n{plan_body(plan, BODY_LIMIT - len(head) - len(tail) - 4)}\n\n{tail}"


def plan_body(plan: Plan, limit: int = BODY_LIMIT) -> str:
    """The plan itself as Markdown: packages, warnings, files and why they change, changelog sections."""
    head = [_packages(plan.bumps), _warnings(plan.warnings), f"## Files\n\n{_files(plan.edits)}"]
    before = defused("\n\n".join(part for part in head if part))
    sections = _cut(defused(_sections(plan)), max(limit - len(before) - 2, 0)) if plan.sections else ""
    return "\n\n".join(part for part in (before, sections) if part)


def _packages(bumps: Sequence[Bump]) -> str:
    rows = [
        f"| **{bump.package.name}** | {_step(bump)} | {_code(bump.tag)} | {bump.package.registry.label} |"
        for bump in bumps[:_MOST_ROWS]
    ]
    more = f"\n\n… and {len(bumps) - _MOST_ROWS} more packages." if len(bumps) > _MOST_ROWS else ""
    return "\n".join(["| Package | Version | Tag | Registry |", "| --- | --- | --- | --- |", *rows]) + more


def _step(bump: Bump) -> str:
    return f"{bump.old} → **{bump.new}**" if bump.old != bump.new else f"**{bump.new}**"


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    return "\n".join(
        ["> [!WARNING]", *(f"> - {quiet_mentions(' '.join(warning.split()))}" for warning in warnings[:_MOST_ROWS])]
    )


def _files(edits: Sequence[FileEdit]) -> str:
    rows = [f"| {_code(edit.path)} | {quiet_mentions(edit.why)} |" for edit in edits[:_MOST_ROWS]]
    more = f"\n\n… and {len(edits) - _MOST_ROWS} more files." if len(edits) > _MOST_ROWS else ""
    return "\n".join(["| File | Why it changes |", "| --- | --- |", *rows]) + more


def _sections(plan: Plan) -> str:
    """The changelog sections; packages that share one are named together."""
    bumps = {bump.package.key: bump for bump in plan.bumps}
    parts = ["## Changelog"]
    for _, group in groupby(plan.sections, key=lambda section: (section.heading, section.body)):
        shared = list(group)
        names = " + ".join(f"{bumps[section.package].package.name} {section.version}" for section in shared)
        note = f"{_draft_note(bumps[shared[0].package])}\n\n" if shared[0].drafted else ""
        parts.append(f"### {names}\n\n{note}{quiet_mentions(_demoted(shared[0]))}")
    return "\n\n".join(parts)


def _draft_note(bump: Bump) -> str:
    path = bump.package.changelog
    why = "Nobody had written what changes, so this was drafted from what was merged since the last release."
    where = (
        f"Edit it in {_code(path)} on this pull request's branch before you merge."
        if path
        else "The package has no changelog file; this text is for the GitHub Release only."
    )
    return f"> [!NOTE]\n> **Draft.** {why}\n> {where}"


def _demoted(section: Section) -> str:
    """The section with its headings below the one that it gets here."""
    prose = without_code(section.body)
    shift = max(0, 4 - min((len(marks) for marks in _HEADING.findall(prose)), default=4))
    return outside_code(
        section.body, lambda text: _HEADING.sub(lambda found: "#" * min(6, len(found[1]) + shift), text)
    )


def _next_steps(plan: Plan, issue: int) -> str:
    tags = list(dict.fromkeys(_code(bump.tag) for bump in plan.bumps))
    registries = list(dict.fromkeys(f"{bump.package.registry.label}" for bump in plan.bumps))
    workflows = list(dict.fromkeys(_code(bump.package.workflow) for bump in plan.bumps if bump.package.workflow))
    named = listed(tags, most=_MOST_NAMED)
    watch = f"follows {listed(workflows, most=_MOST_NAMED)} and checks" if workflows else "checks"
    push = "tag" if len(tags) == 1 else "tags"
    return "\n".join(
        (
            "## What happens next",
            "",
            "1. You review and merge. Nothing is tagged or published before that.",
            f"2. When CI is green on the merge commit, Shipmate puts the {push} {named} on that very commit.",
            f"3. It {watch} that {listed(registries)} really {'has' if len(registries) == 1 else 'have'} everything.",
            "",
            f"`/release cancel` in #{issue} withdraws the release; `/release status` tells how far it is.",
        )
    )


def _cut(text: str, room: int) -> str:
    """`text`, or its beginning up to the last heading that fits, with a note; never in the middle of a word."""
    if len(text) <= room:
        return text
    note = "*The rest did not fit here; it is in the changed files.*"
    kept = text[: max(0, room - len(note) - 2)]
    at = max(kept.rfind("\n#"), 0) or max(kept.rfind("\n\n"), 0) or max(kept.rfind("\n"), 0)
    return f"{kept[:at].rstrip()}\n\n{note}".lstrip()


def _code(text: str) -> str:
    """Inline code that nothing in `text` can end, also inside a table."""
    one_line = " ".join(text.split()).replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", one_line)), default=0)
    pad = " " if longest else ""
    return f"{'`' * (longest + 1)}{pad}{one_line}{pad}{'`' * (longest + 1)}"
