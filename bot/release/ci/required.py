"""Names in `required` of release.toml that nothing has, told before anything is changed, with the nearest."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from bot.packaging.problem import Problem
from bot.workflows.events import anything
from bot.workflows.files import FOLDER, Workflow
from bot.workflows.runs import RunJob, run_of


def unknown_names(
    required: Sequence[str], files: Mapping[str, Workflow], reported: Iterable[str], *, where: str, ended: bool
) -> tuple[Problem, ...]:
    """A problem for each name that no workflow and no job of the tree has, and nothing `reported` about its head.

    While CI has not `ended` there, a name that is not nearly another one may still be an App's that reports later.
    """
    valid = {path: each for path, each in files.items() if each.problem is None}
    jobs = [job for each in valid.values() for job in run_of(each, anything(), valid)] if required else []
    workflows = [name for path, each in files.items() for name in (each.file, each.name, path)]
    known = tuple(dict.fromkeys((*workflows, *(job.name for job in jobs), *sorted(reported))))
    found = []
    for name in required:
        close = get_close_matches(name, known, 1)
        if name in known or _may_be(name, jobs) or not (ended or close or name.startswith(FOLDER)):
            continue
        nearest = (close or get_close_matches(name, known, 1, cutoff=0.0) or [""])[0]
        fix = f"Did you mean `{nearest}`?" if nearest else "Take the line out."
        found.append(Problem(where, f"`required` names {name!r}, which no workflow, job or check has", fix))
    return tuple(found)


def _may_be(name: str, jobs: Sequence[RunJob]) -> bool:
    """Whether it may be a job whose name only a run tells: its matrix or the workflow that it calls is not known."""
    return any(name.startswith(_beginning(job)) for job in jobs if "${{" in job.name or job.unknown)


def _beginning(job: RunJob) -> str:
    return job.name.partition("${{")[0]
