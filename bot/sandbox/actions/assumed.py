"""What the stand-in cannot run, and takes for done: what it would publish, and the sentences that say so. Pure."""

import re
from collections.abc import Iterable, Iterator

from bot.sandbox.actions.packages import Crate, Tree, crates
from bot.workflows.commands import OPEN
from bot.workflows.publishing import Publish, uploads
from bot.workflows.robots import robots
from bot.workflows.runs import RunJob


def all_uploads(job: RunJob) -> tuple[Publish, ...]:
    """What a job publishes or may publish, with what its robots do."""
    found = uploads(job)
    known = {upload.registry for upload in found}
    others = [
        Publish(robot.name, registry, OPEN, guessed=True)
        for robot in robots(job)
        for registry in sorted(robot.publishes - known, key=lambda each: each.word)
    ]
    return (*found, *others)


def is_assumed(upload: Publish) -> bool:
    """Whether what an upload sends is not told by its step."""
    return upload.guessed or OPEN in upload.folder or OPEN in (upload.package or "")


def crates_meant(tree: Tree, ref_name: str) -> list[Crate]:
    """The crates that a tag stands for: that it names, else those of its version, each after what it needs."""
    there = [crate for crate in crates(tree) if crate.publishable]
    of_version = [crate for crate in there if _ends_with(ref_name, crate.version)]
    named = [crate for crate in of_version if ref_name.removesuffix(crate.version).rstrip("v@-_/") == crate.name]
    return list(_in_order(named or of_version or there))


def sentence(path: str, upload: Publish, sent: Iterable[str]) -> str:
    """That a step was not run, and what it was taken to publish."""
    names = list(sent)
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    what = f"publishing {shown} to {upload.registry.word}" if names else f"publishing nothing to {upload.registry.word}"
    return f"{path}: “{upload.step}” cannot be run here and was taken as {what}."


def not_followed(jobs: Iterable[RunJob]) -> Iterator[str]:
    """What of a run's jobs was taken to end well without being looked at."""
    for job in jobs:
        if job.runs is not False and job.calls:
            yield f"{job.path}: the job {job.name} calls {job.calls}, which is not here; it was taken to end well."


def _ends_with(ref_name: str, version: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(version)}$", ref_name) is not None


def _in_order(found: list[Crate]) -> Iterator[Crate]:
    """Each crate after those that it depends on."""
    left = {crate.name: crate for crate in found}
    while left:
        free = [each for each in left.values() if not (_needs(each) & left.keys()) - {each.name}]
        for crate in free or list(left.values())[:1]:
            yield left.pop(crate.name)


def _needs(crate: Crate) -> set[str]:
    tables = (crate.manifest.get(name, {}) for name in ("dependencies", "build-dependencies"))
    return {str(spec.get("package", name)) for table in tables for name, spec in table.items()}
