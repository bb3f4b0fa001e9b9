"""The REST API. Where GitHub's description is at hand, `Api` holds every exchange of these tests against it."""

import base64
from datetime import timedelta

import pytest

from bot.sandbox.model import Comment, Issue, Job, Repository, Step, User, WorkflowRun
from bot.sandbox.world import World
from tests.contract import openapi
from tests.sandbox.support import Api, TurnedClock

DEMO = "/repos/octo/demo"


@pytest.fixture
async def token(api: Api, repo: Repository) -> str:
    return await api.token(repo)


@pytest.fixture
async def issue(world: World, repo: Repository) -> Issue:
    return await world.open_issue(repo, "Release", "Please", by="ann")


@pytest.fixture
async def comment(world: World, repo: Repository, issue: Issue) -> Comment:
    return await world.comment(repo, issue.number, "/release 1.0.0", by="ann")


async def test_these_tests_are_held_against_githubs_description(rest_contract: openapi.RestContract) -> None:
    with pytest.raises(AssertionError, match="user: 'avatar_url' is a required property"):
        rest_contract.check("POST", f"{DEMO}/issues/comments/1/reactions", 201, {"content": "eyes"}, REACTION)
    with pytest.raises(AssertionError, match="GitHub knows no query parameter"):
        rest_contract.check("GET", f"{DEMO}/releases?sort=name", 200, None, [])


REACTION = {"id": 1, "node_id": "x", "user": {}, "content": "eyes", "created_at": "2026-04-04T12:00:00Z"}


async def test_what_is_not_there_is_404(api: Api, token: str) -> None:
    for method, path in [
        ("GET", "/repos/octo/none"),
        ("GET", f"{DEMO}/issues/9"),
        ("GET", f"{DEMO}/actions/runs/9/jobs"),
    ]:
        answer = await api.call(method, path, as_=token)
        assert (answer.status, answer.body["message"], answer.body["status"]) == (404, "Not Found", "404")


async def test_a_repository_and_its_installation(api: Api, repo: Repository, token: str) -> None:
    answer = await api.call("GET", DEMO, as_=token)
    assert (answer.body["id"], answer.body["node_id"], answer.body["default_branch"]) == (repo.id, repo.node_id, "main")
    found = await api.call("GET", f"{DEMO}/installation", as_=api.jwt())
    assert found.body["permissions"]["contents"] == "write"


@pytest.mark.parametrize(
    ("login", "permission", "role"),
    [
        ("octo", "admin", "admin"),
        ("ann", "write", "maintain"),
        ("tim", "read", "triage"),
        ("stranger", "read", "read"),
    ],
)
async def test_the_permission_of_a_person(
    api: Api, repo: Repository, token: str, login: str, permission: str, role: str
) -> None:
    api.world.user(login)
    answer = await api.call("GET", f"{DEMO}/collaborators/{login}/permission", as_=token)
    assert (answer.body["permission"], answer.body["role_name"]) == (permission, role)
    assert answer.body["user"]["permissions"]["maintain"] == (login in ("octo", "ann"))


@pytest.mark.parametrize("login", ["nobody-at-all", "shipmate[bot]"])
async def test_who_is_no_person_has_no_permission(api: Api, token: str, login: str) -> None:
    assert (await api.call("GET", f"{DEMO}/collaborators/{login}/permission", as_=token)).status == 404


async def test_trees_and_blobs_are_gits(api: Api, token: str) -> None:
    tree = (await api.call("GET", f"{DEMO}/git/trees/main?recursive=1", as_=token)).body
    blobs = {entry["path"]: entry for entry in tree["tree"] if entry["type"] == "blob"}
    assert set(blobs) == {".github/workflows/ci.yml", "Cargo.toml", "src/lib.rs"}
    blob = (await api.call("GET", f"{DEMO}/git/blobs/{blobs['Cargo.toml']['sha']}", as_=token)).body
    assert base64.b64decode(blob["content"]) == b'version = "0.1.0"\n'
    assert blob["size"] == blobs["Cargo.toml"]["size"]
    shallow = (await api.call("GET", f"{DEMO}/git/trees/{tree['sha']}", as_=token)).body["tree"]
    assert [entry["path"] for entry in shallow] == [".github", "Cargo.toml", "src"]


async def test_rules_name_the_required_checks(api: Api, repo: Repository, token: str) -> None:
    repo.required_checks["release/1.x"] = ["Tests"]
    (rule,) = (await api.call("GET", f"{DEMO}/rules/branches/release%2F1.x", as_=token)).body
    assert rule["parameters"]["required_status_checks"] == [{"context": "Tests"}]
    assert (await api.call("GET", f"{DEMO}/rules/branches/main", as_=token)).body == []


async def test_a_comment_by_the_app_says_so(api: Api, issue: Issue, token: str) -> None:
    answer = await api.call("POST", f"{DEMO}/issues/{issue.number}/comments", {"body": "On it"}, as_=token)
    assert answer.status == 201
    assert answer.body["performed_via_github_app"]["id"] == api.world.app.id
    assert (answer.body["user"]["login"], answer.body["user"]["type"]) == ("shipmate[bot]", "Bot")
    edited = await api.call("PATCH", f"{DEMO}/issues/comments/{answer.body['id']}", {"body": "Done"}, as_=token)
    assert (edited.status, issue.comments[-1].body) == (200, "Done")


async def test_comments_since_a_time(
    api: Api, world: World, repo: Repository, clock: TurnedClock, comment: Comment, token: str
) -> None:
    clock.at += timedelta(minutes=1)
    await world.comment(repo, 1, "later", by="ann")
    path = f"{DEMO}/issues/1/comments?per_page=100&since=2026-04-04T12:01:00Z"
    assert [each["body"] for each in (await api.call("GET", path, as_=token)).body] == ["later"]


async def test_comments_of_all_threads_are_listed_by_their_age(
    api: Api, world: World, repo: Repository, clock: TurnedClock, comment: Comment, token: str
) -> None:
    await world.open_issue(repo, "Another", by="ann")
    clock.at += timedelta(minutes=1)
    await world.comment(repo, 2, "later", by="ann")
    path = f"{DEMO}/issues/comments?sort=created&direction=asc&per_page=100"
    listed = (await api.call("GET", path, as_=token)).body
    assert [each["issue_url"].rpartition("/")[2] for each in listed] == ["1", "2"]
    recent = (await api.call("GET", f"{path}&since=2026-04-04T12:01:00Z", as_=token)).body
    assert [each["body"] for each in recent] == ["later"]


async def test_a_list_comes_in_pages(api: Api, world: World, repo: Repository, issue: Issue, token: str) -> None:
    for number in range(5):
        await world.comment(repo, issue.number, str(number), by="ann")
    path, seen = f"{DEMO}/issues/{issue.number}/comments?per_page=2", []
    while path:
        answer = await api.call("GET", path, as_=token)
        seen += [each["body"] for each in answer.body]
        path = next_path(answer.headers.get("Link", ""), api.url)
    assert seen == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("body", "message"),
    [({}, "body is required"), ({"body": "x" * 65537}, "Body is too long (maximum is 65536 characters)")],
)
async def test_a_comment_without_or_with_too_much_text_is_422(
    api: Api, issue: Issue, token: str, body: dict[str, str], message: str
) -> None:
    path = f"{DEMO}/issues/{issue.number}/comments"
    answer = await api.call("POST", path, body, as_=token)
    assert (answer.status, answer.body["message"]) == (422, "Validation Failed")
    assert answer.body["errors"][0]["message"] == message


async def test_a_locked_issue_is_403(api: Api, world: World, repo: Repository, comment: Comment, token: str) -> None:
    await world.lock_issue(repo, 1)
    answer = await api.call("POST", f"{DEMO}/issues/1/comments", {"body": "x"}, as_=token)
    assert (answer.status, answer.body["message"]) == (403, "Unable to create comment because issue is locked.")
    reaction = await api.call("POST", f"{DEMO}/issues/comments/{comment.id}/reactions", {"content": "eyes"}, as_=token)
    assert reaction.status == 403


async def test_a_reaction_is_new_once(api: Api, comment: Comment, token: str) -> None:
    path = f"{DEMO}/issues/comments/{comment.id}/reactions"
    first = await api.call("POST", path, {"content": "eyes"}, as_=token)
    second = await api.call("POST", path, {"content": "eyes"}, as_=token)
    assert (first.status, second.status, first.body["id"]) == (201, 200, second.body["id"])
    issue = await api.call("GET", f"{DEMO}/issues/1/comments", as_=token)
    assert issue.body[0]["reactions"]["eyes"] == 1


async def test_the_pull_requests_permission_opens_the_threads_of_pull_requests_only(
    api: Api, world: World, repo: Repository, issue: Issue
) -> None:
    await world.push(repo, "release/1", {"a.txt": "a"}, by=world.app.bot)
    pull = await world.open_pull_request(repo, head="release/1", base="main", title="Release", by=world.app.bot)
    token = await api.token(repo, pull_requests="write")
    for number, expected in ((pull.number, 201), (issue.number, 403)):
        path = f"{DEMO}/issues/{number}/comments"
        assert (await api.call("POST", path, {"body": "Hello"}, as_=token)).status == expected
    assert (await api.call("GET", f"{DEMO}/issues/{issue.number}/comments", as_=token)).status == 403


async def test_a_pull_request_is_closed_and_its_branch_deleted(
    api: Api, world: World, repo: Repository, token: str
) -> None:
    await world.push(repo, "release/1", {"a": "1\n"}, by="ann")
    pull = await world.open_pull_request(repo, head="release/1", base="main", title="Release", by=world.app.bot)
    closed = await api.call("PATCH", f"{DEMO}/pulls/{pull.number}", {"state": "closed"}, as_=token)
    assert (closed.status, closed.body["state"], closed.body["additions"]) == (200, "closed", 1)
    assert (await api.call("DELETE", f"{DEMO}/git/refs/heads/release/1", as_=token)).status == 204
    again = await api.call("DELETE", f"{DEMO}/git/refs/heads/release/1", as_=token)
    assert (again.status, again.body["message"]) == (422, "Reference does not exist")


async def test_releases_are_made_once_and_listed(api: Api, repo: Repository, token: str) -> None:
    body = {"tag_name": "v1.0.0", "target_commitish": "main", "name": "1.0.0", "body": "Notes", "make_latest": "true"}
    assert (await api.call("POST", f"{DEMO}/releases", body, as_=token)).status == 201
    again = await api.call("POST", f"{DEMO}/releases", body, as_=token)
    assert (again.status, again.body["errors"][0]["code"]) == (422, "already_exists")
    draft = await api.call("POST", f"{DEMO}/releases", body | {"draft": True}, as_=token)
    assert (draft.status, draft.body["published_at"]) == (201, None)
    path = f"{DEMO}/releases?per_page=100"
    assert [each["draft"] for each in (await api.call("GET", path, as_=token)).body] == [True, False]
    reader = await api.token(repo, contents="read")
    assert [each["draft"] for each in (await api.call("GET", path, as_=reader)).body] == [False]


@pytest.mark.parametrize("draft", [False, True], ids=["published", "draft"])
@pytest.mark.parametrize("tagged", [False, True], ids=["new tag", "tag exists"])
async def test_a_release_whose_target_has_other_workflow_files_than_the_default_branch_is_404(
    api: Api, world: World, repo: Repository, token: str, draft: bool, tagged: bool
) -> None:
    old = await world.head(repo)
    await world.push(repo, "main", {".github/workflows/ci.yml": "on: pull_request\n"}, by="ann")
    if tagged:
        await world.push_tag(repo, "v1", old, by="ann")
    body = {"tag_name": "v1", "draft": draft}
    answer = await api.call("POST", f"{DEMO}/releases", body | {"target_commitish": old}, as_=token)
    assert answer.status == 404
    assert "workflows=write" in answer.headers["X-Accepted-GitHub-Permissions"]
    assert (await api.call("POST", f"{DEMO}/releases", body, as_=token)).status == 201


async def test_a_release_whose_target_only_lacks_a_workflow_file_is_taken(
    api: Api, world: World, repo: Repository, token: str
) -> None:
    old = await world.head(repo)
    await world.push(repo, "main", {".github/workflows/new.yml": "on: pull_request\n"}, by="ann")
    body = {"tag_name": "v1", "target_commitish": old}
    assert (await api.call("POST", f"{DEMO}/releases", body, as_=token)).status == 201


async def test_runs_and_jobs_of_a_commit(api: Api, repo: Repository, token: str) -> None:
    run = await failed_run(api.world, repo)
    answer = await api.call("GET", f"{DEMO}/actions/runs?head_sha={run.head_sha}&per_page=100", as_=token)
    assert [each["id"] for each in answer.body["workflow_runs"]] == [run.id]
    none = await api.call("GET", f"{DEMO}/actions/runs?head_sha={'0' * 40}", as_=token)
    assert none.body == {"total_count": 0, "workflow_runs": []}
    jobs = await api.call("GET", f"{DEMO}/actions/runs/{run.id}/jobs?filter=latest&per_page=100", as_=token)
    assert jobs.body["jobs"][0]["steps"][0]["conclusion"] == "failure"


async def test_failed_jobs_run_again_on_request(api: Api, repo: Repository, token: str) -> None:
    heard: list[int] = []

    async def listen(repo: Repository, run: WorkflowRun, by: User) -> None:
        run.status, run.conclusion = "queued", None
        heard.append(run.id)

    api.world.on_rerun.append(listen)
    run = await failed_run(api.world, repo)
    path = f"{DEMO}/actions/runs/{run.id}/rerun-failed-jobs"
    assert (await api.call("POST", path, as_=token)).status == 201
    assert (await api.call("POST", path, as_=token)).status == 403
    assert heard == [run.id]


async def test_an_unchanged_answer_is_304_to_the_same_token_only(api: Api, repo: Repository, token: str) -> None:
    first = await api.call("GET", DEMO, as_=token)
    known = {"If-None-Match": first.headers["ETag"]}
    second = await api.call("GET", DEMO, as_=token, headers=known)
    assert (second.status, second.headers["X-RateLimit-Used"]) == (304, first.headers["X-RateLimit-Used"])
    assert (await api.call("GET", DEMO, as_=await api.token(repo), headers=known)).status == 200


async def test_every_request_is_counted_and_logged(api: Api, token: str) -> None:
    answer = await api.call("POST", "/graphql", {"query": "{viewer{login}}"}, as_=token)
    assert (answer.headers["X-RateLimit-Resource"], answer.headers["X-RateLimit-Remaining"]) == ("graphql", "4999")
    await api.call("GET", f"{DEMO}/releases?per_page=1", as_=token)
    graphql, releases = api.world.calls[-2:]
    assert (graphql.path, graphql.request["query"], graphql.response["data"]["viewer"]["login"]) == (
        "/graphql",
        "{viewer{login}}",
        "shipmate[bot]",
    )
    assert (releases.method, releases.path, releases.status, releases.response) == (
        "GET",
        f"{DEMO}/releases?per_page=1",
        200,
        [],
    )


async def failed_run(world: World, repo: Repository) -> WorkflowRun:
    """A run of ci.yml on main whose only job failed in its first step."""
    git, now = world.git(repo), world.clock.now()
    sha = await git.resolve("main")
    assert sha
    job = Job(7, "Tests", "completed", "failure", now, now, [Step("cargo test", 1, "completed", "failure")])
    run = WorkflowRun(
        id=5,
        workflow_id=3,
        name="CI",
        path=".github/workflows/ci.yml",
        event="push",
        head_branch="main",
        head_sha=sha,
        number=1,
        suite_id=6,
        actor=world.user("ann"),
        created_at=now,
        updated_at=now,
        status="completed",
        conclusion="failure",
        jobs=[job],
    )
    repo.runs[run.id] = run
    return run


def next_path(link: str, url: str) -> str:
    """Path of the next page in a Link header, or nothing."""
    for part in link.split(", "):
        target, _, relation = part.partition("; ")
        if relation == 'rel="next"':
            return target.strip("<>").removeprefix(url)
    return ""


async def test_a_check_run_of_the_app_is_made_changed_and_listed(api: Api, world: World, repo: Repository) -> None:
    await world.accept_permissions(world.installations[min(world.installations)], {"checks": "write"})
    token, sha = await api.token(repo), await world.head(repo)
    wanted = {"name": "plan", "head_sha": sha, "external_id": "r1", "status": "in_progress"}
    made = await api.call("POST", f"{DEMO}/check-runs", wanted, as_=token)
    assert (made.status, made.body["status"], made.body["conclusion"]) == (201, "in_progress", None)
    ends = {"conclusion": "neutral", "output": {"title": "More", "summary": "than the plan"}}
    changed = await api.call("PATCH", f"{DEMO}/check-runs/{made.body['id']}", ends, as_=token)
    assert (changed.status, changed.body["status"], changed.body["external_id"]) == (200, "completed", "r1")
    assert changed.body["output"]["summary"] == "than the plan"
    again = await api.call("POST", f"{DEMO}/check-runs", {**wanted, "conclusion": "success"}, as_=token)
    listed = await api.call("GET", f"{DEMO}/commits/main/check-runs?check_name=plan", as_=token)
    assert [each["id"] for each in listed.body["check_runs"]] == [again.body["id"]]
    every = await api.call("GET", f"{DEMO}/commits/{sha}/check-runs?filter=all", as_=token)
    assert every.body["total_count"] == 2
    one = await api.call("GET", f"{DEMO}/check-runs/{made.body['id']}", as_=token)
    assert one.body["conclusion"] == "neutral"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"head_sha": "0" * 40}, 422),
        ({"conclusion": "excellent"}, 422),
        ({"status": "completed"}, 422),
        ({"output": {"title": "No summary"}}, 422),
    ],
)
async def test_a_check_run_that_github_would_not_take(
    api: Api, world: World, repo: Repository, wrong: dict[str, object], status: int
) -> None:
    await world.accept_permissions(world.installations[min(world.installations)], {"checks": "write"})
    body = {"name": "plan", "head_sha": await world.head(repo)} | wrong
    assert (await api.call("POST", f"{DEMO}/check-runs", body, as_=await api.token(repo))).status == status
    assert repo.checks == []


async def test_who_may_only_read_checks_makes_none_and_nobody_changes_another_app_s(
    api: Api, world: World, repo: Repository
) -> None:
    other = await world.add_check_run(repo, await world.head(repo), "coverage")
    body = {"name": "plan", "head_sha": await world.head(repo)}
    answer = await api.call("POST", f"{DEMO}/check-runs", body, as_=await api.token(repo))
    assert (answer.status, answer.headers["X-Accepted-GitHub-Permissions"]) == (403, "checks=write")
    await world.accept_permissions(world.installations[min(world.installations)], {"checks": "write"})
    path = f"{DEMO}/check-runs/{other.id}"
    assert (await api.call("PATCH", path, {"name": "mine"}, as_=await api.token(repo))).status == 403
