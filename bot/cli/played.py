"""What a rehearsal has played, what it has assumed, and what took how long."""

from collections import Counter
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape

from bot.cli.rehearsal import Stage
from bot.sandbox.model import WorkflowRun

_MOST_LINES = 12


def show_played(console: Console, on: Stage) -> None:
    """Print it, a line each."""
    runs = list(played(on))
    console.print("Played:" if len(runs) <= _MOST_LINES else f"Played, after {len(runs) - _MOST_LINES} runs before:")
    for line in (*runs[-_MOST_LINES:], *there(on)):
        console.print(f"  {escape(line)}")
    if assumed := on.sandbox.actions.assumed:
        console.print("Assumed, since the stand-in cannot run it:")
        for line in shortened(assumed):
            console.print(f"  {escape(line)}")


def played(on: Stage) -> Iterator[str]:
    """The newest run of each workflow, event and ref, oldest first, with how long it took."""
    newest: dict[tuple[str, str, str], WorkflowRun] = {}
    for run in on.repository.runs.values():
        newest[run.path, run.event, run.head_branch] = run
    for (path, event, branch), run in newest.items():
        ended = [job for job in run.jobs if job.conclusion != "skipped"]
        skipped = len(run.jobs) - len(ended)
        seconds = (run.updated_at - run.created_at).total_seconds()
        state = run.conclusion or run.status
        left = f", {skipped} skipped" if skipped else ""
        jobs = f"{len(ended)} {'job' if len(ended) == 1 else 'jobs'}{left}"
        yield f"{path} on {event} of {branch}: {jobs}, {state}, {seconds:.1f} s"


def there(on: Stage) -> Iterator[str]:
    """What is on the registries."""
    crates = [f"{each.name} {each.num}" for each in on.sandbox.crates.versions]
    if crates:
        yield f"crates.io has {', '.join(shortened(crates))}"
    if files := [each for listed in on.sandbox.pypi.projects.values() for each in listed]:
        releases = Counter(f"{each.name} {each.version}" for each in files)
        yield f"PyPI has {', '.join(f'{name} ({count} files)' for name, count in releases.items())}"


def shortened(lines: list[str]) -> list[str]:
    """The first of them, and how many more there are."""
    more = len(lines) - _MOST_LINES
    return lines if more <= 0 else [*lines[:_MOST_LINES], f"and {more} more"]
