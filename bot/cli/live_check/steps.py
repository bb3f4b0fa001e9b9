"""The table of steps: in this order, each under the belief that it tries."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.cli.live_check import lagging, proposing, pushing, running
from bot.cli.live_check.bench import Bench
from bot.cli.live_check.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is tried."""

    name: str
    """Of the step and of its recordings."""
    about: str
    """The section of docs/live-check.md; empty where the belief has another source."""
    believed: str
    run: Callable[[Bench], Awaitable[Verdict]]


LIVE_STEPS: tuple[Step, ...] = (
    Step(
        "file-mode",
        "file-mode",
        "`createCommitOnBranch` leaves an executable file executable",
        proposing.opens,
    ),
    Step("author", "own-authorship", "`viewerDidAuthor` is true for what the installation made", proposing.authors),
    Step("shown", "replication-lag", "what was made shows in every read after 30 s", lagging.shown),
    Step("webhook", "webhook-delay", "a webhook is sent within 10 s, and soon in the log", lagging.heard),
    Step("one-tag", "refs-by-push", "a tag that the App pushes starts a workflow", pushing.one),
    Step("three-tags", "refs-by-push", "three tags in one push start one each", pushing.three),
    Step("four-tags", "refs-by-push", "four tags in one push start none", pushing.four),
    Step("tag-exists", "refs-by-push", "a tag that exists is refused, with all of its push", pushing.exists),
    Step("stale", "refs-by-push", "a push from another old value is refused", proposing.stale),
    Step("successor", "refs-by-push", "a branch moves while its successor is deleted, in one push", proposing.follows),
    Step(
        "workflow-files",
        "refs-by-push",
        "a tag on workflow files that no branch has is refused",
        pushing.other_files,
    ),
    Step("check-suites", "suites-of-an-app", "an App is told of each run with the path of its file", running.suites),
    Step("log-delay", "log-delay", "a failed job's log can be read 10 s after its run ended", running.fails),
    Step("log-lines", "job-log-lines", "the failed step is found in the log by its marks", running.log_lines),
    Step("skipped-call", "skipped-call-result", "a call of skipped jobs has the result `skipped`", running.call),
    Step("rerun", "rerun-words", "re-runs are refused in words that we know, while they run and after", running.again),
    Step("rerun-well", "rerun-words", "re-running what ended well is told in words that we know", running.again_well),
    Step("rulesets", "", "rulesets are shown to who reads metadata, or the plan has none", pushing.rulesets),
    Step("ruleset", "refs-by-push", "a ruleset's refusal says GH013 and is known before", pushing.ruled),
    Step("dynamic", "dynamic-run-file", "a run that GitHub itself adds has no file", running.dynamic),
    Step("merge", "replication-lag", "a merge shows its commit, and that starts a workflow", proposing.merges),
)
