"""`python -m chaos --seeds 200 --first 1`: play so many runs, judge each, and show what they met."""

import hashlib
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table

from chaos.run import Result, play, run
from chaos.shrink import shrink


@click.command()
@click.option("--seeds", default=200, show_default=True, help="How many runs.")
@click.option("--first", default=1, show_default=True, help="The first seed.")
@click.option("--processes", default=os.cpu_count() or 1, show_default=True, help="Runs at a time.")
@click.option("--trace", is_flag=True, help="Show the trace of every run, also of those that end well.")
def main(seeds: int, first: int, processes: int, *, trace: bool) -> None:
    """Play hostile runs of a whole release; fails when a property of the safety contract is broken."""
    console = Console(highlight=False, soft_wrap=True)
    began = time.monotonic()
    results: list[Result] = []
    numbers = range(first, first + seeds)
    with multiprocessing.get_context("spawn").Pool(min(processes, seeds)) as pool:
        for result in pool.imap(play, numbers):
            results.append(result)
            if result.violations:
                _show(console, shrink(result, run))
            elif trace:
                _show(console, result)
    console.print(_table(results, time.monotonic() - began))
    failed = [str(result.script.seed) for result in results if result.violations]
    if failed:
        console.print(f"[bold red]Broken by {len(failed)} seeds:[/] {' '.join(failed)}")
        sys.exit(1)


def _show(console: Console, result: Result) -> None:
    console.rule(f"seed {result.script.seed}: {result.ending}")
    console.print(str(result.script), markup=False)
    console.print()
    for at, what in result.trace:
        console.print(f"{at:10.2f} s  {what}", markup=False)
    for violation in result.violations:
        console.print(f"[bold red]✗[/] {click.unstyle(str(violation))}", markup=True)
    console.print(f"\nReplay: make chaos SEEDS=1 FIRST={result.script.seed}\n")


def _table(results: Sequence[Result], seconds: float) -> Table:
    table = Table(title="Hostile runs of a whole release", show_header=False)
    for name, value in _figures(results, seconds):
        table.add_row(name, value)
    return table


def _figures(results: Sequence[Result], seconds: float) -> list[tuple[str, str]]:
    webhooks = sum((result.webhooks for result in results), Counter())
    faults = sum((result.faults for result in results), Counter())
    endings = Counter(result.ending for result in results)
    seeds = [result.script.seed for result in results]
    acts = Counter(act.deed for result in results for act in result.script.acts)
    return [
        ("seeds", f"{len(seeds)} ({seeds[0]} to {seeds[-1]})"),
        ("ended", ", ".join(f"{count} {ending}" for ending, count in endings.most_common())),
        ("processes killed", str(sum(result.kills for result in results))),
        ("databases lost", str(sum(result.databases_lost for result in results))),
        *((f"webhook {fate}", str(count)) for fate, count in sorted(webhooks.items())),
        *((f"request {fault}", str(count)) for fault, count in sorted(faults.items())),
        ("odd things that people did", str(acts.total())),
        ("properties checked", str(sum(result.checked for result in results))),
        ("violations", str(sum(len(result.violations) for result in results))),
        ("hash of all logs", _hash(results)),
        ("virtual hours", f"{sum(result.hours for result in results):,.0f}"),
        ("wall time", f"{seconds:.0f} s ({seconds / len(seeds):.2f} s per seed)"),
    ]


def _hash(results: Sequence[Result]) -> str:
    """The same wherever and whenever the same seeds are played."""
    return hashlib.sha256("".join(result.digest for result in results).encode()).hexdigest()[:16]


if __name__ == "__main__":
    main()
