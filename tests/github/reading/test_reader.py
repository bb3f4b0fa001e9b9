"""What the bot reads is what the repository holds."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.github import GitHub, Reader, decode
from bot.github.decode import pending_approval
from bot.github.errors import NotFound
from bot.github.facts import (
    Branch,
    CommitChecks,
    PendingApproval,
    Permission,
    PullRequestState,
    ReleaseSnapshot,
    RepositoryRef,
    Review,
    Tag,
)
from bot.github.reading.check_pages import CheckPages
from bot.sandbox.git.objects import RefUpdate
from bot.sandbox.model import Job, Repository, Step, WorkflowRun
from bot.sandbox.world import World
from bot.sandbox.world.merging import MergeMethod
from tests.github.conftest import FILES
from tests.sandbox.support import TurnedClock


@pytest.mark.parametrize(
    ("login", "role"),
    [
        ("ann", Permission.MAINTAIN),
        ("octo", Permission.ADMIN),
        ("stranger", Permission.READ),
        ("who?", Permission.NONE),
    ],
)
async def test_permission_is_the_role_of_this_moment(world: World, reader: Reader, login: str, role: str):
    world.user("stranger")
    assert await reader.permission(login) is Permission(role)


async def test_the_base_is_the_default_branch_and_every_tag(world: World, repo: Repository, reader: Reader, head: str):
    await world.push_tag(repo, "v1", head, by="ann", message="annotated")
    for batch in range(40):  # more than a page of tags
        await world.push_tags(repo, {f"t{batch}-{index}": head for index in range(3)}, by="ann")
    base = await reader.base(None)
    assert base.branch == Branch("main", head)
    assert base.node_id == repo.node_id
    assert len(base.tags) == 121
    (annotated,) = (tag for tag in base.tags if tag.name == "v1")
    assert annotated.commit == head
    assert annotated.object not in (head, None)
    assert Tag("t0-0", head) in base.tags
    assert {tag.date for tag in base.tags} == {(await world.git(repo).commits(head))[0].committed_at}
    world.calls.clear()
    await reader.ping()
    assert len(world.calls) == 1  # however many tags there are


async def test_the_base_may_be_another_branch(world: World, repo: Repository, reader: Reader):
    sha = await world.push(repo, "stable/1.x", {"a": "a"}, by="ann")
    assert (await reader.base("stable/1.x")).branch == Branch("stable/1.x", sha)
    with pytest.raises(NotFound, match="nowhere"):
        await reader.base("nowhere")


async def test_paths_are_those_of_regular_files(world: World, repo: Repository, reader: Reader, head: str):
    git = world.git(repo)
    blob = await git.write_blob(b"Cargo.toml")
    tree = await git.write_tree(head, [f"120000 {blob}\tlink", f"100755 {blob}\trun.sh"])
    person = world.identity(world.user("ann"))
    sha = await git.write_commit(tree, [head], "m", author=person, committer=person, at=world.clock.now())
    await git.update_refs([RefUpdate("refs/heads/links", sha)])
    assert set(await reader.paths(sha)) == {*FILES, "run.sh"}


async def test_files_come_byte_for_byte(reader: Reader, head: str):
    wanted = [*FILES, "missing.txt", "py"]
    found = await reader.files(head, wanted)
    assert found == {path: content.encode() if isinstance(content, str) else content for path, content in FILES.items()}


async def test_only_files_that_text_cannot_show_cost_a_request_each(world: World, reader: Reader, head: str):
    await reader.files(head, list(FILES))
    paths = [call.path for call in world.calls]
    assert paths.count("/graphql") == 1
    assert len([path for path in paths if "/git/blobs/" in path]) == 3


async def test_many_files_are_read_fifty_at_a_time(world: World, repo: Repository, reader: Reader):
    many = {f"f/{index}.txt": str(index) for index in range(120)}
    sha = await world.push(repo, "main", many, by="ann")
    assert len(await reader.files(sha, list(many))) == 120
    assert [call.path for call in world.calls].count("/graphql") == 3


async def merged(world: World, repo: Repository, title: str, path: str, method: MergeMethod = "squash") -> str:
    branch = title.replace(" ", "-")
    await world.push(repo, branch, {path: title}, f"{title}: a commit", by="dora")
    issue = await world.open_pull_request(repo, head=branch, base="main", title=title, by="dora")
    await world.label(repo, issue.number, "fix")
    return await world.merge(repo, issue.number, method=method, by="ann")


async def test_changes_are_what_was_merged_under_a_path_since_a_tag(world: World, repo: Repository, reader: Reader):
    await merged(world, repo, "before the tag", "py/a")
    await world.push_tag(repo, "v1", await merged(world, repo, "at the tag", "py/b"), by="ann")
    await merged(world, repo, "elsewhere", "rust/a")
    head = await merged(world, repo, "in here", "py/c")
    (change,) = await reader.changes(head, "v1", ["py"]) or ()
    assert (change.number, change.title, change.author, change.labels) == (4, "in here", "dora", ("fix",))
    assert not change.author_is_bot
    assert [change.title for change in await reader.changes(head, "v1", ["."]) or ()] == ["in here", "elsewhere"]
    assert len(await reader.changes(head, None, ["py"]) or ()) == 4


async def test_changes_under_several_paths_are_each_told_once_newest_first(
    world: World, repo: Repository, reader: Reader, clock: TurnedClock
):
    await world.push_tag(repo, "v1", await merged(world, repo, "at the tag", "py/b"), by="ann")
    clock.at += timedelta(minutes=1)
    await merged(world, repo, "first", "rust/a")
    await merged(world, repo, "elsewhere", "docs/a")
    await world.push(repo, "main", {"py/x": "x", "rust/x": "x"}, "in both\n\nBREAKING CHANGE: yes", by="ann")
    head = await merged(world, repo, "last", "rust/c")
    found = await reader.changes(head, "v1", ["py", "rust"])
    assert found is not None
    assert [change.title or change.headline for change in found] == ["last", "in both", "first"]
    assert found[1].body == "BREAKING CHANGE: yes"
    without_tag = await reader.changes(head, None, ["py", "rust"], most=3)
    assert without_tag is not None
    assert [change.title or change.headline for change in without_tag] == ["last", "in both", "first"]


async def test_a_change_without_pull_request_has_its_commit_only(world: World, repo: Repository, reader: Reader):
    sha = await world.push(repo, "main", {"py/x": "x"}, "Fix x\n\nLong story", by="renovate[bot]")
    change = (await reader.changes(sha, None, ["py"]) or ())[0]
    assert (change.commit, change.headline, change.number, change.title) == (sha, "Fix x", None, None)
    assert change.author_is_bot


async def test_changes_since_a_tag_that_is_not_there_are_not_found(reader: Reader, head: str):
    with pytest.raises(NotFound, match="v9"):
        await reader.changes(head, "v9", ["."])


async def test_a_long_history_is_walked_over_its_pages(world: World, repo: Repository, reader: Reader, head: str):
    git, person = world.git(repo), world.identity(world.user("ann"))
    await world.push_tag(repo, "v1", head, by="ann")
    tip = head
    for index in range(130):
        tree = await git.resolve_tree(head)
        tip = await git.write_commit(
            tree or "", [tip], f"Commit {index}", author=person, committer=person, at=world.clock.now()
        )
    await git.update_refs([RefUpdate("refs/heads/main", tip)])
    found = await reader.changes(tip, "v1", ["."])
    assert [change.headline for change in found or ()] == [f"Commit {index}" for index in reversed(range(130))]


async def test_a_snapshot_of_nothing_is_empty(reader: Reader, head: str):
    snapshot = await reader.snapshot(base="main", held=head, branch="release/x", pull_request=99, tags=["v1"])
    assert snapshot.base == Branch("main", head)
    assert (snapshot.pull_request, snapshot.branch, snapshot.tags, snapshot.releases) == (None, None, (), ())


async def test_a_snapshot_shows_all_of_a_release_in_one_request(
    world: World, repo: Repository, reader: Reader, clock: TurnedClock
):
    sha = await world.push(repo, "release/x", {"a": "a"}, by=world.app.bot)
    issue = await world.open_pull_request(repo, head="release/x", base="main", title="Release", by=world.app.bot)
    merge = await world.merge(repo, issue.number, by="ann")
    await world.create_release(repo, tag="v1", target=merge, body="notes", by="ann")
    await reader.permission("ann")
    calls = len(world.calls)
    found = await reader.snapshot(
        base="main", held=merge, branch="release/x", pull_request=issue.number, tags=["v1", "v2"]
    )
    assert len(world.calls) == calls + 1
    pull = found.pull_request
    assert pull and (pull.number, pull.state, pull.head) == (issue.number, PullRequestState.MERGED, sha)
    assert (pull.merge_commit, pull.merged_by, pull.merged_at, pull.base) == (merge, "ann", clock.now(), "main")
    assert found.base == Branch("main", merge)
    assert found.branch == Branch("release/x", sha)
    assert found.tags == (Tag("v1", merge),)
    assert [(release.tag, release.body, release.draft) for release in found.releases] == [("v1", "notes", False)]
    assert found == await reader.snapshot(
        base="main", held=merge, branch="release/x", pull_request=None, tags=["v1", "v2"]
    )


async def test_a_snapshot_tells_whether_the_base_branch_holds_a_commit(
    world: World, repo: Repository, reader: Reader, head: str
):
    newer = await world.push(repo, "main", {"a": "a"}, by="ann")
    beside = await world.push(repo, "side", {"b": "b"}, by="ann")

    async def holds(base: str, commit: str) -> bool:
        snapshot = await reader.snapshot(base=base, held=commit, branch="release/x", pull_request=99, tags=[])
        return snapshot.base_holds

    assert [await holds("main", commit) for commit in (head, newer, beside, "f" * 40)] == [True, True, False, False]
    assert not await holds("gone", head)
    await world.update_refs(repo, [RefUpdate("refs/heads/main", head)], by="ann")
    assert [await holds("main", commit) for commit in (head, newer)] == [True, False]


async def test_a_strangers_pull_request_from_our_branch_name_is_not_ours(
    world: World, repo: Repository, reader: Reader, head: str
):
    await world.push(repo, "release/x", {"a": "a"}, by="ann")
    await world.open_pull_request(repo, head="release/x", base="main", title="Mine", by="ann")
    snapshot = await reader.snapshot(base="main", held=head, branch="release/x", pull_request=None, tags=[])
    assert snapshot.pull_request is None


def a_run(world: World, sha: str, conclusion: str | None, job: Job) -> WorkflowRun:
    now, status = world.clock.now(), "completed" if conclusion else "in_progress"
    run_id = world.next_id()
    return WorkflowRun(
        run_id, 5, "CI", ".github/workflows/ci.yml", "push", "main", sha, 1, run_id, world.user("ann"), now, now,
        status=status, conclusion=conclusion, jobs=[job],
    )  # fmt: skip


async def reported(reader: Reader) -> CommitChecks:
    """What the base's head has, read with the base."""
    checks = (await reader.base(None, with_checks=True)).checks
    assert checks
    return checks


async def test_checks_are_runs_and_everything_else_that_reported(
    world: World, repo: Repository, reader: Reader, head: str
):
    steps = [Step("Set up", 1, "completed", "success"), Step("cargo fmt", 2, "completed", "failure")]
    red = a_run(world, head, "failure", Job(world.next_id(), "Rustfmt", "completed", "failure", steps=steps))
    green = a_run(world, head, "success", Job(world.next_id(), "Test", "completed", "success"))
    repo.runs.update({red.id: red, green.id: green})
    await world.add_check_run(repo, head, "coverage", conclusion="neutral")
    await world.add_status(repo, head, "bench", "error", by="ann")
    await world.add_status(repo, head, "docs", "pending", by="ann")
    found = await reported(reader)
    assert {run.id: (run.conclusion, run.file, run.attempt) for run in found.runs} == {
        red.id: ("failure", "ci.yml", 1),
        green.id: ("success", "ci.yml", 1),
    }
    assert list(found.jobs) == [red.id]
    assert found.jobs[red.id][0].failed_step == "cargo fmt"
    assert {(check.app, check.name, check.status, check.conclusion) for check in found.checks} == {
        ("github-actions", "Rustfmt", "completed", "failure"),
        ("github-actions", "Test", "completed", "success"),
        ("codecov", "coverage", "completed", "neutral"),
        ("status", "bench", "completed", "failure"),
        ("status", "docs", "pending", None),
    }
    assert found.committed_at == world.clock.now()


async def test_a_commit_without_any_check_has_none(world: World, reader: Reader, head: str):
    found = await reported(reader)
    assert (found.runs, found.checks, found.jobs) == ((), (), {})
    assert len(world.calls) == 2  # the token, the base with its checks


def asked(world: World) -> list[str]:
    """What was asked since the token: GraphQL or a REST path."""
    return [call.path.partition("?")[0].rpartition("/")[2] for call in world.calls if call.path[-6:] != "tokens"]


async def test_a_snapshot_tells_of_green_and_running_checks_in_the_same_request(
    world: World, repo: Repository, reader: Reader, head: str
):
    green = a_run(world, head, "success", Job(world.next_id(), "Test", "completed", "success"))
    running = a_run(world, head, None, Job(world.next_id(), "Lint", "in_progress", None))
    repo.runs.update({green.id: green, running.id: running})
    await world.add_check_run(repo, head, "coverage", conclusion="neutral")
    await world.add_status(repo, head, "bench", "error", by="ann")
    snapshot = await reader.snapshot(
        base="main", held=head, branch="release/x", pull_request=9, tags=["v1"], with_checks=True
    )
    assert asked(world) == ["graphql"]
    checks = snapshot.checks
    assert checks
    assert (checks.commit, set(checks.runs), len(checks.checks)) == (head, set(await reader.runs(head)), 4)


async def test_a_snapshot_tells_what_was_reported_about_the_commit_of_a_merge_that_is_noticed_by_it(
    world: World, repo: Repository, reader: Reader, head: str
):
    merge = await merged(world, repo, "one", "a.txt", "merge")
    number = next(issue.number for issue in repo.issues.values() if issue.pull_request)
    await world.add_status(repo, merge, "bench", "success", by="ann")

    async def look(with_checks: bool) -> ReleaseSnapshot:
        return await reader.snapshot(
            base="main", held=head, branch="one", pull_request=number, tags=[], with_merged_checks=with_checks
        )

    found = (await look(True)).merged_checks
    assert found
    assert (found.commit, [check.name for check in found.checks]) == (merge, ["bench"])
    assert (await look(False)).merged_checks is None


@pytest.mark.parametrize(("conclusion", "branch"), [("failure", "main"), ("cancelled", "main"), ("success", "v1")])
async def test_of_a_failed_run_and_of_a_tags_rest_is_asked_for_graphql_does_not_tell_all(
    world: World, repo: Repository, reader: Reader, head: str, conclusion: str, branch: str
):
    run = a_run(world, head, conclusion, Job(world.next_id(), "Test", "completed", conclusion))
    run.head_branch, run.attempt = branch, 2
    repo.runs[run.id] = run
    (found,) = (await reported(reader)).runs
    assert (found.conclusion, found.head_branch, found.attempt) == (conclusion, branch, 2)
    assert asked(world)[:2] == ["graphql", "runs"]


@pytest.mark.parametrize(("runs", "statuses", "pages"), [(130, 0, 2), (3, 250, 3), (230, 120, 4), (0, 101, 2)])
async def test_more_checks_than_a_page_are_all_read_once(
    world: World, repo: Repository, reader: Reader, head: str, runs: int, statuses: int, pages: int
):
    for _ in range(runs):
        run = a_run(world, head, "success", Job(world.next_id(), "Test", "completed", "success"))
        repo.runs[run.id] = run
    for index in range(statuses):
        await world.add_status(repo, head, f"status {index}", "success", by="ann")
    snapshot = await reader.snapshot(
        base="main", held=head, branch="release/x", pull_request=9, tags=[], with_checks=True
    )
    assert snapshot.checks
    assert (len(snapshot.checks.runs), len(snapshot.checks.checks)) == (runs, runs + statuses)
    assert asked(world) == ["graphql"] * pages


SUITE: Mapping[str, Any] = {
    "status": "COMPLETED", "conclusion": "SUCCESS", "createdAt": "2026-04-04T12:00:00Z", "branch": {"name": "main"},
    "workflowRun": {
        "databaseId": 1, "event": "push", "runNumber": 1, "url": "u", "updatedAt": "2026-04-04T12:00:00Z",
        "workflow": {"databaseId": 1, "name": "CI"}, "file": {"path": ".github/workflows/ci.yml"},
    },
}  # fmt: skip


def test_green_before_tag_suites_that_are_told_in_part_tell_of_no_run():
    assert decode.runs_of_suites([SUITE], "a") is not None
    run = SUITE["workflowRun"]
    partial = [{**SUITE, "workflowRun": {**run, name: None}} for name in ("databaseId", "workflow", "file")]
    for suite in (None, {**SUITE, "branch": None}, {**SUITE, "conclusion": None}, *partial):
        assert decode.runs_of_suites([SUITE, suite], "a") is None
    first: Mapping[str, Any] = {
        "oid": "a", "committedDate": "2026-04-04T12:00:00Z", "message": "m", "parents": {"nodes": []},
        "checkSuites": None, "statusCheckRollup": None,
    }  # fmt: skip
    assert CheckPages(first, 1).runs() is None


async def test_required_checks_are_remembered_for_a_minute(
    github: GitHub, ref: RepositoryRef, world: World, repo: Repository, clock: TurnedClock
):
    repo.required_checks["main"] = ["CI", "Lint"]
    assert await github.reader(ref).required_checks("main") == ("CI", "Lint")
    repo.required_checks["main"] = ["CI"]
    assert await github.reader(ref).required_checks("main") == ("CI", "Lint")
    clock.at += timedelta(seconds=61)
    assert await github.reader(ref).required_checks("main") == ("CI",)
    assert await github.reader(ref).required_checks("release/x") == ()


async def test_releases_are_found_by_tag_drafts_included(world: World, repo: Repository, reader: Reader):
    await world.create_release(repo, tag="v1", draft=True, by="ann")
    await world.create_release(repo, tag="v2", by="ann")
    await world.create_release(repo, tag="v2", draft=True, by="ann")
    await world.create_release(repo, tag="v3", by="ann")
    await world.create_release(repo, tag="v1", draft=True, by="ann")
    found = await reader.releases(["v2", "v1", "v0"])
    assert [(release.tag, release.draft) for release in found] == [("v2", False), ("v1", True), ("v1", True)]
    assert {release.author for release in found} == {"ann"}


async def test_comments_are_ours_by_the_app_that_wrote_them(
    world: World, repo: Repository, reader: Reader, clock: TurnedClock
):
    issue = await world.open_issue(repo, "Release", by="ann")
    await world.comment(repo, issue.number, "/release 1.0", by="ann")
    clock.at += timedelta(minutes=10)
    await world.comment(repo, issue.number, "Here we go", by=world.app.bot)
    first, second = await reader.comments(issue.number, None)
    assert (first.author, first.by_us, first.body) == ("ann", False, "/release 1.0")
    assert (second.by_us, second.created_at) == (True, clock.now())
    assert await reader.comments(issue.number, clock.now() - timedelta(minutes=1)) == (second,)


async def test_a_repository_out_of_reach_is_not_found(github: GitHub, ref: RepositoryRef):
    with pytest.raises(NotFound):
        await github.reader(replace(ref, full_name="octo/none")).base(None)


def a_failed_run(world: World, repo: Repository, head: str) -> tuple[WorkflowRun, Job]:
    """A publish run with one job that failed."""
    failed = Job(world.next_id(), "Upload", "completed", "failure", world.clock.now(), world.clock.now())
    failed.log = "2026-04-04T12:00:00.0000000Z error: no token found\r\n"
    now = world.clock.now()
    ids = [world.next_id() for _ in range(3)]
    actor = world.user("ann")
    run = WorkflowRun(
        ids[0], ids[1], "Publish", ".github/workflows/p.yml", "push", "v1", head, 1, ids[2], actor, now, now
    )
    run.jobs.append(failed)
    repo.runs[run.id] = run
    return run, failed


async def test_a_log_is_read_once(world: World, repo: Repository, reader: Reader, github: GitHub, head: str):
    _, job = a_failed_run(world, repo, head)
    assert await reader.log(job.id) == "error: no token found"
    before = github.requests
    assert await reader.log(job.id) == "error: no token found"
    assert github.requests == before


async def test_a_log_that_is_not_there_is_none_and_is_asked_for_again(
    world: World, repo: Repository, reader: Reader, head: str
):
    _, job = a_failed_run(world, repo, head)
    job.log, log = "", job.log
    assert await reader.log(job.id) is None
    job.log = log
    assert await reader.log(job.id) == "error: no token found"


async def test_what_holds_a_run_up_and_what_was_said_about_it_are_read(
    world: World, repo: Repository, reader: Reader, head: str
):
    run, job = a_failed_run(world, repo, head)
    await world.request_review(repo, run, world.protect(repo, "crates-io", "ann", "bob"), job)
    assert await reader.pending_approvals(run.id) == (PendingApproval("crates-io", ("ann", "bob")),)
    await world.review_deployments(repo, run, "rejected", by="bob", comment="No")
    assert await reader.pending_approvals(run.id) == ()
    assert await reader.reviews(run.id) == (Review("bob", False, ("crates-io",), "No"),)


def test_a_team_is_named_with_its_organisation_and_a_wait_timer_by_its_end():
    team = {"slug": "releasers", "html_url": "https://github.com/orgs/octo/teams/releasers"}
    pending = {
        "environment": {"name": "crates-io"},
        "wait_timer": 30,
        "wait_timer_started_at": "2026-04-04T12:00:00Z",
        "reviewers": [{"type": "Team", "reviewer": team}, {"type": "User", "reviewer": None}],
    }
    until = datetime(2026, 4, 4, 12, 30, tzinfo=UTC)
    assert pending_approval(pending) == PendingApproval("crates-io", ("octo/releasers",), until)


async def test_who_made_no_commit_up_to_the_tag_is_new(world: World, repo: Repository, reader: Reader):
    await world.push_tag(repo, "v1", await merged(world, repo, "at the tag", "py/b", "merge"), by="ann")
    await merged(world, repo, "again", "py/c", "merge")
    head = await world.push(repo, "main", {"py/x": "x"}, "first of eve's", by="eve")
    found = await reader.with_newcomers(await reader.changes(head, "v1", ["py"]) or (), "v1")
    assert {(change.author, change.newcomer) for change in found} == {("eve", True), ("dora", False)}
