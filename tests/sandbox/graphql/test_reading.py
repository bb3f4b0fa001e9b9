"""The stand-in's GraphQL reads as GitHub's does, errors included."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.access.auth import mint
from bot.sandbox.graphql import execute
from bot.sandbox.model import Repository
from bot.sandbox.world import World
from tests.sandbox.graphql.conftest import BIG, Ask, head, within

# Documents


async def test_an_unknown_field_is_refused_by_name(ask: Ask):
    answer = await ask(within("stars"))
    assert "data" not in answer
    assert answer["errors"] == [
        {
            "message": "Cannot query field 'stars' on type 'Repository'.",
            "locations": [{"line": 1, "column": 48}],
        }
    ]


async def test_a_document_that_does_not_parse_is_an_error_with_status_200(ask: Ask):
    assert "Syntax" in (await ask("{ repository("))["errors"][0]["message"]


async def test_a_missing_variable_is_an_error_without_data(ask: Ask):
    answer = await ask('query($o: String!) { repository(owner: $o, name: "tide") { id } }')
    assert "data" not in answer
    assert "$o" in answer["errors"][0]["message"]


async def test_a_request_without_query_is_a_bad_request(world: World, repo: Repository):
    installation = world.installation_of(repo)
    assert installation
    status, answer = await execute(world, mint(world, installation), {})
    assert (status, answer["message"]) == (400, "A query attribute must be specified and must be a string.")


# Reach


async def test_a_repository_outside_of_the_token_is_not_found(ask: Ask, world: World):
    await world.create_repository("harbour/other", installed=False)
    for name in ("other", "none"):
        answer = await ask(f'{{ repository(owner: "harbour", name: "{name}") {{ id }} }}')
        assert answer["data"] == {"repository": None}
        error = answer["errors"][0]
        assert (error["type"], error["path"]) == ("NOT_FOUND", ["repository"])
        assert error["message"] == f"Could not resolve to a Repository with the name 'harbour/{name}'."
        assert error["locations"] == [{"line": 1, "column": 3}]


@pytest.mark.parametrize(
    ("selection", "missing"),
    [
        ('object(expression: "main") { oid }', "contents"),
        ('ref(qualifiedName: "refs/heads/main") { name }', "contents"),
        ('refs(refPrefix: "refs/tags/", first: 1) { nodes { name } }', "contents"),
        ("pullRequest(number: 1) { id }", "pull_requests"),
    ],
)
async def test_a_missing_permission_nulls_the_node_only(ask: Ask, world: World, selection: str, missing: str):
    granted = {"contents": "read", "pull_requests": "read"}
    granted.pop(missing)
    answer = await ask(within(f"id nothing: {selection}"), granted)
    assert answer["data"]["repository"]["nothing"] is None
    assert answer["data"]["repository"]["id"]
    assert answer["errors"][0]["type"] == "FORBIDDEN"
    assert answer["errors"][0]["message"] == "Resource not accessible by integration"


@pytest.mark.parametrize("missing", ["checks", "statuses"])
async def test_the_rollup_needs_both_of_its_permissions(ask: Ask, world: World, repo: Repository, missing: str):
    await world.add_check_run(repo, await head(world, repo), "coverage")
    granted = {"contents": "read", "checks": "read", "statuses": "read"}
    granted.pop(missing)
    rollup = "statusCheckRollup { contexts(first: 1) { nodes { __typename } } }"
    answer = await ask(within(f'object(expression: "main") {{ ... on Commit {{ {rollup} }} }}'), granted)
    assert answer["data"]["repository"]["object"] == {"statusCheckRollup": None}
    assert answer["errors"][0]["path"] == ["repository", "object", "statusCheckRollup"]


# Connections


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ("", "MISSING_PAGINATION_BOUNDARIES"),
        (", first: 101", "EXCESSIVE_PAGINATION"),
        (', first: 1, after: "x"', "INVALID_CURSOR_ARGUMENTS"),
    ],
)
async def test_a_connection_says_how_many_it_wants(ask: Ask, arguments: str, kind: str):
    answer = await ask(within(f'refs(refPrefix: "refs/tags/"{arguments}) {{ nodes {{ name }} }}'))
    assert answer["data"]["repository"]["refs"] is None
    assert answer["errors"][0]["type"] == kind


async def test_tags_are_walked_page_by_page_newest_first(ask: Ask, world: World, repo: Repository):
    old = await head(world, repo)
    await world.push_tag(repo, "v1", old, by="morgan")
    await world.push_tag(repo, "v2", await commit_later(world, repo), by="morgan", message="annotated")
    document = """query($after: String) { repository(owner: "harbour", name: "tide") {
      refs(refPrefix: "refs/tags/", first: 1, after: $after, orderBy: {field: TAG_COMMIT_DATE, direction: DESC}) {
        pageInfo { hasNextPage endCursor } nodes { name target { __typename ... on Tag { target { oid } } } }
      } } }"""
    first = (await ask(document))["data"]["repository"]["refs"]
    second = (await ask(document, after=first["pageInfo"]["endCursor"]))["data"]["repository"]["refs"]
    assert [first["nodes"][0]["name"], second["nodes"][0]["name"]] == ["v2", "v1"]
    assert first["nodes"][0]["target"] == {"__typename": "Tag", "target": {"oid": await head(world, repo)}}
    assert second["nodes"][0]["target"] == {"__typename": "Commit"}
    assert [first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]] == [True, False]


async def commit_later(world: World, repo: Repository) -> str:
    git, parent = world.git(repo), await head(world, repo)
    tree = await git.edit_tree(parent, {"later.txt": b"later\n"})
    person, at = world.identity(world.user("morgan")), datetime.now(UTC) + timedelta(hours=1)
    sha = await git.write_commit(tree, [parent], "Later", author=person, committer=person, at=at)
    await git.run("update-ref", "refs/heads/main", sha)
    return sha


# Files


async def test_files_are_read_with_their_size_and_kind(ask: Ask):
    blob = "... on Blob { byteSize isBinary isTruncated text }"
    names = {"text": "Cargo.toml", "binary": "logo.png", "big": "big.lock", "gone": "none.txt", "folder": "lib"}
    selection = " ".join(f'{a}: object(expression: "main:{path}") {{ {blob} }}' for a, path in names.items())
    found = (await ask(within(selection)))["data"]["repository"]
    assert found["text"] == {"byteSize": 10, "isBinary": False, "isTruncated": False, "text": "[package]\n"}
    assert (found["binary"]["isBinary"], found["binary"]["text"]) == (True, None)
    big = found["big"]
    assert (big["isTruncated"], big["byteSize"], len(big["text"])) == (True, len(BIG), 512_000)
    assert (found["gone"], found["folder"]) == (None, {})


# History


async def test_history_follows_a_path_and_names_the_pull_request(ask: Ask, world: World, repo: Repository):
    await world.push(repo, "topic", {"lib/a.rs": "// b\n"}, "Change a", by="morgan")
    issue = await world.open_pull_request(repo, head="topic", base="main", title="Better a", by="morgan")
    await world.label(repo, issue.number, "fix")
    await world.merge(repo, issue.number, method="squash", by="morgan")
    pulls = "nodes { number title author { __typename login } labels(first: 5) { nodes { name } } }"
    answer = await ask(
        within(f"""object(expression: "main") {{ ... on Commit {{ history(first: 9, path: "lib") {{ nodes {{
          message author {{ user {{ login }} }} associatedPullRequests(first: 1) {{ {pulls} }}
        }} }} }} }}""")
    )
    history = answer["data"]["repository"]["object"]["history"]
    assert [node["message"].partition("\n")[0] for node in history["nodes"]] == ["Change a (#1)", "Initial commit"]
    assert history["nodes"][0]["author"] == {"user": {"login": "morgan"}}
    assert history["nodes"][0]["associatedPullRequests"]["nodes"] == [
        {
            "number": 1,
            "title": "Better a",
            "author": {"__typename": "User", "login": "morgan"},
            "labels": {"nodes": [{"name": "fix"}]},
        }
    ]


async def test_a_tag_is_compared_with_a_commit(ask: Ask, world: World, repo: Repository):
    await world.push_tag(repo, "v1", await head(world, repo), by="morgan")
    new = await world.push(repo, "main", {"a.txt": "a"}, "Add a", by="morgan")
    compare = "compare(headRef: $h) { commits(first: 9) { nodes { oid } } }"
    document = f'query($h: String!) {within(f"""ref(qualifiedName: "refs/tags/v1") {{ {compare} }}""")}'
    answer = await ask(document, h=new)
    assert answer["data"]["repository"]["ref"]["compare"]["commits"]["nodes"] == [{"oid": new}]
    assert (await ask(document, h="nowhere"))["data"]["repository"]["ref"]["compare"] is None


# Pull requests


async def test_pull_requests_are_found_by_branch_newest_first(ask: Ask, world: World, repo: Repository):
    await world.push(repo, "release/x", {"a.txt": "a"}, by="morgan")
    old = await world.open_pull_request(repo, head="release/x", base="main", title="Old", by="morgan")
    await world.close_pull_request(repo, old.number, by="morgan")
    await world.open_pull_request(repo, head="release/x", base="main", title="New", by=world.app.bot)
    order = "orderBy: {field: CREATED_AT, direction: DESC}"
    nodes = "nodes { number state viewerDidAuthor author { __typename login } }"
    answer = await ask(within(f'pullRequests(headRefName: "release/x", first: 5, {order}) {{ {nodes} }}'))
    new, old_shown = answer["data"]["repository"]["pullRequests"]["nodes"]
    assert new["author"] == {"__typename": "Bot", "login": "shipmate"}
    assert (new["state"], new["viewerDidAuthor"]) == ("OPEN", True)
    assert (old_shown["state"], old_shown["viewerDidAuthor"]) == ("CLOSED", False)


async def test_a_pull_request_that_is_not_there_is_an_error_beside_the_data(ask: Ask):
    answer = await ask(within("id pullRequest(number: 9) { id }"))
    assert answer["data"]["repository"]["pullRequest"] is None
    assert answer["errors"][0]["type"] == "NOT_FOUND"


async def test_drafts_are_not_found_by_their_tag(ask: Ask, world: World, repo: Repository):
    await world.create_release(repo, tag="v1", draft=True, by="morgan")
    await world.create_release(repo, tag="v2", body="notes", by="morgan")
    fields = "tagName isDraft isPrerelease description"
    answer = await ask(within(f'a: release(tagName: "v1") {{ {fields} }} b: release(tagName: "v2") {{ {fields} }}'))
    assert answer["data"]["repository"] == {
        "a": None,
        "b": {"tagName": "v2", "isDraft": False, "isPrerelease": False, "description": "notes"},
    }
