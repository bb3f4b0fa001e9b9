"""The finite abstraction of what a release can be and what a look can find: every combination, phase by phase.

Each dimension holds one representative of everything that the code can tell apart. Labels come along, so that the
tests judge a decision by what the world was like and not by the code under test.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from bot.github.facts import (
    Branch,
    Check,
    CommitChecks,
    GitHubRelease,
    Job,
    PendingApproval,
    Permission,
    PullRequestState,
    Review,
    Tag,
    WorkflowRun,
)
from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.plan.model import Dispatch, FileEdit, Plan
from bot.plan.policy import Policy
from bot.release.actions import PushTags
from bot.release.answers import Answer, Blocked
from bot.release.ci.evidence import Elsewhere
from bot.release.facts import Facts, Preflight
from bot.release.found import Unreachable
from bot.release.model import Phase, Release
from bot.release.records import Refusal, Refused
from bot.release.refusals import Refusable, natural_key
from bot.release.rollback.model import Rollback
from bot.release.rows.act import tags_to_push
from bot.release.table import decide
from bot.release.with_plan import digest_of
from bot.workflows.releasing import Start
from tests.release.builders import (
    LONG_AGO,
    MERGE,
    NOW,
    OTHER,
    TIMEOUTS,
    changed,
    checks,
    crate,
    job,
    package,
    publish_run,
    pull_request,
    pushed,
    release,
    run,
    told,
)

OURS, THEIRS, MERGED_IN = "d" * 40, "e" * 40, "f" * 40
JUST_NOW = NOW - timedelta(seconds=1)
ONE, TWO = package(), package("ebb", tag="ebb-v0.5.0", workflow="ebb.yml")
PAIRS = {"one": (ONE,), "together": (ONE, TWO), "after": (ONE, replace(TWO, after=("tidewater",)))}


@dataclass(frozen=True, slots=True)
class State:
    """A release, what a look finds, and the labels of both."""

    release: Release
    facts: Facts
    labels: Mapping[str, Any]


def every_state() -> Iterator[State]:
    """All of them; about fifty thousand."""
    yield from _requested()
    yield from _proposed()
    yield from _merged()
    yield from _green()
    yield from _refused()
    yield from _starting()
    yield from _tagged()
    yield from _published()
    yield from _verified()
    yield from _rolling_back()


def _combined(**dimensions: Mapping[str, Any]) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    for chosen in product(*(dimension.items() for dimension in dimensions.values())):
        names = dict(zip(dimensions, (name for name, _ in chosen), strict=True))
        yield names, dict(zip(dimensions, (value for _, value in chosen), strict=True))


ASKED = {"no": None, "yes": "robin"}
AGES: Mapping[str, datetime] = {"now": JUST_NOW, "long ago": LONG_AGO}


NOWHERE = Elsewhere(checks(), (checks(),))
FILTERED = pushed("ci.yml: {name: CI, on: {push: {paths: [src]}}}", changed=frozenset({"Cargo.toml"}))
ALSO_LINT = pushed("ci.yml: {name: CI, on: push}", "lint.yml: {name: Lint, on: push}")


HARDEST = {"green", "red", "silent", "settling", "of another commit", "workflows unknown", "one of two", "red status"}
"""What the look that pushes tags has to tell apart."""


def _ci(commit: str) -> dict[str, dict[str, Any]]:
    """What may be known of a commit's CI, as fields of Facts and of Preflight."""
    at = {"head_sha": commit}
    green, status = checks(run(**at)), Check("lint", "status", "completed", "failure")
    reported = {
        "of another commit": replace(checks(run(head_sha=OTHER)), commit="f" * 40),
        "green": green,
        "red": checks(run(conclusion="failure", **at)),
        "cancelled": checks(run(conclusion="cancelled", **at)),
        "silent": checks(),
        "nothing yet": replace(checks(), committed_at=JUST_NOW),
        "running": checks(run(status="in_progress", conclusion=None, **at)),
        "settling": checks(run(updated_at=JUST_NOW, **at)),
        "all skipped": checks(run(conclusion="skipped", **at)),
        "only another App": checks(checks=(Check("DCO", "dco", "completed", "success"),)),
    }
    here = pushed(commit=commit)
    found = {
        name: {"checks": each if each.commit == "f" * 40 else replace(each, commit=commit), "pushed": here}
        for name, each in reported.items()
    }
    green = replace(green, commit=commit)
    found["unknown"] = {"checks": None, "pushed": here}
    found["workflows unknown"] = {"checks": green, "pushed": None}
    found["workflows of another commit"] = {"checks": green, "pushed": pushed(commit="f" * 40)}
    found["one of two"] = {"checks": green, "pushed": replace(ALSO_LINT, commit=commit)}
    found["for other files"] = {"checks": replace(checks(), commit=commit), "pushed": replace(FILTERED, commit=commit)}
    red_status = replace(green, checks=(status,))
    found["red status"] = {"checks": red_status, "pushed": here, "rules": ("lint",)}
    return found


def _plan(after: bytes = b"0.5.0") -> Plan:
    edit = FileEdit("Cargo.toml", b"0.4.0", after, "version")
    return Plan(
        bumps=(),
        edits=(edit,),
        sections=(),
        title="Release v0.5.0",
        headline="Release v0.5.0",
        branch="shipmate/v0.5.0",
    )


def _tags(name: str) -> dict[str, tuple[Tag, ...]]:
    return {"absent": (), "right": (Tag(name, MERGE),), "elsewhere": (Tag(name, OTHER),)}


def _requested() -> Iterator[State]:
    refused = Preflight(None, (Problem("tidewater", "is older", "Ask for more."),), "main", OTHER)
    roles = {"enough": Permission.MAINTAIN, "too little": Permission.WRITE}
    preflights = {"none": None, "refused": refused}
    preflights |= {name: Preflight(_plan(), (), "main", OTHER, **ci) for name, ci in _ci(OTHER).items()}
    for labels, of in _combined(
        preflight=preflights, role=roles, cancel=ASKED, retry=ASKED, opened={"no": None, "yes": 8}
    ):
        before = release(
            Phase.REQUESTED, merge_commit=None, review_pull_request=of["opened"], publishing_tagged_at=None
        )
        asked = replace(before.request, role=of["role"])
        before = changed(before, request=asked, asked_cancel_by=of["cancel"], asked_retry_by=of["retry"])
        yield State(before, Facts(NOW, preflight=of["preflight"]), labels)


def _proposed() -> Iterator[State]:
    is_open, merged = pull_request(PullRequestState.OPEN), pull_request(PullRequestState.MERGED)
    pulls = {
        "none": None,
        "open": is_open,
        "retargeted": replace(is_open, base="dev"),
        "closed": pull_request(PullRequestState.CLOSED),
        "merged": merged,
        "merged, commit unknown": replace(merged, merge_commit=None),
        "merged elsewhere": replace(merged, base="dev"),
    }
    stale = Preflight(None, (Problem("Cargo.toml", "says 0.6.0", ""),), "main", MERGE)
    replans = {"none": None, "refused": stale}
    replans |= {"same": Preflight(_plan(), (), "main", MERGE), "other": Preflight(_plan(b"v"), (), "main", MERGE)}
    branches = {"gone": None, "ours": Branch("shipmate/v0.5.0", OURS), "a person's": Branch("release/v0.5.0", THEIRS)}
    branches["a person's, with the base"] = Branch("shipmate/v0.5.0", MERGED_IN)
    for labels, of in _combined(
        pull=pulls,
        base={"gone": None, "same": Branch("main", OTHER), "moved": Branch("main", MERGE)},
        branch=branches,
        tags=_tags("v0.5.0"),
        holds={"yes": True, "no": False},
        replan=replans,
        age=AGES,
        cancel=ASKED,
        retry=ASKED,
    ):
        before = release(
            Phase.PROPOSED,
            merge_commit=None,
            publishing_tagged_at=None,
            merge_tree_agrees=False,
            review_ours=(OURS,),
            plan_digest=digest_of(_plan()),
            plan_compared_with=OTHER,
            timeline=((Phase.PROPOSED, of["age"]),),
            asked_cancel_by=of["cancel"],
            asked_retry_by=of["retry"],
        )
        found = told(
            pull_request=of["pull"],
            base=of["base"],
            base_holds=of["holds"],
            branch=of["branch"],
            branch_follows=of["branch"] is branches["a person's, with the base"],
            tags=of["tags"],
            replan=of["replan"],
        )
        yield State(before, found, labels)


def _merged() -> Iterator[State]:
    for labels, of in _combined(
        ci=_ci(MERGE),
        required={"all": (), "one": ("ci.yml",), "missing": ("ci.yml", "other.yml")},
        base={"gone": None, "same": Branch("main", MERGE), "newer": Branch("main", OTHER)},
        holds={"yes": True, "no": False},
        tags=_tags("v0.5.0"),
        tree={"agrees": (), "disagrees": (Problem("Cargo.lock", "says 0.4.0", ""),)},
        stage={"first": 0, "second": 1},
        cancel=ASKED,
        retry=ASKED,
    ):
        before = release(
            Phase.MERGED,
            packages=PAIRS["after"],
            publishing_stage=of["stage"],
            publishing_tagged_at=None,
            asked_cancel_by=of["cancel"],
            asked_retry_by=of["retry"],
            plan_policy=Policy(required=of["required"]),
        )
        found = told(
            **of["ci"],
            elsewhere=NOWHERE,
            base=of["base"],
            base_holds=of["holds"],
            tags=of["tags"],
            disagreements=of["tree"],
        )
        yield State(before, found, labels)


def _green() -> Iterator[State]:
    roles: Mapping[str, Permission | None] = {"unknown": None} | {str(role): role for role in Permission}
    for labels, of in _combined(
        packages=PAIRS,
        ci={name: each for name, each in _ci(MERGE).items() if name in HARDEST},
        role=roles,
        first=_tags("v0.5.0"),
        second=_tags("ebb-v0.5.0"),
        tree={"agrees": (), "disagrees": (Problem("Cargo.lock", "says 0.4.0", ""),)},
        read={"yes": True, "no": False},
        holds={"yes": True, "no": False},
        stage={"first": 0, "second": 1},
        cancel=ASKED,
    ):
        before = release(
            Phase.GREEN,
            packages=of["packages"],
            publishing_stage=of["stage"] if labels["packages"] == "after" else 0,
            merge_tree_agrees=of["read"],
            publishing_tagged_at=None,
            asked_cancel_by=of["cancel"],
        )
        found = told(
            **of["ci"],
            authority=of["role"],
            base_holds=of["holds"],
            tags=(*of["first"], *of["second"]),
            disagreements=of["tree"],
        )
        yield State(before, found, labels)


REFUSED = {
    "by a rule": (("Creations are restricted",), Refused.RULE, 0),
    "for workflows": (("refusing to allow",), Refused.WORKFLOWS, 0),
    "for workflows, again": (("refusing to allow",), Refused.WORKFLOWS, 1),
}
"""What GitHub may have refused when the tags were pushed."""


def _refused() -> Iterator[State]:
    """Green, and refused by GitHub a moment ago."""
    for labels, of in _combined(
        packages=PAIRS,
        refused=REFUSED,
        base={"same": Branch("main", MERGE), "newer": Branch("main", OTHER)},
        first=_tags("v0.5.0"),
        second=_tags("ebb-v0.5.0"),
        stage={"first": 0, "second": 1},
        retry=ASKED,
    ):
        before = release(
            Phase.GREEN,
            packages=of["packages"],
            publishing_stage=of["stage"] if labels["packages"] == "after" else 0,
            merge_tree_agrees=True,
            publishing_tagged_at=None,
            asked_retry_by=of["retry"],
        )
        found = told(
            **_ci(MERGE)["green"],
            authority=Permission.ADMIN,
            base=of["base"],
            base_holds=True,
            tags=(*of["first"], *of["second"]),
        )
        why, whose, again = of["refused"]
        key = natural_key(PushTags(tags_to_push(before, found), MERGE))
        before = replace(before, refused=Refusal(key, "create refs/tags/v0.5.0", why, whose, again))
        known = {"ci": "green", "tree": "agrees", "read": "yes", "holds": "yes", "role": Permission.ADMIN}
        yield State(before, found, labels | known)


def _runs(tag: str, file: str, number: int) -> dict[str, tuple[WorkflowRun, ...]]:
    known = {"head_branch": tag, "path": f".github/workflows/{file}", "id": number, "workflow_id": number}
    return {
        "none": (),
        "queued": (publish_run(status="queued", conclusion=None, **known),),
        "waiting": (publish_run(status="waiting", conclusion=None, **known),),
        "running": (publish_run(status="in_progress", conclusion=None, **known),),
        "failed": (publish_run(conclusion="failure", **known),),
        "rejected": (publish_run(conclusion="failure", **known, url="rejected"),),
        "there already": (publish_run(conclusion="failure", **known, url="there already"),),
        "cancelled": (publish_run(conclusion="cancelled", **known),),
        "passed": (publish_run(**known),),
        "by hand": (publish_run(event="workflow_dispatch", **known),),
        "elsewhere": (publish_run(head_sha=OTHER, **known),),
    }


STARTS: Mapping[str, Mapping[str, Any]] = {
    "by tag": {"start": Start.TAG},
    "by hand": {"start": Start.HAND},
    "by its Release": {"start": Start.RELEASE},
    "nobody knows how": {"workflow": None},
}
"""How publishing a package starts."""


def _starting() -> Iterator[State]:
    """Tags that stand, or may be pushed, of packages whose publishing starts otherwise."""
    dispatch = Dispatch(True, (("tag", "ebb-v0.5.0"),))
    for labels, of in _combined(
        start={**STARTS, "by Shipmate": {"start": Start.HAND, "dispatch": dispatch}},
        second=_tags("ebb-v0.5.0"),
        run={"none": (), **_runs("ebb-v0.5.0", "ebb.yml", 10)},
        page=_page("ebb-v0.5.0"),
        draft_first={"no": False, "yes": True},
    ):
        one, two = PAIRS["together"]
        before = release(Phase.GREEN, packages=(one, replace(two, **of["start"])), publishing_tagged_at=None)
        policy = replace(before.plan.policy, draft_first=of["draft_first"])
        found = told(
            **_ci(MERGE)["green"],
            authority=Permission.MAINTAIN,
            base_holds=True,
            tags=(*_tags("v0.5.0")["right"], *of["second"]),
            releases=of["page"],
        )
        if found.checks is not None:
            found = replace(found, checks=replace(found.checks, runs=(*found.checks.runs, *of["run"])))
        labels |= {"ci": "green", "tree": "agrees", "read": "yes", "holds": "yes", "role": Permission.MAINTAIN}
        yield State(replace(before, plan=replace(before.plan, policy=policy)), found, labels)


def _tagged() -> Iterator[State]:
    for labels, of in _combined(
        first=_tags("v0.5.0"),
        second=_tags("ebb-v0.5.0"),
        run_one=_runs("v0.5.0", "publish.yml", 9),
        run_two=_runs("ebb-v0.5.0", "ebb.yml", 10),
        registry=_both_on_registry(),
        age=AGES,
        cancel=ASKED,
        retry=ASKED,
        start=STARTS,
    ):
        one, two = PAIRS["together"]
        before = release(
            Phase.TAGGED,
            packages=(one, replace(two, **of["start"])),
            publishing_tagged_at=of["age"],
            asked_cancel_by=of["cancel"],
            asked_retry_by=of["retry"],
        )
        found = told(
            tags=(*of["first"], *of["second"]),
            checks=_with_jobs(*(replace(run, updated_at=of["age"]) for run in (*of["run_one"], *of["run_two"]))),
            registries=of["registry"],
        )
        yield State(before, found, labels)


def _with_jobs(*runs: WorkflowRun) -> CommitChecks:
    """The jobs of those runs that failed in a way that is told apart, with what else is known of them."""
    rejected = [run for run in runs if run.url == "rejected"]
    there = [run for run in runs if run.url == "there already"]
    jobs = {run.id: (replace(job("Upload", "failure"), id=run.id, began=run in there),) for run in rejected + there}
    said = (Review("ann", False, ("crates-io",), "Not on a Friday"),)
    return replace(
        checks(*runs),
        jobs=jobs,
        logs={run.id: "error: crate version `0.5.0` is already uploaded" for run in there},
        approvals={run.id: (PendingApproval("crates-io", ("ann",)),) for run in runs if run.status == "waiting"},
        reviews={run.id: said for run in rejected},
    )


def _on_registry(key: str) -> dict[str, dict[str, Any]]:
    return {
        "not asked": {},
        "unreachable": {key: Unreachable("crates.io", "asleep")},
        "complete": {key: crate()},
        "lagging": {key: crate(in_index=False, index_checksum=None)},
        "absent": {key: crate(in_api=False, in_index=False, api_checksum=None, index_checksum=None)},
        "yanked": {key: crate(yanked=True)},
    }


def _both_on_registry() -> dict[str, dict[str, Any]]:
    """What the registry that both packages are on says, where a failure that may be none made it be asked."""
    names = ("not asked", "unreachable", "complete", "lagging", "yanked")
    one, two = _on_registry(ONE.key), _on_registry(TWO.key)
    return {name: one[name] | two[name] for name in names}


def _published() -> Iterator[State]:
    for labels, of in _combined(
        packages=PAIRS,
        first=_on_registry(ONE.key),
        second=_on_registry(TWO.key),
        age=AGES,
        stage={"first": 0, "second": 1},
        retry=ASKED,
        job={"well": None, "tolerated": _publishing_with(job("Wheel", "failure"))},
        silent={"no": None, "long": LONG_AGO},
    ):
        before = release(
            Phase.PUBLISHED,
            packages=of["packages"],
            publishing_stage=of["stage"] if labels["packages"] == "after" else 0,
            publishing_ended_at=of["age"],
            publishing_silent_since=of["silent"],
            asked_retry_by=of["retry"],
            blocked=Blocked(Answer.INCOMPLETE) if labels["retry"] == "yes" else None,
        )
        yield State(before, Facts(NOW, registries={**of["first"], **of["second"]}, checks=of["job"]), labels)


def _publishing_with(ended: Job) -> CommitChecks:
    """The publish runs of both packages, which ended well, with that job in the first."""
    other = publish_run(id=10, workflow_id=10, head_branch=TWO.tag, path=".github/workflows/ebb.yml")
    return checks(publish_run(), other, jobs={9: (ended,), 10: ()})


def _page(tag: str) -> dict[str, tuple[GitHubRelease, ...]]:
    there = GitHubRelease(tag, "https://github.example/release", False, False, "")
    ours = replace(there, id=7, by_a_bot=True)
    return {"none": (), "draft": (replace(there, draft=True),), "published": (there,), "published by us": (ours,)}


def _verified() -> Iterator[State]:
    def ours(tag: str) -> GitHubRelease:
        return GitHubRelease(tag, "https://github.example/release", True, False, "")

    for labels, of in _combined(
        packages=PAIRS,
        first=_tags("v0.5.0"),
        second=_tags("ebb-v0.5.0"),
        page_one=_page("v0.5.0"),
        page_two=_page("ebb-v0.5.0"),
        drafted={"no": (), "yes": ("v0.5.0", "ebb-v0.5.0")},
        newer={"no": (), "yes": ("v0.6.0",)},
        retry=ASKED,
    ):
        before = release(Phase.VERIFIED, packages=of["packages"], asked_retry_by=of["retry"])
        pages = (*of["page_one"], *of["page_two"])
        drafts = tuple(ours(tag) for tag in of["drafted"] if tag not in {page.tag for page in pages})
        tags = (*of["first"], *of["second"])
        found = told(tags=tags, releases=pages, drafts=drafts, all_tags=("v0.4.0", "v0.5.0", *of["newer"]))
        yield State(before, found, labels)


def _rolling_back() -> Iterator[State]:
    roles: Mapping[str, Permission | None] = {
        "unknown": None,
        "too little": Permission.WRITE,
        "enough": Permission.MAINTAIN,
    }
    there = GitHubRelease("v0.5.0", "https://github.example/release", False, False, "", id=31, by_a_bot=True)
    for labels, of in _combined(
        shares={"a tag of its own": "ebb-v0.5.0", "one tag": "v0.5.0"},
        named={"both": (ONE.key, TWO.key), "first": (ONE.key,)},
        role=roles,
        first=_on_registry(ONE.key),
        second=_some(_on_registry(TWO.key), "absent", "complete", "unreachable"),
        tag=_tags("v0.5.0"),
        pushed={"by us": ("v0.5.0", "ebb-v0.5.0"), "by a person": ()},
        run=_some(_runs("v0.5.0", "publish.yml", 9), "none", "running", "failed", "passed", "elsewhere"),
        page={
            "none": (),
            "draft": (replace(there, draft=True),),
            "a person's draft": (replace(there, draft=True, by_a_bot=False),),
            "published": (there,),
        },
        yank={"with token": (True, ""), "without": (False, ""), "refused": (True, "not an owner")},
    ):
        if not _worth_a_look(labels):
            continue
        can_yank, refused = of["yank"]
        rollback = Rollback("robin", 200, JUST_NOW, of["named"], yank_refused=refused)
        before = release(
            Phase.ROLLING_BACK,
            packages=(ONE, replace(TWO, tag=of["shares"])),
            publishing_pushed=of["pushed"],
            rollback=rollback,
            publishing_tagged_at=LONG_AGO,
        )
        found = told(
            authority=of["role"],
            tags=of["tag"],
            checks=checks(*of["run"]),
            releases=of["page"],
            registries={**of["first"], **of["second"]},
            can_yank=frozenset({Registry.CRATES_IO}) if can_yank else frozenset(),
        )
        yield State(before, found, labels)
    yield from _rolling_back_in_time()


def _some(choices: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: choices[name] for name in names}


def _worth_a_look(labels: Mapping[str, str]) -> bool:
    """Leaves out most of what the code could not tell apart from something else."""
    if labels["pushed"] == "by a person" and labels["run"] not in ("none", "running"):
        return False
    if labels["role"] != "enough" and (labels["named"], labels["shares"]) != ("both", "one tag"):
        return False
    if labels["yank"] != "without" and labels["first"] not in ("complete", "lagging"):
        return False
    return labels["page"] in ("none", "draft") or labels["first"] == "absent"


def _rolling_back_in_time() -> Iterator[State]:
    """What depends on how long something takes."""
    for labels, of in _combined(
        asked={"now": JUST_NOW, "an hour ago": NOW - timedelta(hours=1), "long ago": NOW - timedelta(days=8)},
        tagged=AGES,
        ended=AGES,
        run=_runs("v0.5.0", "publish.yml", 9),
        deleting={"not yet": None, "now": JUST_NOW, "long ago": LONG_AGO},
        first=_on_registry(ONE.key),
    ):
        runs = tuple(replace(run, updated_at=of["ended"]) for run in of["run"])
        before = release(
            Phase.ROLLING_BACK,
            publishing_pushed=("v0.5.0",),
            publishing_tagged_at=of["tagged"],
            rollback=Rollback("robin", 200, of["asked"], (ONE.key,), begun=True, deleting_since=of["deleting"]),
        )
        found = told(
            authority=Permission.MAINTAIN,
            tags=(Tag("v0.5.0", MERGE),),
            checks=checks(*runs),
            registries=of["first"],
        )
        yield State(before, found, {"role": "enough", "tag": "right", "pushed": "by us", "page": "none", **labels})


def every_refusal(states: Iterable[State]) -> Iterator[State]:
    """Of each phase and kind of act one state in which that act is due, and GitHub refused it a moment ago."""
    seen = set()
    for state in states:
        for action in decide(state.release, state.facts, TIMEOUTS).actions:
            kind = (state.release.phase, type(action))
            if kind in seen or not isinstance(action, Refusable):
                continue
            seen.add(kind)
            refused = Refusal(natural_key(action), "do that", ("No.",), Refused.PERMISSION)
            before = changed(replace(state.release, refused=refused), asked_retry_by=None)
            yield State(before, state.facts, {**state.labels, "retry": "no", "refused": type(action).__name__})
