"""What is said to and of the repositories that follow a release."""

from collections.abc import Sequence
from difflib import unified_diff

from bot.comments.markdown import code, fenced, link, plain, table
from bot.packaging.problem import Problem
from bot.packaging.registry import text
from bot.plan.listed import listed
from bot.plan.model import FileEdit
from bot.release.downstream_outcome import Outcome, Passed
from bot.release.model import Release, ReleasePackage

MOST_LINES = 60
UPDATE = "Update "
"""Begins the title of a pull request in a downstream repository, whose branch may be named like a release's."""


def passed_on(passed: Sequence[Passed]) -> str:
    """The comment on the release's issue: each downstream repository, and what is left to do."""
    return "\n\n".join(["🔗 **Who follows this release**", *(_one(each) for each in passed)])


def _one(passed: Passed) -> str:
    names = listed(code(package.name) for package in passed.packages)
    where, news = f"**{plain(passed.repository)}**", listed(package.new for package in passed.packages)
    match passed.outcome:
        case Outcome.OPENED:
            head = f"- ✅ {where}: {link('a pull request', passed.url)} moves its requirement on {names} to {news}."
        case Outcome.SATISFIED:
            head = f"- ☑️ {where}: nothing to do, its requirement on {names} accepts {news} already{_places(passed)}."
        case Outcome.ABSENT:
            head = f"- ▫️ {where}: nothing to do, nothing there requires {names}."
        case Outcome.LEFT:
            head = f"- ✋ {where}: its requirement on {names} is left to you."
        case Outcome.BY_HAND:
            head = f"- ✋ {where}: no pull request, because {plain(passed.why.rstrip('.'))}. By hand:"
    parts = [head, *(_indented(part) for part in _rest(passed))]
    return "\n\n".join(parts)


def _rest(passed: Passed) -> list[str]:
    plan, parts = passed.plan, []
    if passed.outcome is Outcome.BY_HAND:
        parts.append(_by_hand(passed))
    if plan and plan.left:
        parts.append(_left(plan.left))
    if plan and plan.commands and passed.outcome is Outcome.OPENED:
        parts.append(f"Its lock file still needs {listed(code(command) for command in plan.commands)}.")
    return parts


def _places(passed: Passed) -> str:
    places = passed.plan.satisfied if passed.plan else ()
    return f" ({listed((code(place) for place in places), most=4)})" if places else ""


def _left(problems: Sequence[Problem]) -> str:
    return "\n".join(f"- {code(problem.where)}: {plain(problem.what)}" for problem in problems)


def _by_hand(passed: Passed) -> str:
    """The exact change: as a diff where the files are known, else the requirement and the commands."""
    if passed.plan and passed.plan.edits:
        diff = "\n".join(_diff(edit) for edit in passed.plan.edits if not edit.path.endswith(".lock"))
        locks = [text(p.registry.update, p.name, p.new) for p in passed.packages if p.registry.locks_by_index]
        commands = passed.plan.commands or tuple(locks)
        return "\n\n".join([fenced(diff, "diff"), *([fenced("\n".join(commands), "sh")] if commands else [])])
    return "\n\n".join(_snippet(package) for package in passed.packages)


def _snippet(package: ReleasePackage) -> str:
    registry, told = package.registry, (package.name, package.new)
    return f"{fenced(text(registry.requirement, *told), 'toml')}\n\n{fenced(text(registry.update, *told), 'sh')}"


def _cell(text: str) -> str:
    """Code in a table, where a bar would end the cell even inside of it."""
    return code(text).replace("|", "\\|")


def _diff(edit: FileEdit) -> str:
    before = (edit.before or b"").decode(errors="replace").splitlines()
    after = (edit.after or b"").decode(errors="replace").splitlines()
    lines = list(unified_diff(before, after, f"a/{edit.path}", f"b/{edit.path}", n=1, lineterm=""))
    more = [f"… and {len(lines) - MOST_LINES} more lines"] if len(lines) > MOST_LINES else []
    return "\n".join([*lines[:MOST_LINES], *more])


def _indented(text: str) -> str:
    """As part of a list item."""
    return "\n".join(f"  {line}" if line else "" for line in text.splitlines())


def pull_request_title(passed: Passed) -> str:
    """`Update tidewater to 0.5.0`."""
    return f"{UPDATE}{listed(f'{package.name} to {package.new}' for package in passed.packages)}"


def pull_request_text(passed: Passed, release: Release, source: str) -> str:
    """The pull request in the downstream repository. It quotes no changelog: `fixes #31` means another issue there."""
    plan = passed.plan
    released = listed(
        link(f"{plain(package.name)} {package.new}", f"{release.web_url}/releases/tag/{package.tag}")
        for package in passed.packages
    )
    registries = listed(dict.fromkeys(package.registry.label for package in passed.packages))
    parts = [f"{released} was released from {link(plain(source), release.web_url)} and verified on {registries}."]
    if plan:
        rows = [(code(edit.path), "<br>".join(_cell(change) for change in edit.changes)) for edit in plan.edits]
        parts.append(table(("File", "What changes"), rows))
        if plan.commands:
            parts.append(
                "⚠️ **The lock file is not part of this pull request**: only the package manager can resolve it. "
                f"On this branch, run\n\n{fenced(chr(10).join(plan.commands), 'sh')}\n\nand commit the result."
            )
        if plan.left:
            parts.append(f"Left as they are, for you to decide:\n\n{_left(plan.left)}")
    return "\n\n".join(parts)
