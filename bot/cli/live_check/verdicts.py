"""What a step found: judged from plain facts, without asking anybody."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.cli.live_check.files import FILES, WORKFLOW
from bot.github.errors import GitHubError
from bot.github.facts import WorkflowRun

_BESIDE = re.compile(r"README(\.\w+)?|LICEN[SC]E(\.\w+)?|\.gitignore|live-check\.txt")


class Outcome(StrEnum):
    """How a belief fared."""

    AS_BELIEVED = "as believed"
    OTHERWISE = "otherwise"
    NOT_TRIED = "could not be tried"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome, and what was seen."""

    outcome: Outcome
    said: str


def as_believed(said: str) -> Verdict:
    """It is so."""
    return Verdict(Outcome.AS_BELIEVED, said)


def otherwise(said: str) -> Verdict:
    """It is not so."""
    return Verdict(Outcome.OTHERWISE, said)


def not_tried(said: str) -> Verdict:
    """Something that it takes was not there."""
    return Verdict(Outcome.NOT_TRIED, said)


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """0: all as believed, 1: something is otherwise, 3: nothing is, but something could not be tried."""
    outcomes = {verdict.outcome for verdict in verdicts}
    return 1 if Outcome.OTHERWISE in outcomes else 3 if Outcome.NOT_TRIED in outcomes else 0


def is_throw_away(paths: Collection[str]) -> bool:
    """Whether a repository holds our files and nothing that somebody could miss."""
    return WORKFLOW in paths and all(path in FILES or _BESIDE.fullmatch(path) for path in paths)


def judge_started(tags: Sequence[str], runs: Iterable[WorkflowRun], *, believed: bool = True) -> Verdict:
    """Whether each of these tags started a workflow, or, where that is not `believed`, none did."""
    started = {run.head_branch for run in runs if run.event == "push"} & set(tags)
    silent = [tag for tag in tags if tag not in started]
    if not believed:
        return otherwise(f"{', '.join(sorted(started))} started one") if started else as_believed("none started one")
    if silent:
        return otherwise(f"no workflow started for {', '.join(silent)}")
    return as_believed(f"a workflow started for {', '.join(tags)}")


def judge_refusal(error: GitHubError | None, expected: type[GitHubError]) -> Verdict:
    """Whether what GitHub refused was told as what it is."""
    if error is None:
        return otherwise("GitHub did not refuse it")
    said = f"{type(error).__name__}: {error}"
    return as_believed(said) if isinstance(error, expected) else otherwise(said)


def judge_allowed(error: GitHubError | None) -> Verdict:
    """Whether something was done, or its refusal is one of those that mean that it need not be."""
    return as_believed("taken, or told in words that we know") if error is None else otherwise(str(error))


def judge_delay(seconds: float | None, most: float, what: str) -> Verdict:
    """Whether something was there in time; None: it was not there when nobody waited for it any longer."""
    if seconds is None:
        return otherwise(f"{what} was not there in time")
    said = f"{what} was there after {seconds:.1f} s, believed are {most:.0f} s at most"
    return as_believed(said) if seconds <= most else otherwise(said)


def judge_mode(mode: str | None) -> Verdict:
    """Whether an executable file still is one after its content was changed."""
    return as_believed("it still is 100755") if mode == "100755" else otherwise(f"its mode is {mode}")


def judge_log(part: str) -> Verdict:
    """Whether the failed step of the three was found in the job's log, and only that."""
    lines = part.splitlines()
    found = any("this is the second step" in line for line in lines)
    others = any(word in line for line in lines for word in ("this is the first step", "this is the third step"))
    return as_believed("the failed step's lines") if found and not others else otherwise(f"found: {lines[:5]}")


def judge_behind(conclusion: str | None) -> Verdict:
    """Whether the job ran that runs only where the call's result is `skipped`."""
    ran = conclusion == "success"
    return as_believed("the result is `skipped`") if ran else otherwise(f"the job behind the call ended {conclusion}")
