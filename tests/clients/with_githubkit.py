"""What a program does that uses githubkit, whose models are generated from GitHub's own description.

Runs in its own environment: `python with_githubkit.py` reads the place from its environment (see `test_clients.py`).
Each answer is decoded into githubkit's model, which refuses what GitHub does not describe.
"""

import json
import os
from pathlib import Path

from githubkit import GitHub
from githubkit.exception import RequestFailed
from githubkit.webhooks import parse, sign, verify

URL, TOKEN, OWNER, REPO = (os.environ[name] for name in ("SANDBOX", "TOKEN", "OWNER", "REPO"))
NUMBER, HEAD, SECRET = int(os.environ["ISSUE"]), os.environ["HEAD"], os.environ["SECRET"]

with GitHub(TOKEN, base_url=URL, http_cache=True, auto_retry=False) as github:
    rest = github.rest
    repository = rest.repos.get(OWNER, REPO).parsed_data
    assert repository.full_name == f"{OWNER}/{REPO}"

    issue = rest.issues.get(OWNER, REPO, NUMBER).parsed_data
    assert issue.number == NUMBER
    assert NUMBER in [each.number for each in rest.issues.list_for_repo(OWNER, REPO).parsed_data]
    comment = rest.issues.create_comment(OWNER, REPO, NUMBER, body="From githubkit").parsed_data
    assert rest.issues.get_comment(OWNER, REPO, comment.id).parsed_data.body == "From githubkit"
    assert rest.issues.update_comment(OWNER, REPO, comment.id, body="Edited").parsed_data.body == "Edited"
    reaction = rest.reactions.create_for_issue_comment(OWNER, REPO, comment.id, content="rocket").parsed_data
    assert reaction.content == "rocket"
    paged = github.rest.paginate(rest.issues.list_comments, owner=OWNER, repo=REPO, issue_number=NUMBER, per_page=2)
    assert len({each.id for each in paged}) >= 5

    rest.git.create_ref(OWNER, REPO, ref="refs/heads/kit", sha=HEAD)
    assert rest.git.get_ref(OWNER, REPO, "heads/kit").parsed_data.object_.sha == HEAD
    assert rest.repos.get_branch(OWNER, REPO, "kit").parsed_data.commit.sha == HEAD
    assert "kit" in [each.name for each in rest.repos.list_branches(OWNER, REPO).parsed_data]
    assert rest.repos.get_commit(OWNER, REPO, "kit").parsed_data.sha == HEAD
    assert rest.repos.list_commits(OWNER, REPO).parsed_data
    rest.git.create_ref(OWNER, REPO, ref="refs/tags/kit-1", sha=HEAD)
    assert "kit-1" in [each.name for each in rest.repos.list_tags(OWNER, REPO).parsed_data]
    assert rest.git.get_tree(OWNER, REPO, "main", recursive="1").parsed_data.tree
    rest.git.delete_ref(OWNER, REPO, "heads/kit")
    try:
        rest.git.get_ref(OWNER, REPO, "heads/kit")
    except RequestFailed as gone:
        assert gone.response.status_code == 404
    else:
        raise AssertionError("a deleted branch is found")

    branch = os.environ["CHANGED"]
    opened = rest.pulls.create(OWNER, REPO, head=branch, base="main", title="From githubkit", body="b").parsed_data
    assert opened.number in [each.number for each in rest.pulls.list(OWNER, REPO).parsed_data]
    merged = rest.pulls.merge(OWNER, REPO, opened.number, merge_method="squash").parsed_data
    assert merged.merged
    assert rest.pulls.get(OWNER, REPO, opened.number).parsed_data.merged_by is not None

    made = rest.checks.create(OWNER, REPO, name="kit", head_sha=HEAD, status="in_progress").parsed_data
    output = {"title": "Fine", "summary": "All of it"}
    ended = rest.checks.update(
        OWNER, REPO, made.id, status="completed", conclusion="success", output=output
    ).parsed_data
    assert ended.conclusion == "success"
    listed = rest.checks.list_for_ref(OWNER, REPO, HEAD).parsed_data
    assert made.id in [each.id for each in listed.check_runs]

    runs = rest.actions.list_workflow_runs_for_repo(OWNER, REPO).parsed_data
    assert runs.total_count
    run = rest.actions.get_workflow_run(OWNER, REPO, runs.workflow_runs[0].id).parsed_data
    assert rest.actions.list_jobs_for_workflow_run(OWNER, REPO, run.id).parsed_data.jobs

    release = rest.repos.create_release(OWNER, REPO, tag_name="kit-1", name="Kit", body="Notes").parsed_data
    asset = github.request(
        "POST",
        release.upload_url.partition("{")[0],
        params={"name": "notes.txt"},
        content=b"notes",
        headers={"Content-Type": "text/plain"},
    )
    assert asset.status_code == 201
    found = rest.repos.get_release_by_tag(OWNER, REPO, "kit-1").parsed_data
    assert [each.name for each in found.assets] == ["notes.txt"]
    assert rest.repos.get_latest_release(OWNER, REPO).parsed_data.id == release.id
    assert rest.repos.list_release_assets(OWNER, REPO, release.id).parsed_data[0].size == 5

    again = rest.repos.get(OWNER, REPO, headers={"If-None-Match": rest.repos.get(OWNER, REPO).headers["etag"]})
    assert again.status_code in (200, 304)

body = os.environ["DELIVERY"].encode()
assert verify(SECRET, body, os.environ["SIGNATURE"])
assert sign(SECRET, body) == os.environ["SIGNATURE"]

for line in Path(os.environ["DELIVERIES"]).read_text("utf-8").splitlines():
    event, payload = json.loads(line)
    assert parse(event, json.dumps(payload)), event
