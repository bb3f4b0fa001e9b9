"""What the bot does happens once, however often it is told to."""

from datetime import timedelta
from typing import Any

import pytest

from bot.github import Reader, Writer
from bot.github.errors import AlreadyExists, Conflict, Invalid, NotFound, RefRuleViolation, StaleData, WorkflowsDiffer
from bot.github.facts import PullRequest, PullRequestState, Tag
from bot.github.writing.opening import Proposal
from bot.ledger import Mark, Proposes, ReleaseId
from bot.sandbox.git.objects import RefUpdate
from bot.sandbox.model import Job, Repository, WorkflowRun
from bot.sandbox.world import World
from tests.sandbox.support import TurnedClock


def proposal(base_commit: str, **changes: Any) -> Proposal:
    wanted: dict[str, Any] = {
        "base": "main",
        "base_commit": base_commit,
        "branch": "release/x-1.0",
        "headline": "Release x 1.0",
        "message": "Requested by ann in #1.",
        "files": {"Cargo.toml": b'[package]\nversion = "1.0.0"\n', "new.bin": b"\0\xff", "empty.txt": None},
        "title": "Release x 1.0",
        "body": "The plan.",
    }
    return Proposal(**(wanted | changes))


def proposing(comment: int, base_commit: str) -> dict[str, Any]:
    """The proposal of the release that this comment asked for, as its pull request's text tells it."""
    release = ReleaseId(comment)
    return {"release": release, "body": f"The plan.\n\n{Mark(release, Proposes(base_commit)).text}"}


async def propose(writer: Writer, base_commit: str, **changes: Any) -> PullRequest:
    return (await writer.open_pull_request(proposal(base_commit, **changes))).pull_request


async def follow(writer: Writer, wanted: Proposal, instead_of: str) -> str:
    made = await writer.make_successor(wanted, instead_of=instead_of)
    await writer.follow_base(1, wanted, made, instead_of=instead_of)
    return made


async def branch_head(world: World, repo: Repository) -> str | None:
    return await world.git(repo).resolve("refs/heads/release/x-1.0")


async def test_a_merged_pull_request_is_not_closed_in_silence(writer, world, repo):
    await world.push(repo, "topic", {"x": "x"}, by="ann")
    issue = await world.open_pull_request(repo, head="topic", base="main", title="T", by="ann")
    await world.merge(repo, issue.number, by="ann")
    with pytest.raises(Conflict, match="was merged"):
        await writer.close_pull_request(issue.number)


async def test_once_a_pull_request_is_only_continued_for_the_same_request_and_with_the_same_commit(
    world: World, repo: Repository, writer: Writer, head: str
):
    mine = proposing(1, head)
    pull = await propose(writer, head, **mine)
    assert await propose(writer, head, **mine) == pull
    with pytest.raises(Conflict, match="for another request"):
        await propose(writer, head, **proposing(2, head))
    newer = await world.push(repo, "main", {"z": "z"}, by="ann")
    with pytest.raises(StaleData, match="another commit"):
        await propose(writer, newer, **proposing(1, newer))
    assert await branch_head(world, repo) == pull.head


async def test_a_pull_request_that_a_person_opened_from_the_branch_is_named_with_what_to_do(
    world: World, repo: Repository, writer: Writer, head: str
):
    pull = await propose(writer, head)
    await writer.close_pull_request(pull.number)
    theirs = await world.open_pull_request(repo, head="release/x-1.0", base="main", title="Mine", by="ann")
    with pytest.raises(Conflict, match=f"#{theirs.number} from release/x-1.0 is not mine. Close it"):
        await propose(writer, head)


async def test_a_pull_request_brings_exactly_one_commit(world: World, repo: Repository, writer: Writer, head: str):
    pull = await propose(writer, head)
    git = world.git(repo)
    commit = await git.commit(pull.head)
    assert commit and (commit.parents, commit.message) == ((head,), "Release x 1.0\n\nRequested by ann in #1.")
    changes = await git.changes(head, pull.head)
    assert (changes.added, changes.modified, changes.removed) == (("new.bin",), ("Cargo.toml",), ("empty.txt",))
    assert await git.read_file(pull.head, "new.bin") == b"\0\xff"
    assert (pull.state, pull.base, pull.url) == (PullRequestState.OPEN, "main", f"{world.site.url}/octo/demo/pull/1")
    assert [call.path for call in world.calls].count("/graphql") == 2  # a look, then all three at once


async def test_opening_twice_is_opening_once(world: World, repo: Repository, writer: Writer, head: str):
    assert await propose(writer, head) == await propose(writer, head)
    assert len(repo.issues) == 1


@pytest.mark.parametrize("done", ["branch", "commit"])
async def test_what_a_crash_left_behind_is_continued(
    world: World, repo: Repository, writer: Writer, head: str, done: str
):
    await world.update_refs(repo, [RefUpdate("refs/heads/release/x-1.0", head)], by=world.app.bot)
    sha = None
    if done == "commit":
        sha = await world.commit_on_branch(
            repo, "release/x-1.0", expected_head=head, message="Release x 1.0", additions={"a": b"a"}, by=world.app.bot
        )
    pull = await propose(writer, head)
    assert sha in (None, pull.head)
    assert len(await world.git(repo).commits(f"{head}..{pull.head}")) == 1


async def test_our_commit_is_known_again_by_a_headline_that_github_cuts_short(
    world: World, repo: Repository, writer: Writer, reader: Reader, head: str
):
    long = "release: tidewater v0.5.0 + tidewater-macros v0.5.0 + tidewater-server v0.5.0 + tidewater-py v0.4.0"
    wanted = proposal(head, headline=long, **proposing(1, head))
    made = (await writer.open_pull_request(wanted)).commit
    assert made
    assert (await writer.open_pull_request(wanted)).commit == made
    assert (await reader.commit(made)).headline == long
    await writer.make_successor(wanted, instead_of=made)
    await writer.drop_successor(wanted.branch, long)
    assert await world.git(repo).refs("refs/heads/release/x-1.0-next") == {}


async def test_a_commit_of_an_earlier_try_is_made_anew_on_the_newer_base(
    world: World, repo: Repository, writer: Writer, head: str
):
    await propose(writer, head)
    await world.close_pull_request(repo, 1, by="ann")
    newer = await world.push(repo, "main", {"b": "b"}, by="ann")
    pull = await propose(writer, newer)
    commit = await world.git(repo).commit(pull.head)
    assert commit and commit.parents == (newer,)
    assert pull.number == 2


async def test_somebody_elses_branch_is_left_alone(world: World, repo: Repository, writer: Writer, head: str):
    theirs = await world.push(repo, "release/x-1.0", {"mine": "m"}, "My work", by="ann")
    with pytest.raises(Conflict, match="not the commit of this release"):
        await propose(writer, head)
    assert await branch_head(world, repo) == theirs


async def test_a_merged_pull_request_counts_only_for_its_own_commit(
    world: World, repo: Repository, writer: Writer, head: str
):
    first = await propose(writer, head)
    merge = await world.merge(repo, first.number, by="ann")
    assert (await propose(writer, head)).state is PullRequestState.MERGED
    second = await propose(writer, merge, files={"a": b"a"})
    assert second.number != first.number


async def test_a_base_that_moved_in_between_is_stale(
    world: World, repo: Repository, writer: Writer, head: str, monkeypatch: pytest.MonkeyPatch
):
    async def elsewhere(*_: Any, **__: Any) -> str:
        return await type(world).commit_on_branch(
            world, repo, "release/x-1.0", expected_head="1" * 40, message="m", additions={}, by="ann"
        )

    monkeypatch.setattr(world, "commit_on_branch", elsewhere)
    with pytest.raises(StaleData):
        await propose(writer, head)


async def test_a_pull_request_follows_its_base_with_one_new_commit(
    world: World, repo: Repository, writer: Writer, head: str
):
    first = await propose(writer, head)
    newer = await world.push(repo, "main", {"b": "b"}, by="ann")
    made = await follow(writer, proposal(newer, title="Anew", files={"a": b"2"}), first.head)
    commit = await world.git(repo).commit(made)
    assert commit and commit.parents == (newer,)
    assert await branch_head(world, repo) == made == repo.issues[1].pull_request.head_sha
    assert (repo.issues[1].title, repo.issues[1].state) == ("Anew", "open")
    assert await world.git(repo).refs("refs/heads/release/x-1.0-next") == {}


async def test_a_persons_commit_on_the_release_branch_is_never_replaced(
    world: World, repo: Repository, writer: Writer, head: str
):
    first = await propose(writer, head)
    made = await writer.make_successor(proposal(head, files={"z": b"z"}), instead_of=first.head)
    theirs = await world.push(repo, "release/x-1.0", {"mine": "m"}, "My work", by="ann")
    newer = await world.push(repo, "main", {"b": "b"}, by="ann")
    with pytest.raises(StaleData):
        await writer.make_successor(proposal(newer), instead_of=first.head)
    with pytest.raises(StaleData):
        await writer.follow_base(1, proposal(head), made, instead_of=first.head)
    await writer.delete_branch("release/x-1.0", first.head)
    assert await branch_head(world, repo) == theirs


@pytest.mark.parametrize("left", ["branch", "commit", "older"])
async def test_following_goes_on_where_a_crash_left_it(
    world: World, repo: Repository, writer: Writer, head: str, left: str
):
    first = await propose(writer, head)
    older = await world.push(repo, "main", {"b": "b"}, by="ann")
    newer = await world.push(repo, "main", {"c": "c"}, by="ann")
    start, name = older if left == "older" else newer, "release/x-1.0-next"
    await world.update_refs(repo, [RefUpdate(f"refs/heads/{name}", start)], by=world.app.bot)
    if left != "branch":
        said = "Release x 1.0"
        await world.commit_on_branch(
            repo, name, expected_head=start, message=said, additions={"a": b"a"}, by=world.app.bot
        )
    made = await follow(writer, proposal(newer, files={"a": b"a"}), first.head)
    commit = await world.git(repo).commit(made)
    assert commit and commit.parents == (newer,)
    assert await world.git(repo).refs(f"refs/heads/{name}") == {}


async def test_a_branch_of_the_successors_name_that_holds_somebody_elses_commit_is_left_alone(
    world: World, repo: Repository, writer: Writer, head: str
):
    theirs = await world.push(repo, "release/x-1.0-next", {"mine": "mine"}, "Mine", by="ann")
    await writer.drop_successor("release/x-1.0", "Release x 1.0")
    assert await world.git(repo).resolve("refs/heads/release/x-1.0-next") == theirs


async def test_closing_and_deleting_twice_is_fine(world: World, repo: Repository, writer: Writer, head: str):
    pull = await propose(writer, head)
    for _ in range(2):
        await writer.close_pull_request(pull.number)
        await writer.delete_branch("release/x-1.0", pull.head)
    assert repo.issues[pull.number].state == "closed"
    assert await branch_head(world, repo) is None


async def test_tags_are_pushed_all_or_none(world: World, repo: Repository, writer: Writer, head: str):
    await writer.push_tags(["v1", "py-v1"], head)
    assert await world.tags(repo) == {"py-v1": head, "v1": head}
    with pytest.raises(AlreadyExists, match="refs/tags/v1 already exists"):
        await writer.push_tags(["v2", "v1"], head)
    assert "v2" not in await world.tags(repo)


async def test_no_tag_loses_its_event(world: World, repo: Repository, writer: Writer, head: str):
    await writer.push_tags(["a", "b", "c", "d", "e"], head)
    pushed = [delivery.payload["ref"] for delivery in world.deliveries if delivery.event == "push"]
    assert pushed == [f"refs/tags/{name}" for name in "abcde"]


async def test_a_release_is_drafted_and_then_published(world: World, repo: Repository, writer: Writer, head: str):
    await writer.push_tags(["v1"], head)
    draft = await writer.draft_release("v1", name="x 1.0", body="marked", prerelease=True)
    assert world.published_release(repo, "v1") is None
    made = await writer.publish_release(draft, body="notes", latest=False)
    (release,) = repo.releases.values()
    assert (release.name, release.body, release.prerelease, release.draft) == ("x 1.0", "notes", True, False)
    assert made.url.endswith("/releases/tag/v1")
    assert repo.latest_release is None


async def test_a_tag_gets_no_second_release_and_the_draft_can_be_discarded(
    world: World, repo: Repository, writer: Writer, head: str
):
    draft = await writer.draft_release("v1", name="x", body="", prerelease=False)
    await world.create_release(repo, tag="v1", by="ann")
    with pytest.raises(Invalid) as refused:
        await writer.publish_release(draft, body="", latest=True)
    assert "already_exists" in refused.value.codes
    for _ in range(2):
        await writer.delete_release(draft.id)
    assert [release.draft for release in repo.releases.values()] == [False]


async def test_github_writes_notes_of_its_own(world: World, repo: Repository, writer: Writer, head: str):
    await writer.push_tags(["v1"], head)
    assert "Full Changelog" in await writer.generated_notes("v1", since=None)
    with pytest.raises(Invalid):
        await writer.generated_notes("v1", since="v0")


async def test_comments_are_written_and_edited(world: World, repo: Repository, writer: Writer, reader: Reader):
    issue = await world.open_issue(repo, "Release", by="ann")
    comment = await writer.comment(issue.number, "Working")
    await writer.edit_comment(comment, "Done")
    (shown,) = await reader.comments(issue.number, None)
    assert (shown.id, shown.body, shown.by_us) == (comment, "Done", True)
    with pytest.raises(NotFound):
        await writer.edit_comment(1, "Done")


async def test_reacting_twice_is_reacting_once(world: World, repo: Repository, writer: Writer):
    issue = await world.open_issue(repo, "Release", by="ann")
    comment = await world.comment(repo, issue.number, "/release", by="ann")
    for _ in range(2):
        await writer.react(comment.id, "eyes")
    assert [reaction.content for reaction in comment.reactions] == ["eyes"]
    await writer.react(1, "eyes")  # deleted: nothing to react to, nothing to say


async def test_failed_jobs_are_run_again(world: World, repo: Repository, writer: Writer, head: str):
    heard: list[int] = []

    async def listen(_repo: Repository, run: WorkflowRun, _by: object) -> None:
        heard.append(run.id)

    world.on_rerun.append(listen)
    now = world.clock.now()
    run = WorkflowRun(7, 5, "CI", "ci.yml", "push", "main", head, 1, 8, world.user("ann"), now, now)
    run.status, run.conclusion = "completed", "failure"
    run.jobs = [Job(9, "Test", "completed", "failure")]
    repo.runs[7] = run
    await writer.rerun_failed_jobs(7)
    assert heard == [7]
    for run.status, run.conclusion in (("queued", None), ("completed", "success")):  # somebody was faster
        await writer.rerun_failed_jobs(7)
    assert heard == [7]


async def test_each_act_uses_a_token_that_can_do_nothing_else(
    world: World, repo: Repository, writer: Writer, head: str, clock: TurnedClock
):
    issue = await world.open_issue(repo, "Release", by="ann")
    await writer.comment(issue.number, "Hello")
    clock.at += timedelta(minutes=1)
    await writer.push_tags(["v1"], head)
    await writer.draft_release("v1", name="x", body="", prerelease=False)  # by the token of its tag
    speak, publish = (set(token.permissions) - {"metadata"} for token in world.tokens.values())
    assert speak == {"issues", "pull_requests"}
    assert publish == {"contents"}


async def test_tags_are_deleted_only_where_they_were_seen(world: World, repo: Repository, writer: Writer, head: str):
    await writer.push_tags(["v1", "v2"], head)
    other = await world.push(repo, "main", {"more": "1"}, by="ann")
    await world.delete_tag(repo, "v2", by="ann")
    await world.push_tag(repo, "v2", other, by="ann")
    await writer.delete_tags([Tag("v1", head), Tag("v2", head)])  # all or none
    assert (await world.tags(repo)).keys() >= {"v1", "v2"}
    for _ in range(2):
        await writer.delete_tags([Tag("v1", head)])
    assert "v1" not in await world.tags(repo)
    assert (await world.tags(repo))["v2"] == other


async def test_an_annotated_tag_is_by_the_apps_bot_and_deleted_like_any_other(
    world: World, repo: Repository, writer: Writer, reader: Reader, head: str
):
    await writer.push_tags(["v1", "py-v1"], head, {"v1": "x v1", "py-v1": "x-py v1"})
    assert await world.tags(repo) == {"v1": head, "py-v1": head}
    made = await world.git(repo).object("refs/tags/v1")
    at = int(world.clock.now().timestamp())
    bot = "shipmate[bot] <502+shipmate[bot]@users.noreply.github.com>"
    assert made and made.data.decode() == (f"object {head}\ntype commit\ntag v1\ntagger {bot} {at} +0000\n\nx v1\n")
    tags = (await reader.base("main")).tags
    assert {(tag.name, tag.commit, tag.object) for tag in tags} >= {("v1", head, made.sha)}
    await writer.delete_tags(tags)
    assert await world.tags(repo) == {}


async def test_a_rule_against_a_tag_is_told_with_act_ref_and_rule(
    world: World, repo: Repository, writer: Writer, head: str
):
    world.restrict(repo, "refs/tags/v*")
    with pytest.raises(RefRuleViolation) as refused:
        await writer.push_tags(["v1", "py-v1"], head)
    assert str(refused.value) == (
        "GitHub refuses to create refs/tags/v1: Cannot create ref due to creations being restricted."
    )
    assert await world.tags(repo) == {}


async def test_workflow_files_that_no_branch_has_need_the_optional_permission_and_get_it_where_it_is_given(
    world: World, repo: Repository, writer: Writer
):
    old = await world.push(repo, "main", {".github/workflows/ci.yml": "on: push\n"}, by="ann")
    await world.push(repo, "main", {".github/workflows/ci.yml": "on: [push]\n"}, by="ann")
    with pytest.raises(
        WorkflowsDiffer, match="create refs/tags/v1: refusing to allow a GitHub App to create or update"
    ):
        await writer.push_tags(["v1"], old)
    installation = world.installation_of(repo)
    assert installation
    installation.permissions["workflows"] = "write"
    await writer.push_tags(["v1"], old)
    assert await world.tags(repo) == {"v1": old}
    used = [sorted(token.permissions) for token in world.tokens.values()]
    assert used == [["contents", "metadata"], ["contents", "metadata", "workflows"]]


async def test_a_draft_is_deleted_once(world: World, repo: Repository, writer: Writer, reader: Reader):
    for by in ("ann", world.app.bot):
        await world.create_release(repo, tag="v9", draft=True, by=by)
    theirs, ours = sorted(await reader.all_releases(["v9"]), key=lambda page: page.id)
    assert (theirs.by_a_bot, ours.by_a_bot) == (False, True)
    for _ in range(2):
        await writer.delete_release(ours.id)
    assert await reader.all_releases(["v9"]) == (theirs,)


async def test_a_run_is_cancelled_and_one_that_has_ended_is_left_alone(
    world: World, repo: Repository, writer: Writer, head: str
):
    heard: list[int] = []

    async def listen(_repo: Repository, run: WorkflowRun, _by: object) -> None:
        heard.append(run.id)

    world.on_cancel.append(listen)
    now = world.clock.now()
    run = WorkflowRun(7, 5, "Publish", "publish.yml", "push", "v1", head, 1, 8, world.user("ann"), now, now)
    run.status = "in_progress"
    repo.runs[7] = run
    await writer.cancel_run(7)
    run.status, run.conclusion = "completed", "cancelled"
    await writer.cancel_run(7)
    await writer.cancel_run(8)  # somebody deleted it
    assert heard == [7]
