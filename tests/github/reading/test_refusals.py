"""What reading does with GitHub's refusals: some are answers, and some questions are asked smaller."""

from typing import Any

import pytest

from bot.github import Reader
from bot.github.errors import Forbidden, NotFound, Unavailable
from bot.github.facts import DeploymentPolicy, NamePattern, RepositoryRef, Rule, Ruleset
from bot.github.reading.merged_changes import merged_changes
from bot.github.reading.reader import but_for_what_is_not_there
from bot.github.transport.client import Fault, GraphQLAnswer
from bot.sandbox.model import Repository
from bot.sandbox.world import World

REF = RepositoryRef(7, "R_7", "octo/demo", 42)
UPGRADE = "Upgrade to GitHub Pro or make this repository public to enable this feature."


def rules_are_refused(reader: Reader, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    async def refuse(*args: Any, **more: Any) -> Any:
        raise Forbidden(words)
        yield

    monkeypatch.setattr(reader, "_items", refuse)


async def test_a_plan_without_rules_has_none(reader: Reader, monkeypatch: pytest.MonkeyPatch):
    rules_are_refused(reader, monkeypatch, UPGRADE)
    assert await reader.required_checks("main") == ()


async def test_any_other_refusal_of_the_rules_is_one(reader: Reader, monkeypatch: pytest.MonkeyPatch):
    rules_are_refused(reader, monkeypatch, "Resource not accessible by integration")
    with pytest.raises(Forbidden):
        await reader.required_checks("main")


class LongHistory:
    """Stands for a client: a history of 300 commits, of which GitHub is able to tell only so many at once."""

    def __init__(self, most: int) -> None:
        self.sizes: list[int] = []
        self._most = most

    async def graphql(self, document: str, **variables: Any) -> GraphQLAnswer:
        self.sizes.append(variables["count"])
        if variables["count"] > self._most:
            raise Unavailable("GitHub answered 502 to POST /graphql")
        start = int(variables["after0"] or 0)
        end = min(start + variables["count"], 300)
        nodes = [{"oid": f"{at}", "message": f"Change {at}", "author": None, **PULLS} for at in range(start, end)]
        history = {"nodes": nodes, "pageInfo": {"hasNextPage": end < 300, "endCursor": str(end)}}
        return GraphQLAnswer({"repository": {"object": {"h0": history}}})

    async def changes(self) -> list[str] | None:
        client: Any = self
        found = await merged_changes(client, REF, head="a" * 40, since_tag=None, paths=["."])
        return None if found is None else [change.headline for change in found]


PULLS: dict[str, Any] = {"associatedPullRequests": {"nodes": []}}
ALL = [f"Change {at}" for at in range(300)]


async def test_a_history_is_asked_for_in_small_parts_first():
    client = LongHistory(most=1000)
    assert await client.changes() == ALL
    assert client.sizes == [25, 50, 100, 100, 100]


async def test_a_history_that_github_cannot_tell_at_once_is_asked_for_in_halves():
    client = LongHistory(most=40)
    assert await client.changes() == ALL
    assert client.sizes[:4] == [25, 50, 25, 25]


async def test_a_draft_does_without_a_history_that_github_cannot_tell_at_all():
    client = LongHistory(most=0)
    assert await client.changes() is None
    assert client.sizes == [25, 12, 6, 3, 1]


@pytest.mark.parametrize("ref", ["base", "branch"])
def test_a_branch_that_is_gone_cannot_be_compared_and_that_is_no_error(ref: str):
    fault = Fault(("repository", ref, "compare"), NotFound("Could not resolve to a Comparison"))
    data = {"repository": {ref: None}}
    assert but_for_what_is_not_there(GraphQLAnswer(data, (fault,))) == data


async def test_settings_that_may_not_be_read_tell_nothing(reader: Reader, monkeypatch: pytest.MonkeyPatch):
    rules_are_refused(reader, monkeypatch, "Resource not accessible by integration")
    assert await reader.branch_rulesets("x", {"creation"}) == ()
    assert await reader.tag_rulesets() == ()
    assert await reader.deployment_policies(["pypi"]) == ()


async def test_a_ruleset_that_is_hidden_tells_nothing(world: World, repo: Repository, reader: Reader):
    repo.required_checks["x"] = ["test"]  # by a ruleset that has no page here, as an organisation's may have none
    assert await reader.branch_rulesets("x", {"required_status_checks"}) == ()


async def test_a_ruleset_is_read_with_its_rules_patterns_bypass_and_page(
    world: World, repo: Repository, reader: Reader
):
    wanted = {"operator": "regex", "pattern": "^v", "negate": True, "name": ""}
    made = world.restrict(repo, "refs/tags/*", rules={"creation": {}, "tag_name_pattern": wanted}, name="Tags")
    world.restrict(repo, "refs/heads/*")
    page = f"{world.site.url}/octo/demo/rules/{made.id}"
    rules = (Rule("creation"), Rule("tag_name_pattern", NamePattern("regex", "^v", negate=True)))
    assert await reader.tag_rulesets() == (
        Ruleset(made.id, "Tags", rules, include=("refs/tags/*",), bypass="never", url=page),
    )


async def test_the_rules_of_a_branch_are_those_that_github_says_apply(world: World, repo: Repository, reader: Reader):
    made = world.restrict(repo, "refs/heads/release/*", rules={"creation": {}, "deletion": {}}, bypass="always")
    (found,) = await reader.branch_rulesets("release/x", {"creation"})
    assert (found.id, found.rules, found.bypass) == (made.id, (Rule("creation"),), "always")
    assert await reader.branch_rulesets("other", {"creation"}) == ()


async def test_the_environments_that_do_not_let_everything_deploy_are_told(
    world: World, repo: Repository, reader: Reader
):
    world.protect(repo, "pypi", "ann").tags = ["v*", "py-v*"]
    world.protect(repo, "open", "ann")
    world.protect(repo, "other").tags = ["x*"]
    told = await reader.deployment_policies(["PyPI", "open", "absent"])
    assert told == (DeploymentPolicy("pypi", tags=("v*", "py-v*")),)
