"""Steps about time: how long GitHub takes to show what was made, and to tell of it."""

from datetime import datetime

from bot.cli.live_check.bench import Bench
from bot.cli.live_check.verdicts import Verdict, judge_delay, not_tried
from bot.github.errors import NotFound
from bot.github.facts import Comment
from bot.github.writing.receive_pack import NO_OBJECT, RefUpdate

SHOWN_SECONDS = 30.0
HOOK_SECONDS = 10.0
LOGGED_SECONDS = 600.0
EVERY = 0.2
LAG_BRANCH = "shipmate-live-check-lag"


async def shown(on: Bench) -> Verdict:
    """A comment over REST, a branch over GraphQL."""
    if on.pull is None:
        return not_tried("no pull request was opened")
    number, within = on.pull.number, 3 * SHOWN_SECONDS
    made = await on.writer.comment(number, "Live check: how long until this is shown?")
    seen, first = await on.until(lambda: _comment(on, number, made), within=within, pause=EVERY)
    await on.push(RefUpdate(f"refs/heads/{LAG_BRANCH}", NO_OBJECT, await on.head()))
    there, second = await on.until(lambda: _branch(on), within=within, pause=EVERY)
    slowest = max(first, second) if seen and there else None
    return judge_delay(slowest, SHOWN_SECONDS, "the slower of a comment and a branch")


async def heard(on: Bench) -> Verdict:
    """How long after a comment was made its webhook was sent, and GitHub's log shows that."""
    if on.pull is None:
        return not_tried("no pull request was opened")
    number = await on.writer.comment(on.pull.number, "Live check: when is this told?")
    comment, _ = await on.until(lambda: _told(on, number), within=SHOWN_SECONDS)
    if comment is None:
        return not_tried("the comment is not shown")
    made = comment.created_at
    sent, logged = await on.until(lambda: _delivered(on, made), within=on.patience)
    if sent is None:
        return not_tried("the App's log shows no delivery: is its webhook active, and does it hear of issue comments?")
    if logged > LOGGED_SECONDS:
        return judge_delay(logged, LOGGED_SECONDS, "the log's entry")
    return judge_delay(max((sent - made).total_seconds(), 0.0), HOOK_SECONDS, f"(in the log after {logged:.0f} s) it")


async def _told(on: Bench, number: int) -> Comment | None:
    try:
        return await on.reader.comment(number)
    except NotFound:
        return None


async def _comment(on: Bench, issue: int, made: int) -> bool | None:
    return any(each.id == made for each in await on.reader.comments(issue, None)) or None


async def _branch(on: Bench) -> str | None:
    client, here = await on.client(), on.repository
    document = """
    query Shown($owner: String!, $name: String!, $ref: String!) { repository(owner: $owner, name: $name) {
      ref(qualifiedName: $ref) { target { oid } }
    } }"""
    asked = await client.graphql(document, owner=here.owner, name=here.name, ref=f"refs/heads/{LAG_BRANCH}")
    ref = asked.complete()["repository"]["ref"]
    return str(ref["target"]["oid"]) if ref else None


async def _delivered(on: Bench, since: datetime) -> datetime | None:
    """When the newest webhook about a comment here was sent."""
    found = await on.github.tokens.app.get("/app/hook/deliveries{?per_page}", per_page=100)
    for each in found:
        at = datetime.fromisoformat(each["delivered_at"])
        here = each["repository_id"] == on.repository.id and each["event"] == "issue_comment"
        if here and at >= since:
            return at
    return None
