"""What programs use that the bot does not: issues, pull requests, refs and files of Releases over REST."""

from bot.sandbox.model import Repository
from bot.sandbox.world import World
from tests.sandbox.support import Api

DEMO = "/repos/octo/demo"


async def test_an_issue_is_opened_listed_and_read(api: Api, repo: Repository) -> None:
    token = await api.token(repo)
    made = await api.call("POST", f"{DEMO}/issues", {"title": "Broken", "body": "So"}, as_=token)
    number = made.body["number"]
    listed = await api.call("GET", f"{DEMO}/issues?state=open", as_=token)
    assert (made.status, number in [each["number"] for each in listed.body]) == (201, True)
    assert (await api.call("GET", f"{DEMO}/issues/{number}", as_=token)).body["title"] == "Broken"


async def test_a_pull_request_is_opened_and_merged_once(api: Api, world: World, repo: Repository) -> None:
    token, head = await api.token(repo), await world.push(repo, "more", {"NOTES": "x"}, "More", by="ann")
    wanted = {"title": "More", "head": "more", "base": "main", "body": "b"}
    made = await api.call("POST", f"{DEMO}/pulls", wanted, as_=token)
    path = f"{DEMO}/pulls/{made.body['number']}"
    listed = await api.call("GET", f"{DEMO}/pulls?head=octo:more", as_=token)
    assert [each["number"] for each in listed.body] == [made.body["number"]]
    stale = await api.call("PUT", f"{path}/merge", {"sha": "0" * 40}, as_=token)
    merged = await api.call("PUT", f"{path}/merge", {"sha": head, "merge_method": "squash"}, as_=token)
    again = await api.call("PUT", f"{path}/merge", {}, as_=token)
    assert (stale.status, merged.status, again.status) == (409, 200, 405)
    assert (await api.call("GET", path, as_=token)).body["merge_commit_sha"] == merged.body["sha"]
    assert (await api.call("GET", f"{DEMO}/branches/main", as_=token)).body["commit"]["sha"] == merged.body["sha"]


async def test_refs_are_made_once_and_read_as_they_are(api: Api, world: World, repo: Repository) -> None:
    token, head = await api.token(repo), await world.head(repo)
    for ref in ("refs/heads/side", "refs/tags/v9"):
        made = await api.call("POST", f"{DEMO}/git/refs", {"ref": ref, "sha": head}, as_=token)
        twice = await api.call("POST", f"{DEMO}/git/refs", {"ref": ref, "sha": head}, as_=token)
        read = await api.call("GET", f"{DEMO}/git/ref/{ref.removeprefix('refs/').replace('/', '%2F')}", as_=token)
        assert (made.status, twice.status, read.body["object"]["sha"]) == (201, 422, head)
    assert "v9" in [each["name"] for each in (await api.call("GET", f"{DEMO}/tags", as_=token)).body]
    assert "side" in [each["name"] for each in (await api.call("GET", f"{DEMO}/branches", as_=token)).body]
    assert (await api.call("GET", f"{DEMO}/commits?sha=side", as_=token)).body[0]["sha"] == head
    assert (await api.call("GET", f"{DEMO}/commits/v9", as_=token)).body["sha"] == head
    assert (await api.call("GET", f"{DEMO}/commits/nothing", as_=token)).status == 422
    wrong = await api.call("POST", f"{DEMO}/git/refs", {"ref": "refs/heads/x", "sha": "0" * 40}, as_=token)
    assert wrong.status == 422


async def test_a_release_is_found_by_tag_and_has_its_files(api: Api, world: World, repo: Repository) -> None:
    token = await api.token(repo)
    made = await api.call("POST", f"{DEMO}/releases", {"tag_name": "v9", "generate_release_notes": True}, as_=token)
    files = f"{DEMO}/releases/{made.body['id']}/assets"
    asset = await api.call("POST", f"{files}?name=notes.txt", "notes", as_=token)
    twice = await api.call("POST", f"{files}?name=notes.txt", "notes", as_=token)
    assert (asset.status, asset.body["size"], twice.status) == (201, len('"notes"'), 422)
    for path in ("latest", "tags/v9", str(made.body["id"])):
        found = await api.call("GET", f"{DEMO}/releases/{path}", as_=token)
        assert [each["name"] for each in found.body["assets"]] == ["notes.txt"]
    assert len((await api.call("GET", files, as_=token)).body) == 1
    one = f"{DEMO}/releases/assets/{asset.body['id']}"
    assert (await api.call("GET", one, as_=token)).body["digest"].startswith("sha256:")
    assert (await api.call("DELETE", one, as_=token)).status == 204
    assert (await api.call("GET", one, as_=token)).status == 404
