"""Steps about tags that an App pushes: what starts, and what is refused."""

from bot.cli.live_check.bench import Bench
from bot.cli.live_check.verdicts import Verdict, as_believed, judge_refusal, judge_started, not_tried, otherwise
from bot.github.errors import AlreadyExists, GitHubError, RefRuleViolation, WorkflowsDiffer
from bot.github.facts import WorkflowRun
from bot.github.transport.tokens import Purpose
from bot.github.writing.receive_pack import NO_OBJECT, RefUpdate
from bot.release.preflight.rulesets import BINDING

ONE = "live-check-one"
THREE = tuple(f"live-check-three-{number}" for number in (1, 2, 3))
FOUR = tuple(f"live-check-four-{number}" for number in (1, 2, 3, 4))
ATOMIC = "live-check-atomic"
OLD = "live-check-old"
FORBIDDEN = "live-check-kept"
MOST_LOOKED_BACK = 30


async def one(on: Bench) -> Verdict:
    """One tag starts a workflow."""
    return await _started(on, (ONE,))


async def three(on: Bench) -> Verdict:
    """Three tags in one push start three."""
    return await _started(on, THREE)


async def four(on: Bench) -> Verdict:
    """Four tags in one push start none."""
    return await _started(on, FOUR, believed=False)


async def exists(on: Bench) -> Verdict:
    """A tag that is there is refused as such, and nothing of that push is made (`atomic`)."""
    commit = await on.head()
    if f"refs/tags/{ONE}" not in on.made:
        return not_tried(f"{ONE} was not made")
    updates = [RefUpdate(f"refs/tags/{tag}", NO_OBJECT, commit) for tag in (ATOMIC, ONE)]
    refusal = await on.refused(on.push(*updates))
    tags = {tag.name for tag in (await on.reader.base(None)).tags}
    if ATOMIC in tags:
        on.made[f"refs/tags/{ATOMIC}"] = commit
        return otherwise("half of the push was taken")
    return judge_refusal(refusal, AlreadyExists)


async def other_files(on: Bench) -> Verdict:
    """A tag on a commit whose workflow files no branch has needs a permission, or a branch there."""
    if await on.refused(on.client(Purpose.WORKFLOWS)) is None:
        return not_tried("the installation has the Workflows permission")
    commit = await _with_other_workflows(on)
    if commit is None:
        return not_tried("no commit before the newest has other workflow files: see docs/live-check.md")
    return judge_refusal(await on.refused(on.make_tags(OLD, commit=commit)), WorkflowsDiffer)


async def rulesets(on: Bench) -> Verdict:
    """Rulesets are shown to a token that reads metadata; on a free plan a private repository has none."""
    client = await on.client()
    path, names = "/repos/{owner}/{repo}/rulesets", {"owner": on.repository.owner, "repo": on.repository.name}
    try:
        listed = [each async for each in client.items(path, **names)]
    except GitHubError as refusal:
        upgrade = str(refusal).startswith("Upgrade to")
        return as_believed(f"no rules on this plan: {refusal}") if upgrade else otherwise(str(refusal))
    return as_believed(f"{len(listed)} rulesets are shown")


async def ruled(on: Bench) -> Verdict:
    """A ruleset that restricts creations is known before, and refuses the push in words that we know."""
    told = f"Make a tag ruleset for `{FORBIDDEN}` that restricts creations, without this App on its bypass list"
    if not await on.ask(f"{told} (Settings → Rules → Rulesets of {on.repository.full_name})"):
        return not_tried("nobody made a ruleset")
    shown = [each for each in await on.reader.tag_rulesets() if any(rule.kind == "creation" for rule in each.rules)]
    refusal = await on.refused(on.make_tags(FORBIDDEN, commit=await on.head()))
    if refusal is None and not shown:
        return not_tried("there is no such ruleset")
    if not any(each.bypass in BINDING for each in shown):
        return otherwise(f"the ruleset is not shown with what the App may bypass: {shown}")
    return judge_refusal(refusal, RefRuleViolation)


async def _started(on: Bench, tags: tuple[str, ...], *, believed: bool = True) -> Verdict:
    commit = await on.head()
    await on.make_tags(*tags, commit=commit)

    async def look() -> list[WorkflowRun] | None:
        runs = await on.runs_of(commit, *tags)
        return runs if len({run.head_branch for run in runs}) == len(tags) else None

    await on.until(look)
    return judge_started(tags, await on.runs_of(commit, *tags), believed=believed)


async def _with_other_workflows(on: Bench) -> str | None:
    """The newest commit before the head whose workflow folder is another."""
    head = await on.head()
    now = await _workflows(on, head)
    for commit in await on.reader.history(head, MOST_LOOKED_BACK):
        if await _workflows(on, commit.oid) != now:
            return commit.oid
    return None


async def _workflows(on: Bench, commit: str) -> dict[str, bytes]:
    paths = [path for path in await on.reader.paths(commit) if path.startswith(".github/workflows/")]
    return await on.reader.files(commit, paths)
