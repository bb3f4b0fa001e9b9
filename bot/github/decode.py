"""From GitHub's JSON, REST's or GraphQL's, to the facts: one function for each kind of thing."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from bot.github.facts import (
    PASSING,
    STATUS,
    Branch,
    Check,
    Comment,
    CommitAt,
    GitHubRelease,
    Job,
    MergedChange,
    PendingApproval,
    PullRequest,
    PullRequestState,
    Review,
    Tag,
    WorkflowRun,
)
from bot.github.transport.client import Json


def branch(ref: Json) -> Branch | None:
    """A GraphQL Ref with its target's oid; None for null."""
    return Branch(ref["name"], ref["target"]["oid"]) if ref else None


def holds(ref: Json) -> bool:
    """Whether a GraphQL Ref holds the commit that it is compared with: then that is ahead by nothing."""
    comparison = ref["compare"] if ref else None
    return comparison is not None and comparison["aheadBy"] == 0


def tag(ref: Json) -> Tag:
    """A GraphQL Ref with the fields of `TargetFields` or `DatedFields`: annotated tags are followed to their commit."""
    annotation, target = None, ref["target"]
    while "target" in target:
        annotation, target = annotation or target["oid"], target["target"]
    return Tag(ref["name"], target["oid"], annotation, _moment(target.get("committedDate")))


def pull_request(node: Json) -> PullRequest | None:
    """A GraphQL PullRequest with `PullRequestFields`; None for null."""
    if not node:
        return None
    return PullRequest(
        number=node["number"],
        node_id=node["id"],
        url=node["url"],
        state=PullRequestState(node["state"]),
        head=node["headRefOid"],
        base=node["baseRefName"],
        merge_commit=(node["mergeCommit"] or {}).get("oid"),
        merged_by=(node["mergedBy"] or {}).get("login"),
        merged_at=_moment(node["mergedAt"]),
        queued=node["isInMergeQueue"],
    )


def headline(commit: Json) -> str:
    """The first line of a GraphQL Commit's `message`; empty when that was not told.

    GitHub's own `messageHeadline` ends in an ellipsis where the line has more than 72 characters.
    """
    return str(commit.get("message", "")).partition("\n")[0]


def our_pull_request(nodes: Json) -> PullRequest | None:
    """The newest of a list that our App opened; a stranger can name a branch as we do.

    docs/live-check.md#own-authorship
    """
    return next((pull_request(node) for node in nodes if node["viewerDidAuthor"]), None)


def merged_change(node: Json) -> MergedChange:
    """A commit of GraphQL's history, with the pull request that brought it."""
    author = node["author"] or {}
    pulls = (node["associatedPullRequests"] or {}).get("nodes") or []
    pull = pulls[0] if pulls else None
    opener = (pull["author"] or {}) if pull else (author.get("user") or {})
    return MergedChange(
        commit=node["oid"],
        headline=headline(node),
        author=opener.get("login"),
        author_is_bot=opener.get("__typename") == "Bot" or str(author.get("name")).endswith("[bot]"),
        number=pull["number"] if pull else None,
        title=pull["title"] if pull else None,
        labels=tuple(label["name"] for label in pull["labels"]["nodes"]) if pull else (),
        body="\n\n".join((str(node["message"]).partition("\n")[2], str((pull or {}).get("body") or ""))).strip(),
        author_node=opener.get("id"),
    )


def check(node: Json) -> Check:
    """One context of a status check rollup, in REST's words (`completed`, `success`)."""
    if node["__typename"] == "StatusContext":  # its states: https://docs.github.com/rest/commits/statuses
        state = node["state"].lower()
        ended = state not in ("pending", "expected")
        status, conclusion = ("completed", "failure" if state == "error" else state) if ended else ("pending", None)
        return Check(node["context"], STATUS, status, conclusion, node["targetUrl"])
    suite, conclusion = node["checkSuite"], node["conclusion"] and node["conclusion"].lower()
    return Check(
        name=node["name"],
        app=(suite["app"] or {}).get("slug") or "unknown",
        status=node["status"].lower(),
        conclusion=conclusion,
        url=node["detailsUrl"],
        run=(suite["workflowRun"] or {}).get("databaseId"),
        branch=(suite["branch"] or {}).get("name"),
    )


def app_of_check(node: Json) -> int | None:
    """The id of the App that made one context of a status check rollup; None for a commit status."""
    app = node["checkSuite"]["app"] if node["__typename"] == "CheckRun" else None
    return app["databaseId"] if app else None


def commit(node: Json) -> CommitAt:
    """A GraphQL Commit with its parents and whole message."""
    return CommitAt(
        oid=node["oid"],
        headline=headline(node),
        parents=tuple(parent["oid"] for parent in node["parents"]["nodes"]),
        committed_at=datetime.fromisoformat(node["committedDate"]),
        message=node["message"],
    )


def runs_of_suites(suites: Sequence[Json], commit: str) -> tuple[WorkflowRun, ...] | None:
    """The workflow runs among a commit's GraphQL CheckSuites.

    None when they do not tell enough: which attempt it was that failed, or the tag or lost branch of a run.
    docs/live-check.md#suites-of-an-app
    """
    runs = []
    for suite in suites:
        if suite is None:
            return None
        if suite["workflowRun"] is None:  # another App's
            continue
        run = _run_of_suite(suite, commit)
        if run is None or (run.status == "completed" and run.conclusion not in PASSING):
            return None
        runs.append(run)
    return tuple(runs)


def _run_of_suite(suite: Json, commit: str) -> WorkflowRun | None:
    run = suite["workflowRun"]
    workflow, file, branch = run["workflow"], run["file"], suite["branch"]
    if None in (run["databaseId"], workflow, file, branch) or workflow["databaseId"] is None:
        return None
    return WorkflowRun(
        id=run["databaseId"],
        workflow_id=workflow["databaseId"],
        name=workflow["name"],
        path=file["path"],
        event=run["event"],
        head_branch=branch["name"],
        head_sha=commit,
        status=suite["status"].lower(),
        conclusion=suite["conclusion"] and suite["conclusion"].lower(),
        attempt=1,
        number=run["runNumber"],
        url=run["url"],
        created_at=datetime.fromisoformat(suite["createdAt"]),
        updated_at=datetime.fromisoformat(run["updatedAt"]),
    )


def published_release(node: Json) -> GitHubRelease:
    """A GraphQL Release."""
    return GitHubRelease(
        tag=node["tagName"],
        url=node["url"],
        draft=node["isDraft"],
        prerelease=node["isPrerelease"],
        body=node["description"] or "",
    )


def release(record: Json) -> GitHubRelease:
    """A REST release."""
    return GitHubRelease(
        tag=record["tag_name"],
        url=record["html_url"],
        draft=record["draft"],
        prerelease=record["prerelease"],
        body=record["body"] or "",
        id=record["id"],
        by_a_bot=(record.get("author") or {}).get("type") == "Bot",
        author=(record["author"] or {}).get("login", "ghost"),
        assets=tuple(_digests(record.get("assets", ()))),
    )


def _digests(assets: Iterable[Json]) -> Iterator[tuple[str, str]]:
    """https://github.blog/changelog/2025-06-03-releases-now-expose-digests-for-release-assets; older ones have none."""
    for asset in assets:
        kind, _, digest = (asset.get("digest") or "").partition(":")
        if kind == "sha256":
            yield asset["name"], digest


def workflow_run(record: Json) -> WorkflowRun:
    """A REST workflow run."""
    return WorkflowRun(
        id=record["id"],
        workflow_id=record["workflow_id"],
        name=record["name"] or record["path"],
        path=record["path"],
        event=record["event"],
        head_branch=record["head_branch"] or "",
        head_sha=record["head_sha"],
        status=record["status"] or "queued",
        conclusion=record["conclusion"],
        attempt=record.get("run_attempt", 1),
        number=record["run_number"],
        url=record["html_url"],
        created_at=datetime.fromisoformat(record["created_at"]),
        updated_at=datetime.fromisoformat(record["updated_at"]),
    )


def job(record: Json) -> Job:
    """A REST job; its failed step is the first that ended and did not pass."""
    ended = [step for step in record.get("steps") or [] if step["conclusion"] is not None]
    return Job(
        id=record["id"],
        name=record["name"],
        status=record["status"],
        conclusion=record["conclusion"],
        url=record["html_url"] or "",
        failed_step=next((step["name"] for step in ended if step["conclusion"] not in PASSING), None),
        began=bool(record.get("steps")),
    )


def pending_approval(record: Json) -> PendingApproval:
    """A REST pending deployment."""
    since = _moment(record["wait_timer_started_at"])
    minutes = record["wait_timer"] or 0
    return PendingApproval(
        environment=record["environment"]["name"],
        reviewers=tuple(_reviewer(each["reviewer"]) for each in record["reviewers"] if each["reviewer"]),
        until=since + timedelta(minutes=minutes) if since and minutes else None,
    )


def _reviewer(record: Json) -> str:
    """A login; or a team with the organisation that its page's address names."""
    if "login" in record:
        return str(record["login"])
    owner = record.get("html_url", "").partition("/orgs/")[2].partition("/")[0]
    return f"{owner}/{record['slug']}" if owner else str(record["slug"])


def review(record: Json) -> Review:
    """A REST entry of a run's review history."""
    return Review(
        by=(record["user"] or {}).get("login", "ghost"),
        approved=record["state"] == "approved",
        environments=tuple(each["name"] for each in record["environments"]),
        comment=record["comment"] or "",
    )


def comment(record: Json, *, app_id: int) -> Comment:
    """A REST issue comment; ours is what our own App wrote, whatever its text says."""
    app = record.get("performed_via_github_app") or {}
    return Comment(
        id=record["id"],
        node_id=record["node_id"],
        body=record["body"] or "",
        author=(record["user"] or {}).get("login", "ghost"),
        by_us=app.get("id") == app_id,
        url=record["html_url"],
        created_at=datetime.fromisoformat(record["created_at"]),
        edited=record["updated_at"] != record["created_at"],
        issue=int(record["issue_url"].rpartition("/")[2]),
        by_a_person=(record["user"] or {}).get("type") == "User" and not app,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
