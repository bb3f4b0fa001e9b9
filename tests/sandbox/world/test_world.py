"""What people and the App do on the stand-in GitHub, and what it sets off."""

import pytest

from bot.sandbox.errors import Refusal
from bot.sandbox.git.objects import ZERO, RefUpdate
from bot.sandbox.model import Issue, Repository, User
from bot.sandbox.world import World
from bot.sandbox.world.merging import MergeMethod
from tests.contract.openapi import WebhookContract


def events(world: World) -> list[tuple[str, str | None]]:
    """Name and action of everything sent."""
    return [(each.event, each.action) for each in world.deliveries]


async def propose(world: World, repo: Repository, files: dict[str, bytes] | None = None) -> Issue:
    """A release branch with one signed commit, and its pull request, all by the App."""
    bot, sha = world.app.bot, await world.head(repo)
    await world.update_refs(repo, [RefUpdate("refs/heads/release/1", sha, ZERO)], by=bot)
    await world.commit_on_branch(
        repo, "release/1", expected_head=sha, message="Release 1", additions=files or {"a": b"1\n"}, by=bot
    )
    return await world.open_pull_request(repo, head="release/1", base="main", title="Release 1", by=bot)


async def test_a_commit_on_a_branch_is_the_bots_and_signed(world: World, repo: Repository) -> None:
    await propose(world, repo)
    sha = await world.head(repo, "release/1")
    commit = await world.git(repo).commit(sha)
    assert commit is not None
    assert (commit.author.name, commit.committer.name) == ("shipmate[bot]", "GitHub")
    assert world.user_of(commit.author) == world.app.bot
    assert sha in world.signed


async def test_a_commit_on_a_moved_branch_is_stale(world: World, repo: Repository) -> None:
    old = await world.head(repo)
    await world.push(repo, "main", {"b": "2\n"}, by="ann")
    with pytest.raises(Refusal, match=f'Expected branch to point to "{old}" but it did not') as refused:
        await world.commit_on_branch(
            repo, "main", expected_head=old, message="x", additions={"a": b""}, by=world.app.bot
        )
    assert refused.value.kind == "STALE_DATA"


async def test_a_commit_cannot_delete_what_is_not_there(world: World, repo: Repository) -> None:
    sha = await world.head(repo)
    with pytest.raises(Refusal, match=r"does not exist: gone\.txt"):
        await world.commit_on_branch(
            repo, "main", expected_head=sha, message="x", additions={}, deletions=["gone.txt"], by=world.app.bot
        )
    assert await world.head(repo) == sha


async def test_a_ref_is_not_created_twice(world: World, repo: Repository) -> None:
    sha = await world.head(repo)
    await world.push_tag(repo, "v1", sha, by="ann")
    with pytest.raises(Refusal, match="Reference already exists"):
        await world.update_refs(repo, [RefUpdate("refs/tags/v1", sha, ZERO)], by="ann")


@pytest.mark.parametrize(("method", "parents", "by"), [("merge", 2, "ann"), ("squash", 1, "ann"), ("rebase", 1, None)])
async def test_each_way_of_merging_brings_the_files(
    world: World, repo: Repository, method: MergeMethod, parents: int, by: str | None
) -> None:
    issue = await propose(world, repo)
    await world.push(repo, "main", {"meanwhile": "x\n"}, by="ann")
    sha = await world.merge(repo, issue.number, method=method, by="ann")
    commit = await world.git(repo).commit("refs/heads/main")
    assert commit is not None
    assert (commit.sha, len(commit.parents), commit.author.name) == (sha, parents, by or "shipmate[bot]")
    assert {"a", "meanwhile", "Cargo.toml"} <= set(await world.files(repo))
    assert await world.git(repo).resolve("refs/heads/release/1")


async def test_a_merged_pull_request_says_so(world: World, repo: Repository) -> None:
    issue = await propose(world, repo)
    sha = await world.merge(repo, issue.number, by="ann")
    closed = next(each for each in world.deliveries if (each.event, each.action) == ("pull_request", "closed"))
    pull = closed.payload["pull_request"]
    assert (pull["merged"], pull["merge_commit_sha"], pull["merged_by"]["login"]) == (True, sha, "ann")
    assert await world.pull_requests_of(repo, sha) == [issue]


async def test_a_conflicting_pull_request_is_not_merged(world: World, repo: Repository) -> None:
    issue = await propose(world, repo, {"Cargo.toml": b"ours\n"})
    await world.push(repo, "main", {"Cargo.toml": "theirs\n"}, by="ann")
    with pytest.raises(Refusal, match="not mergeable"):
        await world.merge(repo, issue.number, by="ann")
    assert issue.state == "open"


async def test_a_push_names_the_commits_it_brings(world: World, repo: Repository) -> None:
    await propose(world, repo)
    pushes = [each.payload for each in world.deliveries if each.event == "push"]
    assert [[commit["message"] for commit in push["commits"]] for push in pushes] == [[], ["Release 1"]]
    assert [push["created"] for push in pushes] == [True, False]
    assert pushes[1]["head_commit"]["added"] == ["a"]


async def test_a_pull_request_merged_by_a_push_is_merged(world: World, repo: Repository) -> None:
    issue = await propose(world, repo)
    sha = await world.head(repo, "release/1")
    await world.update_refs(repo, [RefUpdate("refs/heads/main", sha)], by="ann")
    assert issue.pull_request is not None
    assert (issue.pull_request.merged, issue.pull_request.merge_commit_sha) == (True, sha)


async def test_a_push_to_its_branch_moves_a_pull_request(world: World, repo: Repository) -> None:
    issue = await propose(world, repo)
    sha = await world.push(repo, "release/1", {"b": "2\n"}, by="ann")
    assert issue.pull_request is not None
    assert issue.pull_request.head_sha == sha
    assert events(world)[-2:] == [("push", None), ("pull_request", "synchronize")]


async def test_a_deleted_branch_closes_its_pull_request(world: World, repo: Repository) -> None:
    issue = await propose(world, repo)
    await world.delete_branch(repo, "release/1", by="ann")
    assert issue.state == "closed"
    assert issue.pull_request is not None
    assert not issue.pull_request.merged
    assert events(world)[-3:] == [("delete", None), ("push", None), ("pull_request", "closed")]


async def test_the_same_pull_request_is_not_opened_twice(world: World, repo: Repository) -> None:
    await propose(world, repo)
    with pytest.raises(Refusal, match="already exists for octo:release/1"):
        await world.open_pull_request(repo, head="release/1", base="main", title="Again", by="ann")


@pytest.mark.parametrize(("count", "told"), [(3, 6), (4, 0)])
async def test_more_than_three_tags_at_once_are_not_told(world: World, repo: Repository, count: int, told: int) -> None:
    heard: list[str] = []

    async def listen(repo: Repository, ref: str, before: str, after: str, by: User) -> None:
        heard.append(ref)

    world.on_push.append(listen)
    sha = await world.head(repo)
    await world.push_tags(repo, {f"v{n}": sha for n in range(count)}, by="ann")
    assert len(await world.tags(repo)) == count
    assert len(events(world)) == told
    assert len(heard) == told / 2


async def test_listeners_hear_of_pushes_and_pull_requests(world: World, repo: Repository) -> None:
    heard: list[tuple[str, str]] = []

    async def on_push(repo: Repository, ref: str, before: str, after: str, by: User) -> None:
        heard.append((ref, by.login))

    async def on_pull_request(repo: Repository, issue: Issue, action: str) -> None:
        heard.append((action, issue.title))

    world.on_push.append(on_push)
    world.on_pull_request.append(on_pull_request)
    issue = await propose(world, repo)
    await world.close_pull_request(repo, issue.number, by="ann")
    ref = ("refs/heads/release/1", "shipmate[bot]")
    assert heard == [ref, ref, ("opened", "Release 1"), ("closed", "Release 1")]


async def test_a_repository_that_the_app_does_not_see_sends_it_nothing(world: World) -> None:
    other = await world.create_repository("octo/other", files={"a": "1"}, installed=False)
    await world.push(other, "main", {"a": "2"}, by="octo")
    assert world.deliveries == []


async def test_an_event_needs_its_permission(world: World, repo: Repository) -> None:
    installation = world.installation_of(repo)
    assert installation is not None
    del installation.permissions["checks"]
    await world.add_check_run(repo, await world.head(repo), "codecov/patch")
    assert events(world) == []


async def test_a_locked_issue_takes_comments_only_from_writers(world: World, repo: Repository) -> None:
    issue = await world.open_issue(repo, "Release", by="ann")
    await world.lock_issue(repo, issue.number)
    await world.comment(repo, issue.number, "mine", by="ann")
    with pytest.raises(Refusal, match="Unable to create comment because issue is locked"):
        await world.comment(repo, issue.number, "ours", by=world.app.bot)


@pytest.mark.parametrize(
    ("login", "role"), [("octo", "admin"), ("ann", "maintain"), ("tim", "triage"), ("stranger", "read")]
)
async def test_roles_on_a_public_repository(world: World, repo: Repository, login: str, role: str) -> None:
    assert world.role(repo, world.user(login)) == role


async def test_a_stranger_has_no_role_on_a_private_repository(world: World) -> None:
    secret = await world.create_repository("octo/secret", files={"a": "1"}, private=True)
    assert world.role(secret, world.user("stranger")) == "none"


async def test_a_release_makes_its_tag_unless_it_is_a_draft(world: World, repo: Repository) -> None:
    await world.create_release(repo, tag="v2", draft=True, by="ann")
    assert await world.tags(repo) == {}
    await world.create_release(repo, tag="v1", by="ann")
    assert await world.tags(repo) == {"v1": await world.head(repo)}
    with pytest.raises(Refusal) as refused:
        await world.create_release(repo, tag="v1", by="ann")
    assert refused.value.code == "already_exists"
    assert world.published_release(repo, "v2") is None


async def test_an_immutable_release_keeps_its_tag_and_burns_its_name(world: World, repo: Repository) -> None:
    repo.immutable_releases = True
    release = await world.create_release(repo, tag="v1", by="ann")
    await world.edit_release(repo, release, name="One", body="Words", by="ann")
    with pytest.raises(Refusal):
        await world.edit_release(repo, release, prerelease=True, by="ann")
    with pytest.raises(Refusal):
        await world.delete_tag(repo, "v1", by="ann")
    await world.delete_release(repo, release, by="ann")
    with pytest.raises(Refusal, match="immutable"):
        await world.create_release(repo, tag="v1", by="ann")


async def test_only_a_final_release_becomes_the_latest_and_only_when_it_is_published(
    world: World, repo: Repository
) -> None:
    draft = await world.create_release(repo, tag="v1", draft=True, by="ann")
    await world.create_release(repo, tag="v2", prerelease=True, by="ann")
    await world.create_release(repo, tag="v3", latest="false", by="ann")
    assert repo.latest_release is None
    await world.edit_release(repo, draft, publish=True, by="ann")
    assert repo.latest_release == draft.id


async def test_only_a_commit_whose_workflows_no_branch_has_touches_workflows(world: World, repo: Repository) -> None:
    old = await world.head(repo)
    assert not await world.touches_workflows(repo, old)
    await world.push(repo, "main", {".github/workflows/ci.yml": "on: pull_request\n"}, by="ann")
    assert await world.touches_workflows(repo, old)


async def test_every_webhook_is_as_github_describes_it(
    world: World, repo: Repository, webhook_contract: WebhookContract
) -> None:
    issue = await propose(world, repo)
    comment = await world.comment(repo, issue.number, "hello", by="ann")
    await world.edit_comment(repo, comment.id, "goodbye", by="ann")
    await world.delete_comment(repo, comment.id, by="ann")
    await world.label(repo, issue.number, "release")
    await world.push(repo, "release/1", {"b": "2\n"}, by="ann")
    sha = await world.merge(repo, issue.number, by="ann")
    await world.push_tag(repo, "v1", sha, by="ann", message="v1")
    await world.add_check_run(repo, sha, "codecov/patch")
    await world.add_status(repo, sha, "ci/legacy", "success", by="ann")
    await world.create_release(repo, tag="v1", prerelease=True, by=world.app.bot)
    draft = await world.create_release(repo, tag="v2", draft=True, by="ann")
    for body in ("Soon", "Now"):
        await world.edit_release(repo, draft, body=body, publish=True, by="ann")
    await world.delete_release(repo, draft, by="ann")
    await world.delete_tag(repo, "v1", by="ann")
    await world.delete_branch(repo, "release/1", by="ann")
    await world.comment(repo, issue.number, "by the App", by=world.app.bot)
    await world.install(await world.create_repository("ann/tool", files={"a": "1"}, installed=False))
    more = await world.create_repository("octo/more", files={"a": "1"}, installed=False)
    await world.install(more)
    await world.uninstall(more)
    installation = world.installation_of(repo)
    assert installation is not None
    await world.suspend(installation)
    await world.unsuspend(installation)
    await world.ping()
    for delivery in world.deliveries:
        webhook_contract.check(delivery.event, delivery.action, delivery.payload)
    assert len({(each.event, each.action) for each in world.deliveries}) >= 20
