"""`make gallery`: every real repository of the shared data, planned and rehearsed, as a table in docs/gallery.md.

`ONLY=name` does one and `QUICK=1` rehearses three; both only print. It fails where the stand-in itself goes wrong.
"""

import asyncio
import logging
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bot.cli.rehearsal import Stage, perform, stage
from bot.plan.model import Plan
from bot.release.model import Phase, Release
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.errors import StandInFailed
from tests.cli.real import checkout
from tests.shared import ABSENT, MISSING
from tests.wild.repositories import FOLDER, NAMES, Answer, answer, publishing, started_by
from tests.wild.test_repositories import FACTS, each_expected

PAGE = Path(__file__).parents[2] / "docs/gallery.md"
QUICK = ("arro3", "rjieba-py", "rust-numpy")
"""Small ones that are released; CI plays them."""
LONGEST = 60.0
_LINK = re.compile(r"\[([^]]+)\]\([^)]+\)")
_ABOUT = """# Real repositories, planned and rehearsed

`make gallery` writes this page; do not edit it. Each repository stands here as its own files, tags and workflows say,
without any configuration, and is asked for what its maintainer would ask. "Released" means that its own workflows,
played by the stand-in, published all that was promised. The data is reduced to what releasing looks at, so
what a workflow needs from other files is absent.
"""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """How a rehearsal ended."""

    verdict: str
    seconds: float = 0.0
    assumed: Sequence[str] = ()
    fault: bool = False
    """Whether it was the stand-in's."""


def rehearsed(name: str) -> Rehearsed:
    """The release of one repository, played, for a minute at most."""
    began = time.monotonic()
    with TemporaryDirectory(prefix="shipmate-gallery-") as temporary:
        folder, kept = Path(temporary, name), Path(temporary, "kept")
        case = checkout(FOLDER / name, folder)
        kept.mkdir()
        try:
            verdict, assumed = asyncio.run(_play(folder, kept, case["ask"]))
        except StandInFailed as failure:
            return Rehearsed(f"stopped: {failure}", time.monotonic() - began, fault=True)
        except TimeoutError:
            return Rehearsed(f"stopped: no end within {LONGEST:.0f} s", LONGEST, fault=True)
        return Rehearsed(verdict, time.monotonic() - began, assumed)


async def _play(folder: Path, kept: Path, ask: str) -> tuple[str, Sequence[str]]:
    async with asyncio.timeout(LONGEST), stage(kept, folder, Scenario()) as on:
        release = await perform(on, f"/release {ask}", lambda _: None, LONGEST - 10)
        return _verdict(on, release), on.sandbox.actions.assumed


def _verdict(on: Stage, release: Release | None) -> str:
    if release is not None and release.phase is Phase.RELEASED:
        return "released"
    if release is not None and release.blocked:
        details = [detail.text for detail in release.blocked.details]
        return f"blocked: {release.blocked.why}" + (f": {_few(details)}" if details else "")
    return f"refused: {_last_said(on)}"


def _last_said(on: Stage) -> str:
    """The first sentence that says why, of what the bot said last."""
    said = [each for issue in on.repository.issues.values() for each in issue.comments if each.app_id is not None]
    lines = [line.strip(" *>-•") for line in said[-1].body.splitlines()] if said else []
    told = [line for line in lines if line and not line.startswith(("<!--", "[!", "|", "#"))]
    return _LINK.sub(r"\1", told[1] if len(told) > 1 else "".join(told)).replace("**", "")


def row(name: str, told: Answer, played: Rehearsed | None) -> tuple[str, ...]:
    """The cells of one repository."""
    bumps = told.bumps
    packages = [bump.package for bump in bumps]
    listed = [f"{bump.package.name} {bump.new}" for bump in bumps]
    starts = [f"{package.workflow or 'nobody'} ({package.start})" for package in packages]
    files = [f"{len(package.files)}" for package in packages if package.files]
    planned = "" if isinstance(told.outcome, Plan) else f"refused: {told.refused.splitlines()[0]}"
    return (
        name,
        _shape(told),
        _few(listed),
        _few(bump.tag for bump in bumps),
        _few(starts),
        _few(files),
        played.verdict if played else planned or "planned",
        f"{told.seconds:.2f}" + (f" / {played.seconds:.1f}" if played else ""),
    )


def _shape(told: Answer) -> str:
    kinds = [str(package.registry) for package in told.discovery.packages]
    return ", ".join(f"{kinds.count(kind)} on {kind}" for kind in dict.fromkeys(kinds)) or "nothing found"


def _few(words: Iterator[str] | Sequence[str]) -> str:
    """Each once, and not more than three."""
    found = list(dict.fromkeys(words))
    return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "") or "–"


HEAD = ("Repository", "Found", "Packages", "Tags", "Publish workflow (start)", "Files", "Verdict", "Plan / play, s")


def table(rows: Sequence[Sequence[str]]) -> str:
    """As Markdown."""
    lines = [HEAD, ["---"] * len(HEAD), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |" for cells in lines)


def not_right(name: str, told: Answer) -> Iterator[str]:
    """What of the plan is otherwise than what two people read in the repository."""
    by_robot = any(started_by(publishing(told.case, key)) == "robot" for key, _ in each_expected(told, None))
    if by_robot and not list(FACTS["workflow"](told)):
        return  # rightly refused
    for fact, check in FACTS.items():
        for wrong in list(check(told))[:2]:
            yield f"- {name}, {fact}: {' '.join(wrong.split())[:300]}"


def page(rows: Sequence[Sequence[str]], plays: Sequence[tuple[str, Rehearsed]]) -> str:
    """The whole page."""
    released = sum(played.verdict == "released" for _, played in plays)
    wrong = [line for name, _ in plays for line in not_right(name, answer(name))]
    assumed = [f"- {name}: {' '.join(line.split())}" for name, played in plays for line in played.assumed]
    count = f"{released} of {len(plays)} are released; the others stop where the verdict says."
    parts = [_ABOUT, count, "", table(rows), "", "## Not right, or open to doubt", "", *(wrong or ["Nothing known."])]
    parts += ["", "## Assumed in the rehearsals", "", *(assumed or ["Nothing."]), ""]
    return "\n".join(parts)


def main() -> int:
    """Play, show, and write the page; the exit code."""
    if MISSING:
        click.echo(ABSENT, err=True)
        return 1
    logging.disable(logging.WARNING)
    only, quick = os.environ.get("ONLY"), os.environ.get("QUICK")
    if only and only not in NAMES:
        click.echo(f"ONLY={only} is none of: {', '.join(NAMES)}", err=True)
        return 2
    names = [only] if only else NAMES
    rows, plays = [], []
    for name in names:
        played = None if quick and name not in QUICK else rehearsed(name)
        rows.append(row(name, answer(name), played))
        plays += [(name, played)] if played else []
        click.echo(f"{name}: {rows[-1][-2]} ({rows[-1][-1]} s)")
    if only:
        click.echo("\n".join([table(rows), *not_right(only, answer(only)), *plays[0][1].assumed]))
    elif not quick:
        PAGE.write_text(page(rows, plays), encoding="utf-8")
    faults = [name for name, played in plays if played.fault or (quick and played.verdict != "released")]
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
