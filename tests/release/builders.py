"""Small builders: a release in any phase, and facts about it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.github.facts import (
    Branch,
    Check,
    CommitChecks,
    GitHubRelease,
    Job,
    Permission,
    PullRequest,
    PullRequestState,
    Tag,
    WorkflowRun,
)
from bot.packaging.registry import Registry
from bot.registries.crates_io.found import CrateVersion
from bot.release.ci.pushed import Pushed
from bot.release.facts import NOTHING_SEEN, Facts, Timeouts
from bot.release.model import Phase, Release, ReleasePackage
from bot.release.records import Merge, Planned, Publishing, Request, Review
from bot.workflows.files import read_workflow

NOW = datetime(2026, 4, 4, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=2)
MERGE = "a" * 40
OTHER = "b" * 40
TIMEOUTS = Timeouts()
JOBS = ", jobs: {t: {name: Rustfmt, runs-on: u, steps: [{run: t}]}}}"
RECORDS = ("request", "plan", "review", "merge", "publishing", "aftercare", "asked")
SNAPSHOT = ("pull_request", "base", "base_holds", "branch", "branch_follows", "tags")


def package(name: str = "tidewater", **changes: object) -> ReleasePackage:
    """A crate that goes from 0.4.0 to 0.5.0."""
    crate = ReleasePackage(
        name=name,
        registry=Registry.CRATES_IO,
        path=".",
        manifest="Cargo.toml",
        old="0.4.0",
        new="0.5.0",
        tag="v0.5.0",
        workflow="publish.yml",
        files=(),
        notes="### Added\n\n- Tides.",
        drafted=False,
    )
    return replace(crate, **changes)  # type: ignore[arg-type]


def release(phase: Phase = Phase.MERGED, **changes: object) -> Release:
    """A release of one crate, standing in `phase`."""
    asked = Request(1, 7, 100, "morgan", Permission.MAINTAIN, LONG_AGO, "/release 0.5.0", ((None, "0.5.0"),))
    published = phase in (Phase.TAGGED, Phase.PUBLISHED, Phase.VERIFIED)
    whole = Release(
        id="r100",
        request=asked,
        phase=phase,
        packages=(package(),),
        plan=Planned(title="release: tidewater v0.5.0", primary="crates.io:tidewater", base="main", base_commit=OTHER),
        review=Review("shipmate/v0.5.0", (OTHER,), pull_request=8, url="https://github.example/o/r/pull/8"),
        merge=Merge(MERGE, tree_agrees=True),
        publishing=Publishing(tagged_at=LONG_AGO if published else None, ended_at=NOW - timedelta(minutes=1)),
        timeline=((Phase.REQUESTED, LONG_AGO),),
    )
    return changed(whole, **changes)


def changed(release: Release, **changes: Any) -> Release:
    """The release with other values; those of a record are called by record and field: `merge_commit`, `plan_base`."""
    for name, value in changes.items():
        record, _, field = name.partition("_")
        if record in RECORDS and field:
            release = replace(release, **{record: replace(getattr(release, record), **{field: value})})
        else:
            release = replace(release, **{name: value})
    return release


def run(**changes: object) -> WorkflowRun:
    """A green CI run on the merge commit, two hours old."""
    green = WorkflowRun(
        id=1,
        workflow_id=1,
        name="CI",
        path=".github/workflows/ci.yml",
        event="push",
        head_branch="main",
        head_sha=MERGE,
        status="completed",
        conclusion="success",
        attempt=1,
        number=5,
        url="https://github.example/o/r/actions/runs/1",
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )
    return replace(green, **changes)  # type: ignore[arg-type]


def publish_run(**changes: object) -> WorkflowRun:
    """The crate's publish run, ended well."""
    return run(
        **{
            "id": 9,
            "workflow_id": 9,
            "name": "Publish",
            "path": ".github/workflows/publish.yml",
            "head_branch": "v0.5.0",
            **changes,
        }
    )


def checks(*runs: WorkflowRun, checks: tuple[Check, ...] = (), **changes: object) -> CommitChecks:
    """What GitHub reports about the merge commit."""
    return replace(CommitChecks(MERGE, LONG_AGO, runs, checks), **changes)  # type: ignore[arg-type]


def pushed(*files: str, commit: str = MERGE, **known: object) -> Pushed:
    """The merge commit as it was pushed to main; each of `files` is what a workflow file says after its name."""
    texts = dict(text.split(": ", 1) for text in files or ("ci.yml: {name: CI, on: push}",))
    paths = {f".github/workflows/{name}": text.removesuffix("}") + JOBS for name, text in texts.items()}
    read = {path: read_workflow(path, text.encode()) for path, text in paths.items()}
    return replace(Pushed(commit, "main", read), **known)  # type: ignore[arg-type]


def facts(**known: object) -> Facts:
    """One look at noon; unless told otherwise, the base branch ends in the merge commit."""
    return told(**{"base": Branch("main", MERGE), "base_holds": True, **known})


def told(**known: object) -> Facts:
    """One look at noon; what a snapshot holds is put into one. CI is a workflow that runs on each push."""
    known = {"pushed": pushed(), **known}
    seen = {name: known.pop(name) for name in SNAPSHOT if name in known}
    return Facts(now=NOW, snapshot=replace(NOTHING_SEEN, **seen), **known)  # type: ignore[arg-type]


def pull_request(state: PullRequestState) -> PullRequest:
    """The release's pull request in that state."""
    merged = state is PullRequestState.MERGED
    return PullRequest(
        number=8,
        node_id="PR_8",
        url="https://github.example/o/r/pull/8",
        state=state,
        head=OTHER,
        base="main",
        merge_commit=MERGE if merged else None,
        merged_by="morgan" if merged else None,
        merged_at=NOW if merged else None,
    )


def tag(commit: str = MERGE, name: str = "v0.5.0") -> Tag:
    """The crate's tag."""
    return Tag(name, commit)


def job(name: str, conclusion: str, step: str | None = None) -> Job:
    """An ended job."""
    return Job(3, name, "completed", conclusion, "https://github.example/job", step)


def crate(**changes: object) -> CrateVersion:
    """The crate's version as crates.io has it, complete."""
    whole = CrateVersion("tidewater", "0.5.0", True, True, "c" * 64, "c" * 64, False, True, "https://crates.example")
    return replace(whole, **changes)  # type: ignore[arg-type]


def github_release(tag: str = "v0.5.0") -> GitHubRelease:
    """A published GitHub Release."""
    return GitHubRelease(tag, "https://github.example/release", False, False, "")
