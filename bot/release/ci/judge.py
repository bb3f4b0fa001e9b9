"""Is CI green on a commit? What must report is awaited and must pass; nothing that merely is there stands in for it.

- What must report: what release.toml names. Where it names nothing, and where it names nothing that is a workflow or
  a job of one: what the branch's rules require, and each workflow of the commit's own tree that its push starts.
- At least one run of a file below .github/workflows must have succeeded. Runs that GitHub starts by itself
  (`dynamic/…`), statuses and checks of other Apps are no evidence, and none against the commit unless they are
  required; but what CodeQL finds is.
- Passing is success, skipped or neutral; anything else that ended is failing (cancelled too: at the tip of a
  branch nobody knows what a cancelled run would have said). A run of which every job was skipped proves nothing.
- "All green so far" is not green: a settle time without news must pass.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from bot.github.facts import CommitChecks, WorkflowRun
from bot.release.answers import Detail
from bot.release.ci.evidence import Evidence
from bot.release.ci.pushed import Pushed
from bot.release.ci.reported import Item, Reported, last_news, on_pull_request, reported
from bot.release.facts import Timeouts


class CIState(Enum):
    """The verdict on one commit."""

    GREEN = auto()
    RUNNING = auto()
    RED = auto()
    SILENT = auto()
    """Something that must report has not started, or nothing at all has passed."""
    UNTRIGGERED = auto()
    """No workflow runs for what the commit changes, or none runs on pushes."""
    UNREPORTED = auto()
    """Something is required that nothing on pushes to the branch reports, nor on the pull request."""


@dataclass(frozen=True, slots=True)
class CI:
    """The verdict with its evidence."""

    state: CIState
    details: tuple[Detail, ...] = ()
    """What failed, has not started or does not run, one by one."""
    running: tuple[str, ...] = ()
    failed_runs: tuple[WorkflowRun, ...] = ()
    """The workflow runs that failed; of a red commit only."""
    failures: int = 0
    """How many things failed, those runs among them."""
    settles_at: datetime | None = None
    """When green will count, if nothing else happens; only while RUNNING."""
    apart: tuple[Detail, ...] = ()
    """What did not end well and does not count; of a green commit only."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Of what must report: what did, what is still to come and what will not."""

    items: tuple[Item, ...]
    missing: tuple[str, ...] = ()
    """Must come."""
    perhaps: tuple[str, ...] = ()
    """May come: whether it does hangs on what is not known. Awaited as long, and then let go."""
    unasked: tuple[str, ...] = ()
    """May have reported elsewhere, which is not known yet."""
    never: tuple[str, ...] = ()
    """Reports nowhere."""

    @property
    def ends(self) -> bool:
        """Whether all that runs has ended."""
        return all(item.ended for item in self.items) and not self.missing


def judge_ci(evidence: Evidence, *, now: datetime, timeouts: Timeouts) -> CI:
    """Whether what is known of a commit makes it green."""
    if evidence.unchecked:
        return CI(CIState.GREEN)
    seen = reported(evidence.checks, evidence.pushed.branch)
    found = _what_must_report(evidence, seen)
    age = (now - max(evidence.checks.committed_at, evidence.since or evidence.checks.committed_at)).total_seconds()
    overdue = age >= (timeouts.settle if evidence.pushed.skips_ci else timeouts.ci_appears)
    failed = [item for item in found.items if item.ended and not item.passed]
    if failed:
        runs = tuple(item.run for item in failed if item.run)
        told = tuple(detail for item in failed for detail in item.failures)
        return CI(CIState.RED, told, failed_runs=runs, failures=len(failed))
    if found.missing and overdue:
        return CI(CIState.SILENT, _not_started(found.missing, evidence.pushed))
    running = tuple(item.label for item in found.items if not item.ended) + found.missing + found.unasked
    if running or (found.perhaps and not overdue):
        return CI(CIState.RUNNING, running=running or found.perhaps)
    settles_at = _last_news(evidence) + timedelta(seconds=timeouts.settle)
    if now < settles_at:
        return CI(CIState.RUNNING, settles_at=settles_at)
    if found.never:
        return CI(CIState.UNREPORTED, _unreported(found.never, evidence, seen))
    if any(item.proves for item in found.items):
        return CI(CIState.GREEN, apart=_apart(found.items, seen))
    idle = [item for item in found.items if item.of_actions]
    if found.perhaps or idle:
        skipped = tuple(Detail(f"{item.label}: {item.conclusion}, which proves nothing") for item in idle)
        return CI(CIState.SILENT, (*_not_started(found.perhaps, evidence.pushed), *skipped))
    return CI(CIState.UNTRIGGERED, evidence.pushed.why_not())


def asks_elsewhere(evidence: Evidence) -> bool:
    """Whether the verdict hangs on what reported about other commits, and on nothing else first."""
    if evidence.unchecked:
        return False
    found = _what_must_report(evidence, reported(evidence.checks, evidence.pushed.branch))
    return bool(found.unasked) and found.ends


def ran(evidence: Evidence) -> bool:
    """Whether a workflow that tests its commit ran there, or must."""
    seen = reported(evidence.checks, evidence.pushed.branch)
    return bool(seen.workflows or seen.by_hand or evidence.pushed.expected)


def _what_must_report(evidence: Evidence, seen: Reported) -> _Found:
    named = _required(evidence, evidence.required, seen)
    if any(item.of_actions for item in named.items) or _names_a_workflow(evidence):
        return _all_of((_Found(seen.codeql), named))
    return _all_of((_by_its_tree(evidence.pushed, seen), named, _required(evidence, evidence.rules, seen)))


def _names_a_workflow(evidence: Evidence) -> bool:
    """Whether release.toml names something that is CI by itself, also where it has not reported."""
    pushed = evidence.pushed
    names = {name for path in pushed.expected for name in _names_of(pushed, path)}
    return bool(evidence.required) and not (names | pushed.jobs).isdisjoint(evidence.required)


def _by_its_tree(pushed: Pushed, seen: Reported) -> _Found:
    """Each workflow that the push starts, and what ran unexpectedly; runs by hand only where nothing else is."""
    ran = {**seen.workflows} | {path: item for path, item in seen.by_hand.items() if path in pushed.expected}
    items = tuple((ran or ({} if pushed.expected else seen.by_hand)).values())
    absent = {path: verdict for path, verdict in pushed.expected.items() if path not in ran}
    return _Found(
        (*items, *seen.codeql),
        missing=tuple(pushed.files[path].file for path, verdict in absent.items() if verdict is True),
        perhaps=tuple(pushed.files[path].file for path, verdict in absent.items() if verdict is not True),
    )


def _required(evidence: Evidence, names: Sequence[str], seen: Reported) -> _Found:
    """What is required by name, on the commit itself, else where it is known to report."""
    return _all_of(_one_required(evidence, name, seen) for name in names)


def _one_required(evidence: Evidence, name: str, seen: Reported) -> _Found:
    if items := seen.named(name):
        return _Found(items)
    pushed, elsewhere = evidence.pushed, evidence.elsewhere
    if any(name in _names_of(pushed, path) for path in pushed.expected) or name in pushed.jobs:
        return _Found((), missing=(name,))
    if not evidence.has_pull_request:
        return _Found(())
    if elsewhere is None:
        return _Found((), unasked=(name,))
    if elsewhere.before and all(_is_of_pushes(name, each, pushed.branch) for each in elsewhere.before):
        return _Found((), missing=(name,))
    there = tuple(item for item in on_pull_request(elsewhere.pull_request) if name in item.names)
    return _Found(there) if there else _Found((), never=(name,))


def _is_of_pushes(name: str, checks: CommitChecks, branch: str) -> bool:
    """Whether another App reported it about this commit, and not for a branch that only began there.

    GitHub tells the branch of an App's check suite, and none of a commit status. A suite is the App's only one for the
    commit, "even if you push the commit SHA to more than one branch" (https://docs.github.com/rest/checks/suites), so
    one commit alone does not tell. What it says of a branch that is gone: docs/live-check.md#check-suite-branch
    """
    return any(item.by_another and item.branch in (None, branch) for item in reported(checks, branch).named(name))


def _names_of(pushed: Pushed, path: str) -> tuple[str, ...]:
    return (path, pushed.files[path].file, pushed.files[path].name)


def _all_of(parts: Iterable[_Found]) -> _Found:
    parts = tuple(parts)
    return _Found(
        items=tuple({id(item): item for part in parts for item in part.items}.values()),
        missing=tuple(dict.fromkeys(name for part in parts for name in part.missing)),
        perhaps=tuple(dict.fromkeys(name for part in parts for name in part.perhaps)),
        unasked=tuple(dict.fromkeys(name for part in parts for name in part.unasked)),
        never=tuple(dict.fromkeys(name for part in parts for name in part.never)),
    )


def _not_started(names: Iterable[str], pushed: Pushed) -> tuple[Detail, ...]:
    """Also why, where that is known."""
    queued = {name for path in pushed.only_queued for name in _names_of(pushed, path)}
    skipped = ", since the commit's message says to skip CI" if pushed.skips_ci else ""
    by_queue = ", and only the merge queue starts it"
    return tuple(Detail(f"{name}: has not started{by_queue if name in queued else skipped}") for name in names)


def _unreported(names: Iterable[str], evidence: Evidence, seen: Reported) -> tuple[Detail, ...]:
    """Each by name, and the line of release.toml that takes the place of the rules."""
    branch = evidence.pushed.branch
    told = tuple(Detail(f"{name}: required, and nothing on pushes to {branch} reports it") for name in names)
    files = dict.fromkeys(item.run.file for item in seen.workflows.values() if item.run)
    line = ", ".join(f'"{file}"' for file in files)
    return (*told, Detail(f"required = [{line}] below [release] in .github/release.toml names what counts instead"))


def _apart(counted: Sequence[Item], seen: Reported) -> tuple[Detail, ...]:
    """What is shown though it does not count: what did not pass beside what had to."""
    others = (*seen.apart, *seen.by_hand.values(), *(item for item in seen.checks if item.by_another))
    ended = (item for item in others if item.ended and not item.passed and item not in counted)
    return tuple(detail for item in ended for detail in item.failures)


def _last_news(evidence: Evidence) -> datetime:
    runs = last_news(evidence.checks, evidence.pushed.branch)
    return max([evidence.checks.committed_at, *(run.updated_at for run in runs)])
