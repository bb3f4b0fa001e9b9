"""How long a plan takes on a workspace of 500 members with a lock file of 28,000 lines.

Printed beside what `tomllib` needs to parse the same files once: a plan parses them too, and then edits. Each number
is the best of a few runs in one process; memory is the peak that Python allocated on top of the files themselves.
"""

import time
import tomllib
import tracemalloc
from collections.abc import Callable
from datetime import date

from rich.console import Console
from rich.table import Table

from bot.plan import discover, make_plan
from bot.plan.manifests.toml import forget
from bot.plan.model import Plan, Tree, Wanted

MEMBERS = 500
LOCK_LINES = 28_000
ROUNDS = 3
DAY = date(2026, 4, 4)


def workspace(*, shared_version: bool) -> Tree:
    """500 crates, each needing up to four others by path and version; under one version, or each its own."""
    names = [f"member-{number:03}" for number in range(MEMBERS)]
    members = ",\n".join(f'  "crates/{name}"' for name in names)
    inherited = '\n[workspace.package]\nversion = "0.4.0"\nedition = "2021"\n' if shared_version else ""
    files = {"Cargo.toml": f'[workspace]\nresolver = "2"\nmembers = [\n{members}\n]\n{inherited}'}
    needs = {
        name: [names[index // step] for step in (2, 3, 5, 7) if index // step != index]
        for index, name in enumerate(names)
    }
    for name in names:
        files[f"crates/{name}/Cargo.toml"] = _manifest(name, sorted(set(needs[name])), shared_version=shared_version)
    files["Cargo.lock"] = _lock(names, needs)
    return {path: text.encode() for path, text in files.items()}


def _manifest(name: str, needs: list[str], *, shared_version: bool) -> str:
    version = "version.workspace = true" if shared_version else 'version = "0.4.0"'
    required = "".join(f'{other} = {{ path = "../{other}", version = "0.4.0" }}\n' for other in needs)
    return (
        f'[package]\nname = "{name}"\n{version}\nedition = "2021"\ndescription = "One of many"\nlicense = "MIT"\n\n'
        f'[dependencies]\nserde = {{ version = "1.0", features = ["derive"] }}\ntracing = "0.1"\n{required}'
    )


def _lock(names: list[str], needs: dict[str, list[str]]) -> str:
    entries = {
        name: _entry(name, "0.4.0", ["serde", "tracing", *sorted(set(needs[name]))], registry=False) for name in names
    }
    lines, number = sum(entry.count("\n") + 1 for entry in entries.values()), 0
    while lines < LOCK_LINES:
        name = f"outside-{number:04}"
        entries[name] = _entry(
            name, f"1.{number % 40}.{number % 7}", [f"outside-{number // 2:04}", "serde"], registry=True
        )
        lines, number = lines + entries[name].count("\n") + 1, number + 1
    return "version = 4\n\n" + "\n".join(entries[name] for name in sorted(entries))


def _entry(name: str, version: str, needs: list[str], *, registry: bool) -> str:
    source = ""
    if registry:
        source = (
            f'source = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "{"0123456789abcdef" * 4}"\n'
        )
    listed = "".join(f' "{other}",\n' for other in needs)
    return f'[[package]]\nname = "{name}"\nversion = "{version}"\n{source}dependencies = [\n{listed}]\n'


def plan(tree: Tree, package: str | None) -> Plan:
    """Discover and plan, nothing remembered; raises AssertionError when the plan is refused."""
    forget()
    discovery = discover(tree)
    outcome = make_plan(tree, discovery, [Wanted(package, "0.5.0")], date=DAY, changes={})
    if not isinstance(outcome, Plan):
        raise AssertionError(outcome)
    return outcome


def parse_all(tree: Tree) -> None:
    """What any tool must do at least: parse every file once."""
    for content in tree.values():
        tomllib.loads(content.decode())


def seconds(work: Callable[[], object]) -> float:
    """The best of a few runs."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def peak_mib(work: Callable[[], object]) -> float:
    """The peak of Python's allocations in one run."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def measured(label: str, tree: Tree) -> tuple[str, ...]:
    """One row: the plan of one package, beside parsing the tree once."""

    def planning() -> Plan:
        return plan(tree, "member-000")

    edits = planning().edits
    spent, parsed = seconds(planning), seconds(lambda: parse_all(tree))
    return (
        label,
        f"{len(tree['Cargo.lock'].splitlines()):,}",
        f"{sum(len(edit.changes) for edit in edits):,} in {len(edits)} files",
        f"{spent:.2f} s",
        f"{peak_mib(planning):.0f} MiB",
        f"{parsed:.2f} s",
        f"{spent / parsed:.1f}",
    )


def main() -> None:
    """Measure and print."""
    table = Table("workspace", "lock lines", "edits", "plan", "peak memory", "tomllib alone", "ratio", box=None)
    table.add_row(*measured("one of 500", workspace(shared_version=False)))
    table.add_row(*measured("all 500, one version", workspace(shared_version=True)))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
